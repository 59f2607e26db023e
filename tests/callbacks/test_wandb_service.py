"""A process of wandb's that hangs is waited for no longer than was said, and then ended; the next run has another."""

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from machine import children

from attnlab.callbacks import WandbRun
from attnlab.callbacks.wandb_service import NoAnswer, within


@pytest.fixture(autouse=True)
def _no_service_left() -> Iterator[None]:
    yield
    import wandb

    wandb.teardown()


def test_what_is_asked_is_given_and_what_fails_fails_here() -> None:
    assert within(60, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(60, lambda: 1 // 0)


def test_a_wait_without_a_service_ends_as_well() -> None:
    end = threading.Event()
    began = time.monotonic()
    with pytest.raises(NoAnswer, match=r"^no answer within 0.1 s \(see logger.wandb.timeout\)$"):
        within(0.1, end.wait)
    assert time.monotonic() - began < 30
    end.set()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # wandb's own
def test_a_service_that_is_stopped_costs_its_run_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def run(name: str, timeout: float) -> WandbRun:
        return WandbRun(
            tmp_path / name, project="attnlab", entity=None, mode="offline", tags=[], name=name, timeout=timeout
        )

    stopped, next_one = run("stopped", 60), run("next", 60)
    stopped.log_metrics({"train/loss": 2.5}, step=1)
    (service,) = children(os.getpid(), "wandb-core")
    os.kill(service, signal.SIGSTOP)
    stopped._timeout = 0.5  # a crowded machine may take long to begin
    with caplog.at_level(logging.WARNING):
        stopped.finish(exit_code=0)
    assert "wandb is off for the rest of this run: no answer within 0.5 s" in caplog.text
    assert not children(os.getpid(), "wandb-core")
    next_one.log_metrics({"train/loss": 2.5}, step=1)
    next_one.finish(exit_code=0)
    assert (tmp_path / "next/wandb_step.txt").exists()
    assert not (tmp_path / "stopped/wandb_step.txt").exists()  # so that what may be lost is logged again
