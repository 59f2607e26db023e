"""Groups of runs, sides that are given, and the control among them."""

from pathlib import Path

import pytest
from tiny_compared import write_run, write_runs

from attnlab.errors import UserError
from attnlab.study.comparing.found_runs import FoundRun, found_runs
from attnlab.study.comparing.groups import control_of, differing, grouped, sides


def _side(*folders: Path) -> list[FoundRun]:
    return found_runs(folders).runs


def test_a_group_has_the_runs_of_a_configuration_in_the_order_of_their_seeds(tmp_path: Path) -> None:
    for attention in ("dot", "uniform"):
        write_runs(tmp_path, attention, seeds=range(9, 12))
    groups = grouped(_side(tmp_path))
    assert [(group.name, [run.seed for run in group.runs]) for group in groups] == [
        ("dot", [9, 10, 11]),
        ("uniform", [9, 10, 11]),
    ]
    assert control_of(groups, None, against=False)[0].name == "uniform"
    assert control_of(groups, "dot", against=False)[0].name == "dot"
    with pytest.raises(UserError, match=r"one of 'dot', 'uniform' \(did you mean uniform\?\), got 'unifrom'"):
        control_of(groups, "unifrom", against=False)


def test_without_a_plain_mechanism_the_first_is_the_control(tmp_path: Path) -> None:
    for attention in ("dot", "additive"):
        write_run(tmp_path / attention, attention)
    control, why = control_of(grouped(_side(tmp_path / "dot", tmp_path)), None, against=False)
    assert (control.name, why) == ("dot", "the first")


def test_the_plainest_mechanism_is_the_control_whatever_else_its_groups_differ_in(tmp_path: Path) -> None:
    for number, dim in enumerate((8, 9)):
        for attention in ("additive", "uniform"):
            write_run(tmp_path / f"{attention}{number}", attention, model__dim=dim)
    control, why = control_of(grouped(_side(tmp_path)), None, against=False)
    assert control.says["attention"] == "uniform"
    assert why == "the first of 2 with the plainest attention among them"


def test_differences_are_those_of_the_configuration_without_the_seed(tmp_path: Path) -> None:
    write_run(tmp_path / "0", seed=1)
    write_run(tmp_path / "1", "dot", seed=2, model__dim=9, data__root="there")
    uniform, dot = grouped(_side(tmp_path))
    assert {each.key: each.kind for each in differing(dot, uniform)} == {
        "model.attention.core._target_": "mechanism",
        "model.dim": "confounded",
    }


def test_sides_of_one_configuration_are_named_by_their_seeds(tmp_path: Path) -> None:
    runs = write_runs(tmp_path, "dot", seeds=range(1, 9))
    one, other = sides([_side(*runs[:3], runs[4]), _side(runs[3], *runs[5:])])
    assert (one.name, other.name) == ("seeds 1-3, 5", "seeds 4, 6-8")
    assert control_of([one, other], None, against=True)[0] is other
    again = write_runs(tmp_path / "again", "dot", seeds=range(1, 4))
    assert [side.name for side in sides([_side(*runs[:3]), _side(*again)])] == ["side 1", "side 2"]


def test_a_side_of_two_configurations_or_with_anothers_run_is_refused(tmp_path: Path) -> None:
    dot, uniform = (write_runs(tmp_path, attention, seeds=range(2)) for attention in ("dot", "uniform"))
    with pytest.raises(UserError, match=r"differ in the seed alone, got 'dot' and 'uniform' on side 1"):
        sides([_side(*dot, uniform[0]), _side(uniform[1])])
    with pytest.raises(UserError, match=r"a run stands on one side, got .*dot1 on two"):
        sides([_side(*dot), _side(dot[1])])


def test_a_group_says_how_far_its_runs_came_be_it_one(tmp_path: Path) -> None:
    write_run(tmp_path / "a", "dot", record={"steps": 1}, trainer__max_steps=4)
    [group] = grouped(_side(tmp_path))
    assert group.stopped_early == "1 of 4 updates"
    assert (group.num_failed, group.longer_from) == (0, None)
