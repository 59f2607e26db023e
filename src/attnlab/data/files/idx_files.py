"""The IDX format, in which MNIST and its like are published."""

import math
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attnlab.errors import UserError
from attnlab.reading.bounds import ARRAYS, gunzip, read_file

UNSIGNED_BYTES = 0x08  # the format's name for this type of values


def read_idx(path: Path, *, key: str) -> NDArray[np.uint8]:
    """The array of bytes in a file, plain or gzipped (`.gz` is tried where there is no such file).

    Raises:
        UserError: missing, damaged, or no array of bytes; `key` is what the user set to get there.
    """
    found = next((p for p in (path, path.with_name(path.name + ".gz")) if p.is_file()), None)
    if found is None:
        raise UserError(f"no such file, got {path} (nor with .gz; set {key})")
    try:
        content = read_file(found, mib=ARRAYS)
        if found.suffix == ".gz":
            content = gunzip(content, found, mib=ARRAYS)
    except (OSError, EOFError, zlib.error) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise UserError(f"this file can't be read, got {found}: {said} (set {key})") from error
    return _parse(content, found)


def _parse(content: bytes, path: Path) -> NDArray[np.uint8]:
    if len(content) < 4 or content[:3] != bytes([0, 0, UNSIGNED_BYTES]):
        which = f"begins with {content[:4]!r}" if content else "is empty"
        raise UserError(f"this isn't an IDX file of bytes, got {path}, which {which}")
    start = 4 + 4 * content[3]  # after the length of each axis
    if len(content) < start:
        raise UserError(f"this file ends within its header, got {path}")
    shape = tuple(np.frombuffer(content[4:start], ">u4").tolist())
    num_values = len(content) - start
    if num_values != math.prod(shape):
        raise UserError(f"this file must hold {math.prod(shape)} values, as it says, got {num_values} in {path}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
