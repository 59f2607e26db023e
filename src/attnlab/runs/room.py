"""Whether a model's weights find room in this machine's memory, found before any of them is made."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn

from attnlab.errors import UserError
from attnlab.launch.resources import memory_bytes
from attnlab.runs.precision import is_cpu
from attnlab.runs.trainer import TrainerSettings

GB = 10**9
# Groups by whose numbers a model is made; those of the data stand in the model's a second time.
SIZING = ("data", "tokenizer", "model", "attention", "feature_attention")


def check_room(task: nn.Module, config: Mapping[str, Any], settings: TrainerSettings) -> None:
    """Look at a task on the meta device, whose weights take no room yet.

    Raises:
        UserError: they alone would take more than there is, with the largest number that they are made by.
    """
    needed = sum(each.numel() * each.element_size() for each in (*task.parameters(), *task.buffers()))
    memory, where = memory_bytes(), "this machine's memory"
    if not is_cpu(settings.accelerator) and torch.cuda.is_available():
        memory, where = torch.cuda.get_device_properties(0).total_memory, "the GPU's memory"
    if settings.sharded:
        needed //= settings.world_size
    if needed > memory:
        key, size = max(_sizes(config), key=lambda each: each[1], default=("model.dim", 0))
        raise UserError(
            f"a model's weights must find room in {where} of {memory / GB:.0f} GB, got {needed / GB:.0f} GB of them by "
            f"{key}={size} (set {key})"
        )


def _sizes(config: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Whole numbers of what a model is made of, by the keys that they are set by."""
    for group in SIZING:
        yield from _whole(config.get(group), group)


def _whole(node: Any, key: str) -> Iterator[tuple[str, int]]:
    if isinstance(node, Mapping):
        for name, child in node.items():
            if (where := f"{key}.{name}") not in ("model.attention", "model.feature_attention", "data.tokenizer"):
                yield from _whole(child, where)
    elif isinstance(node, (list, tuple)):
        for child in node:
            yield from _whole(child, key)
    elif isinstance(node, int) and not isinstance(node, bool) and not key.endswith(("seed", "batch_tokens")):
        yield key, node
