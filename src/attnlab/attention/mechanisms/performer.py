"""Performer attention."""

import torch
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role
from attnlab.attention.masks import allowed_mask
from attnlab.attention.parts.kernel_attention import kernel_attention, kernel_weights
from attnlab.errors import at_least


class PerformerAttention(nn.Module):
    """Random features whose dot product is, on average, the exponential of one: softmax attention in linear time.

    w_ij = φ(q_i) · φ(k_j) / sum_j' φ(q_i) · φ(k_j'),   φ(x)_r = exp(ω_r · x̂ - |x̂|² / 2),   x̂ = x / Dh^¼
    (FAVOR+, Choromanski et al., 2021, eqs. 4 and 7.) E[φ(q) · φ(k)] / F = exp(q · k / sqrt(Dh)) for ω ~ N(0, I), drawn
    orthogonal in groups of Dh, which lessens the variance; each head has its own. `forward` and `weights` use the same
    features, so they agree exactly; it is softmax that they approximate. Differs from the paper: ω isn't drawn anew in
    training, and no small constant is added to features.

    Features are fixed by `seed` and saved with the model; layers of one seed have the same. Dropout drops a key for all
    queries of its head at once. There are no scores, so a bias raises ValueError, and so does `num_features` below 1.

    Cost: time T · num_features · D, memory T · (D + num_features · H).
    """

    uses = frozenset({"query", "key"})
    properties = Properties(takes_bias=False)

    def __init__(
        self,
        *,
        num_heads: int,
        head_dim: int,
        role: Role,
        max_length: int,
        dropout: float,
        num_features: int = 128,
        seed: int = 0,
    ) -> None:
        super().__init__()
        at_least(1, "attention.core", num_features=num_features)
        self.scale = head_dim**-0.25
        self.causal = role == "causal"
        self.dropout = dropout
        self.directions: Tensor  # ω
        self.register_buffer("directions", _orthogonal_directions(num_heads, num_features, head_dim, seed))

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        query_features, key_features = self._features(q, k, key_mask, bias)
        return kernel_attention(query_features, key_features, v, causal=self.causal, dropout=dropout).to(v.dtype)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        return kernel_weights(*self._features(q, k, key_mask, bias), causal=self.causal).to(q.dtype)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v

    def _features(self, q: Tensor, k: Tensor, key_mask: Tensor | None, bias: Tensor | None) -> tuple[Tensor, Tensor]:
        """φ(q) and φ(k), (B, H, T, F), but for a factor of each query and one of all keys, which cancel in w."""
        if bias is not None:
            raise ValueError("performer attention has no scores, so it takes no bias")
        wide = torch.promote_types(q.dtype, torch.float32)  # an error in an exponent is one of a whole feature
        q, k, directions = q.to(wide) * self.scale, k.to(wide) * self.scale, self.directions.to(wide)
        with torch.autocast(q.device.type, enabled=False):
            query_exponent = q @ directions.mT
            key_exponent = k @ directions.mT - k.square().sum(-1, keepdim=True) / 2
        allowed = allowed_mask(q, k, causal=False, key_mask=key_mask)  # (B, 1, 1, Tk) or None
        if allowed is not None:
            key_exponent = key_exponent.masked_fill(~allowed.mT, torch.finfo(wide).min)
        # Those factors make the largest feature one. They carry no gradient: the weights don't depend on them. Later
        # keys share theirs with earlier ones, which shows only where exponents lie 40 apart.
        query_features = (query_exponent - query_exponent.detach().amax(-1, keepdim=True)).exp()
        key_features = (key_exponent - key_exponent.detach().amax((-2, -1), keepdim=True)).exp()
        return query_features, key_features if allowed is None else key_features.masked_fill(~allowed.mT, 0.0)


def _orthogonal_directions(num_heads: int, num_features: int, head_dim: int, seed: int) -> Tensor:
    """(H, F, Dh): rows as long as normal ones are, in groups of Dh at right angles to each other."""
    generator = torch.Generator().manual_seed(seed)
    num_groups = -(-num_features // head_dim)
    normal = torch.randn(2, num_heads, num_groups, head_dim, head_dim, generator=generator)
    basis, triangle = torch.linalg.qr(normal[0])
    basis = basis * triangle.diagonal(dim1=-2, dim2=-1).sign().unsqueeze(-2)  # else QR favours some directions
    directions: Tensor = basis * torch.linalg.vector_norm(normal[1], dim=-1, keepdim=True)
    return directions.flatten(1, 2)[:, :num_features].contiguous()
