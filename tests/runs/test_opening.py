"""What is said of a run before it trains is what it is made of."""

import logging
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from tiny_tasks import OVERRIDES, codec_of

from attnlab.config.compose import compose_run
from attnlab.runs import build
from attnlab.runs.opening import say_opening


def _said(caplog: pytest.LogCaptureFixture, *, processes: int = 1, first: bool = True) -> list[str]:
    config = build.plain(compose_run(["task=translation", *OVERRIDES["translation"], "seed=3", "output_dir=run"]))
    codec = codec_of("translation")
    with torch.device("meta"):
        task = build.build_task(config, codec.sizes, codec)
    trainer: Any = SimpleNamespace(
        is_global_zero=first,
        world_size=processes,
        strategy=SimpleNamespace(root_device=torch.device("cpu")),
        precision="32-true",
        max_steps=8,
        accumulate_grad_batches=2,
        val_check_interval=8,
    )
    data: Any = SimpleNamespace(num_examples={"train": 61, "val": 13, "test": 7}.__getitem__)
    caplog.set_level(logging.INFO)
    caplog.clear()
    say_opening(config, trainer, task, data, done=2)
    return caplog.messages[0].split("\n") if caplog.messages else []


def test_model_mechanisms_data_and_device_are_the_runs_own(caplog: pytest.LogCaptureFixture) -> None:
    threads = torch.get_num_threads()
    lines = _said(caplog)
    assert lines[0] == "attention_seq2seq-scaled_dot"
    rows = {line[2:14].strip(): line[14:] for line in lines[1:]}
    assert rows["task"] == "translation, seed 3"
    assert rows["model"].startswith("attention_seq2seq, ")
    assert rows["attention"] == "cross scaled_dot"
    assert rows["data"] == "bible_en_es en → es: 61 train, 13 val, 7 test"
    assert rows["on"].startswith(f"cpu, {threads} thread")
    assert rows["updates"] == "8, of which 2 are done, validated every 4"  # of two batches each
    assert rows["folder"] == "run"


def test_the_first_of_several_processes_says_it(caplog: pytest.LogCaptureFixture) -> None:
    assert any("  on          2 x cpu" in line for line in _said(caplog, processes=2))
    assert _said(caplog, processes=2, first=False) == []
