"""A study's folder says which runs it planned, and which failed."""

import json
from pathlib import Path

import pytest
from tiny_compared import write_run, write_study_folder

from attnlab.errors import UserError
from attnlab.study.comparing.found_runs import found_runs
from attnlab.study.comparing.study_folders import read_study


def test_a_run_that_failed_by_a_studys_record_counts_as_failed(tmp_path: Path) -> None:
    root = Path("outputs")
    done, failed, killed, again = (
        write_run(root / "task" / "run" / name, seed=seed, right=right)
        for seed, (name, right) in enumerate({"a": 0.5, "b": None, "c": None, "d": 0.5}.items())
    )
    gone = root / "task" / "run" / "e"
    study = write_study_folder(root, [done, failed, killed, again, gone])
    for run, status, deaths in (
        (failed, "diverged", 0),
        (killed, "died", 1),
        (again, "failed", 0),
        (gone, "failed", 0),
    ):
        state = {"status": status, "error": "it says why", "deaths": deaths}
        (study / "jobs" / f"{run.name}.json").write_text(json.dumps(state))
    for places in ([study], [root], [root, study]):
        found = found_runs(places)
        assert {run.folder: run.failed for run in found.runs} == {done: False, failed: True, again: False}
        assert set(found.left_out) == {killed, gone}
        assert "failed, and its folder isn't there" in found.left_out[gone]
    moved = root.rename(tmp_path / "moved")
    assert {run.folder.name for run in found_runs([moved / study.relative_to(root)]).runs} == {"a", "b", "d"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"study": "s"}',
        '{"study": "s", "folder": "a/b/c/d", "jobs": [], "margin": "x"}',
        '{"study": "s", "folder": "a", "jobs": []}',
        "[" * 9999,
    ],
)
def test_a_damaged_plan_is_one_clear_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(UserError, match=r"a study's plan, got .*plan.json, which is damaged \(give its command"):
        read_study(tmp_path)
    assert "plan.json" in found_runs([tmp_path]).left_out[Path()]


def test_a_plan_of_something_else_is_none(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text('{"steps": []}')
    assert read_study(tmp_path) is None


@pytest.mark.parametrize("folder", ["a\0b", "half \ud800"])
def test_what_no_folder_can_be_called_is_damage(tmp_path: Path, folder: str) -> None:
    study = write_study_folder(tmp_path, [Path(folder)])
    with pytest.raises(UserError, match="must be a study's plan, got"):
        read_study(study)
