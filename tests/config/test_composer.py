"""Groups are ours and those in the user's own folders, and Hydra's mistakes are one line."""

from pathlib import Path

import pytest

from attnlab.config.compose import compose_run, parse
from attnlab.config.composer import composing, group_of
from attnlab.errors import UserError


def test_the_users_own_folder_adds_options(tmp_path: Path) -> None:
    (tmp_path / "optimizer").mkdir()
    (tmp_path / "optimizer" / "mine.yaml").write_text("_target_: torch.optim.SGD\n_partial_: true\nlr: 0.5\n")
    assert compose_run(["optimizer=mine"], config_dirs=[str(tmp_path)]).optimizer.lr == 0.5
    with pytest.raises(UserError, match="no optimizer is named 'mine'"):
        compose_run(["optimizer=mine"])


def test_the_users_own_folder_does_not_stay_for_the_next_composer(tmp_path: Path) -> None:
    (tmp_path / "optimizer").mkdir()
    (tmp_path / "optimizer" / "mine.yaml").write_text("lr: 0.5\n")
    with composing([str(tmp_path)]) as composer:
        assert "mine" in composer.options("optimizer")
    with composing([]) as composer:
        assert "mine" not in composer.options("optimizer")


@pytest.mark.parametrize(
    "override, is_group",
    [("attention=dot", True), ("attention@model.cross_attention=dot", True), ("model.dim=7", False), ("seed=3", False)],
)
def test_what_chooses_a_file_is_told_from_what_sets_a_value(override: str, is_group: bool) -> None:
    (parsed,) = parse([override])
    with composing([]) as composer:
        assert composer.is_group(parsed) is is_group
    if is_group:
        assert group_of(parsed) == "attention"


def test_a_group_that_this_task_has_no_place_for_is_one_line() -> None:
    with composing([]) as composer, pytest.raises(UserError) as refused:
        composer.compose("train", ["task=ner", "feature_attention=se"])
    assert str(refused.value) == (
        "this task has no feature_attention to choose, got task=ner feature_attention=se (drop it, or set task=...)"
    )
