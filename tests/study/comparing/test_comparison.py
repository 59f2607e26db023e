"""From folders to verdicts."""

import json
from pathlib import Path

import pytest
from tiny_compared import write_record, write_run, write_runs, write_study_folder

from attnlab.errors import UserError
from attnlab.study.comparing.comparison import compared
from attnlab.study.comparing.comparison_record import comparison_record


def test_a_better_mechanism_is_found_so_and_marked_exploratory(tmp_path: Path) -> None:
    write_runs(tmp_path, "uniform", seeds=range(5), right=0.1)
    write_runs(tmp_path, "dot", seeds=range(5), right=0.95)
    found = compared([[tmp_path]])
    assert (found.control.name, found.asked.metric, found.asked.margin) == ("uniform", "accuracy", 0.05)
    [verdict] = found.judgement.verdicts
    assert (verdict.comparison.arm.name, verdict.finding, verdict.marks) == ("dot", "better", ("exploratory",))
    assert [each.kind for each in found.differences["dot"]] == ["mechanism"]
    assert compared([[tmp_path]], control="dot").judgement.verdicts[0].finding == "worse"


def test_one_configuration_against_itself_is_not_better(tmp_path: Path) -> None:
    runs = write_runs(tmp_path, "dot", seeds=range(1, 11), right=0.6)
    found = compared([runs[:5], runs[5:]])
    assert (found.control.name, [group.name for group in found.groups]) == ("seeds 6-10", ["seeds 1-5", "seeds 6-10"])
    assert found.judgement.verdicts[0].finding in ("undecided", "the same")
    assert found.differences == {"seeds 1-5": ()}


@pytest.mark.parametrize("seeds, over", [(1, "examples"), (2, "seeds and examples"), (3, "seeds and examples")])
def test_up_to_three_seeds_are_no_verdict(tmp_path: Path, seeds: int, over: str) -> None:
    write_runs(tmp_path, "uniform", seeds=range(seeds), right=0.1)
    write_runs(tmp_path, "dot", seeds=range(seeds), right=0.95)
    [verdict] = compared([[tmp_path]]).judgement.verdicts
    assert (verdict.finding, verdict.measured.over) == ("no verdict", over)


def test_runs_that_failed_in_a_sweep_stand_in_the_verdict(tmp_path: Path) -> None:
    runs = write_runs(Path("u"), "uniform", seeds=range(5), right=0.1)
    runs += write_runs(Path("d"), "dot", seeds=range(4), right=0.95)
    failed = write_run(Path("d", "failed"), "dot", seed=4, right=None)
    ended = {f"{number} finished": run for number, run in enumerate(runs)} | {"9 diverged": failed}
    found = compared([[write_record(tmp_path / "sweep", ended)]])
    [verdict] = found.judgement.verdicts
    assert (verdict.marks[0], verdict.finding, verdict.held_back) == ("unstable", "undecided", "better")
    record = json.loads(json.dumps(comparison_record(found), allow_nan=False))
    assert record["verdicts"]["dot"]["held_back"] == "better"
    assert [run["failed"] for run in record["groups"]["dot"]["runs"]] == [False] * 4 + [True]


def test_a_run_whose_score_was_computed_otherwise_is_left_out(tmp_path: Path) -> None:
    for attention in ("uniform", "dot"):
        write_runs(tmp_path, attention, seeds=range(4))
    odd = write_run(tmp_path / "odd", "dot", seed=4, record={"signatures": {"accuracy": "lib|version:1"}})
    found = compared([[tmp_path]])
    assert found.left_out == {
        odd.relative_to(tmp_path): "its accuracy was computed otherwise: lib|version:1 for no signature"
    }
    assert [len(group.runs) for group in found.judgement.groups.values()] == [4, 4]
    write_run(tmp_path / "alone" / "u", "uniform")
    write_run(tmp_path / "alone" / "d", "dot", record={"signatures": {"accuracy": "lib|version:1"}})
    with pytest.raises(UserError, match=r"scores of two groups are compared, got one; left out: .* computed otherwise"):
        compared([[tmp_path / "alone"]])


def test_one_configuration_alone_has_a_mean_and_no_verdict(tmp_path: Path) -> None:
    write_runs(tmp_path, "dot", seeds=range(2))
    found = compared([[tmp_path]])
    assert (len(found.groups), found.judgement.verdicts, found.differences) == (1, (), {})


def test_an_earlier_results_run_never_stands_in_the_place_of_todays(tmp_path: Path) -> None:
    write_run(tmp_path / "0", "dot", record={"results": 2})
    write_runs(tmp_path, "uniform", seeds=range(2))
    write_runs(tmp_path, "dot", seeds=range(2))
    found = compared([[tmp_path]])
    assert [len(group.runs) for group in found.groups] == [2, 2]
    assert [folder.name for folder in found.left_out] == ["0"]


def test_what_leaves_nothing_to_compare_is_refused_with_the_reason(tmp_path: Path) -> None:
    write_run(tmp_path / "a", "dot")
    write_run(tmp_path / "b", "uniform", record={"results": 2})
    with pytest.raises(
        UserError, match=r"got b, which isn't like the others: it was tested otherwise: results 2 for 3; .* \(give"
    ):
        compared([[tmp_path]])
    with pytest.raises(
        UserError, match=r"each list of folders needs a run that can be compared, got none; left out: b"
    ):
        compared([[tmp_path / "a"], [tmp_path / "b"]])
    with pytest.raises(UserError, match=r"got none; left out: c: it isn't finished"):
        compared([[write_run(tmp_path / "c", right=None)]])


def test_a_studys_folder_is_compared_as_the_study_asks_unless_told_otherwise(tmp_path: Path) -> None:
    root = Path("outputs")
    arms = {"flat": "uniform", "better": "dot"}
    runs = [run for name in arms.values() for run in write_runs(root / "t" / "r", name, seeds=range(4))]
    names = [name for name in arms for _ in range(4)]
    asked = {"control": "better", "metric": "accuracy", "margin": 0.2}
    study = write_study_folder(root, runs, arms=names, **asked)
    found = compared([[study]])
    assert [group.name for group in found.groups] == ["flat", "better"]
    assert (found.control.name, found.because, found.asked.margin) == ("better", "that of study small", 0.2)
    assert (found.study, found.as_planned) == ("small", ("control", "metric", "margin"))
    assert comparison_record(found)["as_planned"] == ["control", "metric", "margin"]
    other = compared([[study]], control="flat", margin=0.1)
    assert (other.control.name, other.asked.margin, other.as_planned) == ("flat", 0.1, ("metric",))
    # Beside a run that the study hasn't planned, nothing of it holds.
    more = compared([[study, write_run(tmp_path / "more", "dot", seed=9)]])
    assert (more.control.name, more.asked.margin, more.study) == ("uniform", 0.05, None)


def test_a_study_whose_control_left_no_run_says_that_another_stands_in_its_place() -> None:
    root, names = Path("outputs"), ["dot", "uniform", "general"]
    runs = [write_run(root / "t" / "r" / name, name, right=None if name == "dot" else 0.5) for name in names]
    found = compared([[write_study_folder(root, runs, arms=names, control="dot", metric="accuracy")]])
    assert found.control.name == "uniform"
    assert found.because == "the plainest attention among them; no run of dot, the control of study small, is compared"
    assert found.as_planned == ("metric", "margin")  # it has none


def test_runs_of_other_code_of_ones_own_are_never_taken_for_the_same(tmp_path: Path) -> None:
    uniform, dot = (write_runs(tmp_path, name, seeds=range(4)) for name in ("uniform", "dot"))
    for run, sha in zip(dot, ("aa", "aa", "bb", "aa"), strict=True):
        (run / "code.json").write_text(json.dumps({"mine/core.py": sha}))
    found = compared([[tmp_path]])
    assert [len(group.runs) for group in found.groups] == [3, 4]
    [why] = found.left_out.values()
    assert why == "its own code isn't that of most of its configuration's runs: mine/core.py differs"
    before_after = compared([dot[:2], [dot[2]]])
    [only] = before_after.differences.values()
    assert [(each.key, each.arm, each.control, each.kind) for each in only] == [
        ("code of mine/core.py", "aa", "bb", "confounded")
    ]
    (uniform[0] / "code.json").write_text("[")
    assert "code.json" in compared([[tmp_path]]).left_out[uniform[0].relative_to(tmp_path)].lower()


@pytest.mark.parametrize("unfinished, more", [(1, ""), (2, " and 1 more"), (3, " and 2 more")])
def test_of_several_left_out_one_is_named_and_the_others_are_counted(
    tmp_path: Path, unfinished: int, more: str
) -> None:
    for number in range(unfinished):
        write_run(tmp_path / str(number), seed=number, right=None)
    with pytest.raises(UserError, match=rf"got none; left out: \S+{more}: it isn't finished"):
        compared([[tmp_path]])
