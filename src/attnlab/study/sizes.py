"""Which arms are of another size than the control, by parameters or by operations."""

from collections.abc import Mapping
from typing import NamedTuple

from attnlab.study.matching import FAR


class Size(NamedTuple):
    """Parameters of a model, and FLOPs of a forward pass; None of what isn't known."""

    parameters: int | None
    flops: int | None


class Apart(NamedTuple):
    """By which shares of the control's an arm's are greater; None of what is as good as equal, or isn't known."""

    arm: str
    parameters: float | None
    flops: float | None


def apart(sizes: Mapping[str, Size], *, control: str) -> list[Apart]:
    """Arms that are further from the control than must be said, in their order."""
    reference = sizes[control]
    found = [
        Apart(name, _gap(each.parameters, reference.parameters), _gap(each.flops, reference.flops))
        for name, each in sizes.items()
    ]
    return [each for each in found if each.parameters is not None or each.flops is not None]


def _gap(cost: int | None, reference: int | None) -> float | None:
    if not reference or cost is None:
        return None
    gap = cost / reference - 1
    return gap if abs(gap) > FAR else None
