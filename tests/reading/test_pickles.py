"""A pickle makes plain values, calls nothing that wasn't named, and takes no more room than it has itself."""

import io
import os
import pickle
import tracemalloc
from contextlib import suppress
from typing import Any

import pytest

from attnlab.reading.bounds import DEEPEST
from attnlab.reading.pickles import Made, PlainUnpickler, Refused, check_plain

VALUE = {"a": [1, 2.5, None, True, -(2**70)], "ä": ("x", b"y"), "s": {1, 2}, 3: {"deep": [[]]}}


def _read(data: bytes, **known: Any) -> Any:
    return PlainUnpickler(io.BytesIO(data), known=known).load()


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_plain_values_come_back_of_every_protocol(protocol: int) -> None:
    made = {"builtins.set": Made(set), "__builtin__.set": Made(set), "_codecs.encode": Made(lambda t, e: t.encode(e))}
    data = pickle.dumps(VALUE, protocol=protocol)
    assert PlainUnpickler(io.BytesIO(data), known=made).load() == VALUE


class _Calls:
    def __init__(self, *reduced: Any) -> None:
        self.reduced = reduced

    def __reduce__(self) -> Any:
        return self.reduced


@pytest.mark.parametrize(
    "wanted",
    [
        _Calls(os.system, ("touch exploded",)),
        _Calls(eval, ("1",)),
        _Calls(getattr, ("", "join")),
        _Calls(bytearray, (1 << 40,)),
        _Calls(pickle.loads, (b"",)),
        os.path.join,
        int,
    ],
)
def test_nothing_that_was_not_named_is_called(wanted: Any) -> None:
    for protocol in range(2, 6):
        with pytest.raises(Refused, match="it would call"):
            _read(pickle.dumps([wanted], protocol=protocol))
    assert not os.path.exists("exploded")


def test_plain_values_can_be_neither_called_nor_changed() -> None:
    for data in (b"\x80\x02X\x01\x00\x00\x00a)R.", b"\x80\x02]}b.", b"\x80\x02cx\na\n}b."):
        with pytest.raises(Refused, match=r"it would (call|change)"):
            PlainUnpickler(io.BytesIO(data), known={"x.a": Made(list)}).load()


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x02Nr\xff\xff\xff\x7f.",  # kept under a high number, for which C makes a table
        b"\x80\x05\x96" + (1 << 40).to_bytes(8, "little") + b".",  # a byte array of a terabyte
        b"\x80\x04\x8e" + (1 << 40).to_bytes(8, "little") + b".",  # bytes, likewise
        b"\x80\x04\x95" + (1 << 40).to_bytes(8, "little") + b"N.",
        b"\x80\x02\x8b\xff\xff\xff\x7f.",  # a number of two billion digits
        b"\x80\x02L" + b"9" * 9999 + b"L\n.",
        b"\x80\x02P1\n.",
        b"\x80\x02Q.",
        b"",
        b"\x80\x02",
        b"\x80\x02N",
    ],
)
def test_what_a_pickle_says_of_sizes_makes_no_room(data: bytes) -> None:
    tracemalloc.start()
    with suppress(Exception):
        PlainUnpickler(io.BytesIO(data), known={}).load()
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


_DEEP = b"\x85" * 100_000  # tuples in tuples, in which Python dies when it looks for the place of a key


@pytest.mark.parametrize(
    "data", [b"})" + _DEEP + b"K\x01s.", b"}()" + _DEEP + b"K\x01u.", b"\x8f()" + _DEEP + b"\x90.", b"}K\x01\x85Ns."]
)
def test_keys_are_no_tuples(data: bytes) -> None:
    with pytest.raises(ValueError, match="a key is a tuple"):
        _read(b"\x80\x04" + data)


def _laughs() -> list[Any]:
    found: list[Any] = ["ha"]
    for _ in range(40):
        found = [found] * 10
    return found


def _itself() -> list[Any]:
    found: list[Any] = []
    found.append(found)
    return found


def _deep() -> list[Any]:
    found: list[Any] = []
    for _ in range(DEEPEST + 2):
        found = [found]
    return found


@pytest.mark.parametrize(
    "value, said",
    [(_laughs(), "stand for more"), (_itself(), "too deeply"), (_deep(), "too deeply"), ([object()], "holds a object")],
)
def test_what_would_grow_or_never_end_is_refused(value: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_plain(value, (int,), most=1000)
    check_plain([[1, 2], "abc", {"a": (1,)}], (int,), most=1000)
