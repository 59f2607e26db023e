"""The command line of `attnlab train`: Hydra's options apart from overrides, and what `resume` stands for."""

from pathlib import Path

import pytest

from attnlab.commands.train.arguments import config_dirs, resumed, split
from attnlab.errors import UserError


@pytest.mark.parametrize(
    "arguments, flags, overrides",
    [
        (["seed=1", "-m", "model.dim=3"], ["--multirun"], ["seed=1", "model.dim=3"]),
        (["--config-dir", "mine", "seed=1"], ["--config-dir=mine"], ["seed=1"]),
        (["-cd=mine", "--config-dir=yours"], ["--config-dir=mine", "--config-dir=yours"], []),
        (["-c", "job", "--resolve"], ["--cfg=job", "--resolve"], []),
        (["x=-1", "~scheduler", "+y=--z"], [], ["x=-1", "~scheduler", "+y=--z"]),
    ],
)
def test_options_are_told_from_overrides(arguments: list[str], flags: list[str], overrides: list[str]) -> None:
    assert split(arguments) == (flags, overrides)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--mutlirun", "seed=1"], r"^no such option of attnlab train, got '--mutlirun'"),
        (["seed=1", "--config-dir"], r"^--config-dir needs a value"),
    ],
)
def test_an_option_that_hydra_hasnt_or_that_lacks_its_value_is_refused(arguments: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        split(arguments)


def test_folders_of_ones_own_must_be_there(tmp_path: Path) -> None:
    assert config_dirs([f"--config-dir={tmp_path}", "--multirun"]) == [str(tmp_path)]
    with pytest.raises(UserError, match="nowhere"):
        config_dirs(["--config-dir=nowhere"])


def _run(folder: Path, overrides: list[str], *, config_dir: str) -> Path:
    (folder / ".hydra").mkdir(parents=True)
    (folder / ".hydra" / "overrides.yaml").write_text("".join(f"- {each}\n" for each in overrides))
    sources = f"[{{path: hydra, provider: main}}, {{path: {config_dir}, provider: command-line}}]"
    (folder / ".hydra" / "hydra.yaml").write_text(f"hydra: {{runtime: {{config_sources: {sources}}}}}\n")
    return folder


def test_resume_stands_for_what_a_run_was_started_with_and_for_its_folder(tmp_path: Path) -> None:
    run = _run(tmp_path / "it's", ["seed=3", "output_dir=old", "fresh=true", "model.dim=7"], config_dir="mine")
    flags, overrides = resumed(["--resolve"], ["seed=5", f"resume={run}"])
    assert flags == ["--resolve", "--config-dir=mine"]
    assert overrides == ["seed=3", "model.dim=7", "seed=5", f"output_dir='{tmp_path}/it\\'s'"]


def test_without_resume_nothing_changes() -> None:
    assert resumed(["--multirun"], ["seed=1"]) == (["--multirun"], ["seed=1"])


def test_where_there_is_no_run_none_is_resumed(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=rf"^no run to resume, got {tmp_path} \(expected .*overrides.yaml; set resume to"
    ):
        resumed([], [f"resume={tmp_path}"])
