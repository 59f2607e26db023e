"""Texts packed one after another into a row, each of which is to be read as if it stood alone."""

from collections.abc import Sequence

import torch
from torch import Tensor

from attnlab.attention.core import on_segments
from attnlab.attention.multihead import MultiHeadAttention
from attnlab.attention.past import advance, own_advance


class Segments:
    """Which steps of each row belong together: those beside each other that have one number.

    Whatever can't be told, as most mechanisms and an LSTM, is given each segment as a row of its own (`apart`), so that
    it is read exactly as alone: with others of about its length, so that no more than half of all steps are padding.
    That stands behind a segment, where causal models don't see it.

    Args:
        numbers: (B, T) whole.

    Attributes:
        numbers: (B, T), how many segments have begun in the row since its first.
        places: (B, T), how many steps of its segment stand before each.

    Raises:
        ValueError: numbers of another shape or kind.
    """

    def __init__(self, numbers: Tensor) -> None:
        if numbers.dim() != 2 or numbers.is_floating_point() or numbers.dtype == torch.bool:
            raise ValueError(
                f"segments must be whole numbers (B, T), got {numbers.dtype} of shape {tuple(numbers.shape)}"
            )
        begins = torch.ones_like(numbers, dtype=torch.bool)  # (B, T)
        begins[:, 1:] = numbers[:, 1:] != numbers[:, :-1]
        steps = torch.arange(numbers.size(1), device=numbers.device)
        self.numbers = begins.cumsum(1) - 1
        self.places = steps - torch.where(begins, steps, 0).cummax(1).values
        self._rows = _rows(begins.flatten())
        self._back = torch.cat([index[real] for index, real in self._rows]).argsort()

    def apart(self, x: Tensor) -> list[Tensor]:
        """x (B, T, ...), a segment a row: each (N, L, ...), what is behind a segment repeats its last step."""
        flat = x.flatten(0, 1)
        return [flat[index] for index, _ in self._rows]

    def together(self, parts: Sequence[Tensor]) -> Tensor:
        """(B, T, ...) again of what `apart` gave, or what was made of it step by step."""
        steps = torch.cat([part[real] for part, (_, real) in zip(parts, self._rows, strict=True)])
        return steps[self._back].view(*self.numbers.shape, *steps.shape[1:])


def _rows(begins: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Of segments that begin in such of all steps, the steps of each (N, L), by length, and which are its own."""
    starts = begins.nonzero().squeeze(1)
    lengths = starts.diff(append=starts.new_tensor([begins.numel()]))
    doublings = torch.frexp((lengths - 1).float()).exponent  # log2 of the length, rounded up
    found = []
    for each in sorted(set(doublings.tolist())):
        first, length = starts[doublings == each, None], lengths[doublings == each, None]
        steps = torch.arange(int(length.max()), device=begins.device)
        found.append((first + torch.minimum(steps, length - 1), steps < length))
    return found


def attend_apart(attention: MultiHeadAttention, x: Tensor, segments: Segments) -> Tensor:
    """Causal attention over x (B, T, D), each segment as if it stood alone, (B, T, D).

    A recurrence that is told segments goes over them at once; any other attention, a sibling of the shell, and one in
    whose weights somebody has an interest, gets each as a row of its own.
    """
    core = attention.core if isinstance(attention, MultiHeadAttention) else None
    if on_segments(core) and own_advance(core) is not None:
        return attention.advance(x, segments=segments.numbers)[0]
    return segments.together([advance(attention, part, None)[0] for part in segments.apart(x)])
