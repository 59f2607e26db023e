"""A run whose files are damaged is no reason to say nothing of the others."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_compared import write_run, write_runs

from attnlab.runs import run_folder
from attnlab.study.comparing.comparison import compared


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def _without_a_line(path: Path) -> None:
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def _with_other_scores(path: Path) -> None:
    head, *lines = path.read_text().splitlines(keepends=True)
    path.write_text(head + lines[0].replace("[1", "[0").replace("[0", "[3") + "".join(lines[1:]))


@pytest.mark.parametrize(
    "name, damage, said",
    [
        ("examples.jsonl", _cut, "records must have a JSON object a line, got '{\""),
        ("examples.jsonl", _without_a_line, "examples, got "),
        ("examples.jsonl", _with_other_scores, "the records of a run must give its score"),
        ("examples.jsonl", Path.unlink, "a run must have examples.jsonl or predictions.jsonl"),
        ("metrics.json", _cut, "metrics.json isn't a run's record"),
        ("config.json", _cut, "config.json must be a run's configuration"),
    ],
)
def test_a_damaged_run_is_left_out_by_its_name_and_the_others_are_compared(
    name: str, damage: Callable[[Path], None], said: str, tmp_path: Path
) -> None:
    for attention in ("uniform", "dot"):
        write_runs(tmp_path, attention, seeds=range(4))
    run = write_run(tmp_path / "damaged", "dot", seed=4)
    damage(run / name)
    found = compared([[tmp_path]])
    [(folder, why)] = found.left_out.items()
    assert folder == run.relative_to(tmp_path)
    assert said in why
    assert "b'" not in why
    assert [len(group.runs) for group in found.judgement.groups.values()] == [4, 4]


def test_a_file_that_nobody_may_read_is_left_out_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for attention in ("uniform", "dot"):
        write_runs(tmp_path, attention, seeds=range(4))
    run = write_run(tmp_path / "closed", "dot", seed=4)

    def finished(folder: Path) -> object:
        if folder.name == run.name:
            raise PermissionError(13, "Permission denied", str(folder / "metrics.json"))
        return whole(folder)

    whole = run_folder.finished
    monkeypatch.setattr(run_folder, "finished", finished)
    [why] = compared([[tmp_path]]).left_out.values()
    assert why.startswith("a run's files must be readable, got ")
