"""Watch code at work: the tensors that it names on the way, in their order, so that what is shown is what it did."""

import ast
import linecache
import sys
from collections.abc import Callable, Sequence
from functools import cache
from types import FrameType, TracebackType
from typing import Any, NamedTuple, Self

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

SOFTMAXES = (torch.softmax, Tensor.softmax, functional.softmax, torch.special.softmax)


class Note(NamedTuple):
    """A tensor that a function named; or took, or returned, for which `statement` is empty."""

    function: str
    name: str  # of what is returned: "", or its place in what is: "0", "1"
    statement: str
    value: Tensor


class Notes(list[Note]):
    """In the order in which they were taken."""

    def first(self, function: str, name: str = "") -> Tensor:
        """The value of a variable, or of what the function returned; LookupError where there was none."""
        return self.every(function, name)[0]

    def every(self, function: str, name: str = "") -> list[Tensor]:
        found = [note.value for note in self if (note.function, note.name) == (function, name)]
        if not found:
            raise LookupError(f"{function} has named no {name or 'result'}")
        return found


class Watch:
    """Takes notes of the functions in some packages while the block runs.

        with Watch(["attnlab.attention"]) as notes:
            core.weights(q, k)
        notes.first("entmax15", "threshold")

    It is the interpreter's own tracing, so a debugger sees nothing of the block.
    """

    def __init__(self, packages: Sequence[str]) -> None:
        self._packages = tuple(packages)
        self._notes = Notes()

    def __enter__(self) -> Notes:
        self._before = sys.gettrace()
        sys.settrace(self._called)
        return self._notes

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        sys.settrace(self._before)

    def _called(self, frame: FrameType, event: str, argument: Any) -> Callable[..., Any] | None:
        module = str(frame.f_globals.get("__name__", ""))
        ours = any(f"{module}.".startswith(f"{package}.") for package in self._packages)
        function = frame.f_code.co_name
        if not ours or function.startswith("<"):
            return None
        known = dict(frame.f_locals)
        for name, value in known.items():
            self._take(function, name, "", value)
        line = frame.f_lineno

        def follow(frame: FrameType, event: str, argument: Any) -> Callable[..., Any]:
            nonlocal line
            for name, value in dict(frame.f_locals).items():
                if known.get(name) is not value:
                    known[name] = value
                    self._take(function, name, _statement(frame.f_code.co_filename, line), value)
            if event == "return":
                self._take(function, "", "", argument)
            line = frame.f_lineno
            return follow

        return follow

    def _take(self, function: str, name: str, statement: str, value: object) -> None:
        if isinstance(value, Tensor):
            self._notes.append(Note(function, name, statement, value.detach().clone()))  # it may be changed in place
        elif isinstance(value, tuple):
            for place, each in enumerate(value):
                if isinstance(each, Tensor):
                    self._take(function, f"{name}{place}", statement, each)


def _statement(file: str, line: int) -> str:
    """The whole of the statement that this line belongs to, in one line; empty where its source isn't known."""
    around = [each for each in _statements(file) if each[0] <= line <= each[1]]
    return around[-1][2] if around else ""


@cache
def _statements(file: str) -> list[tuple[int, int, str]]:
    """First line, last line and text of each statement without others in it."""
    source = "".join(linecache.getlines(file))
    try:
        tree = ast.parse(source)
    except SyntaxError:  # no Python, as in a notebook's cell with commands
        return []
    simple = [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and not hasattr(node, "body")]
    return [
        (node.lineno, node.end_lineno or node.lineno, " ".join((ast.get_source_segment(source, node) or "").split()))
        for node in simple
    ]


class Softmaxes(TorchFunctionMode):
    """Notes what goes into each softmax and comes out: the contract gives a mechanism's weights but not its scores."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[Tensor, Tensor]] = []

    def __enter__(self) -> Self:
        super().__enter__()  # type: ignore[no-untyped-call]  # torch's own
        return self

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if func in SOFTMAXES and args:
            self.seen.append((args[0], result))
        return result

    def scores_of(self, weights: Tensor) -> Tensor | None:
        """What went into the softmax that these weights came out of, masked keys as -inf; None if none did."""
        for scores, result in self.seen:
            if result.shape == weights.shape and torch.allclose(result, weights):
                return unfilled(scores)
        return None


def unfilled(scores: Tensor) -> Tensor:
    """Scores whose masked keys are -inf."""
    return scores.masked_fill(scores <= torch.finfo(scores.dtype).min, -torch.inf)
