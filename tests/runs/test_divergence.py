"""Weights that are no numbers are told, with what is left."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from torch import nn

from attnlab.runs.checkpoint_folder import CheckpointFolder
from attnlab.runs.divergence import check_finite, last_good


def test_one_weight_that_is_no_number_is_enough() -> None:
    net = nn.Linear(2, 3)
    strategy = SimpleNamespace(root_device=torch.device("cpu"), reduce=lambda value, reduce_op: value)
    trainer = cast(Any, SimpleNamespace(lightning_module=net, optimizers=[], strategy=strategy, global_step=5))
    check_finite(trainer)
    net.bias.data[1] = torch.nan
    with pytest.raises(FloatingPointError, match=r"^weights are not numbers at update 5, and last\.ckpt stays"):
        check_finite(trainer)


def test_without_a_checkpoint_there_is_none_to_name() -> None:
    assert last_good(CheckpointFolder(Path("none"), keep=2)) == "there is no checkpoint yet"
