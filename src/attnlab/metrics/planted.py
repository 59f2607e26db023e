"""How much of a map lies on what is known to decide: words that are translated, a patch of an image."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class Found(NamedTuple):
    """Sums over `num` things that were to be found, and what chance gives: a map that is even everywhere.

    share: of the weight that lies on them.
    hits: how many have the greatest weight.
    """

    share: float
    hits: float
    num: int
    even_share: float
    even_hits: float


def aligned(
    weights: Tensor, *, source_words: Sequence[int], target_words: Sequence[int], truth: Sequence[int]
) -> Found:
    """Of what each target token gives to each source token (Tt, Ts), in words.

    Of a target word of several tokens it is the tokens' mean, to a source word of several their sum.

    Args:
        source_words, target_words: which word each token is of, -1 for none.
        truth: for each word of the target the word of the source that it translates; pairs of which a word was cut off
            don't count.
    """
    num_words = 1 + max(source_words)
    of_words = torch.zeros(len(weights), num_words, dtype=torch.float64)  # (Tt, words)
    for token, word in enumerate(source_words):
        if word >= 0:
            of_words[:, word] += weights[:, token].double()
    shares = hits = even = 0.0
    lengths = [source_words.count(word) for word in range(num_words)]
    whole = [(word, true) for word, true in enumerate(truth) if true < num_words and word in target_words]
    for word, true in whole:
        rows = [token for token, each in enumerate(target_words) if each == word]
        row = of_words[rows].mean(dim=0)
        shares += float(row[true])
        hits += _hit(row, torch.arange(num_words) == true)
        even += lengths[true] / len(source_words)
    return Found(shares, hits, len(whole), even, len(whole) / max(1, num_words))


def placed(weights: Tensor, pixels: Tensor) -> Found:
    """Of a map's cells (h, w), which tile an image, and which of its pixels (H, W) decide, bool.

    A cell's weight lies on its pixels alike; the strongest cell is a hit by the part of it that decides.
    """
    height, width = weights.shape
    columns = torch.unflatten(pixels.double(), 1, (width, -1))
    covered = torch.unflatten(columns, 0, (height, -1)).mean(dim=(1, 3))  # (h, w)
    positive = weights.double().clamp(min=0)
    total = float(positive.sum())
    share = float((positive * covered).sum()) / total if total else 0.0
    even = float(covered.mean())
    return Found(share, _hit(positive.flatten(), covered.flatten()), 1, even, even)


def _hit(weights: Tensor, right: Tensor) -> float:
    """How far the greatest weight is `right`; of several as great, their mean. None of nothing."""
    greatest = weights == weights.max()
    return float(right.double()[greatest].mean()) if float(weights.max()) > 0 else 0.0
