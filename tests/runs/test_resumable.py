"""A checkpoint that was damaged or made by hand is one line that names it, and no run goes on from it."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny import run, write_corpus
from tiny_checkpoint import going_on

from attnlab.errors import UserError
from attnlab.runs.resumable import check_resumable

Change = Callable[[dict[str, Any]], Any]
OURS = "attnlab.Checkpoints"


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda c: c.update(global_step="3"), "global_step is '3'"),
        (lambda c: c.update(global_step=True), "global_step is True"),
        (lambda c: c.pop("loops"), "loops is lacking"),
        (lambda c: c.update(loops={}), "loops.fit_loop is lacking"),
        (lambda c: c.update(optimizer_states=3), "optimizer_states is int"),
        (lambda c: c.update(optimizer_states=[{"state": {}}]), r"optimizer_states\[0\] has no param_groups"),
        (lambda c: c.update(lr_schedulers=[{}]), r"lr_schedulers\[0\] has no last_epoch"),
        (lambda c: c["callbacks"].pop(OURS), f"callbacks.{OURS} is lacking"),
        (lambda c: c["callbacks"][OURS].update(batches=-1), "batches is -1"),
        (lambda c: c["callbacks"][OURS].update(best_score="high"), "best_score and elapsed are 'high' and 0.5"),
        (lambda c: c["callbacks"][OURS].update(random_states=[]), "random_states is empty"),
        (lambda c: c["callbacks"][OURS]["random_states"][0].update(python=[3, [1], None]), "ValueError: state vector"),
        (lambda c: c["callbacks"][OURS]["random_states"][0].pop("torch"), "KeyError: 'torch'"),
    ],
)
def test_what_a_file_lacks_for_going_on_is_named(change: Change, said: str) -> None:
    stored = going_on(3)
    check_resumable(stored, Path("a.ckpt"))
    change(stored)
    with pytest.raises(UserError, match=f"^this checkpoint is damaged, got a.ckpt: {said}"):
        check_resumable(stored, Path("a.ckpt"))


def _optimizer(stored: dict[str, Any]) -> dict[str, Any]:
    state: dict[str, Any] = stored["optimizer_states"][0]
    return state


def _name_of_weights(stored: dict[str, Any]) -> str:
    return next(name for name, value in stored["state_dict"].items() if value.dim() == 2)


DAMAGES: list[tuple[Change, str]] = [
    (lambda c: c["state_dict"].update({_name_of_weights(c): torch.ones(2, 3)}), "size mismatch"),
    (lambda c: _optimizer(c)["state"].clear(), "optimizer_states[0] is empty after 4 updates"),
    (lambda c: _optimizer(c)["state"][0].update(exp_avg=torch.ones(5, 7)), "has exp_avg (5, 7) for weights"),
    (lambda c: _optimizer(c)["param_groups"][0].update(betas=["x", 0.9]), "param_groups.betas is 'x'"),
    (lambda c: c["lr_schedulers"].clear(), "lr_schedulers are 0 for 1"),
    (lambda c: c.update(global_step=3), "global_step is 3, and the loops say 4"),
    (lambda c: c.update(train_loss=[["x", 1.0]]), "train_loss is 'x'"),
]


def test_a_run_goes_on_from_no_damaged_checkpoint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    more = ("output_dir=run", "trainer.accelerator=cpu", "callbacks=null", "trainer.max_steps=4", "task.beam_size=1")
    assert run(corpus, *more) == 0
    path = Path("run/checkpoints/last.ckpt")
    whole = torch.load(path, weights_only=True)
    Path("run/metrics.json").unlink()
    for change, said in DAMAGES:
        stored = copy.deepcopy(whole)
        change(stored)
        torch.save(stored, path)
        capsys.readouterr()
        assert run(corpus, *more) == 2, said
        (line,) = [each for each in capsys.readouterr().err.splitlines() if "error: " in each]
        assert line.startswith(f"error: this checkpoint is damaged, got {path}: "), line
        assert said in line
    torch.save(whole, path)
    assert run(corpus, *more) == 0
