"""What a file says of its tensors and can't be is said before room is made for it."""

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from attnlab.reading.pickles import Refused
from attnlab.reading.stated_tensors import Malformed
from attnlab.reading.tensor_files import read_tensor_file


class _Says:
    """What pickles as a call of something of torch's, of these arguments."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.reduced = (function, arguments)

    def __reduce__(self) -> Any:
        return self.reduced


def _forged(path: Path, make: Callable[[Any], Any]) -> Path:
    """A file whose pickle says what `make` makes of a storage of four numbers."""
    written = io.BytesIO()

    class Forger(pickle.Pickler):
        def persistent_id(self, obj: Any) -> Any:
            return obj[1:] if isinstance(obj, tuple) and obj[:1] == ("persistent",) else None

    Forger(written, 2).dump(make(("persistent", "storage", torch.FloatStorage, "0", "cpu", 4)))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/data.pkl", written.getvalue())
        archive.writestr("a/data/0", bytes(16))
    return path


def _tensor(storage: Any, offset: Any = 0, size: Any = (4,), stride: Any = (1,), *, grad: Any = False) -> Any:
    return _Says(torch._utils._rebuild_tensor_v2, storage, offset, size, stride, grad, OrderedDict())


FORGED: dict[str, Callable[[Any], Any]] = {
    "a size beyond it": lambda s: _tensor(s, size=(5,)),
    "an offset beyond it": lambda s: _tensor(s, offset=1),
    "a stride beyond it": lambda s: _tensor(s, stride=(2,)),
    "a stride below 0": lambda s: _tensor(s, offset=3, stride=(-1,)),
    "numbers many times over": lambda s: _tensor(s, size=(1 << 50,), stride=(0,)),
    "sizes that overflow": lambda s: _tensor(s, size=(1 << 33, 1 << 33), stride=(0, 0)),
    "sizes of another kind": lambda s: _tensor(s, size=("4",)),
    "a bool for a size": lambda s: _tensor(s, size=(True,)),
    "fewer strides": lambda s: _tensor(s, size=(2, 2)),
    "hooks": lambda s: _Says(torch._utils._rebuild_tensor_v2, s, 0, (4,), (1,), False, {1: 2}),
    "a larger storage": lambda s: _tensor((*s[:-1], 1 << 50)),
    "a storage of no size": lambda s: _tensor((*s[:-1], "4")),
    "a storage that isn't there": lambda s: _tensor((*s[:3], "../0", *s[4:])),
    "a bare storage": lambda s: [s],
    "room for a storage": lambda s: _Says(torch.FloatStorage, 1 << 50),
    "room for a tensor": lambda s: _Says(torch.Tensor, 1 << 50),
    "no tensor as a parameter": lambda s: _Says(torch._utils._rebuild_parameter, 3, True, OrderedDict()),
    "a quantized tensor": lambda s: _Says(torch._utils._rebuild_qtensor, s, 0, (4,), (1,), (), False, OrderedDict()),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_tensor_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    assert torch.equal(read_tensor_file(_forged(tmp_path / "good.pt", _tensor)), torch.zeros(4))
    with pytest.raises((Malformed, Refused)):
        read_tensor_file(_forged(tmp_path / "a.pt", FORGED[name]))


DEEP = b")" + b"\x85" * 100_000
ORDERED = b"ccollections\nOrderedDict\n"
META = ORDERED + b")R}X\x09\x00\x00\x00_metadata%bsb."


@pytest.mark.parametrize(
    "data, said",
    [
        (b"c__builtin__\nset\n](" + DEEP + b"e\x85R.", "a key is a tuple"),
        (ORDERED + b"]]" + DEEP + b"aNaa\x85R.", "a key is a tuple"),
        (b"ccollections\nCounter\n)" + b"\x85" * 100_000 + b"\x85R.", "a key is a tuple"),
        (META % b"K\x03", "no versions"),
        (META % b"]K\x03a", "no versions"),
        (META % b"}K\x03}s", "no versions"),
        (META % b"}X\x00\x00\x00\x00K\x03s", "no versions"),
        (META % b"}X\x00\x00\x00\x00}X\x01\x00\x00\x00v]ss", "version is no number"),
    ],
)
def test_keys_and_versions_that_cannot_be_are_said(tmp_path: Path, data: bytes, said: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.pt", "w") as archive:
        archive.writestr("a/data.pkl", b"\x80\x02" + data)
    with pytest.raises(Malformed, match=said):
        read_tensor_file(tmp_path / "a.pt")
