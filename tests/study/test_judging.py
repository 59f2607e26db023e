"""From the records of runs to verdicts."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_runs import arm_folders, finished_run

from attnlab.errors import UserError
from attnlab.study.judging import Judgement, judged_groups, read_groups
from attnlab.study.verdict_table import footnotes


def judgement(groups: dict[str, list[Path]], **changed: Any) -> Judgement:
    asked: dict[str, Any] = {"control": "uniform", "metric": "accuracy", "higher_is_better": True, "margin": 0.01}
    return judged_groups(groups, **(asked | changed))


def test_an_arm_that_is_much_better_is_found_so_and_its_score_is_the_reported_one(tmp_path: Path) -> None:
    groups = {"uniform": arm_folders(tmp_path / "u", right=0.3), "additive": arm_folders(tmp_path / "a", right=0.95)}
    found = judgement(groups)
    [verdict] = found.verdicts
    assert verdict.finding == "better"
    reported = [run.reported["accuracy"] for run in found.groups["additive"].runs]
    assert verdict.measured.scores.arm == pytest.approx(np.mean(reported), abs=1e-9)
    assert judgement(groups, higher_is_better=False).verdicts[0].finding == "worse"


def test_the_order_of_folders_says_nothing(tmp_path: Path) -> None:
    groups = {"uniform": arm_folders(tmp_path / "u", right=0.4), "additive": arm_folders(tmp_path / "a", right=0.6)}
    turned = {name: folders[::-1] for name, folders in groups.items()}
    assert judgement(groups).verdicts[0].measured == judgement(turned).verdicts[0].measured


def test_failed_runs_stand_in_the_verdict_and_forbid_better(tmp_path: Path) -> None:
    groups = {
        "uniform": arm_folders(tmp_path / "u", right=0.3),
        "additive": arm_folders(tmp_path / "a", right=0.95)[:4],
    }
    [verdict] = judgement(groups, failed={"additive": 1}).verdicts
    assert (verdict.finding, verdict.held_back) == ("undecided", "better")
    assert verdict.marks[0] == "unstable"
    [verdict] = judgement({"uniform": groups["uniform"], "additive": []}, failed={"additive": 5}).verdicts
    assert verdict.finding == "too few to judge"


def test_three_seeds_are_no_verdict_and_one_is_a_pair_of_models(tmp_path: Path) -> None:
    groups = {"uniform": arm_folders(tmp_path / "u", right=0.3), "additive": arm_folders(tmp_path / "a", right=0.95)}
    assert judgement({name: runs[:3] for name, runs in groups.items()}).verdicts[0].finding == "no verdict"
    [alone] = judgement({name: runs[:1] for name, runs in groups.items()}).verdicts
    assert (alone.finding, alone.measured.over) == ("no verdict", "examples")


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"data": {"checksum": "abd"}}, "data with the checksum abd in .* and abc in"),
        ({"results": 1}, "got results 1 in .* and 2 in"),
        ({"signatures": {"accuracy": "another"}}, "accuracy by none in .* and by another in"),
        ({"seed": 0}, "a group has a run a seed, got seed 0 of uniform"),
        ({"seed": None}, "must have the run's seed, got None"),
    ],
)
def test_runs_that_were_tested_otherwise_are_refused(tmp_path: Path, changed: dict[str, Any], message: str) -> None:
    right = [1, 0] * 6
    one, other = (
        finished_run(tmp_path / "0", right, seed=0),
        finished_run(tmp_path / "1", right, **{"seed": 1} | changed),
    )
    with pytest.raises(UserError, match=message):
        judgement({"uniform": [one, other], "additive": [finished_run(tmp_path / "2", right, seed=0)]})


def test_other_examples_are_refused(tmp_path: Path) -> None:
    runs = [finished_run(tmp_path / str(number), [1, 0] * number, seed=number) for number in (6, 7)]
    with pytest.raises(UserError, match=r"the very same examples, got 14 in .* and 12 in"):
        read_groups({"uniform": runs}, failed={})


def test_distances_between_distributions_are_compared_by_run_without_their_bias(tmp_path: Path) -> None:
    def folder(name: str, seed: int, fid: float) -> Path:
        made = finished_run(tmp_path / f"{name}{seed}", [1, 0] * 6, seed=seed, test={"fid": fid + 9})
        head = {"schema": 1, "examples": 0, "clusters": None, "scores": {}}
        head |= {"of_run": {"fid": {"score": fid + 9, "jackknifed": fid, "num_generated": 10_000, "num_features": 8}}}
        (made / "examples.jsonl").write_text(json.dumps(head) + "\n")
        return made

    groups = {
        "uniform": [folder("u", seed, 30 + seed / 10) for seed in range(5)],
        "additive": [folder("a", seed, 20 + seed / 7) for seed in range(5)],
    }
    found = judgement(groups, metric="fid", higher_is_better=False, margin=None)
    [verdict] = found.verdicts
    assert found.by_run
    assert verdict.measured.over == "seeds"
    assert verdict.measured.scores.control == pytest.approx(30.2)
    assert verdict.finding == "better"
    [said] = [line for line in footnotes(found) if "bias" in line]
    assert said.startswith("FID is compared without the bias of its number of samples (jackknifed over 10 blocks of")
    assert said.endswith("the means are: uniform 39.20, additive 29.29.")
