"""The grid as a table: who serves where, and why not."""

import re
from typing import Any

import pytest

from attnlab.commands import cli
from attnlab.commands.list import grid_table
from attnlab.reporting.terminal.text import display_width


def _listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(["list", *arguments]) == 0
    return capsys.readouterr().out


def test_the_table_says_yes_no_and_which_slots_and_why(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    text = _listed(capsys, "grid", "--task", "translation")
    table, reasons = text.split("why not")
    rows = {line.split()[0]: line.split()[1:] for line in table.splitlines() if line.startswith("    ")}
    assert rows["additive"] == ["yes"] * 6
    assert rows["alibi"] == ["yes", "yes", "no", "no", "no", "encoder", "decoder"]
    assert rows["nystrom"] == ["yes", "no", "no", "no", "no", "encoder"]
    assert "causal, cross: makes each query depend on all others through its landmarks\n        nystrom\n" in reasons
    assert reasons.count("share one line of positions") == 1
    assert "without attention: seq2seq (translation)" in text


def _imagined(feature_cells: dict[str, Any]) -> dict[str, Any]:
    attention = {"near": {"serves": ["self"], "refuses": {"causal": "r", "cross": "r"}}}
    features = {"axial": {"around": ["near"]}, "se": {"around": []}}
    models = {f"net{n}_{'x' * 30}": {"attention": {}, "feature_attention": feature_cells} for n in range(5)}
    cells = {"classify": models}
    return {"schema": 1, "attention": attention, "feature_attention": features, "cells": cells}


def test_models_that_take_feature_attention_extend_the_table() -> None:
    cells = {"axial": {"slots": {}}, "se": {"refused": "reduction leaves no channel (set model.width)"}}
    lines = grid_table.render(_imagined(cells))
    assert max(map(len, lines)) <= grid_table.WIDTH
    rows = [line.split() for line in lines if line.split()[:1] in (["axial"], ["se"])]
    assert [row[1:] for row in rows if row[0] == "axial"] == [["yes"] * 2, ["yes"] * 2, ["yes"]]
    assert [row[1:] for row in rows if row[0] == "se"][:3] == [["no"] * 2, ["no"] * 2, ["no"]]
    text = "\n".join(lines)
    assert "no model takes" not in text
    assert "reduction leaves no channel (set model.width)" in text
    assert "built around attention=NAME (any): axial" in text


@pytest.mark.parametrize(
    "group, name, slots, expected",
    [
        ("attention", "near", {"pooling": "near", "blocks": "none"}, (["pooling"], [])),
        ("attention", "near", {"encoder": "near", "cross": "scaled_dot"}, (["encoder"], ["cross"])),
        ("attention", "scaled_dot", {"encoder": "scaled_dot", "blocks": "se"}, (["encoder"], [])),
        ("feature_attention", "se", {"pooling": "scaled_dot", "blocks": "se"}, (["blocks"], [])),
    ],
)
def test_slots_of_the_other_group_are_no_gaps(
    group: str, name: str, slots: dict[str, str], expected: tuple[list[str], list[str]]
) -> None:
    assert grid_table.slots_of(group, name, {"slots": slots}) == expected


def test_mechanisms_that_need_a_grid_are_said_once_to_need_one() -> None:
    said = "encoder: NearAttention needs places on a grid, this model has a line (set attention)"
    grid = _imagined({}) | {"feature_attention": {}}
    grid["attention"]["near"]["on_grids"] = True
    for model in grid["cells"]["classify"].values():
        model["attention"] = {"near": {"refused": said}}
    text = "\n".join(grid_table.render(grid))
    assert text.count("needs places on a grid") == 1
    assert "models without one: needs places on a grid" in text


def test_in_chinese_all_but_the_reasons_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    monkeypatch.delenv("LANGUAGE", raising=False)
    text, reasons = _listed(capsys, "grid", "--task", "translation").split("不能用的原因（英文）")
    assert "  attention：按角色与所在的模型\n" in text
    assert "没有注意力的模型：seq2seq (translation)" in text
    assert "translation 没有模型能用其中任何一个：axial, " in text
    assert not re.findall(r"\b(?:the|without|being|built)\b", text)
    assert "causal, cross: makes each query" in reasons
    assert all(display_width(line) <= 120 for line in text.splitlines())
