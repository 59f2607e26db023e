"""Time and peak memory of every mechanism on feature maps, in training, as the maps grow.

The peer is a 3 × 3 convolution of as many channels to as many, the layer that such a mechanism follows. Those around
query-key-value attention have scaled dot-product.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from hydra.utils import instantiate
from numpy.typing import NDArray
from omegaconf import OmegaConf
from torch import Tensor, nn

from attnlab.config.compose import load_group
from benchmarks import runner
from benchmarks.against_peer import peak_rows, time_rows
from benchmarks.attention_arms import DEFINITION, OURS
from benchmarks.passes import Pass
from benchmarks.report import Row
from benchmarks.selection import Mechanism, configurations, selected

SIDES = (8, 16, 32, 64)  # of square maps
POSITIONS = 8192  # of a batch to be timed
IMAGES = 2  # whose memory is counted: the batch norm of `bam` takes no single one in training
CHANNELS = 64
CHECK_SIZE = (5, 7)
CONVOLUTION = Mechanism("convolution", {"_target_": "torch.nn.Conv2d", "bias": False, "padding": 1, "kernel_size": 3})


@dataclass(frozen=True, kw_only=True)
class Case:
    height: int
    width: int
    batch: int


def run(
    *,
    rounds: int,
    only: Sequence[str] | None = None,
    sides: Sequence[int] = SIDES,
    positions: int = POSITIONS,
) -> list[Row]:
    runner.preload(__name__)
    mechanisms = selected(feature_mechanisms(), only)
    small = Case(height=CHECK_SIZE[0], width=CHECK_SIZE[1], batch=IMAGES)
    for mechanism in mechanisms:
        runner.check_equal({arm: partial(results, arm, mechanism, small) for arm in (DEFINITION, OURS)})
    rows: list[Row] = []
    for side in sides:
        size = {"height": side, "width": side}
        batch = Case(**size, batch=max(IMAGES, positions // side**2))
        rows += time_rows(_passes(mechanisms, batch), CONVOLUTION.name, size, rounds=rounds)
        rows += peak_rows(_passes(mechanisms, Case(**size, batch=IMAGES)), CONVOLUTION.name, size)
    return rows


def feature_mechanisms() -> dict[str, Mechanism]:
    around = load_group("attention", "scaled_dot")
    found = {}
    for name, config in configurations("feature_attention"):
        root = OmegaConf.create({"attention": around, "mechanism": config})
        found[name] = Mechanism(name, OmegaConf.to_container(root.mechanism, resolve=True))
    return found


def _passes(mechanisms: Sequence[Mechanism], case: Case) -> dict[str, partial[Pass]]:
    return {each.name: partial(one_pass, OURS, each, case) for each in (CONVOLUTION, *mechanisms)}


def one_pass(arm: str, mechanism: Mechanism, case: Case) -> Pass:
    """`arm` is ours, or the mechanism's definition by its weights, where it has such."""
    torch.manual_seed(0)
    module = _build(mechanism, case)
    x, output_gradient = torch.randn(2, case.batch, CHANNELS, case.height, case.width)
    x.requires_grad_()
    by_weights = arm == DEFINITION and hasattr(module, "weights")

    def call() -> Tensor:
        output: Tensor = module.combine(module.weights(x), x) if by_weights else module(x)
        return output

    return Pass(call, leaves=[x, *module.parameters()], output_gradient=output_gradient)


def _build(mechanism: Mechanism, case: Case) -> nn.Module:
    if mechanism == CONVOLUTION:
        module: nn.Module = instantiate(mechanism.config, CHANNELS, CHANNELS)
    else:
        module = instantiate(mechanism.config)(CHANNELS, max_size=(case.height, case.width))
    return module


def results(arm: str, mechanism: Mechanism, case: Case) -> list[NDArray[np.floating]]:
    return one_pass(arm, mechanism, case).results()
