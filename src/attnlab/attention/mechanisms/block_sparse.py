"""Block-sparse attention."""

import torch
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role, RoleError, require_length
from attnlab.attention.masks import all_of, allowed_mask, masked_softmax
from attnlab.attention.parts.fused import fused_attention
from attnlab.attention.parts.gathered import BlockPlan, gathered_attention
from attnlab.errors import between


class BlockSparseAttention(nn.Module):
    """Blocks of positions see their neighbours, a few blocks that all see and that see all, and a few drawn at random.

    w_ij = softmax_j(q_i · k_j / sqrt(Dh)) over the pairs (i, j) in blocks m and n for which |m - n| is within the
    window, or n or m is one of the first `num_global_blocks`, or n was drawn for m
    (BigBird with global tokens from the sequence itself: Zaheer et al., 2020, section 2.) Cost linear in the length.
    Draws are made once for `max_length` from `seed`, for all heads alike, and saved with the model; they don't depend
    on the length at hand, so that padding changes nothing, and a draw beyond it falls away. Causal attention draws from
    what lies behind, and no block sees all. A query whose whole pattern is masked gets zeros.

    Cost: time T s D, memory T s H. s = block_size (num_window_blocks + num_global_blocks + num_random_blocks).

    Raises ValueError for a count out of its range, RoleError for the role cross; an input longer than `max_length`
    raises ValueError.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(permutation_equivariant=False)

    def __init__(
        self,
        *,
        num_heads: int,
        head_dim: int,
        role: Role,
        max_length: int,
        dropout: float,
        block_size: int = 8,
        num_window_blocks: int = 3,
        num_global_blocks: int = 1,
        num_random_blocks: int = 1,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if role == "cross":
            raise RoleError(
                "block_sparse attention needs queries and keys that share one line of positions, got role cross"
            )
        between(1, 2**16, "attention.core", block_size=block_size)
        if num_window_blocks < 1 or num_window_blocks % 2 == 0:
            raise ValueError(
                "num_window_blocks must be odd and positive, so that the window has a centre, "
                f"got {num_window_blocks} (set attention.core.num_window_blocks)"
            )
        for name, count in (("num_global_blocks", num_global_blocks), ("num_random_blocks", num_random_blocks)):
            if count < 0:
                raise ValueError(f"{name} must not be negative, got {count} (set attention.core.{name})")
            between(0, 2**16, "attention.core", **{name: count})
        self.scale = head_dim**-0.5
        self.causal = role == "causal"
        self.dropout = dropout
        self.max_length = max_length
        self.block_size = block_size
        self.radius = num_window_blocks // 2
        self.num_global_blocks = num_global_blocks
        self.random_blocks: Tensor  # (number of blocks, num_random_blocks), -1 where there is none to draw
        self.register_buffer("random_blocks", self._draw(-(-max_length // block_size), num_random_blocks, seed))

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        dropout = self.dropout if self.training else 0.0
        num_queries, num_keys = q.size(-2), k.size(-2)
        require_length(num_keys, self.max_length)
        # The first rows see all keys: few enough to be computed whole.
        num_whole = 0 if self.causal else min(self.num_global_blocks * self.block_size, num_queries)
        whole_bias, block_bias = None, None
        if bias is not None:
            bias = bias.expand(*bias.shape[:-2], num_queries, num_keys)
            whole_bias, block_bias = bias[..., :num_whole, :], bias[..., num_whole:, :]
        outputs = []
        if num_whole:
            outputs.append(
                fused_attention(
                    q[:, :, :num_whole],
                    k,
                    v,
                    scale=self.scale,
                    causal=False,
                    key_mask=key_mask,
                    bias=whole_bias,
                    dropout=dropout,
                )
            )
        if num_whole < num_queries:
            rest = q[:, :, num_whole:]
            plan = self._plan(num_queries - num_whole, num_keys)
            outputs.append(
                gathered_attention(
                    rest, k, v, plan, scale=self.scale, key_mask=key_mask, bias=block_bias, dropout=dropout
                )
            )
        return torch.cat(outputs, dim=2)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        scores = q @ k.mT * self.scale  # (B, H, Tq, Tk)
        allowed = allowed_mask(q, k, causal=self.causal, key_mask=key_mask)
        return masked_softmax(scores, all_of(self._pattern(q.size(-2), k.size(-2)), allowed), bias)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v

    def _draw(self, num_blocks: int, num_random_blocks: int, seed: int) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        with torch.device("cpu"):  # the default may be meta, where a model is built but nothing computed
            drawn = torch.full((num_blocks, num_random_blocks), -1)
            for block in range(num_blocks):
                others = torch.arange(block if self.causal else num_blocks)
                others = others[(others >= self.num_global_blocks) & ((others - block).abs() > self.radius)]
                chosen = others[torch.randperm(len(others), generator=generator)[:num_random_blocks]]
                drawn[block, : len(chosen)] = chosen
        return drawn

    def _pattern(self, num_queries: int, num_keys: int) -> Tensor:
        """(Tq, Tk) bool, what each query may see by its block; causality aside."""
        require_length(num_keys, self.max_length)
        block = torch.arange(num_keys, device=self.random_blocks.device) // self.block_size
        query_block = block[num_keys - num_queries :, None]
        pattern = (query_block - block).abs() <= self.radius
        pattern |= block < self.num_global_blocks
        if not self.causal:
            pattern |= query_block < self.num_global_blocks
        return pattern | (self.random_blocks[query_block].mT == block).any(-2)

    def _plan(self, num_queries: int, num_keys: int) -> BlockPlan:
        """The pattern of the last queries in blocks, none of which sees all."""
        first, size, device = num_keys - num_queries, self.block_size, self.random_blocks.device
        within = torch.arange(size, device=device)
        block = torch.arange(first // size, -(-num_keys // size), device=device)[:, None]  # (N, 1)
        queries = block * size + within  # positions, (N, C)

        first_blocks = torch.arange(self.num_global_blocks, device=device).expand(block.size(0), -1)
        window = block + torch.arange(-self.radius, 1 if self.causal else self.radius + 1, device=device)
        # A block that is seen by all anyway isn't seen again through the window.
        window = window.masked_fill(window < self.num_global_blocks, -1)
        seen = torch.cat([first_blocks, window, self.random_blocks[block.squeeze(-1)]], dim=-1)  # (N, seen blocks)
        keys = (seen.unsqueeze(-1) * size + within).flatten(1)  # positions, (N, S)
        allowed = ((keys >= 0) & (keys < num_keys)).unsqueeze(-2)
        if self.causal:
            allowed = allowed & (keys.unsqueeze(-2) <= queries.unsqueeze(-1))
        return BlockPlan(
            queries=(queries - first).clamp(0, num_queries - 1),
            keys=keys.clamp(0, num_keys - 1),
            allowed=allowed.expand(-1, size, -1),
            places=torch.arange(first % size, first % size + num_queries, device=device),
        )
