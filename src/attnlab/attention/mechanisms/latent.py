"""Multi-head latent attention, which changes the projections and so stands beside the shell."""

from torch import Tensor, nn

from attnlab.attention.call_checks import check_goes_on, check_sequence, check_sources, projected
from attnlab.attention.core import Core, Role
from attnlab.attention.mechanisms.scaled_dot import ScaledDotAttention
from attnlab.attention.multihead import MultiHeadAttention, projected_source
from attnlab.attention.past import KeyValue, Past, extended
from attnlab.errors import at_least


class LatentAttention(nn.Module):
    """Keys and values are made from one short vector for each place, and that is all a cache keeps.

    c_j = W_c x_j,   k_j = W_k c_j,   v_j = W_v c_j,   then `scaled_dot`        (DeepSeek-AI, 2024, eqs. 9-11)
    Called as `MultiHeadAttention` is. Its KeyValue holds the latent in the place of both, k and v one tensor
    (B, 1, Tk, latent_dim); keys and values are made from it anew at each step. Where keys and values are projected from
    different tensors, each has its own latent. Differs from the paper: queries aren't compressed, the latent isn't
    normed, and there is no rotary part, as positions are the model's affair.

    Cost: time T² D + T · D · latent_dim, memory T D. Fused. A cache keeps T · latent_dim numbers in place of 2 T D.

    Args:
        latent_dim: width of the latent; None for dim / 2, a quarter of what keys and values take.
        Others as in `MultiHeadAttention`.

    Raises:
        ValueError: a `latent_dim` below 1, a `value_dim` other than the keys', and what the shell refuses.
    """

    def __init__(
        self,
        dim: int,
        *,
        num_heads: int,
        role: Role,
        max_length: int,
        dropout: float = 0.0,
        latent_dim: int | None = None,
        key_dim: int | None = None,
        value_dim: int | None = None,
    ) -> None:
        super().__init__()
        latent_dim = dim // 2 if latent_dim is None else latent_dim
        at_least(1, "attention", latent_dim=latent_dim)
        key_dim = dim if key_dim is None else key_dim
        if value_dim not in (None, key_dim):
            raise ValueError(f"keys and values share a latent, so their widths too, got {key_dim} and {value_dim}")
        # A bias here would only add to those of the projections that follow.
        self.compression = nn.Linear(key_dim, latent_dim, bias=False)
        nn.init.xavier_uniform_(self.compression.weight)
        self.heads = MultiHeadAttention(
            dim,
            num_heads=num_heads,
            core=ScaledDotAttention,
            role=role,
            max_length=max_length,
            dropout=dropout,
            key_dim=latent_dim,
        )
        self.role: Role = role

    @property
    def core(self) -> Core:
        """The mechanism behind the projections."""
        return self.heads.core

    def project(self, key: Tensor, value: Tensor | None = None) -> KeyValue:
        """The latents of a source: key and value (B, Tk, key_dim), by default the key's tensor.

        Raises ValueError for other shapes.
        """
        width = self.compression.in_features
        check_sources(key, value, key_dim=width, value_dim=width)
        latent = projected("key", key, self.compression).unsqueeze(1)
        return KeyValue(latent, latent if value is None else projected("value", value, self.compression).unsqueeze(1))

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        *,
        kv: KeyValue | None = None,
        key_mask: Tensor | None = None,
        bias: Tensor | None = None,
    ) -> Tensor:
        """What each query (B, Tq, D) gathers, (B, Tq, D)."""
        source = self._expanded(query, key, value, kv)
        output: Tensor = self.heads(query, kv=source, key_mask=key_mask, bias=bias)
        return output

    def attend(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        *,
        kv: KeyValue | None = None,
        key_mask: Tensor | None = None,
        bias: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """`forward` and the weights (B, H, Tq, Tk), differentiable and before dropout."""
        source = self._expanded(query, key, value, kv)
        return self.heads.attend(query, kv=source, key_mask=key_mask, bias=bias)

    def advance(
        self, query: Tensor, past: Past | None = None, *, key_mask: Tensor | None = None
    ) -> tuple[Tensor, Past]:
        """What the next queries gather, and the latents so far; as the shell's."""
        check_goes_on(self.role)
        check_sequence("query", query, self.heads.dim)
        latents = extended(past, self.project(query), key_mask)
        return self(query, kv=latents), latents

    def _expanded(self, query: Tensor, key: Tensor | None, value: Tensor | None, kv: KeyValue | None) -> KeyValue:
        """Keys and values of what is attended to, for each head, (B, H, Tk, Dh)."""
        check_sequence("query", query, self.heads.dim)
        latents = projected_source(self.project, self.role, query, key, value, kv)
        return self.heads.project(latents.k.squeeze(1), latents.v.squeeze(1))._replace(mask=latents.mask)
