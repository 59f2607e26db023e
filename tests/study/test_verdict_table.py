"""What is told of verdicts, in cells and sentences."""

from pathlib import Path

import pytest
from in_english import in_english
from tiny_runs import arm_folders

from attnlab.study.judging import judged_groups
from attnlab.study.verdict_table import caveats, footnotes, lines, rows, table, table_lines
from attnlab.study.wording import chinese


def test_each_arm_has_a_row_with_its_number_of_runs_and_the_control_no_difference(tmp_path: Path) -> None:
    found = judged_groups(
        {
            "additive": arm_folders(tmp_path / "a", right=0.95)[:4],
            "uniform": arm_folders(tmp_path / "u", right=0.3),
            "none": arm_folders(tmp_path / "n", right=0.31),
        },
        control="uniform",
        metric="accuracy",
        higher_is_better=True,
        margin=0.01,
        failed={"additive": 1},
    )
    uniform, additive, none = rows(found)
    heads, *cells = table(found)
    assert heads[:6] == ["arm", "verdict", "difference", "95 % interval", "p if no difference", "p if 0.01 apart"]
    assert all(len(row) == len(heads) for row in cells)
    assert (additive.runs, uniform.runs) == ("5, 1 failed", "5")
    assert additive.verdict == "unstable, undecided"
    assert (uniform.difference, uniform.interval, uniform.p, uniform.p_same) == ("-",) * 4
    assert none.verdict == "undecided"
    shown = list(table_lines(found))
    assert len({line.index("runs") if "runs" in line else None for line in shown}) == 2  # the heads alone have it
    text = "\n".join(lines(found))
    assert "1 of 5 runs of additive failed" in text
    assert (
        text.count("For new seeds on this very test set alone") + text.count("it is as wide as seeds alone make it")
        == 2
    )
    assert text.count("seeds are taken as independent all the same") == 2
    assert "The same: p if 0.01 apart is below alpha, and smaller differences don't matter." in text
    assert "corrected for 2 comparisons" in text
    assert in_english(lines(found, chinese)) == []


@pytest.mark.parametrize("greater, order", [(True, "uniform good bad"), (False, "uniform bad good")])
def test_the_control_stands_first_then_the_others_from_the_best_on(tmp_path: Path, greater: bool, order: str) -> None:
    rights = {"bad": 0.2, "uniform": 0.5, "good": 0.8}
    found = judged_groups(
        {name: arm_folders(tmp_path / name, right=right) for name, right in rights.items()},
        control="uniform",
        metric="accuracy",
        higher_is_better=greater,
    )
    assert [row.name for row in rows(found)] == order.split()
    assert [line.split()[0] for line in lines(found) if " than uniform in" in line] == order.split()[1:]


def test_how_many_runs_there_are_stands_apart_from_how_they_were_judged(tmp_path: Path) -> None:
    groups = {name: arm_folders(tmp_path / name, right=0.5) for name in ("uniform", "additive")}
    found = judged_groups(groups, control="uniform", metric="accuracy", higher_is_better=True)
    [said] = caveats(found)
    assert "take 10 before you publish it" in said
    assert said not in "\n".join(footnotes(found))


def test_a_group_alone_is_shown_without_a_verdict(tmp_path: Path) -> None:
    found = judged_groups(
        {"uniform": arm_folders(tmp_path, right=0.3)}, control="uniform", metric="accuracy", higher_is_better=True
    )
    [row] = rows(found)
    assert (row.name, row.runs, row.verdict) == ("uniform", "5", "-")
    assert float(row.score) == pytest.approx(sum(found.scores["uniform"]) / 5, abs=1e-4)
    assert table(found)[0] == ["arm", "accuracy", "sd of runs", "runs"]
    assert "judged" not in "\n".join(lines(found))
