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

    `dropout` is the share of weights to drop now: the caller passes 0 in evaluation.
    """
    # The kernel's own causal mask is aligned top-left and goes with no other mask, hence only here.
    if causal and key_mask is None and bias is None and q.size(-2) == k.size(-2):
        return F.scaled_dot_product_attention(q, k, v, dropout_p=dropout, is_causal=True, scale=scale)
    allowed = allowed_mask(q, k, causal=causal, key_mask=key_mask)
    if bias is not None:
        bias = bias.to(q.dtype)
    if allowed is None:
        return F.scaled_dot_product_attention(q, k, v, attn_mask=bias, dropout_p=dropout, scale=scale)
    # A row with nothing to attend is NaN in some kernels: let it attend everything, then drop what comes out.
    empty = ~allowed.any(-1, keepdim=True)
    mask = allowed | empty
    if bias is not None:
        mask = torch.where(mask, bias, float("-inf"))
    output = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=dropout, scale=scale)
    return output.masked_fill(empty, 0.0)
