"""A study in wandb: labels of its runs, and a real offline run that holds its verdicts."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_results import made_results
from tiny_study import made_plan

from attnlab.config.compose import compose_run
from attnlab.study.pages import write_pages
from attnlab.study.running import Results
from attnlab.study.verdict_table import table as verdict_cells
from attnlab.study.wandb_study import labelled, labels, write_wandb

LOGGER = {"_target_": "attnlab.callbacks.WandbRun", "project": "attnlab", "entity": None, "mode": "auto"}


@pytest.fixture(autouse=True)
def _no_service_left() -> Iterator[None]:
    yield
    if (wandb := sys.modules.get("wandb")) is not None:
        wandb.teardown()


def results_in(folder: Path, *, logger: dict[str, Any]) -> Results:
    """Of a study whose arms log so; its pages are written."""
    found = made_results(folder)
    arms = tuple(
        replace(each, arm=replace(each.arm, configs={0: {"logger": {"csv": {}, "mine": logger}}}))
        for each in found.plan.arms
    )
    found = replace(found, plan=replace(found.plan, arms=arms))
    write_pages(found)
    return found


def test_labels_reach_the_runs_configuration_and_leave_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = made_plan()
    said = labels(plan, plan.jobs[1])
    monkeypatch.setenv("WANDB_TAGS", "mine")
    monkeypatch.setenv("WANDB_JOB_TYPE", "")
    found: list[Any] = []

    def train(overrides: list[str]) -> float:
        found.append(compose_run(overrides).logger.wandb)
        return 0.5

    assert labelled(train, ["experiment=image_classification_quickstart"], said) == 0.5
    assert (found[0].group, found[0].job_type) == ("small", "additive")
    assert found[0].tags == ["mine", "small", "0123456789"]
    assert (os.environ["WANDB_TAGS"], os.environ["WANDB_JOB_TYPE"]) == ("mine", "")
    assert "WANDB_RUN_GROUP" not in os.environ
    monkeypatch.setenv("WANDB_RUN_GROUP", "paper")
    labelled(train, ["experiment=image_classification_quickstart"], said)
    assert found[1].group == "paper"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # wandb's own
def test_one_run_holds_the_verdicts_however_often_it_is_written(tmp_path: Path) -> None:
    results = results_in(tmp_path, logger=LOGGER)
    folder = results.plan.folder
    for _ in range(2):
        write_wandb(results)
    files = sorted(folder.glob("wandb/offline-run-*/run-*.wandb"))
    assert {path.name for path in files} == {"run-small-results.wandb"}
    said = _inspected(files[-1])
    assert all(word in said for word in ('"small"', '"study"', '"results"', "uniform/mean", "additive/verdict"))
    [table] = files[-1].parent.glob("files/media/table/**/*.table.json")
    held = json.loads(table.read_text())
    heads, *rows = verdict_cells(results.judgement)
    assert held["columns"] == heads
    assert [[name.removesuffix(" (confounded)"), *cells] for name, *cells in held["data"]] == rows
    assert [name for name, *_ in held["data"]] == ["uniform", "additive", "none (confounded)"]
    assert list(files[-1].parent.glob("files/media/images/**/*.png"))
    assert (files[-1].parent / "files" / "report.md").read_text() == (folder / "report.md").read_text()


def _inspected(path: Path) -> str:
    command = [str(Path(sys.executable).parent / "wandb"), "leet", "inspect", "--json", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_wandb_that_fails_costs_no_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    results = results_in(tmp_path, logger=LOGGER)
    monkeypatch.setitem(sys.modules, "wandb", None)  # as if it weren't installed
    with caplog.at_level(logging.WARNING):
        write_wandb(results)
    assert "wandb is off for the rest of this run: " in caplog.text


def test_a_study_that_does_not_log_to_wandb_has_no_run_there(tmp_path: Path) -> None:
    results = results_in(tmp_path, logger={"_target_": "attnlab.callbacks.MetricsCSV"})
    write_wandb(results)
    assert not list(results.plan.folder.glob("wandb*"))
