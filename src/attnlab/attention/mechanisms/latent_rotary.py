"""Multi-head latent attention with a rotary part beside the latent, which changes the projections."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.call_checks import (
    check_bias,
    check_goes_on,
    check_key_mask,
    check_sequence,
    check_source,
    check_sources,
    projected,
)
from attnlab.attention.core import Core, Role, RoleError
from attnlab.attention.masks import all_of, emptied, without_empty
from attnlab.attention.mechanisms.partial_rotary import PartialRotaryAttention
from attnlab.attention.multihead import checked_head_dim, projected_source
from attnlab.attention.parts.root_mean_square import of_unit_root_mean_square
from attnlab.attention.past import KeyValue, Past, extended
from attnlab.errors import between


class LatentRotaryAttention(nn.Module):
    """Content meets through one short vector for each place, distance through a few channels that turn beside it.

    c_j = norm(W_c x_j),   k_jh = [R_j W_r x_j; W_kh c_j],   v_jh = W_vh c_j
    d_i = norm(W_d x_i),   q_ih = [R_i W_sh d_i; W_qh d_i],   w_ij = softmax_j(q_ih · k_jh / sqrt(Dh + R))
    (DeepSeek-AI, 2024, DeepSeek-V2, eqs. 14-19; norm is RMSNorm, R_t as in `rotary`, with R in the place of Dh.) What
    turns can't be made from the latent anew, so all heads share one such key. A cache keeps c and W_r x, which is not
    turned yet: KeyValue holds both in a row, k and v one tensor (B, 1, Tk, latent_dim + rotary_dim). Called as
    `MultiHeadAttention` is. Differs from the paper: the projections that make queries, keys, values and the output have
    biases, as the shell's; by default d_i = x_i, as in the paper's small model.

    Cost: time T² D + T · D · latent_dim, memory T D. Fused. A cache keeps T · (latent_dim + rotary_dim) numbers.

    Args:
        latent_dim: width of c; None for dim / 2.
        rotary_dim: width R of what turns, even; None for about Dh / 2, the paper's share.
        query_latent_dim: width of d; None for queries from x itself, without a norm.
        base: as in `rotary`.
        Others as in `MultiHeadAttention`.

    Raises:
        ValueError: a width below 2 or an odd `rotary_dim`, a `base` of at most 1, a `value_dim` other than the keys',
            and what the shell refuses; RoleError for the role cross.
    """

    undecayed = frozenset({"latent_gain"})

    def __init__(
        self,
        dim: int,
        *,
        num_heads: int,
        role: Role,
        max_length: int,
        dropout: float = 0.0,
        latent_dim: int | None = None,
        rotary_dim: int | None = None,
        query_latent_dim: int | None = None,
        base: float = 10000.0,
        key_dim: int | None = None,
        value_dim: int | None = None,
    ) -> None:
        super().__init__()
        if role == "cross":
            raise RoleError(
                "latent_rotary attention needs queries and keys that share one line of positions, got role cross"
            )
        head_dim = checked_head_dim(dim, num_heads=num_heads, role=role, dropout=dropout)
        latent_dim = max(2, dim // 2) if latent_dim is None else latent_dim
        rotary_dim = max(2, head_dim // 4 * 2) if rotary_dim is None else rotary_dim
        if base <= 1:
            raise ValueError(f"base must be greater than 1, got {base} (set attention.base)")
        _check_widths(latent_dim=latent_dim, rotary_dim=rotary_dim, query_latent_dim=query_latent_dim)
        key_dim = dim if key_dim is None else key_dim
        if value_dim not in (None, key_dim):
            raise ValueError(f"keys and values share a latent, so their widths too, got {key_dim} and {value_dim}")
        self.dim, self.head_dim, self.num_heads = dim, head_dim, num_heads
        self.latent_dim, self.rotary_dim = latent_dim, rotary_dim
        self.dropout = dropout
        self.role: Role = role
        width = head_dim + rotary_dim
        self.core: Core = PartialRotaryAttention(
            num_heads=num_heads,
            head_dim=width,
            role=role,
            max_length=max_length,
            dropout=dropout,
            share=rotary_dim / width,
            base=base,
        )
        self.compression = nn.Linear(key_dim, latent_dim, bias=False)
        self.latent_gain = nn.Parameter(torch.ones(latent_dim))
        self.query_compression = None
        if query_latent_dim is not None:
            self.query_compression = nn.Linear(dim, query_latent_dim, bias=False)
            self.query_latent_gain = nn.Parameter(torch.ones(query_latent_dim))
            self.undecayed = self.undecayed | {"query_latent_gain"}
        self.rotary_key_projection = nn.Linear(key_dim, rotary_dim, bias=False)
        self.query_projection = nn.Linear(dim if query_latent_dim is None else query_latent_dim, num_heads * width)
        self.key_projection = nn.Linear(latent_dim, dim)
        self.value_projection = nn.Linear(latent_dim, dim)
        self.output_projection = nn.Linear(dim, dim)
        _start(self)

    def project(self, key: Tensor, value: Tensor | None = None) -> KeyValue:
        """What is kept of a source: key and value (B, Tk, key_dim), by default the key's tensor.

        Raises ValueError for other shapes.
        """
        width = self.compression.in_features
        check_sources(key, value, key_dim=width, value_dim=width)
        k = self._kept("key", key)
        return KeyValue(k, k if value is None else self._kept("value", value))

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
        q, k, v, key_mask = self._inputs(query, key, value, kv, key_mask, bias)
        bias, empty = without_empty(bias)
        return self._join_heads(emptied(self.core(q, k, v, key_mask=key_mask, bias=bias), empty))

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
        q, k, v, key_mask = self._inputs(query, key, value, kv, key_mask, bias)
        bias, empty = without_empty(bias)
        weights = emptied(self.core.weights(q, k, key_mask=key_mask, bias=bias), empty)
        heads = self.core.combine(F.dropout(weights, self.dropout, self.training), v)
        return self._join_heads(heads), weights

    def advance(
        self, query: Tensor, past: Past | None = None, *, key_mask: Tensor | None = None
    ) -> tuple[Tensor, Past]:
        """What the next queries gather, and what is kept so far; as the shell's."""
        check_goes_on(self.role)
        check_sequence("query", query, self.dim)
        kept = extended(past, self.project(query), key_mask)
        return self(query, kv=kept), kept

    def _inputs(
        self,
        query: Tensor,
        key: Tensor | None,
        value: Tensor | None,
        kv: KeyValue | None,
        key_mask: Tensor | None,
        bias: Tensor | None,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
        """q (B, H, Tq, R + Dh) and k (B, H, Tk, R + Dh), what is to turn first; v (B, H, Tk, Dh); a mask of keys."""
        check_sequence("query", query, self.dim)
        source = projected_source(self.project, self.role, query, key, value, kv)
        check_source(source.v, query, self.role)
        if key_mask is not None:
            check_key_mask(key_mask, query, source.v.size(-2))
        if bias is not None:
            check_bias(bias, query, self.num_heads, source.v.size(-2))
        latent, to_turn = source.k[..., : self.latent_dim], source.k[..., self.latent_dim :]  # (B, 1, Tk, L or R)
        content = self._split_heads(self.key_projection(latent.squeeze(1)))  # (B, H, Tk, Dh)
        k = torch.cat([to_turn.expand(-1, self.num_heads, -1, -1), content], dim=-1)
        v = self._split_heads(self.value_projection(source.v[..., : self.latent_dim].squeeze(1)))
        return self._queries(query), k, v, all_of(source.mask, key_mask)

    def _kept(self, name: str, source: Tensor) -> Tensor:
        """[c; W_r x] of a source (B, T, key_dim), (B, 1, T, L + R)."""
        latent = of_unit_root_mean_square(projected(name, source, self.compression), self.latent_gain)
        return torch.cat([latent, projected(name, source, self.rotary_key_projection)], dim=-1).unsqueeze(1)

    def _queries(self, query: Tensor) -> Tensor:
        if self.query_compression is not None:
            latent = projected("query", query, self.query_compression)
            query = of_unit_root_mean_square(latent, self.query_latent_gain)
        return self._split_heads(projected("query", query, self.query_projection))

    def _split_heads(self, x: Tensor) -> Tensor:
        width = x.size(-1) // self.num_heads  # -1 says nothing in an empty batch
        return x.view(*x.shape[:2], self.num_heads, width).transpose(1, 2)  # (B, H, T, width)

    def _join_heads(self, heads: Tensor) -> Tensor:
        output: Tensor = self.output_projection(heads.transpose(1, 2).flatten(2))  # (B, Tq, D)
        return output


def _check_widths(*, latent_dim: int, rotary_dim: int, query_latent_dim: int | None) -> None:
    """ValueError for a width out of its range: of a single number a norm leaves the sign alone."""
    between(2, 2**20, "attention", latent_dim=latent_dim)
    if query_latent_dim is not None:
        between(2, 2**20, "attention", query_latent_dim=query_latent_dim)
    between(2, 2**20, "attention", rotary_dim=rotary_dim)
    if rotary_dim % 2:
        raise ValueError(f"rotary_dim must be even, as pairs turn, got {rotary_dim} (set attention.rotary_dim)")


def _start(module: nn.Module) -> None:
    """As the shell's projections start."""
    for linear in module.modules():
        if isinstance(linear, nn.Linear):
            nn.init.xavier_uniform_(linear.weight)
            if linear.bias is not None:
                nn.init.zeros_(linear.bias)
