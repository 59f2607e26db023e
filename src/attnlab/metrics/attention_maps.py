"""What attention's weights look like over a whole test: how spread, how alike the heads, how much on the ends."""

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import torch
from torch import Tensor

LEAST_KEYS = 2  # of fewer there is nothing to choose from


@dataclass(frozen=True)
class HeadStatistics:
    """Means over the queries that have something to attend to; all but the first from 0 to 1.

    Attributes:
        entropy: in nats.
        relative_entropy: of each query's over log of the number of keys that it may attend: 1 where all get as much.
        first, last: the share that goes to the first and to the last key that a query may attend.
    """

    entropy: float
    relative_entropy: float
    first: float
    last: float


@dataclass(frozen=True)
class MapStatistics:
    """Of one mechanism in its place.

    Attributes:
        num_queries: real ones that have two keys or more to attend, whose weights aren't all zero in some head.
        even: the share that the first key would get if all that a query may attend got as much.
        redundancy: see `MapSums`; None of a single head.
    """

    heads: tuple[HeadStatistics, ...]
    num_queries: int
    even: float
    redundancy: float | None

    def plain(self) -> dict[str, Any]:
        """Plain values."""
        heads = [vars(head) for head in self.heads]
        return {"num_queries": self.num_queries, "even": self.even, "redundancy": self.redundancy, "heads": heads}


class MapSums:
    """Sums over the maps of one mechanism, in float64.

    Weights become shares, p_j = max(w_j, 0) / sum_k max(w_k, 0), as not every mechanism's sum to one. A query counts if
    it is real, may attend two keys or more and gives something to one in each head.

    entropy: H(p) = -sum_j p_j ln p_j,   relative: H(p) / ln n of n allowed keys
    redundancy: the mean over pairs of heads and over queries of 1 - JSD(p, p') / ln 2,
    JSD(p, p') = H((p + p') / 2) - (H(p) + H(p')) / 2        (Lin, 1991)
    It is 1 where two heads share alike and 0 where they have no key in common. Unlike cosine and correlation it takes
    weights for the distributions that they are, is defined of even ones, and unlike the divergence of Kullback and
    Leibler of those with zeros, as hard and sparse ones.
    """

    def __init__(self) -> None:
        self._of_heads: Tensor | None = None  # (4, H)
        self._alike, self._even, self._num = 0.0, 0.0, 0

    def add(self, weights: Tensor, allowed: Tensor, real: Tensor | None = None) -> None:
        """Weights (B, H, Tq, Tk) of what is `allowed` (B, 1, Tq, Tk), and which queries are `real` (B, Tq); all."""
        num_keys = allowed.sum(-1).squeeze(1)  # (B, Tq)
        positive = weights.cpu().double().clamp(min=0)
        totals = positive.sum(-1)  # (B, H, Tq)
        counts = (num_keys.cpu() >= LEAST_KEYS) & (totals > 0).all(dim=1)
        if real is not None:
            counts &= real.cpu()
        shares = (positive / totals.clamp(min=torch.finfo(torch.float64).tiny).unsqueeze(-1)).transpose(1, 2)[counts]
        keys = allowed.cpu().squeeze(1)[counts]  # (N, Tk)
        num_allowed = keys.sum(-1).double()  # (N,)
        first, last = keys.int().argmax(-1), keys.size(-1) - 1 - keys.flip(-1).int().argmax(-1)
        entropies = entropy(shares)  # (N, H)
        measured = [
            entropies,
            entropies / num_allowed.log().unsqueeze(1),
            shares.gather(2, first.view(-1, 1, 1).expand(-1, shares.size(1), 1)).squeeze(2),
            shares.gather(2, last.view(-1, 1, 1).expand(-1, shares.size(1), 1)).squeeze(2),
        ]
        sums = torch.stack([each.sum(0) for each in measured])
        self._of_heads = sums if self._of_heads is None else self._of_heads + sums
        self._even += float((1 / num_allowed).sum())
        self._alike += _alike(shares, entropies)
        self._num += len(shares)

    def result(self) -> MapStatistics | None:
        """The means; None where no query counts."""
        if self._of_heads is None or not self._num:
            return None
        heads = tuple(HeadStatistics(*(value / self._num for value in head)) for head in self._of_heads.T.tolist())
        redundancy = self._alike / self._num if len(heads) > 1 else None
        return MapStatistics(heads, self._num, self._even / self._num, redundancy)


def entropy(shares: Tensor) -> Tensor:
    """-sum_j p_j ln p_j of (..., K), in nats."""
    found: Tensor = -torch.special.xlogy(shares, shares).sum(-1)
    return found


def _alike(shares: Tensor, entropies: Tensor) -> float:
    """The sum over queries of the mean similarity of pairs of heads, of shares (N, H, K) and their entropies (N, H)."""
    pairs = list(combinations(range(shares.size(1)), 2))
    if not pairs:
        return 0.0
    total = 0.0
    for one, other in pairs:
        middle = entropy((shares[:, one] + shares[:, other]) / 2)
        divergence = middle - (entropies[:, one] + entropies[:, other]) / 2
        total += float((1 - divergence / math.log(2)).sum())
    return total / len(pairs)
