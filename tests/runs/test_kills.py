"""Killed at any moment, given the same command again: the run ends as if nothing had happened, bit for bit."""

import random
import signal
import time
from bisect import bisect_right
from pathlib import Path

import pytest
import tiny_language
from fork_server import Attempt, ForkServer
from same_run import assert_same_run, metrics
from tiny import tiny, write_corpus

MORE = (
    "output_dir=run",
    "optimizer.lr=0.01",
    "trainer.accelerator=cpu",
    "trainer.log_every_n_steps=1",
    "callbacks.attention_maps.num_examples=1",
)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _lines(folder: Path) -> int:
    """How far a run has come."""
    path = folder / "run" / "metrics.csv"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def _timeline(attempt: Attempt, folder: Path) -> tuple[list[float], list[int], float]:
    """When an undisturbed run had come how far, and how long it lived."""
    began, times, counts = time.monotonic(), [0.0], [0]
    while attempt.poll() is None:
        if (lines := _lines(folder)) > counts[-1]:
            times.append(time.monotonic() - began)
            counts.append(lines)
        time.sleep(0.005)
    return times, counts, time.monotonic() - began


def _kill_at(attempt: Attempt, folder: Path, *, lines: int, after: float) -> None:
    """SIGKILL, `after` seconds from when this process has brought the run to so many lines."""
    began, log = time.time(), folder / "run" / "metrics.csv"
    while lines and not (log.exists() and log.stat().st_mtime > began and _lines(folder) >= lines):
        if attempt.poll() is not None:
            return
        time.sleep(0.005)
    time.sleep(after)
    attempt.kill()


def test_ten_kills_over_a_runs_life_change_nothing(server: ForkServer, corpus: Path, tmp_path: Path) -> None:
    """The moments fall anywhere: in set-up, training, validation, the writing of a checkpoint, the final test."""
    command = tiny(corpus, *MORE, "trainer.max_steps=60", "trainer.val_check_interval=12")
    whole, parts = _folder(tmp_path / "whole"), _folder(tmp_path / "parts")
    times, counts, life = _timeline(attempt := server.start(command, whole), whole)
    assert attempt.wait() == 0, (whole / "output.txt").read_text()

    draw = random.Random(23)
    outcomes = []
    # Half of them once it trains: on a crowded machine most of its life may be set-up.
    for moment in sorted(draw.uniform(start, 0.97 * life) for start in (0.0, times[1]) for _ in range(5)):
        reached = bisect_right(times, moment) - 1
        attempt = server.start(command, parts)
        _kill_at(attempt, parts, lines=counts[reached], after=moment - times[reached])
        outcomes.append(attempt.wait())
    # A moment measured near the end of one run may lie after the end of another.
    assert outcomes.count(-9) >= 8, (outcomes, (parts / "output.txt").read_text())
    assert set(outcomes) <= {-9, 0}
    assert server.start(command, parts).wait() == 0, (parts / "output.txt").read_text()
    assert (parts / "output.txt").read_text().count("continuing at update") >= 5
    assert_same_run(whole / "run", parts / "run")


@pytest.mark.text
def test_a_kill_at_any_step_of_writing_a_checkpoint_changes_nothing(
    server: ForkServer, corpus: Path, tmp_path: Path
) -> None:
    """Just before each file of checkpoints/ would take its name: best, the one before, last."""
    command = tiny(corpus, *MORE, "trainer.max_steps=90")  # so that the sixth is still to come after the fifth
    whole, parts = _folder(tmp_path / "whole"), _folder(tmp_path / "parts")
    assert server.start(command, whole).wait() == 0
    for number in (1, 2, 3, 4, 5, 6):
        assert server.start(command, parts, die_at_rename=number).wait() == -9
    assert server.start(command, parts).wait() == 0, (parts / "output.txt").read_text()
    assert_same_run(whole / "run", parts / "run")


def test_a_language_models_run_ends_with_the_same_bits_however_often_it_is_killed(
    server: ForkServer, tmp_path: Path
) -> None:
    """In mid-pass, with dropout, states and texts that are apart; and just before files of checkpoints/ are there."""
    command = tiny_language.tiny(
        tiny_language.write_corpus(tmp_path / "corpus"),
        *("output_dir=run", "trainer.accelerator=cpu", "trainer.log_every_n_steps=1", "callbacks=none"),
        *("data.texts_apart=true", "attention=gated_deltanet", "model.kernel_size=3", "model.dropout=0.3"),
        *("trainer.max_steps=14", "trainer.val_check_interval=8"),
    )
    whole, parts = _folder(tmp_path / "whole"), _folder(tmp_path / "parts")
    assert server.start(command, whole).wait() == 0, (whole / "output.txt").read_text()
    attempt = server.start(command, parts)
    _kill_at(attempt, parts, lines=6, after=0.02)
    assert attempt.wait() == -9, (parts / "output.txt").read_text()
    for number in (2, 3):
        assert server.start(command, parts, die_at_rename=number).wait() == -9
    assert server.start(command, parts).wait() == 0, (parts / "output.txt").read_text()
    assert "continuing at update" in (parts / "output.txt").read_text()
    assert_same_run(whole / "run", parts / "run")


def _until(folder: Path, lines: int) -> None:
    end = time.monotonic() + 60
    while _lines(folder) < lines:
        assert time.monotonic() < end, (folder / "output.txt").read_text()
        time.sleep(0.005)


@pytest.mark.text
def test_two_processes_stopped_and_killed_in_mid_epoch_end_with_the_same_bits(
    server: ForkServer, corpus: Path, tmp_path: Path
) -> None:
    """With gradient accumulation. The signal to stop reaches one of the two alone, and not the one that writes."""
    command = tiny(
        corpus,
        *MORE,
        "trainer.devices=2",
        "trainer.accumulate_grad_batches=2",
        "trainer.max_steps=40",
        "trainer.val_check_interval=9",
        "data.batch_tokens=90",
    )
    whole, parts = _folder(tmp_path / "whole"), _folder(tmp_path / "parts")
    for attempt in server.start_two(command, whole):
        assert attempt.wait() == 0, (whole / "output.txt").read_text()
    assert metrics(whole / "run")["devices"] == "2 x cpu"

    first = server.start_two(command, parts)
    _until(parts, 20)
    first[1].kill(signal.SIGTERM)
    assert [attempt.wait() for attempt in first] == [130, 130], (parts / "output.txt").read_text()
    second = server.start_two(command, parts)
    _until(parts, _lines(parts) + 20)
    for attempt in second:
        attempt.kill()
    assert [attempt.wait() for attempt in second] == [-9, -9]
    for attempt in server.start_two(command, parts):
        assert attempt.wait() == 0, (parts / "output.txt").read_text()
    assert_same_run(whole / "run", parts / "run")
