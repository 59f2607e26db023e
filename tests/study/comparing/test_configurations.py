"""Runs of one configuration but for the seed are told from others."""

from pathlib import Path
from typing import Any

import pytest
from tiny_compared import write_run

from attnlab.study.comparing.configurations import followers, parted
from attnlab.study.comparing.found_runs import found_runs


def _num_parts(folder: Path, *changes: dict[str, Any]) -> int:
    for number, change in enumerate(changes):
        write_run(folder / str(number), **{"seed": number} | change)
    return len(parted(found_runs([folder]).runs))


def test_seeds_places_and_what_only_shows_a_run_part_nothing(tmp_path: Path) -> None:
    changes: list[dict[str, Any]] = [{}, {"data__root": "there"}, {"data__cache_dir": "there"}, {"logger": {"csv": {}}}]
    changes += [{"callbacks__maps__num_examples": 8}, {"verdict": {"metric": None}}]
    assert _num_parts(tmp_path, *changes) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"attention": "dot"},
        {"attention__core__window": 3},
        {"attention__core__seed": 4},
        {"model__dim": 9},
        {"trainer__max_steps": 3},
        {"data__batch_size": 3},
        {"callbacks__own": {"_target_": "mine.Own"}},
    ],
)
def test_all_else_parts_them(tmp_path: Path, change: dict[str, Any]) -> None:
    assert _num_parts(tmp_path, {}, change, {}) == 2


def test_a_seed_that_stays_is_no_runs_seed(tmp_path: Path) -> None:
    write_run(tmp_path / "a", seed=3)  # as the mechanism's own happens to be
    write_run(tmp_path / "b", seed=4)
    [part] = parted(found_runs([tmp_path]).runs)
    assert followers(part) == ("data.seed", "seed")
    write_run(tmp_path / "c", seed=5, data__seed=3)  # another order of data
    parts = parted(found_runs([tmp_path]).runs)
    assert [[run.folder.name for run in part] for part in parts] == [["a", "b"], ["c"]]


def test_one_order_of_data_for_all_seeds_is_one_configuration(tmp_path: Path) -> None:
    assert _num_parts(tmp_path, *[{"data__seed": 0}] * 3) == 1
