"""Weights in files of others': tensors by their names, read without running a line of what a file holds."""

import json
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from attnlab.errors import UserError, one_line

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
    try:
        stored = _read_safetensors(path) if path.suffix == ".safetensors" else _read_torch(path)
    except FileNotFoundError as error:
        raise UserError(f"no such file of weights, got {path} (set {key})") from error
    except pickle.UnpicklingError as error:
        raise UserError(
            f"a file of weights holds tensors and plain values alone, got others in {path} (save a state_dict, or set "
            f"{key})"
        ) from error
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
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
    return torch.load(path, map_location="cpu", weights_only=True)


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    """A header of names, types, shapes and places in JSON, before which its length stands, and then the bytes."""
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    if start > len(content):
        raise ValueError("it is cut short")
    header = json.loads(content[8:start])
    header.pop("__metadata__", None)
    found = {}
    for name, each in header.items():
        first, last = each["data_offsets"]
        part = bytearray(content[start + first : start + last])
        kind = SAFETENSORS[each["dtype"]]
        found[name] = torch.frombuffer(part, dtype=kind).view(each["shape"]) if part else torch.zeros(each["shape"])
    return found
