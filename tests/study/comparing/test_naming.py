"""Groups are named by the fewest settings that tell them apart."""

import os
from pathlib import Path
from typing import Any

import pytest
from tiny_compared import write_run

from attnlab.study.comparing.configurations import parted
from attnlab.study.comparing.found_runs import found_runs
from attnlab.study.comparing.naming import names, settings


def _names(folder: Path, *runs: dict[str, Any], choices: list[str] | None = None) -> list[str]:
    for number, changed in enumerate(runs):
        run = write_run(folder / str(number), **changed)
        if choices is not None:
            (run / ".hydra").mkdir()
            lines = f"hydra: {{runtime: {{choices: {choices[number]}}}}}"
            (run / ".hydra" / "hydra.yaml").write_text(lines)
    return names(settings(parted(found_runs([folder]).runs)))


def test_a_mechanism_that_tells_all_apart_is_the_name(tmp_path: Path) -> None:
    assert _names(tmp_path, {"attention": "uniform"}, {"attention": "scaled_dot", "optimizer": {"lr": 1.0}}) == [
        "uniform",
        "scaled_dot",
    ]


def test_values_are_added_only_where_mechanisms_do_not_suffice(tmp_path: Path) -> None:
    local = [{"attention": "local", "attention__core__window": window} for window in (5, 7)]
    assert _names(tmp_path, {"attention": "additive"}, *local) == [
        "additive",
        "local attention.core.window=5",
        "local attention.core.window=7",
    ]


def test_other_settings_are_named_with_their_keys(tmp_path: Path) -> None:
    assert _names(tmp_path, {"model__dim": 8}, {"model__dim": 16}, {"model__dim": 32}) == [
        "model.dim=8",
        "model.dim=16",
        "model.dim=32",
    ]


def test_hydras_record_says_which_file_was_chosen(tmp_path: Path) -> None:
    runs = ({"attention": "kernel"}, {"attention": "kernel", "attention__core__window": 5})
    choices = [f"{{attention: kernel_{kind}, model: resnet, logger: {kind}}}" for kind in ("boxcar", "round")]
    assert _names(tmp_path, *runs, choices=choices) == ["kernel_boxcar", "kernel_round"]


def test_choices_that_change_nothing_name_nothing(tmp_path: Path) -> None:
    runs = ({"model__dim": 8, "attention": "dot"}, {"model__dim": 9, "attention": "dot"})
    choices = ["{attention: dot, optimizer: sgd}", "{attention: dot, optimizer: adamw}"]
    assert _names(tmp_path, *runs, choices=choices) == ["model.dim=8", "model.dim=9"]


@pytest.mark.parametrize(
    "line",
    [
        "hydra: {runtime: {choices: {attention: '${oc.env:PLANTED}'}}}",
        "hydra: !!python/object/apply:os.system ['touch ran']",
        "hydra: " + "[" * 5000,
        "a: &a [x, x]\nb: &b [*a, *a]\nhydra: {runtime: {choices: *b}}",
    ],
)
def test_a_strangers_record_is_read_as_it_stands(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANTED", "secret")
    runs = [write_run(tmp_path / str(number), attention="kernel", model__dim=number) for number in (5, 6)]
    for run in runs:
        (run / ".hydra").mkdir()
        (run / ".hydra" / "hydra.yaml").write_text(line)
    assert names(settings(parted(found_runs([tmp_path]).runs))) == ["model.dim=5", "model.dim=6"]
    assert not Path("ran").exists()


def test_a_pipe_for_a_record_is_never_waited_for(tmp_path: Path) -> None:
    for number in (5, 6):
        run = write_run(tmp_path / str(number), attention="kernel", model__dim=number)
        (run / ".hydra").mkdir()
        os.mkfifo(run / ".hydra" / "hydra.yaml")
    assert names(settings(parted(found_runs([tmp_path]).runs))) == ["model.dim=5", "model.dim=6"]
