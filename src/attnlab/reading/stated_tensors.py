"""What a pickle of torch's says of tensors, before there is room for them: what can't be is refused."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import torch

from attnlab.reading.pickles import Made, PlainUnpickler, Stated, check_keys


class Malformed(ValueError):
    """A file isn't one of torch's, or not a whole one, or holds what no run writes; says what is wrong."""


@dataclass(frozen=True, eq=False)
class Storage:
    """The numbers of one tensor, or of several."""

    key: str
    dtype: torch.dtype
    numel: int

    @property
    def nbytes(self) -> int:
        return self.numel * self.dtype.itemsize


@dataclass(frozen=True, eq=False)
class Stored:
    """A tensor, before there is room for it."""

    storage: Storage
    dtype: torch.dtype
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


class Ordered(dict[Any, Any], Stated):
    """What stands for an OrderedDict; a state dict's has the versions of its modules as an attribute."""

    metadata: Any = None

    def take(self, state: Any) -> None:
        if not isinstance(state, dict) or set(state) - {"_metadata"}:
            raise ValueError("a dict has attributes")
        self.metadata = state.get("_metadata")


def unpickled(file: BytesIO, storages: dict[str, Storage]) -> Any:
    """The plain values of a pickle, with the `storages` that it names noted."""

    def kept(stated: Any) -> Storage:
        kind, storage_type, key, _, numel, *view = stated
        if kind != "storage" or not isinstance(storage_type, _StorageType) or view not in ([], [None]):
            raise Malformed("it names what is no storage")
        if not isinstance(key, str) or not _is_count(numel):
            raise Malformed("a storage is of no number of values")
        storage = Storage(key, storage_type.dtype, numel)
        known = storages.setdefault(key, storage)
        if (known.dtype, known.numel) != (storage.dtype, storage.numel):
            raise Malformed(f"the storage {key} is said to be of two kinds")
        return known

    return PlainUnpickler(file, known=_KNOWN, kept=kept).load()


def _tensor(storage: Any, offset: Any, size: Any, stride: Any, requires_grad: Any, hooks: Any, *more: Any) -> Stored:
    """As torch's `_rebuild_tensor_v2`; that of version 3 has a dtype after the others."""
    if not isinstance(storage, Storage) or not _is_count(offset) or not (_are_counts(size) and _are_counts(stride)):
        raise Malformed("a tensor's form isn't of whole numbers")
    if not isinstance(requires_grad, bool) or hooks or len(size) != len(stride):
        raise Malformed("a tensor has hooks, or not as many strides as sides")
    dtype = next((each for each in more if isinstance(each, torch.dtype)), storage.dtype)
    if any(each for each in more if not isinstance(each, torch.dtype)):
        raise Malformed("a tensor is a view of another kind")
    count, last = 1, offset
    for side, step in zip(size, stride, strict=True):
        count, last = count * side, last + (side - 1) * step
    held = storage.nbytes // dtype.itemsize
    if count and (last >= held or count > held):
        raise Malformed(f"a tensor of {tuple(size)} is larger than its numbers, which are {held}")
    if not count and offset > held:
        raise Malformed("a tensor lies outside its numbers")
    return Stored(storage, dtype, offset, tuple(size), tuple(stride))


def _parameter(data: Any, requires_grad: Any, hooks: Any) -> Stored:
    """As torch's `_rebuild_parameter`: to us a tensor."""
    if not isinstance(data, Stored) or hooks:
        raise Malformed("a parameter is no tensor")
    return data


def _bytes(text: Any, encoding: Any) -> bytes:
    if not isinstance(text, str) or encoding != "latin1":
        raise Malformed("bytes are written otherwise than pickle does it")
    return text.encode("latin1")


def _one(kind: Callable[[Any], Any], *takes: type) -> Made:
    """A constructor of one argument, of these types."""

    def make(value: Any = ()) -> Any:
        if type(value) not in takes:
            raise Malformed(f"a value is of {type(value).__name__}")
        return kind(value)

    return Made(make)


def _ordered(pairs: Any) -> Ordered:
    check_keys(name for name, _ in pairs)
    return Ordered(pairs)


def _set(values: Any) -> set[Any]:
    check_keys(values)
    return set(values)


def _counter(values: Any) -> Counter[Any]:
    check_keys(values)
    return Counter(values)


def _size(sides: tuple[Any, ...]) -> torch.Size:
    if not _are_counts(sides):
        raise Malformed("a form isn't of whole numbers")
    return torch.Size(sides)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 1 << 62


def _are_counts(values: Any) -> bool:
    return isinstance(values, tuple) and all(map(_is_count, values))


@dataclass(frozen=True)
class _StorageType:
    """A class of storages, by its numbers."""

    dtype: torch.dtype


_STORAGES = {
    "torch.DoubleStorage": torch.float64, "torch.FloatStorage": torch.float32, "torch.HalfStorage": torch.float16,
    "torch.BFloat16Storage": torch.bfloat16, "torch.LongStorage": torch.int64, "torch.IntStorage": torch.int32,
    "torch.ShortStorage": torch.int16, "torch.CharStorage": torch.int8, "torch.ByteStorage": torch.uint8,
    "torch.BoolStorage": torch.bool, "torch.ComplexDoubleStorage": torch.complex128,
    "torch.ComplexFloatStorage": torch.complex64, "torch.storage.UntypedStorage": torch.uint8,
}  # fmt: skip
# Without those that quantized tensors have, and those of which a byte holds several.
_PARTS_OF_BYTES = tuple(f"{sign}int{bits}" for sign in ("", "u") for bits in range(1, 8))
_DTYPES = {
    str(each): each
    for each in vars(torch).values()
    if isinstance(each, torch.dtype)
    and not str(each).startswith(("torch.q", "torch.bits"))
    and str(each).removeprefix("torch.") not in _PARTS_OF_BYTES
}
_KNOWN: dict[str, Any] = {
    **{name: _StorageType(dtype) for name, dtype in _STORAGES.items()},
    **_DTYPES,
    "collections.OrderedDict": _one(_ordered, list, tuple),
    "collections.Counter": _one(_counter, dict, tuple),
    "torch.Size": _one(_size, tuple),
    "torch.device": _one(torch.device, str),
    "torch._utils._rebuild_tensor_v2": Made(_tensor),
    "torch._utils._rebuild_tensor_v3": Made(_tensor),
    "torch._utils._rebuild_parameter": Made(_parameter),
    "_codecs.encode": Made(_bytes),
    "__builtin__.set": _one(_set, list, tuple),
    "builtins.set": _one(_set, list, tuple),
}
LEAVES = (int, float, bool, type(None), torch.dtype, torch.Size, torch.device, Stored)
