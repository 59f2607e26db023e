"""Whether a margin can be met is told by finished runs, or it is said that it isn't known."""

from dataclasses import replace
from pathlib import Path

import pytest
from tiny_runs import arm_folders
from tiny_study import made_plan

from attnlab.study import prospects as module
from attnlab.study.judged import Judged
from attnlab.study.judging import judged_groups
from attnlab.study.prospects import Prospect, prospects
from attnlab.study.statistics.planning import FEASIBLE


def _found(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, seeds: int, metric: str = "accuracy"
) -> dict[str, Prospect]:
    runs = {name: arm_folders(folder / name, right=0.5, seeds=4) for name in ("uniform", "additive")}
    runs["none"] = runs["additive"][:2]
    monkeypatch.setattr(module, "finished_runs", lambda arm: runs[arm.name])
    plan = replace(made_plan(seeds=seeds), judged=Judged(metric=metric, better="max", margin=0.1))
    return prospects(plan)


def test_it_is_the_standard_error_of_runs_like_these(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = _found(tmp_path, monkeypatch, seeds=4)
    groups = {name: sorted((tmp_path / name).iterdir()) for name in ("uniform", "additive")}
    asked = {"control": "uniform", "metric": "accuracy", "higher_is_better": True}
    [verdict] = judged_groups(groups, **asked).verdicts  # type: ignore[arg-type]
    assert verdict.measured.effect is not None
    error = found["additive"].standard_error
    assert error is not None
    assert error == pytest.approx(verdict.measured.effect.standard_error, rel=0.5)  # V is never below S and E
    assert found["additive"].smallest_margin == pytest.approx(FEASIBLE * error)
    assert found["additive"].meets(FEASIBLE * error * 1.01)
    assert not found["additive"].meets(FEASIBLE * error * 0.99)
    more = _found(tmp_path / "more", monkeypatch, seeds=40)["additive"].standard_error
    assert more is not None
    assert more < error


def test_what_is_not_known_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    none = _found(tmp_path / "a", monkeypatch, seeds=5)["none"]
    assert (none.runs, none.standard_error, none.smallest_margin) == ((2, 4), None, None)
    assert none.why == "that takes 3 finished runs of it and of uniform, and there are 2 and 4"
    other = _found(tmp_path / "b", monkeypatch, seeds=5, metric="chrf")["additive"]
    assert other.standard_error is None
    assert "chrf" in str(other.why)
