"""Arrays are those that numpy wrote, and none is larger than the file that holds it says and has."""

import io
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.lib import format as npy

from attnlab.data.files.arrays import read_npz, read_pickled_arrays
from attnlab.reading.bounds import VARIABLE


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_are_those_that_numpy_wrote(tmp_path: Path, save: Any) -> None:
    given = {"a": np.arange(6, dtype=np.int32).reshape(2, 3), "b": np.asfortranarray(np.eye(3)), "c": np.zeros((0, 5))}
    save(tmp_path / "a.npz", **given)
    found = read_npz(tmp_path / "a.npz")
    assert found.keys() == given.keys()
    assert all(np.array_equal(found[name], given[name]) and found[name].dtype == given[name].dtype for name in given)


def _npz(path: Path, shape: tuple[int, ...], content: bytes, descr: str = "|u1") -> Path:
    file = io.BytesIO()
    npy.write_array_header_1_0(file, {"descr": descr, "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", file.getvalue() + content)
    return path


@pytest.mark.parametrize(
    "shape, content", [((1 << 60,), b"abc"), ((2,), b"abc"), ((4,), b"abc"), ((1 << 40, 0, 3), b"x")]
)
def test_an_array_of_another_size_than_it_says_is_refused(
    tmp_path: Path, shape: tuple[int, ...], content: bytes
) -> None:
    assert read_npz(_npz(tmp_path / "good.npz", (3,), b"abc"))["a"].tobytes() == b"abc"
    with pytest.raises(ValueError, match=r"isn't of \d bytes"):
        read_npz(_npz(tmp_path / "a.npz", shape, content))


def test_an_array_of_objects_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="isn't of"):
        read_npz(_npz(tmp_path / "a.npz", (1,), pickle.dumps(1), "|O"))


def test_an_archive_that_unpacks_without_an_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _npz(tmp_path / "a.npz", (3 << 20,), bytes(3 << 20))
    assert path.stat().st_size < 1 << 20
    monkeypatch.setenv(VARIABLE, "1")
    with pytest.raises(OSError, match="it unpacks to more than 1 MiB"):
        read_npz(path)


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_pickled_arrays_are_those_that_numpy_wrote(tmp_path: Path, protocol: int) -> None:
    data = np.asfortranarray(np.arange(6, dtype=np.uint8).reshape(2, 3))
    (tmp_path / "a").write_bytes(pickle.dumps({b"data": data, b"labels": [1, 2]}, protocol=protocol))
    found = read_pickled_arrays(tmp_path / "a")
    assert np.array_equal(found[b"data"], data)
    assert found[b"labels"] == [1, 2]


class _Reduced:
    def __init__(self, *reduced: Any) -> None:
        self.reduced = reduced

    def __reduce__(self) -> Any:
        return self.reduced


def _array(dtype: Any, content: Any = b"abcd") -> Any:
    made = np.zeros(0, np.uint8).__reduce__()
    return _Reduced(made[0], made[1], (1, (4,), dtype, False, content))


@pytest.mark.parametrize(
    "value",
    [
        _array(np.dtype("O"), [1, 2, 3, 4]),
        _array(np.dtype("u8")),
        _array(_Reduced(np.dtype, ("O8", False, True), (3, "|", None, None, None, -1, -1, 63))),
        # A type of bytes whose state says that its values are objects, at addresses that the file chooses.
        _array(_Reduced(np.dtype, ("V8", False, True), (3, "|", None, ("f",), {"f": (np.dtype("O"), 0)}, 8, 1, 27))),
        _array(np.dtype("u1"), [1, 2, 3, 4]),
        _array(np.dtype("u1"), b"abc"),
        _Reduced(os.system, ("touch evil",)),
    ],
)
def test_types_that_reach_memory_are_refused(tmp_path: Path, value: Any) -> None:
    for protocol in (2, 4):
        (tmp_path / "a").write_bytes(pickle.dumps({b"data": value}, protocol=protocol))
        with pytest.raises(Exception, match=r"arrays must be of bytes|it would call|isn't of bytes|cannot reshape"):
            read_pickled_arrays(tmp_path / "a")
    assert not Path("evil").exists()


def test_a_type_of_bytes_stays_one_whatever_its_state_says(tmp_path: Path) -> None:
    forged = _Reduced(np.dtype, ("u1", False, True), (3, "|", None, ("f",), {"f": (np.dtype("u1"), 0)}, 8, 1, 27))
    (tmp_path / "a").write_bytes(pickle.dumps({b"data": _array(forged)}, protocol=2))
    found = read_pickled_arrays(tmp_path / "a")[b"data"]
    assert (found.dtype, found.tobytes()) == (np.uint8, b"abcd")
