"""The grid in a line a mechanism: what `attnlab list grid` shows without a task."""

from typing import Any

import pytest

from attnlab.commands import cli
from attnlab.commands.list import grid_overview
from attnlab.config import fitting
from attnlab.reporting.terminal.text import display_width

COMMITTED = fitting.read()
MOST_LINES = 100


def _listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(["list", *arguments]) == 0
    return capsys.readouterr().out


def test_without_a_task_a_mechanism_has_a_line_with_its_roles_and_tasks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    lines = _listed(capsys, "grid").splitlines()
    assert len(lines) < MOST_LINES
    table = lines[: lines.index("  why not")]
    rows = {line.split()[0]: line.split(maxsplit=4)[1:] for line in table if line.startswith("    ")}
    assert rows.keys() >= COMMITTED["attention"].keys()
    assert rows["additive"] == ["yes", "yes", "yes", "all"]
    assert rows["alibi"] == ["yes", "yes", "no", "all"]
    assert rows["nystrom"] == ["yes", "no", "no", "all but language_modelling"]
    assert rows["swin"][3].startswith("image_classification, image_generation,")
    assert "  causal, cross: makes each query depend on all others through its landmarks" in "\n".join(lines)
    assert "attnlab list grid --task TASK" in lines[-1]


def test_all_of_the_grid_is_shown_where_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    overview, whole = _listed(capsys, "grid"), _listed(capsys, "grid", "--all")
    assert len(whole.splitlines()) > 2 * len(overview.splitlines())
    assert whole in _listed(capsys, "--all")
    assert overview in _listed(capsys)
    for task, models in COMMITTED["cells"].items():
        assert task in whole
        assert all(model in whole for model in models)


def test_all_is_of_the_grid_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "model", "--all"]) == 2
    assert "--all is for the grid, got it for model (drop --all)" in capsys.readouterr().err


def test_in_chinese_it_says_the_same(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("LANGUAGE", raising=False)
    lines = _listed(capsys, "grid").splitlines()
    assert any(
        line.split() == ["linformer", "可", "不可", "不可", "除", "language_modelling", "外全部"] for line in lines
    )
    assert all(display_width(line) <= 80 for line in lines)


def test_mechanisms_that_fit_nothing_and_ones_own_are_named() -> None:
    serves = {"serves": ["self"], "refuses": {}}
    grid: dict[str, Any] = {
        "attention": {"near": serves, "far": serves},
        "feature_attention": {"axial": {"around": ["near"]}},
        "cells": {task: {} for task in ("a", "b", "c")},
    }
    tasks = {"attention": {"near": ["a", "b"]}, "feature_attention": {"axial": []}}
    lines = grid_overview.render(grid, tasks, own=["zigzag"])
    assert [line.split()[-1] for line in lines if line.startswith(("    near", "    far"))] == ["c", "-"]
    text = "\n".join(lines)
    assert "all but c" in text
    assert "-: axial" in text
    assert "built around attention=NAME (near): axial" in text
    assert "not in the grid, being your own: zigzag" in text
    assert "why not" not in text
