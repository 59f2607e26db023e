"""What a machine does to a run, as one line that names what to change: no memory, or processes that are gone."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch.distributed

from attnlab.data.loading.prefetched import lost_worker
from attnlab.errors import Fault, UserError
from attnlab.launch.ending import amount_asked, untold_without_memory

# Errors of no kind of their own, of what carries messages between a run's processes.
CARRIER = re.compile(r"\bgloo\b|\bNCCL\b|c10d")
REASON = re.compile(r"Connection (?:reset|closed) by peer|Broken pipe|Timed out waiting \d+ ?ms|Connection refused")
NEXT = "the same command goes on from the last checkpoint, if there is one"


@contextmanager
def faults_named(config: Mapping[str, Any], *, batches: bool) -> Iterator[None]:
    """Around what a run does; `batches` once it computes with them, which then are what takes the memory.

    Raises:
        Fault: in the place of an error that tells of the machine.
    """
    try:
        yield
    except Fault:
        raise
    except Exception as error:
        message = _message(error, config if batches else None)
        if message is None:
            raise
        raise Fault(message) from error


@contextmanager
def lost_workers_named() -> Iterator[None]:
    """Around what uses batches without a run.

    Raises:
        Fault: a process that made them has ended.
    """
    try:
        yield
    except RuntimeError as error:
        if (lost := lost_worker(error)) is None:
            raise
        raise Fault(lost) from error


def _message(error: Exception, config: Mapping[str, Any] | None) -> str | None:
    said = " ".join(str(error).split())
    if (cause := untold_without_memory(error)) is not None:
        return no_memory(cause, config)
    if isinstance(error, UserError):
        return None
    if isinstance(error, FileNotFoundError) and config is not None and (gone := _gone(error, config)) is not None:
        return f"a run's files must stay while it trains, got {gone}, which is gone ({NEXT})"
    if (lost := lost_worker(error)) is not None:
        return lost
    if isinstance(error, torch.distributed.DistError) or (isinstance(error, RuntimeError) and CARRIER.search(said)):
        reason = found[0] if (found := REASON.search(said)) else said
        return (
            f"the processes of a run must reach each other, got {reason} (one has ended, or is out of reach: see what "
            f"it said last; {NEXT})"
        )
    return None


def _gone(error: FileNotFoundError, config: Mapping[str, Any]) -> Path | None:
    """Of a run's own file, or of one that it was about to write, what has been taken away."""
    directory, path = Path(config["output_dir"]), Path(str(error.filename))
    if not path.is_relative_to(directory):
        return None
    return next((each for each in (directory, *reversed(path.parents), path) if not each.exists()), path)


def no_memory(error: BaseException, config: Mapping[str, Any] | None) -> str:
    """What to tell of memory that gave out; `config` where batches took it."""
    more = amount_asked(error)
    if config is None:
        return f"there must be memory for data and model, got none{more} (set smaller values of model.*, or less data)"
    data = config["data"]
    key = next((each for each in ("batch_tokens", "batch_size") if each in data), None)
    if key is None:
        return f"there must be memory for a batch, got none{more} (set smaller values of data.* or model.*)"
    least = f"a lower data.{key}, or " if data[key] != 1 else ""
    return f"there must be memory for a batch, got data.{key}={data[key]}{more} (set {least}smaller values of model.*)"
