"""Arrays in files: numpy's archives, and the pickles that hold CIFAR, without running or trusting what they say."""

import io
import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from attnlab.reading.bounds import ARRAYS, RECORD, bound, open_file, read_file, too_large
from attnlab.reading.pickles import Made, PlainUnpickler, Stated, check_plain

BYTES = "u1"  # numpy's name for the type of values that images have


def read_npz(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of numbers in an `.npz` file by their names.

    Raises:
        OSError: it can't be read, or unpacks to more than is read of arrays.
        ValueError, zipfile.BadZipFile, zlib.error: it is damaged, or an array isn't of the size that it says.
    """
    with open_file(path) as file, zipfile.ZipFile(file) as archive:
        most = bound(ARRAYS)
        if sum(each.file_size for each in archive.infolist()) > most:
            raise too_large(path, most, what="it unpacks to")
        return {each.filename.removesuffix(".npy"): _array(archive.read(each)) for each in archive.infolist()}


def _array(content: bytes) -> NDArray[Any]:
    file = io.BytesIO(content)
    version = npy.read_magic(file)
    read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, in_columns, dtype = read_header(file)
    if dtype.hasobject or len(content) - file.tell() != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"an array of {shape} isn't of {len(content) - file.tell()} bytes")
    values = np.frombuffer(content, dtype, offset=file.tell())
    return values.reshape(shape, order="F" if in_columns else "C")


def read_pickled_arrays(path: Path) -> dict[Any, Any]:
    """The plain values in a pickled dict, arrays of bytes among them; texts of Python 2 are bytes.

    Raises:
        OSError: it can't be read, or is larger than is read of arrays.
        Exception: of almost any kind, for a damaged pickle or one of other things.
    """
    found = PlainUnpickler(io.BytesIO(read_file(path, mib=ARRAYS)), known=_KNOWN, encoding="bytes").load()
    if not isinstance(found, dict):
        raise ValueError(f"it holds a {type(found).__name__}")
    check_plain(found, (int, float, bool, type(None), _Array), most=bound(RECORD))
    return {name: value.values if isinstance(value, _Array) else value for name, value in found.items()}


class _Type(Stated):
    """What stands for numpy's type of bytes, whatever state a pickle gives it: numpy would believe that."""

    def take(self, state: Any) -> None:
        pass


class _Array(Stated):
    """What stands for an array, till its state says what is in it."""

    values: NDArray[np.uint8] | None = None

    def take(self, state: Any) -> None:
        _, shape, kind, in_columns, content = state
        if not isinstance(kind, _Type) or not isinstance(content, bytes):
            raise ValueError("an array isn't of bytes")
        self.values = np.frombuffer(content, np.uint8).reshape(shape, order="F" if in_columns else "C")


def _type(name: Any, *_more: Any) -> _Type:
    if name not in (BYTES, BYTES.encode()):
        raise ValueError("arrays must be of bytes")
    return _Type()


def _text(text: str, encoding: str) -> bytes:
    if encoding != "latin1":
        raise ValueError("bytes are written otherwise than pickle does it")
    return text.encode("latin1")


_KNOWN = {
    **{f"numpy.{core}.multiarray._reconstruct": Made(lambda *_: _Array()) for core in ("core", "_core")},
    "numpy.ndarray": "an array",
    "numpy.dtype": Made(_type),
    "_codecs.encode": Made(_text),
}
