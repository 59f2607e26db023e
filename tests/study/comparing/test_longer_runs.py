"""Runs that were made longer are told by where they went on, and runs that ended early by how far they came."""

import json
from pathlib import Path
from typing import Any

import pytest
from tiny_compared import write_run

from attnlab.study.comparing.comparison import compared
from attnlab.study.comparing.configurations import parted
from attnlab.study.comparing.found_runs import found_runs
from attnlab.study.comparing.longer_runs import in_words, stopped_early


def _longer(folder: Path, before: Path, *, seed: int, step: int = 2, attention: str = "dot", **changed: Any) -> Path:
    record = {"continued_from": {"folder": str(before), "step": step, "results": 3}, "steps": 4}
    own = {"continue_from": str(before.absolute()), "trainer__max_steps": 4} | changed
    return write_run(folder, attention, seed=seed, record=record, **own)


def test_runs_made_longer_are_a_group_of_their_own_whatever_folders_they_went_on_from(tmp_path: Path) -> None:
    for seed in range(2):
        before = write_run(tmp_path / "short" / str(seed), "dot", seed=seed)
        _longer(tmp_path / "longer" / str(seed), before, seed=seed)
        write_run(tmp_path / "at_once" / str(seed), "dot", seed=seed, trainer__max_steps=4)
    groups = compared([[tmp_path]]).groups
    assert {(group.longer_from, len(group.runs)) for group in groups} == {(None, 2), ("update 2", 2)}
    assert len(groups) == 3
    assert len({group.name for group in groups}) == 3


def test_a_run_that_was_made_longer_twice_says_both(tmp_path: Path) -> None:
    first = write_run(tmp_path / "0", "dot", seed=0)
    second = _longer(tmp_path / "1", first, seed=0)
    third = _longer(tmp_path / "2", second, seed=0, step=4, trainer__max_steps=6)
    found = {run.folder.name: run.config["continue_from"] for run in found_runs([tmp_path]).runs}
    assert found == {"0": None, "1": "update 2", "2": "update 2, 4"}
    other = _longer(tmp_path / "other", tmp_path / "gone", seed=1, step=4, trainer__max_steps=6)
    assert len(parted(found_runs([third, other]).runs)) == 2


def test_a_run_that_failed_is_told_by_the_length_of_that_before(tmp_path: Path) -> None:
    before = write_run(tmp_path / "a", "dot")
    assert in_words({"continue_from": str(before)}, None) == "update 2"
    assert in_words({"continue_from": str(tmp_path / "gone")}, None) == "update unknown"
    config = json.loads((before / "config.json").read_text()) | {"continue_from": str(before)}
    (before / "config.json").write_text(json.dumps(config))  # of itself
    assert str(in_words({"continue_from": str(before)}, None)).startswith("update 2, 2")


@pytest.mark.parametrize(
    "steps, trainer, said",
    [
        ([300, 500], {"max_steps": 800}, "300 to 500 of 800 updates"),
        ([300], {"max_steps": 800}, "300 of 800 updates"),
        ([800, 800], {"max_steps": 800}, None),
        ([300], {"max_steps": 800, "max_epochs": 3}, None),
        ([None], {"max_steps": 800}, None),
    ],
)
def test_how_far_runs_came_that_ended_early(steps: list[int], trainer: dict[str, int], said: str | None) -> None:
    assert stopped_early({"trainer": trainer}, [{"steps": each} for each in steps]) == said
