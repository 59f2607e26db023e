"""IDX files, plain or packed, and what is said of a damaged one."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from attnlab.data.files.idx_files import read_idx
from attnlab.errors import UserError


def _idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def test_idx_files_of_any_shape_plain_or_packed(tmp_path: Path) -> None:
    array = np.arange(2 * 3 * 5, dtype=np.uint8).reshape(2, 3, 5)
    (tmp_path / "plain").write_bytes(_idx(array))
    (tmp_path / "packed.gz").write_bytes(gzip.compress(_idx(array)))
    for name in ("plain", "packed"):
        assert np.array_equal(read_idx(tmp_path / name, key="data.root"), array)


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "isn't an IDX file of bytes, got .*, which is empty"),
        (b"\0\0\x0d\x01" + bytes(8), "isn't an IDX file"),  # of floats
        (_idx(np.zeros((2, 3), np.uint8))[:9], "ends within its header"),
        (_idx(np.zeros((2, 3), np.uint8))[:-1], "must hold 6 values, as it says, got 5"),
        (_idx(np.zeros((2, 3), np.uint8)) + b"\0", "must hold 6 values, as it says, got 7"),
    ],
)
def test_a_damaged_idx_file_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "bad").write_bytes(content)
    with pytest.raises(UserError, match=message) as caught:
        read_idx(tmp_path / "bad", key="data.root")
    assert str(tmp_path / "bad") in str(caught.value)


def test_a_broken_gz_and_a_missing_file_are_named(tmp_path: Path) -> None:
    (tmp_path / "bad.gz").write_bytes(gzip.compress(bytes(1000))[:20])
    for name, message in (("bad", "can't be read, got .*bad.gz"), ("none", r"no such file, got .*none \(nor with .gz")):
        with pytest.raises(UserError, match=message):
            read_idx(tmp_path / name, key="data.root")
