"""What torch wrote comes back as torch reads it; files that aren't torch's, or not whole, are said to be such."""

import os
import pickle
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from attnlab.reading.bounds import VARIABLE
from attnlab.reading.pickles import Refused
from attnlab.reading.stated_tensors import Malformed
from attnlab.reading.tensor_files import read_tensor_file


def _saved(path: Path, value: Any, *, legacy: bool = False) -> Path:
    torch.save(value, path, _use_new_zipfile_serialization=not legacy)
    return path


def _values() -> dict[str, Any]:
    base = torch.arange(12.0)
    numbers = [torch.ones(2, 3, dtype=each) for each in (torch.bfloat16, torch.float16, torch.int8, torch.bool)]
    return {
        "state_dict": nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5)).state_dict(),
        "views": [base[2:8:2], base.view(3, 4).T, base[3], torch.zeros(0, 7), torch.ones(1).expand(1)],
        "numbers": [*numbers, torch.tensor(1 + 2j)],
        "plain": (1, None, "ä", b"\xff", {"a": [2.5, {3}]}, torch.Size([2, 3]), torch.float32, OrderedDict(z=1)),
        "parameter": nn.Parameter(torch.ones(2)).data,
    }


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        alike = (one.dtype, one.shape, one.stride()) == (other.dtype, other.shape, other.stride())
        return alike and torch.equal(one, other)
    if isinstance(one, dict):
        inner = list(one) == list(other) and all(_same(one[each], other[each]) for each in one)
        return type(one) is type(other) and inner and vars(one) == vars(other) if type(one) is OrderedDict else inner
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


@pytest.mark.parametrize("legacy", [False, True])
def test_values_are_those_that_torch_reads(tmp_path: Path, legacy: bool) -> None:
    values = _values()
    if not legacy:  # in which torch doesn't read it either
        values["numbers"].append(torch.ones(3, dtype=torch.uint16))
    path = _saved(tmp_path / "a.pt", values, legacy=legacy)
    found = read_tensor_file(path)
    assert _same(found, torch.load(path, weights_only=True))
    shared = [each.untyped_storage().data_ptr() for each in found["views"][:3]]
    assert len(set(shared)) == 1
    assert isinstance(read_tensor_file(_saved(path, {"p": nn.Parameter(torch.ones(2))}))["p"], torch.Tensor)


@pytest.mark.parametrize(
    "value",
    [
        torch.ones(2, 2).to_sparse(),
        torch.ones(3, device="meta"),
        torch.ones(2, dtype=torch.complex64).conj(),
        nn.Linear(1, 1),
        torch.ones(2).numpy(),
        bytearray(5),
    ],
    ids=["sparse", "meta", "conjugate", "module", "numpy", "bytearray"],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_no_run_writes_is_refused(tmp_path: Path, value: Any) -> None:
    with pytest.raises((Refused, Malformed)):
        read_tensor_file(_saved(tmp_path / "a.pt", {"w": value}))


def test_names_of_numbers_that_would_be_written_without_an_end_are_refused(tmp_path: Path) -> None:
    found: list[Any] = []
    for _ in range(50):
        found = [found, found]
    heads = (0x1950A86A20F9469CFC6C, 1001, {"little_endian": sys.byteorder == "little"}, {}, [found])
    (tmp_path / "a.pt").write_bytes(b"".join(pickle.dumps(each, 2) for each in heads))
    with pytest.raises(Malformed, match="doesn't hold the numbers"):
        read_tensor_file(tmp_path / "a.pt")


def test_numbers_of_another_length_are_refused(tmp_path: Path) -> None:
    whole = zipfile.ZipFile(_saved(tmp_path / "whole.pt", {"w": torch.zeros(4)}))
    for content in (b"", bytes(15), bytes(17)):
        with zipfile.ZipFile(tmp_path / "a.pt", "w") as archive:
            for each in whole.namelist():
                archive.writestr(each, content if each.endswith("/data/0") else whole.read(each))
        with pytest.raises(Malformed, match="isn't of the 16 bytes"):
            read_tensor_file(tmp_path / "a.pt")


def test_packed_parts_and_parts_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    whole = zipfile.ZipFile(_saved(tmp_path / "a.pt", {"w": torch.zeros(1 << 16)}))
    with zipfile.ZipFile(tmp_path / "packed.pt", "w", zipfile.ZIP_DEFLATED) as packed:
        for each in whole.infolist():
            packed.writestr(each.filename, whole.read(each))
    with pytest.raises(Malformed, match="its parts are packed"):
        read_tensor_file(tmp_path / "packed.pt")
    with zipfile.ZipFile(tmp_path / "shared.pt", "w") as shared:
        shared.writestr("a/data.pkl", b"\x80\x02N.")
        shared.writestr("a/big", bytes(1 << 16))
        for number in range(9):  # entries of the directory alone
            entry = zipfile.ZipInfo(f"a/big{number}")
            entry.file_size = entry.compress_size = 1 << 16
            entry.CRC, entry.header_offset = shared.getinfo("a/big").CRC, shared.getinfo("a/big").header_offset
            shared.filelist.append(entry)
            shared.NameToInfo[entry.filename] = entry
    with pytest.raises(Malformed, match="its parts share their bytes"):
        read_tensor_file(tmp_path / "shared.pt")


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "it is empty"),
        (b"x" * 99, "no file of torch's"),
        (b"# Title\n", "no file of torch's"),
        (b"content\nof a text\n", "no file of torch's"),
        (b"PK\x03\x04" + bytes(18), "it is cut short"),
        (b"PK\x05\x06" + bytes(18), "no data.pkl"),
        (b"\x80\x02N.", "no file of torch's"),
        (b"\x80\x04K\x01.", ""),
    ],
)
def test_other_files_are_said_to_be_such(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.pt").write_bytes(content)
    with pytest.raises(Malformed, match=f"{said}$"):
        read_tensor_file(tmp_path / "a.pt")


@pytest.mark.parametrize("legacy", [False, True])
def test_a_file_that_ends_too_soon_is_damaged(tmp_path: Path, legacy: bool) -> None:
    whole = _saved(tmp_path / "a.pt", {"w": torch.ones(99)}, legacy=legacy).read_bytes()
    for end in range(0, len(whole), 1 + len(whole) // 40):
        (tmp_path / "a.pt").write_bytes(whole[:end])
        with pytest.raises((Malformed, Refused) if legacy else Malformed):  # a name may be cut short
            read_tensor_file(tmp_path / "a.pt")


def test_pipes_and_files_of_holes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.ckpt")
    with pytest.raises(OSError, match="it is a pipe"):
        read_tensor_file(tmp_path / "pipe.ckpt")
    monkeypatch.setenv(VARIABLE, "1")
    with pytest.raises(OSError, match=f"more than 1 MiB.*{VARIABLE}"):
        read_tensor_file(_saved(tmp_path / "a.pt", torch.zeros(1 << 19)))
