"""Weights in files of others': tensors by their names, read without running a line of what a file holds."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from attnlab.config import trusted_files
from attnlab.errors import UserError, one_line
from attnlab.files import check_weight_file
from attnlab.reading.bounds import RECORD, bound, physical_memory, plain_json, read_file
from attnlab.reading.pickles import Refused
from attnlab.reading.tensor_files import read_tensor_file

WRAPPED = (
    "state_dict",
    "model_state_dict",
    "model",
    "model_ema",
    "network",
    "weights",
)  # what holds the tensors, in some
PREFIXES = ("module.", "_orig_mod.")  # which wrappers of a model put before every name
SAFETENSORS = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
    "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
}  # fmt: skip


def read_weights(path: Path, *, key: str) -> dict[str, Tensor]:
    """The tensors of a state dict in a `.safetensors` file, or in one of torch's, plain or within a checkpoint.

    Raises:
        UserError: no such file, or none of these, naming the `key` to set.
    """
    check_weight_file(path, key=key)
    try:
        stored = _read_safetensors(path) if path.suffix == ".safetensors" else _read_torch(path)
    except FileNotFoundError as error:
        raise UserError(f"no such file of weights, got {path} (set {key})") from error
    except Refused as error:
        raise UserError(
            f"a file of weights holds tensors and plain values alone, got others in {path}: {error} (save a "
            f"state_dict, or set {key})"
        ) from error
    except OSError as error:
        raise UserError(f"this file of weights can't be read, got {path}: {error.strerror} (set {key})") from error
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise UserError(f"this is no file of weights, got {path}: {one_line(error)[:200]} (set {key})") from error
    weights = unwrapped(stored)
    if not weights:
        raise UserError(f"a file of weights holds tensors by name, got none in {path} (set {key})")
    return weights


def unwrapped(stored: Any) -> dict[str, Tensor]:
    """The tensors by their names in the model, whatever they are wrapped in; none where there are none."""
    while isinstance(stored, Mapping):
        inner = next((stored[name] for name in WRAPPED if isinstance(stored.get(name), Mapping)), None)
        if inner is None:
            break
        stored = inner
    if not isinstance(stored, Mapping):
        return {}
    weights = {str(name): value for name, value in stored.items() if isinstance(value, Tensor)}
    for prefix in PREFIXES:
        if weights and all(name.startswith(prefix) for name in weights):
            weights = {name.removeprefix(prefix): value for name, value in weights.items()}
    return weights


def _read_torch(path: Path) -> Any:
    trusted_files.check_file(path)
    return read_tensor_file(path)


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    """A header of names, types, shapes and places in JSON, before which its length stands, and then the bytes."""
    content = read_file(path, mib=physical_memory())
    start = 8 + int.from_bytes(content[:8], "little")
    if start > len(content):
        raise ValueError("it is cut short")
    if start > bound(RECORD):
        raise ValueError(f"its header is of {start} bytes")
    header = plain_json(content[8:start].decode())
    header.pop("__metadata__", None)
    taken, found = 0, {}
    for name, each in header.items():
        (first, last), kind, shape = each["data_offsets"], SAFETENSORS[each["dtype"]], each["shape"]
        if not all(type(side) is int and side >= 0 for side in (first, last, *shape)):
            raise ValueError(f"{name} isn't of whole numbers")
        taken += last - first
        if last - first != kind.itemsize * math.prod(shape) or start + last > len(content) or taken > len(content):
            raise ValueError(f"{name} isn't of the bytes that it should have")
        part = bytearray(content[start + first : start + last])
        found[name] = torch.frombuffer(part, dtype=kind).view(shape) if part else torch.zeros(shape, dtype=kind)
    return found
