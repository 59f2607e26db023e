"""The arms of a comparison: outputs checked equal, then measured in turns, each time in a fresh process."""

import itertools
import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Measures = dict[str, float]
Result = TypeVar("Result")

# A process that has imported what `preload` names and computed nothing yet is forked for each measurement: as fresh as
# one started anew, at a hundredth of the cost.
_FRESH = multiprocessing.get_context("forkserver")


class UnequalOutputs(Exception):
    """Two arms of a comparison don't compute the same, so their speeds can't be compared."""


def preload(*modules: str) -> None:
    """Have fresh processes begin with these modules imported; before the first of them starts."""
    _FRESH.set_forkserver_preload(list(modules))


def in_fresh_process(function: Callable[[], Result]) -> Result:
    """What a function gives in a process of its own; it must pickle, as a `partial` of a module's function does."""
    receiver, sender = _FRESH.Pipe(duplex=False)
    process = _FRESH.Process(target=_call, args=(function, sender))
    process.start()
    sender.close()
    try:
        result, error = receiver.recv()
    except EOFError:
        process.join()
        raise RuntimeError(f"{function} died with exit code {process.exitcode}") from None
    process.join()
    if error is not None:
        raise error
    return result


def _call(function: Callable[[], Result], sender: Connection) -> None:
    try:
        sender.send((function(), None))
    except Exception as error:
        sender.send((None, error))


def check_equal(
    outputs: Mapping[str, Callable[[], Sequence[NDArray[np.floating]]]], *, rtol: float = 1e-3, atol: float = 1e-4
) -> None:
    """Raise UnequalOutputs unless every arm's arrays are those of the first, up to rounding."""
    (first, expected), *others = ((name, in_fresh_process(output)) for name, output in outputs.items())
    for name, found in others:
        for index, (array, reference) in enumerate(zip(found, expected, strict=True)):
            if array.shape != reference.shape or not np.allclose(array, reference, rtol=rtol, atol=atol):
                raise UnequalOutputs(f"output {index} of {name!r} isn't that of {first!r}")


def measure(arms: Mapping[str, Callable[[], Measures]], *, rounds: int) -> dict[str, list[Measures]]:
    """What each arm measured in each round.

    Every other round goes backwards (A B B A ...), so that a machine which slows down favours no arm.
    """
    measured: dict[str, list[Measures]] = {name: [] for name in arms}
    for _, names in zip(range(rounds), itertools.cycle([list(arms), list(reversed(arms))]), strict=False):
        for name in names:
            measured[name].append(in_fresh_process(arms[name]))
    return measured
