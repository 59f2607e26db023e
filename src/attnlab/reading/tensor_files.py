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
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch

from attnlab.reading.bounds import RECORD, bound, open_file, physical_memory, read_file, too_large
from attnlab.reading.pickles import Refused, check_plain
from attnlab.reading.stated_tensors import LEAVES, Malformed, Ordered, Storage, Stored, unpickled

LEGACY_MAGIC, LEGACY_PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
OF_ZIP = b"PK\3\4"
SAID = 200  # letters of what a library says


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
        storages: dict[str, Storage] = {}
        found = unpickled(io.BytesIO(archive.read(named[0])), storages)
        for each in storages.values():
            entry = entries.get(f"{prefix}data/{each.key}")
            if entry is None or entry.file_size != each.nbytes:
                raise Malformed(f"its part data/{each.key} isn't of the {each.nbytes} bytes that it should have")
        check_plain(found, LEAVES, most=most)
        numbers = {each.key: _of_bytes(archive.read(f"{prefix}data/{each.key}")) for each in storages.values()}
        for name in entries.keys() - {named[0], *(f"{prefix}data/{each}" for each in storages)}:
            archive.read(name)  # which compares checksums: damage is told where it does no harm, too
    return _finished(found, numbers, {})


def _read_legacy(file: io.BytesIO) -> Any:
    left = file.getbuffer().nbytes
    if file.getvalue()[:1] != pickle.PROTO:  # a text may look like a pickle of the first protocol
        raise Malformed("it is no file of torch's")
    try:
        heads = [unpickled(file, {}) for _ in range(2)]
    except (Malformed, Refused, MemoryError):
        raise
    except Exception as error:  # what bytes of any other kind come to
        raise Malformed("it is no file of torch's") from error
    if heads != [LEGACY_MAGIC, LEGACY_PROTOCOL]:
        raise Malformed("it is no file of torch's")
    system = unpickled(file, {})
    if not isinstance(system, dict) or system.get("little_endian") is not (sys.byteorder == "little"):
        raise Malformed("its numbers are of the other byte order")
    storages: dict[str, Storage] = {}
    found, keys = unpickled(file, storages), unpickled(file, {})
    named = isinstance(keys, list) and all(isinstance(each, str) for each in keys)
    if not named or sorted(keys) != sorted(storages):
        raise Malformed("it doesn't hold the numbers of its tensors")
    check_plain(found, LEAVES, most=left)
    numbers = {}
    for key in keys:
        [numel] = struct.unpack("<q", file.read(8))
        content = file.read(storages[key].nbytes) if numel == storages[key].numel else b""
        if numel != storages[key].numel or len(content) != storages[key].nbytes:
            raise Malformed(f"it doesn't hold the {storages[key].numel} numbers of {key}")
        numbers[key] = _of_bytes(content)
    return _finished(found, numbers, {})


def _of_bytes(content: bytes) -> torch.UntypedStorage:
    room = torch.empty(len(content), dtype=torch.uint8)  # torch's own, for its alignment
    room.numpy()[:] = np.frombuffer(content, np.uint8)
    return room.untyped_storage()


def _finished(value: Any, numbers: dict[str, torch.UntypedStorage], done: dict[int, Any]) -> Any:
    """The value with its tensors; what stood in two places still does."""
    if id(value) in done:
        return done[id(value)]
    found = value
    if isinstance(value, Stored):
        found = torch.empty(0, dtype=value.dtype)
        found.set_(numbers[value.storage.key], value.offset, value.size, value.stride)
    elif isinstance(value, Storage):
        raise Malformed("it holds a storage that is no tensor's")
    elif isinstance(value, Counter):
        return value
    elif isinstance(value, dict):
        found = {key: _finished(each, numbers, done) for key, each in value.items()}
        if isinstance(value, Ordered):
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
