"""What belongs together in chunks of a sequence into which several texts are packed."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor


class Apart(NamedTuple):
    """What belongs together where texts are packed, of each of N chunks of C steps, bool; None for everything."""

    pairs: Tensor | None = None  # (B, 1, N, C, C)
    entering: Tensor | None = None  # (B, 1, N, C, 1), steps that go on with the text before the chunk
    leaving: Tensor | None = None  # (B, 1, N, C, 1), those of the text that goes on after it
    through: Tensor | None = None  # (B, 1, N, 1, 1), whether that is one text
    places: Tensor | None = None  # (B, 1, N, C, 1), steps of its text before each in the chunk; whole

    @classmethod
    def of(cls, segments: Tensor, chunk: int) -> "Apart":
        """Of the numbers (B, T) of texts, 0 for the one that goes on with the state."""
        batch, length = segments.shape
        last = segments[:, -1:].expand(-1, -length % chunk)
        numbers = torch.cat([segments, last], dim=1).view(batch, 1, -(-length // chunk), chunk)  # (B, 1, N, C)
        after = numbers[..., -1:]  # (B, 1, N, 1)
        before = F.pad(after[:, :, :-1], (0, 0, 1, 0))
        pairs = numbers.unsqueeze(-1) == numbers.unsqueeze(-2)
        return cls(
            pairs,
            (numbers == before).unsqueeze(-1),
            (numbers == after).unsqueeze(-1),
            (before == after).unsqueeze(-1),
            pairs.tril(-1).sum(-1, keepdim=True),
        )

    def summed(self, x: Tensor) -> Tensor:
        """x (B, H, N, C, F) from where its text begins in the chunk on, in a few sums of what is apart by doubling."""
        if self.places is None:
            return x.cumsum(-2)
        apart = 1
        while apart < x.size(-2):  # a sum of all less one of those before would have their gradients, by rounding
            x = x + F.pad(x[..., :-apart, :], (0, 0, apart, 0)).masked_fill(self.places < apart, 0.0)
            apart *= 2
        return x


def only(where: Tensor | None, x: Tensor) -> Tensor:
    """x where it is to be, exact zeros elsewhere; None for everywhere."""
    return x if where is None else x.masked_fill(~where, 0.0)
