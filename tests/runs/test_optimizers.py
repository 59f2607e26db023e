"""An optimizer that can't train a run is refused before it, each in one line; those of torch that can aren't."""

import inspect
from functools import partial
from typing import Any

import pytest
import torch
from torch import nn

from attnlab.config.compose import compose_run
from attnlab.errors import UserError
from attnlab.runs import build
from attnlab.runs.optimizers import check_first_step, check_gradients, check_optimizer
from attnlab.runs.trainer import TrainerSettings

KINDS = [
    name
    for name, kind in vars(torch.optim).items()
    if inspect.isclass(kind) and issubclass(kind, torch.optim.Optimizer) and kind is not torch.optim.Optimizer
]
REFUSED = {"Muon": "only supports 2D parameters", "SparseAdam": "this model's gradients are dense"}


def _config(optimizer: dict[str, Any], *overrides: str) -> dict[str, Any]:
    config = build.plain(compose_run(["output_dir=run", "trainer.accelerator=cpu", *overrides]))
    config["task"]["optimizer"] = {"_partial_": True, **optimizer}
    return config


@pytest.mark.parametrize("name", KINDS)
def test_every_optimizer_of_torch_trains_or_is_refused_before_it(name: str) -> None:
    config = _config({"_target_": f"torch.optim.{name}", "lr": 0.01})
    if name in REFUSED:
        with pytest.raises(UserError, match=REFUSED[name]):
            build.rehearse(config)
    else:
        build.rehearse(config)


@pytest.mark.parametrize(
    "node, message",
    [
        ({"_target_": "torch.optim.Adam", "capturable": True}, r"^optimizer can't be made: .*capturable.*\(set optim"),
        ({"_target_": "torch.optim.SGD", "differentiable": True}, r"^optimizer can't be made: .*leaf.*\(set optimizer"),
    ],
)
def test_what_fails_at_its_first_step_is_refused_before_training(node: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        build.rehearse(_config(node))


def test_an_optimizer_that_evaluates_the_loss_itself_has_one_batch_an_update() -> None:
    """Lightning would add up the gradients of all its evaluations."""
    with pytest.raises(UserError, match=r"^LBFGS .* \(set trainer.accumulate_grad_batches=1\)$"):
        build.rehearse(_config({"_target_": "torch.optim.LBFGS"}, "trainer.accumulate_grad_batches=2"))


def _settings() -> TrainerSettings:
    return build.build_settings(_config({}))


class Unlike(torch.optim.SGD):
    def step(self, closure: Any) -> Any:  # type: ignore[override]  # as LBFGS
        return super().step(closure)


def test_what_is_no_optimizer_or_steps_unlike_others_is_refused() -> None:
    parameters, settings = [nn.Parameter(torch.zeros(3))], _settings()
    with pytest.raises(UserError, match=r"^an optimizer must be a torch.optim.Optimizer, got list"):
        check_optimizer(parameters, settings, own_steps=False)
    check_optimizer(Unlike(parameters), settings, own_steps=False)
    with pytest.raises(UserError, match=r"got Unlike \(set optimizer=\.\.\.\)$"):
        check_optimizer(Unlike(parameters), settings, own_steps=True)
    check_optimizer(torch.optim.SGD(parameters), settings, own_steps=True)


def test_gradients_are_as_sparse_as_an_optimizer_takes_them() -> None:
    dense, sparse = nn.Linear(2, 3), nn.Embedding(3, 2, sparse=True)
    check_gradients(torch.optim.SGD(dense.parameters()), dense)
    check_gradients(torch.optim.SparseAdam(sparse.parameters()), sparse)
    with pytest.raises(UserError, match=r"^this model's gradients are dense, .* got SparseAdam"):
        check_gradients(torch.optim.SparseAdam(list(dense.parameters())), dense)
    check_first_step(partial(torch.optim.SparseAdam), sparse, on_cpu=True)
    with pytest.raises(UserError, match=r"sparse gradients"):
        check_first_step(partial(torch.optim.AdamW), sparse, on_cpu=True)


def test_what_only_a_gpu_can_is_no_mistake_on_one() -> None:
    check_first_step(partial(torch.optim.Adam, capturable=True), nn.Linear(2, 3), on_cpu=False)
