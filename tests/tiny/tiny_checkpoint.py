"""What a checkpoint holds for training to go on, without a training."""

from typing import Any

import torch

from attnlab.runs.random_state import random_state


def going_on(step: int) -> dict[str, Any]:
    """Of a run that has come to `step`."""
    ours = {"best_score": None, "best_step": 0, "elapsed": 0.5, "batches": step}
    return {
        "global_step": step,
        "loops": {"fit_loop": {}},
        "callbacks": {"attnlab.Checkpoints": ours | {"random_states": [random_state(torch.device("cpu"))]}},
        "environment": {},
        "optimizer_states": [],
        "lr_schedulers": [],
    }
