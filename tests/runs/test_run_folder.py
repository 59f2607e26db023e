"""A run's folder: whose it is, whether it is finished, and what is put aside."""

import json
from pathlib import Path
from typing import Any

import pytest

from attnlab.config import identity
from attnlab.config.compose import compose_run
from attnlab.errors import UserError
from attnlab.runs import build, run_folder


def _config(*overrides: str) -> dict[str, Any]:
    return build.plain(compose_run(["output_dir=run", *overrides]))


def test_a_prepared_folder_has_its_configuration_and_number_on_record() -> None:
    config = _config("seed=3")
    assert run_folder.results_of(Path("run")) is None
    run_folder.prepare(Path("run"), config)
    assert run_folder.config_of(Path("run")) == config
    assert run_folder.results_of(Path("run")) == identity.RESULTS
    assert Path("run/checkpoints").is_dir()
    run_folder.prepare(Path("run"), config)  # again, as to go on


def test_a_run_of_another_configuration_is_refused_with_the_difference() -> None:
    run_folder.prepare(Path("run"), _config("seed=3"))
    run_folder.check_same_config(Path("run"), _config("seed=5"))  # nothing was trained there
    Path("run/checkpoints/last.ckpt").touch()
    run_folder.check_same_config(Path("run"), _config("seed=3", "logger=none"))  # no part of what is computed
    message = r"^run holds a run of another config: .*seed was 3, now 5.* \(set output_dir, or fresh=true\)$"
    with pytest.raises(UserError, match=message):
        run_folder.prepare(Path("run"), _config("seed=5"))
    with pytest.raises(UserError, match=r" and \d+ more \(set output_dir"):
        run_folder.check_same_config(Path("run"), _config("seed=3", "model=transformer"))


def test_beginning_anew_puts_what_was_there_aside_each_time() -> None:
    for number in range(3):
        run_folder.prepare(Path("run"), _config(f"seed={number}", "fresh=true"))
        Path("run/train.log").touch()
        Path(f"run/{number}.txt").touch()
    assert {path.name for path in Path("run").iterdir()} == {
        "config.json", "checkpoints", "earlier", "train.log", "2.txt"
    }  # fmt: skip
    assert Path("run/earlier/1/0.txt").is_file()
    assert Path("run/earlier/2/1.txt").is_file()
    assert json.loads(Path("run/earlier/2/config.json").read_text())["seed"] == 1


def test_whoever_is_stopped_while_putting_aside_leaves_no_run_that_says_it_is_finished(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run_folder.prepare(Path("run"), _config())
    for name in ("a.txt", "metrics.json", "z.txt"):
        Path("run", name).touch()
    moved: list[str] = []

    def rename(path: Path, target: Path) -> None:
        moved.append(path.name)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(KeyboardInterrupt):
        run_folder.prepare(Path("run"), _config("fresh=true"))
    assert moved == ["metrics.json"]


def test_a_run_has_ended_once_it_has_results() -> None:
    assert run_folder.finished(Path("run")) is None
    Path("run").mkdir()
    results = {"best": {"score": 7}, "test": {}}
    Path("run/metrics.json").write_text(json.dumps(results))
    assert run_folder.finished(Path("run")) == results
    Path("run/metrics.json").write_text('{"best"')
    with pytest.raises(
        UserError, match=r"is damaged, got run/metrics.json \(begin the run anew: its own attnlab train"
    ):
        run_folder.finished(Path("run"))


def test_a_folder_that_cannot_be_written_is_named() -> None:
    Path("file").touch()
    with pytest.raises(UserError, match=r"file/run.* \(set output_dir\)$"):
        run_folder.prepare(Path("file/run"), _config())


def test_leaves_are_values_by_their_dotted_keys() -> None:
    node = {"a": {"b": 1, "c": {"d": [2]}}, "e": {}, "f": None}
    assert list(run_folder.leaves(node)) == [("a.b", 1), ("a.c.d", [2]), ("e", {}), ("f", None)]
