"""A disk that is full, can't be written or loses a run's folder: one line, and what was written whole stays so."""

import shutil
from pathlib import Path

import pytest
from fork_server import ForkServer
from gate import await_gate, gate, open_gate
from machine import fill, last_line, small_disk, unwritable
from same_run import assert_same_run
from tiny import tiny, write_corpus

from attnlab.runs import checkpoint

MORE = ("trainer.accelerator=cpu", "callbacks.attention_maps.num_examples=1")
SMALL = 1600  # KiB, of which such a run takes about 800


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


def _updates(run: Path) -> dict[str, int]:
    """Of a run's checkpoints, each of which is whole; nothing else lies with them."""
    return {path.name: checkpoint.load(path)["global_step"] for path in (run / "checkpoints").iterdir()}


def test_a_full_disk_costs_one_line_and_nothing_that_was_there(
    server: ForkServer, corpus: Path, tmp_path: Path
) -> None:
    command = tiny(corpus, *MORE, "output_dir=disk/run", *gate(tmp_path, update=5))
    with small_disk(tmp_path / "disk", kib=SMALL) as disk:
        attempt = server.start(command, tmp_path)
        await_gate(attempt, tmp_path)
        before = _updates(disk / "run")
        taken = fill(disk)
        open_gate(tmp_path)
        assert attempt.wait() == 2
        said = "error: can't write disk/run/checkpoints/last.ckpt.new: No space left on device"
        assert last_line(tmp_path) == f"{said} (make room, or set output_root, or output_dir)"
        assert _updates(disk / "run") == before == {"best.ckpt": 4, "last.ckpt": 4, "last-1.ckpt": 3}
        taken.unlink()
        assert server.start(command, tmp_path).wait() == 0
        assert "continuing at update 4 of 8" in (tmp_path / "output.txt").read_text()


@pytest.mark.faults
@pytest.mark.parametrize("left", [5_000, 100_000, 250_000, 400_000, 450_000, 500_000])
def test_wherever_the_room_ends_the_run_ends_with_the_same_bits(
    server: ForkServer, corpus: Path, tmp_path: Path, left: int
) -> None:
    """A checkpoint takes 200,000 bytes: there is room for part of one, for one without the best, for two."""
    (tmp_path / "whole").mkdir()
    whole = tiny(corpus, *MORE, "output_dir=disk/run", *gate(tmp_path, update=7))
    (tmp_path / "whole/disk").mkdir()
    (tmp_path / "go").touch()
    assert server.start(whole, tmp_path / "whole").wait() == 0
    for name in ("go", "reached"):
        (tmp_path / name).unlink()
    with small_disk(tmp_path / "disk", kib=SMALL) as disk:
        attempt = server.start(whole, tmp_path)
        await_gate(attempt, tmp_path)
        taken = fill(disk, but=left)
        open_gate(tmp_path)
        status = attempt.wait()
        assert {"best.ckpt", "last.ckpt"} <= _updates(disk / "run").keys() <= {"best.ckpt", "last.ckpt", "last-1.ckpt"}
        if status:
            assert status == 2
            assert "No space left on device (make room, or set " in last_line(tmp_path)
        taken.unlink()
        assert server.start(whole, tmp_path).wait() == 0
        assert_same_run(tmp_path / "whole/disk/run", disk / "run")


@pytest.mark.faults
def test_a_full_temporary_folder_is_none_of_a_runs_business(server: ForkServer, corpus: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", kib=64) as disk:
        taken = fill(disk)
        command = tiny(corpus, *MORE, "output_dir=run")
        assert server.start(command, tmp_path, {"TMPDIR": str(disk)}).wait() == 0
        last_line(tmp_path)
        assert list(disk.iterdir()) == [taken]


@pytest.mark.parametrize(
    "update, gone",
    [
        (5, "run"),
        pytest.param(7, "run/checkpoints", marks=pytest.mark.faults),
        pytest.param(8, "run", marks=pytest.mark.faults),  # in the test
    ],
)
@pytest.mark.parametrize("logger", ["csv", pytest.param("none", marks=pytest.mark.faults)])
def test_a_folder_that_is_taken_away_is_named_and_not_made_again(
    server: ForkServer, corpus: Path, tmp_path: Path, update: int, gone: str, logger: str
) -> None:
    command = tiny(corpus, *MORE, "output_dir=run", f"logger={logger}", *gate(tmp_path, update=update))
    attempt = server.start(command, tmp_path)
    await_gate(attempt, tmp_path)
    shutil.rmtree(tmp_path / gone)
    open_gate(tmp_path)
    assert attempt.wait() == 1
    assert last_line(tmp_path).startswith(f"error: a run's files must stay while it trains, got {gone}, which is gone")
    assert not (tmp_path / gone).exists()


def test_a_folder_that_cannot_be_written_any_more_keeps_what_it_has(
    server: ForkServer, corpus: Path, tmp_path: Path
) -> None:
    command = tiny(corpus, *MORE, "output_dir=run", *gate(tmp_path, update=5))
    attempt = server.start(command, tmp_path)
    await_gate(attempt, tmp_path)
    before = _updates(tmp_path / "run")
    with unwritable(tmp_path / "run", tmp_path / "run/checkpoints"):
        open_gate(tmp_path)
        assert attempt.wait() == 2
        said = (
            "error: can't write run/checkpoints/last.ckpt.new: Operation not permitted (set output_root, or output_dir)"
        )
        assert last_line(tmp_path) == said
    assert _updates(tmp_path / "run") == before


@pytest.mark.faults
def test_a_best_checkpoint_that_is_gone_is_missed_before_anything_is_trained(
    server: ForkServer, corpus: Path, tmp_path: Path
) -> None:
    command = tiny(corpus, *MORE, "output_dir=run", *gate(tmp_path, update=7))
    attempt = server.start(command, tmp_path)
    await_gate(attempt, tmp_path)
    (tmp_path / "run/checkpoints/best.ckpt").unlink()
    open_gate(tmp_path)
    # Unless the last validation is the best.
    expected = "error: a run's best checkpoint must stay where it is, got none at run/checkpoints/best.ckpt (restore it"
    if attempt.wait():
        assert last_line(tmp_path).startswith(expected)
    (tmp_path / "run/metrics.json").unlink(missing_ok=True)
    (tmp_path / "run/checkpoints/best.ckpt").unlink(missing_ok=True)
    assert server.start(command, tmp_path).wait() == 2
    assert last_line(tmp_path).startswith(expected)
