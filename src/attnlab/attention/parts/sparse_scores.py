"""Scores made ready for the mechanisms that project them on the simplex, which `sparsemax` and `entmax15` share."""

import torch
from torch import Tensor


def sparse_scores(scores: Tensor, allowed: Tensor | None, bias: Tensor | None) -> Tensor:
    """scores + bias, at least in float32 and shifted so that the largest allowed one is 0 and the others negative.

    A projection doesn't see the shift, which costs nothing in the gradient either; a disallowed score gets -1, from
    where on a key has no weight if another has 0, and so does any that is lower. (The least finite number would
    overflow in sums and squares, and a bias of -inf be NaN.) A row with nothing allowed is all -1.
    """
    scores = scores.to(torch.promote_types(scores.dtype, torch.float32))
    if bias is not None:
        scores = scores + bias.to(scores.dtype)
    if allowed is None:
        return (scores - scores.detach().amax(-1, keepdim=True)).clamp(min=-1.0)
    lowest = torch.finfo(scores.dtype).min
    largest = scores.detach().masked_fill(~allowed, lowest).amax(-1, keepdim=True)
    return (scores - largest).masked_fill(~allowed, -1.0).clamp(min=-1.0)
