"""The process group of one run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch.distributed

NAMES = ("LOCAL_RANK", "NODE_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")

# The group that ended last, until the next one does. Freeing a group waits for its threads, with Python's lock held
# (torch 2.3); one of them may wait for that lock, to free tensors of the last collective. Later they are idle.
_ended: list[Any] = []


@contextmanager
def own_process_group() -> Iterator[None]:
    """Leaves no process group or rank behind for the next job of a sweep."""
    before = {name: os.environ.get(name) for name in NAMES}
    try:
        yield
    finally:
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            _ended[:] = [torch.distributed.group.WORLD]
            torch.distributed.destroy_process_group()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
