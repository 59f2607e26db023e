"""What a task hands out besides its metrics."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import torch.distributed
from torch import Tensor


class Prediction(TypedDict):
    """One line of `predictions.jsonl`, and of `attnlab predict --json` (which has no target)."""

    id: int
    input: str
    output: Any  # a text, or what the task finds in one
    target: Any
    score: float
    details: dict[str, Any]


@dataclass(frozen=True)
class AttentionPicture:
    """Weights (H, Tq, Tk) with the labels of their rows and columns."""

    name: str
    title: str
    weights: Tensor
    query_labels: Sequence[str]
    key_labels: Sequence[str]


def gather_predictions(mine: Sequence[Prediction]) -> list[Prediction]:
    """The predictions of all processes, in the order of their ids, each once."""
    parts: list[Any] = [list(mine)]
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        parts = [None] * torch.distributed.get_world_size()
        torch.distributed.all_gather_object(parts, list(mine))
    unique = {prediction["id"]: prediction for part in parts for prediction in part}
    return [unique[key] for key in sorted(unique)]
