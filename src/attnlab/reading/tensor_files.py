"""Files of torch's: tensors among plain values, read without torch's own unpickler and checked before room is made.

Tensors are named in a pickle, and their numbers lie beside it: in a zip archive, or, as torch before 1.6 wrote them, in
one row after it.
"""

import io
import pickle
import struct
import sys
import zipfile
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch

from attnlab.reading.bounds import RECORD, bound, open_file, physical_memory, read_file, too_large
from attnlab.reading.pickles import Made, PlainUnpickler, Refused, Stated, check_keys, check_plain

LEGACY_MAGIC, LEGACY_PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
OF_ZIP = b"PK\3\4"
SAID = 200  # letters of what a library says


class Malformed(ValueError):
    """A file isn't one of torch's, or not a whole one, or holds what no run writes; says what is wrong."""


@dataclass(frozen=True, eq=False)
class _Storage:
    """The numbers of one tensor, or of several."""

    key: str
    dtype: torch.dtype
    numel: int

    @property
    def nbytes(self) -> int:
        return self.numel * self.dtype.itemsize


@dataclass(frozen=True, eq=False)
class _Stored:
    """A tensor, before there is room for it."""

    storage: _Storage
    dtype: torch.dtype
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


class _Ordered(dict[Any, Any], Stated):
    """What stands for an OrderedDict; a state dict's has the versions of its modules as an attribute."""

    metadata: Any = None

    def take(self, state: Any) -> None:
        if not isinstance(state, dict) or set(state) - {"_metadata"}:
            raise ValueError("a dict has attributes")
        self.metadata = state.get("_metadata")


def read_tensor_file(path: Path) -> Any:
    """The value in a file that `torch.save` wrote, its tensors on the CPU.

    Raises:
        Malformed: it isn't one, is damaged, or says of its tensors what can't be.
        Refused: it holds objects other than tensors and plain values.
        OSError: it can't be read, or is larger than this machine's memory.
    """
    try:
        with open_file(path) as file:
            size = file.seek(0, io.SEEK_END)
            if size > (most := bound(physical_memory())):
                raise too_large(path, most)
            if zipfile.is_zipfile(file):
                return _read_zip(file, size)
            file.seek(0)
            if not size or file.read(len(OF_ZIP)) == OF_ZIP:  # a zip archive has its contents at its end
                raise Malformed("it is cut short" if size else "it is empty")
        return _read_legacy(io.BytesIO(read_file(path, mib=physical_memory())))
    except (Malformed, Refused, MemoryError, OSError):
        raise
    except Exception as error:  # a damaged file makes a library raise almost anything
        said = " ".join(str(error).split())[:SAID]
        raise Malformed(said if type(error) is ValueError else f"{type(error).__name__}: {said}") from error


def _read_zip(file: BinaryIO, size: int) -> Any:
    with zipfile.ZipFile(file) as archive:
        entries = {each.filename: each for each in archive.infolist()}
        if any(each.compress_type != zipfile.ZIP_STORED for each in entries.values()):
            raise Malformed("its parts are packed")
        if len(entries) < len(archive.infolist()) or sum(each.file_size for each in entries.values()) > size:
            raise Malformed("its parts share their bytes")
        named = [name for name in entries if name.endswith("/data.pkl") and name.count("/") == 1]
        if len(named) != 1:
            raise Malformed("it has no data.pkl")
        prefix = named[0].removesuffix("data.pkl")
        if f"{prefix}byteorder" in entries and archive.read(f"{prefix}byteorder").decode() != sys.byteorder:
            raise Malformed("its numbers are of the other byte order")
        if entries[named[0]].file_size > (most := bound(RECORD)):
            raise too_large(str(archive.filename), most, what="its plain values have")
        storages: dict[str, _Storage] = {}
        found = _unpickled(io.BytesIO(archive.read(named[0])), storages)
        for each in storages.values():
            entry = entries.get(f"{prefix}data/{each.key}")
            if entry is None or entry.file_size != each.nbytes:
                raise Malformed(f"its part data/{each.key} isn't of the {each.nbytes} bytes that it should have")
        check_plain(found, _LEAVES, most=most)
        numbers = {each.key: _of_bytes(archive.read(f"{prefix}data/{each.key}")) for each in storages.values()}
        for name in entries.keys() - {named[0], *(f"{prefix}data/{each}" for each in storages)}:
            archive.read(name)  # which compares checksums: damage is told where it does no harm, too
    return _finished(found, numbers, {})


def _read_legacy(file: io.BytesIO) -> Any:
    left = file.getbuffer().nbytes
    if file.getvalue()[:1] != pickle.PROTO:  # a text may look like a pickle of the first protocol
        raise Malformed("it is no file of torch's")
    try:
        heads = [_unpickled(file, {}) for _ in range(2)]
    except (Malformed, Refused, MemoryError):
        raise
    except Exception as error:  # what bytes of any other kind come to
        raise Malformed("it is no file of torch's") from error
    if heads != [LEGACY_MAGIC, LEGACY_PROTOCOL]:
        raise Malformed("it is no file of torch's")
    system = _unpickled(file, {})
    if not isinstance(system, dict) or system.get("little_endian") is not (sys.byteorder == "little"):
        raise Malformed("its numbers are of the other byte order")
    storages: dict[str, _Storage] = {}
    found, keys = _unpickled(file, storages), _unpickled(file, {})
    named = isinstance(keys, list) and all(isinstance(each, str) for each in keys)
    if not named or sorted(keys) != sorted(storages):
        raise Malformed("it doesn't hold the numbers of its tensors")
    check_plain(found, _LEAVES, most=left)
    numbers = {}
    for key in keys:
        [numel] = struct.unpack("<q", file.read(8))
        content = file.read(storages[key].nbytes) if numel == storages[key].numel else b""
        if numel != storages[key].numel or len(content) != storages[key].nbytes:
            raise Malformed(f"it doesn't hold the {storages[key].numel} numbers of {key}")
        numbers[key] = _of_bytes(content)
    return _finished(found, numbers, {})


def _unpickled(file: io.BytesIO, storages: dict[str, _Storage]) -> Any:
    """The plain values of a pickle, with the `storages` that it names noted."""

    def kept(stated: Any) -> _Storage:
        kind, storage_type, key, _, numel, *view = stated
        if kind != "storage" or not isinstance(storage_type, _StorageType) or view not in ([], [None]):
            raise Malformed("it names what is no storage")
        if not isinstance(key, str) or not _is_count(numel):
            raise Malformed("a storage is of no number of values")
        storage = _Storage(key, storage_type.dtype, numel)
        known = storages.setdefault(key, storage)
        if (known.dtype, known.numel) != (storage.dtype, storage.numel):
            raise Malformed(f"the storage {key} is said to be of two kinds")
        return known

    return PlainUnpickler(file, known=_KNOWN, kept=kept).load()


def _of_bytes(content: bytes) -> torch.UntypedStorage:
    room = torch.empty(len(content), dtype=torch.uint8)  # torch's own, for its alignment
    room.numpy()[:] = np.frombuffer(content, np.uint8)
    return room.untyped_storage()


def _finished(value: Any, numbers: dict[str, torch.UntypedStorage], done: dict[int, Any]) -> Any:
    """The value with its tensors; what stood in two places still does."""
    if id(value) in done:
        return done[id(value)]
    found = value
    if isinstance(value, _Stored):
        found = torch.empty(0, dtype=value.dtype)
        found.set_(numbers[value.storage.key], value.offset, value.size, value.stride)
    elif isinstance(value, _Storage):
        raise Malformed("it holds a storage that is no tensor's")
    elif isinstance(value, Counter):
        return value
    elif isinstance(value, dict):
        found = {key: _finished(each, numbers, done) for key, each in value.items()}
        if isinstance(value, _Ordered):
            found = OrderedDict(found)
            if value.metadata is not None:
                vars(found)["_metadata"] = _versions(value.metadata)  # where torch has it
    elif type(value) in (list, tuple):
        found = type(value)(_finished(each, numbers, done) for each in value)
    done[id(value)] = found
    return found


def _versions(metadata: Any) -> OrderedDict[str, dict[str, Any]]:
    """Of the modules that wrote a state dict, by their names."""
    found = OrderedDict(metadata if isinstance(metadata, dict) else {"": metadata})
    for name, each in found.items():
        inner = each.items() if isinstance(each, dict) else [(None, None)]
        if not all(isinstance(key, str) for key in (name, *(key for key, _ in inner))):
            raise Malformed("a dict's modules have no versions")
        if not all(isinstance(version, int | None) for _, version in inner):
            raise Malformed("a module's version is no number")
    return OrderedDict((name, dict(each)) for name, each in found.items())


def _tensor(storage: Any, offset: Any, size: Any, stride: Any, requires_grad: Any, hooks: Any, *more: Any) -> _Stored:
    """As torch's `_rebuild_tensor_v2`; that of version 3 has a dtype after the others."""
    if not isinstance(storage, _Storage) or not _is_count(offset) or not (_are_counts(size) and _are_counts(stride)):
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
    return _Stored(storage, dtype, offset, tuple(size), tuple(stride))


def _parameter(data: Any, requires_grad: Any, hooks: Any) -> _Stored:
    """As torch's `_rebuild_parameter`: to us a tensor."""
    if not isinstance(data, _Stored) or hooks:
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


def _ordered(pairs: Any) -> _Ordered:
    check_keys(name for name, _ in pairs)
    return _Ordered(pairs)


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
_LEAVES = (int, float, bool, type(None), torch.dtype, torch.Size, torch.device, _Stored)
