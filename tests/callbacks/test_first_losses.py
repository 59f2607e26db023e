"""What is kept of the first updates, whatever interrupts them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch

from attnlab.callbacks.first_losses import NAME, UPDATES, FirstLosses, read_losses


def batch_ends(kept: FirstLosses, outputs: Any, *, step: int, processes: int = 1) -> None:
    trainer: Any = SimpleNamespace(global_step=step, world_size=processes)
    module: Any = None
    kept.on_train_batch_end(trainer, module, outputs, None, 0)


def train(kept: FirstLosses, steps: range) -> None:
    for step in steps:
        batch_ends(kept, {"loss": torch.tensor(0.1 * step), "notes": "none"}, step=step)


def test_the_first_are_written_once_they_are_over(tmp_path: Path) -> None:
    kept = FirstLosses(tmp_path)
    train(kept, range(1, UPDATES))
    assert not (tmp_path / NAME).exists()
    train(kept, range(UPDATES, UPDATES + 3))
    found = read_losses(tmp_path / NAME)
    assert list(found) == list(range(1, UPDATES + 1))
    assert all(each == {"loss": float(torch.tensor(0.1 * step))} for step, each in found.items())


def test_a_resumed_run_keeps_what_its_checkpoint_has(tmp_path: Path) -> None:
    first, whole = FirstLosses(tmp_path), FirstLosses(tmp_path / "whole")
    (tmp_path / "whole").mkdir()
    train(whole, range(1, UPDATES + 1))
    train(first, range(1, 8))
    state = first.state_dict()
    train(first, range(8, 11))  # lost
    again = FirstLosses(tmp_path)
    again.load_state_dict(state)
    train(again, range(8, UPDATES + 1))
    assert (tmp_path / NAME).read_bytes() == (tmp_path / "whole" / NAME).read_bytes()


def test_an_updates_batches_count_together_and_a_short_run_writes_at_its_end(tmp_path: Path) -> None:
    kept = FirstLosses(tmp_path)
    for step, value in ((0, 1.0), (1, 2.0), (1, 4.0), (2, 8.0)):
        batch_ends(kept, {"loss": torch.tensor(value)}, step=step)
    trainer: Any = None
    kept.on_train_end(trainer, trainer)
    assert read_losses(tmp_path / NAME) == {1: {"loss": 3.0}, 2: {"loss": 12.0}}


def test_one_process_of_several_has_nothing_to_keep(tmp_path: Path) -> None:
    kept = FirstLosses(tmp_path)
    batch_ends(kept, torch.tensor(1.0), step=1, processes=2)
    assert kept.losses == {}


def test_lines_that_are_no_rows_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("step,metric,value\n1,loss,0.5\nhalf a li")
    assert read_losses(tmp_path / NAME) == {1: {"loss": 0.5}}
    assert read_losses(tmp_path / "none") == {}


def test_what_is_no_row_of_anybodys_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(f"step,metric,value\n1,{'x' * 200_000},1\n2,loss,2.0\nx,loss,1\n3,loss\n")
    assert read_losses(tmp_path / NAME)[2] == {"loss": 2.0}
