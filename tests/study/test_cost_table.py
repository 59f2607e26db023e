"""Costs in cells."""

from dataclasses import replace
from pathlib import Path

from tiny_results import made_results

from attnlab.study.cost_table import has_slots, table
from attnlab.study.wording import chinese, english


def test_columns_of_which_no_arm_has_anything_are_left_out(tmp_path: Path) -> None:
    arms = made_results(tmp_path).plan.arms
    known = {each.name: each.costs for each in arms}
    heads, *rows = table(known, english)
    assert heads == list(english.HEADS.costs)
    assert [row[0] for row in rows] == list(known)
    assert all(len(row) == len(heads) for row in rows)
    bare = {name: replace(each, state=None, slots={}) for name, each in known.items()}
    assert not has_slots(bare.values())
    heads, *rows = table(bare, chinese)
    assert heads == list(chinese.HEADS.costs[:7])
    assert all(len(row) == len(heads) for row in rows)
