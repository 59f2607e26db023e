"""Pickles of plain values: a reader names what may be made of them, and nothing else is imported or called.

The pickle module's own unpickler, in Python, with fewer instructions: the one in C makes room for whatever a pickle
says that it will need.
"""

import pickle
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, BinaryIO, ClassVar

from attnlab.reading.bounds import DEEPEST

PROTO, FRAME, STOP, MARK, POP, POP_MARK = pickle.PROTO, pickle.FRAME, pickle.STOP, pickle.MARK, pickle.POP, b"1"
STEPS = b"".join(
    [
        *(PROTO, FRAME, STOP, MARK, POP, POP_MARK, pickle.NONE, pickle.NEWTRUE, pickle.NEWFALSE),
        *(pickle.BININT, pickle.BININT1, pickle.BININT2, pickle.LONG1, pickle.BINFLOAT),
        *(pickle.BINSTRING, pickle.SHORT_BINSTRING, pickle.BINUNICODE, pickle.SHORT_BINUNICODE, pickle.BINUNICODE8),
        *(pickle.BINBYTES, pickle.SHORT_BINBYTES, pickle.BINBYTES8),
        *(pickle.EMPTY_TUPLE, pickle.TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3),
        *(pickle.EMPTY_LIST, pickle.APPEND, pickle.APPENDS, pickle.EMPTY_DICT, pickle.SETITEM, pickle.SETITEMS),
        *(pickle.EMPTY_SET, pickle.ADDITEMS, pickle.BINPUT, pickle.LONG_BINPUT, pickle.MEMOIZE),
        *(pickle.BINGET, pickle.LONG_BINGET, pickle.GLOBAL, pickle.STACK_GLOBAL, pickle.BINPERSID),
    ]
)
PLAIN: Mapping[int, Callable[[Any], None]] = pickle._Unpickler.dispatch  # what is done at each step
LONGEST = 200  # letters of a name that are told


class Refused(pickle.UnpicklingError):
    """A pickle would make something other than plain values."""


class Made:
    """What a pickle may call: `make` of the arguments that it has."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[..., Any]) -> None:
        self.make = make


class Stated(ABC):
    """What a pickle may give a state to, after it has made it."""

    @abstractmethod
    def take(self, state: Any) -> None:
        """Raises ValueError for a state that can't be."""


class PlainUnpickler(pickle._Unpickler):
    """Reads one pickle.

    Args:
        known: what may stand for each dotted name: a `Made`, or a value.
        kept: what stands for an id of something that is kept outside the pickle; None where nothing is.

    Raises:
        Refused: at `load`, for any other name.
        Exception: at `load`, of almost any kind, for a damaged pickle.
    """

    stack: list[Any]
    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = {step: PLAIN[step] for step in STEPS}

    def __init__(
        self,
        file: BinaryIO,
        *,
        known: Mapping[str, Any],
        kept: Callable[[Any], Any] | None = None,
        encoding: str = "ASCII",
    ) -> None:
        super().__init__(file, encoding=encoding)
        self.known, self.kept = known, kept

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self.known[f"{module}.{name}"]
        except KeyError as error:
            raise Refused(f"it would call {f'{module}.{name}'[:LONGEST]}") from error

    def persistent_load(self, pid: Any) -> Any:
        if self.kept is None:
            raise Refused("it names what isn't in it")
        return self.kept(pid)

    def _reduce(self) -> None:
        arguments, found = self.stack.pop(), self.stack[-1]
        if not isinstance(found, Made) or not isinstance(arguments, tuple):
            raise Refused(f"it would call {type(found).__name__}")
        self.stack[-1] = found.make(*arguments)

    def _build(self) -> None:
        state, found = self.stack.pop(), self.stack[-1]
        if not isinstance(found, Stated):
            raise Refused(f"it would change a {type(found).__name__}")
        found.take(state)

    def _set_item(self) -> None:
        check_keys(self.stack[-2:-1])
        PLAIN[pickle.SETITEM[0]](self)

    def _set_items(self) -> None:
        check_keys(self.stack[::2])  # it begins at the last mark
        PLAIN[pickle.SETITEMS[0]](self)

    def _add_items(self) -> None:
        check_keys(self.stack)
        PLAIN[pickle.ADDITEMS[0]](self)

    dispatch[pickle.REDUCE[0]] = _reduce
    dispatch[pickle.BUILD[0]] = _build
    dispatch[pickle.SETITEM[0]] = _set_item
    dispatch[pickle.SETITEMS[0]] = _set_items
    dispatch[pickle.ADDITEMS[0]] = _add_items


def check_keys(keys: Iterable[Any]) -> None:
    """See that none of what is to be a key, or in a set, is a tuple.

    To find its place Python goes through all that is in one: without an end where a few hold each other, and, where
    they lie too deep in each other, beyond the room that there is for that, in which the process dies.

    Raises:
        ValueError: one is.
    """
    if any(isinstance(each, tuple) for each in keys):
        raise ValueError("a key is a tuple")


def check_plain(value: Any, leaves: tuple[type, ...], *, most: int) -> None:
    """See that a value is of dicts, lists, tuples and sets of `leaves`, written out no larger than `most`.

    What stands in several places counts for each: a few lists that hold each other take up little, until something
    goes through them.

    Raises:
        ValueError: it isn't, or is nested too deeply, in itself for one.
    """
    _weight(value, leaves, {}, most, 0)


def _weight(value: Any, leaves: tuple[type, ...], known: dict[int, int], most: int, depth: int) -> int:
    if id(value) in known:
        return known[id(value)]
    if isinstance(value, str | bytes):
        return 1 + len(value)
    if type(value) in leaves:
        return 1
    if depth > DEEPEST:
        raise ValueError("its values are nested too deeply")
    if isinstance(value, dict):
        inner = [each for pair in value.items() for each in pair]
    elif isinstance(value, list | tuple | set):
        inner = list(value)
    else:
        raise ValueError(f"it holds a {type(value).__name__}")
    weight = 1 + sum(_weight(each, leaves, known, most, depth + 1) for each in inner)
    if weight > most:
        raise ValueError("its values stand for more than it holds")
    known[id(value)] = weight
    return weight
