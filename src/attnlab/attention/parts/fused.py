"""The way to torch's fused kernel that every mechanism with dot-product scores shares."""

import torch
import torch.nn.functional as F
from torch import Tensor

from attnlab.attention.masks import allowed_mask


def fused_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    scale: float,
    causal: bool,
    key_mask: Tensor | None,
    bias: Tensor | None,
    dropout: float,
) -> Tensor:
    """softmax(scale q kᵀ + bias) v over the allowed keys, (B, H, Tq, Dh), without the (B, H, Tq, Tk) matrix.

    `dropout` is the share of weights to drop now: the caller passes 0 in evaluation. Values may be narrower than keys.
    """
    learned_bias = bias is not None and bias.requires_grad and torch.is_grad_enabled()
    by_hand = q.device.type == "cpu" and (dropout > 0 or learned_bias)  # the CPU's kernel does neither
    # The kernel's own causal mask is aligned top-left and goes with no other mask, hence only here.
    if causal and key_mask is None and bias is None and q.size(-2) == k.size(-2) and not by_hand:
        return _kernel(q, k, v, scale=scale, mask=None, causal=True, dropout=dropout)
    allowed = allowed_mask(q, k, causal=causal, key_mask=key_mask)
    if bias is not None:
        bias = bias.to(q.dtype)
    # A row with nothing to attend is NaN in some kernels: let it attend everything, then drop what comes out.
    empty = None if allowed is None else _empty_rows(q, k, key_mask, causal=causal)
    if allowed is not None and empty is not None:
        allowed = allowed | empty
    if by_hand:
        output = _by_hand(q, k, v, scale=scale, allowed=allowed, bias=bias, dropout=dropout)
    else:
        mask = allowed if bias is None else bias
        if allowed is not None and bias is not None:
            mask = torch.where(allowed, bias, float("-inf"))
        output = _kernel(q, k, v, scale=scale, mask=mask, causal=False, dropout=dropout)
    return output if empty is None else output.masked_fill(empty, 0.0)


def _kernel(
    q: Tensor, k: Tensor, v: Tensor, *, scale: float, mask: Tensor | None, causal: bool, dropout: float
) -> Tensor:
    """Torch's, which builds the matrix where values aren't as wide as keys: so they are made to be."""
    width, lacking = v.size(-1), max(0, k.size(-1) - v.size(-1))
    wide = F.pad(v, (0, lacking)) if lacking else v
    output = F.scaled_dot_product_attention(
        q, k, wide, attn_mask=mask, dropout_p=dropout, is_causal=causal, scale=scale
    )
    return output[..., :width] if lacking else output


def _by_hand(
    q: Tensor, k: Tensor, v: Tensor, *, scale: float, allowed: Tensor | None, bias: Tensor | None, dropout: float
) -> Tensor:
    """The same with the (B, H, Tq, Tk) matrix, in fewer passes over it than torch takes where its kernel can't go."""
    scores = (q * scale) @ k.mT
    if bias is not None:
        scores = scores + bias
    if allowed is not None:
        zero = scores.new_zeros(())
        scores = scores + torch.where(allowed, zero, float("-inf"))  # cheaper, and backwards nothing, than to fill
    return F.dropout(scores.softmax(-1), dropout) @ v


def _empty_rows(q: Tensor, k: Tensor, key_mask: Tensor | None, *, causal: bool) -> Tensor | None:
    """Where a query has nothing to attend, (B or 1, 1, Tq or 1, 1), or None if it is known that each has something."""
    num_queries, num_keys = q.size(-2), k.size(-2)
    if key_mask is None:
        key_mask = torch.ones(1, num_keys, dtype=torch.bool, device=q.device)
    num_seen = key_mask.sum(-1, keepdim=True)
    if causal:  # the padding crops if there are fewer queries than keys
        num_seen = F.pad(key_mask.cumsum(-1), (num_queries - num_keys, 0))
    empty = (num_seen == 0)[:, None, :, None]
    # It takes a pass over the output to drop such rows. A CPU can look whether it must; a GPU would have to wait.
    if empty.device.type == "cpu" and not torch.compiler.is_compiling() and not empty.any():
        return None
    return empty
