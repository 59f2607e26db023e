"""A state that each key writes to and each query reads: what retention, gated linear attention and delta rules share.

    S_t = (Diag(w_t) + b_t c_tᵀ) S_{t-1} + k_t v_tᵀ,   o_t = S_tᵀ q_t + skip_t v_t        S (Dk, Dv), S_0 = 0

As a matrix, o_t = sum_{s <= t} A_ts v_s. A sequence goes in chunks of CHUNK steps: pair by pair within one, and from
one to the next through S. Of pairs in a chunk, with G_t = sum_{s <= t} log w_s from its start,

    [xy]_ts = sum_d x_td y_sd exp(G_td - G_sd), s <= t (for c: with G_{t-1} and s < t)
    U = (I - [cb])^-1 (c e^{G_{t-1}} S + [ck] V),   O = q e^G S + [qk] V + [qb] U
    S' = e^{G_C} S + (k e^{G_C - G})ᵀ V + (b e^{G_C - G})ᵀ U

(Yang et al., 2024, section 3.2; with decays Yang et al., 2025, section 3.3.) U is affine in S, so that it is solved for
once, of all chunks at a time, by substitution: products of (I + [cb]^n) lose all digits where keys are alike.

Where texts are packed one after another, pairs of two texts are none, and of a chunk only those steps read the S before
it that go on with its text, only those write to the S' after it whose text is the chunk's last, and S itself goes on if
that is one text; G_t counts from where its text begins. A decay that leaves nothing, log w = -inf, would be NaN in
sums, and a very small one leak gradients.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role, RoleError
from attnlab.attention.masks import allowed_mask
from attnlab.attention.parts.chunking import chunked_scores
from attnlab.attention.parts.packed_chunks import Apart, only

CHUNK = 32  # steps; of 16 to 64 the fastest where heads are 32 wide
# Of log w where channels decay on their own: exp(5 CHUNK / 2), about the middle of a chunk, is what float32 can hold.
MOST_FORGOTTEN = -5.0

PROPERTIES = Properties(rows_sum_to_one=False, non_negative=False, permutation_equivariant=False, takes_bias=False)


class Terms(NamedTuple):
    """Of each step: what is read there, (B, H, Tq, Dk) for the last Tq of Tk steps, and written, (B, H, Tk, Dk)."""

    q: Tensor
    k: Tensor
    log_decay: Tensor | None = None  # (B or 1, H, Tk, 1 or Dk), log w, at most 0; None where nothing decays
    b: Tensor | None = None  # with c, what is erased; None where nothing is
    c: Tensor | None = None
    skip: Tensor | None = None  # (B, H, Tq, 1)

    def flipped(self) -> "Terms":
        """The other way in time."""
        _, _, *others = (None if x is None else x.flip(-2) for x in self)
        return Terms(self.q.flip(-2), self.k.flip(-2), *others)

    def own(self) -> Tensor:
        """What a key has of its own query, (B, H, T, 1)."""
        own = (self.q * self.k).sum(-1, keepdim=True)
        return own if self.skip is None else own + self.skip


class Recurrence(nn.Module):
    """A core's way through its terms: `forward`, `weights` and `advance`; it has no parameters.

    In the role self a sequence is gone through both ways, and what a key writes for its own query is counted once. A
    masked key neither writes nor erases, nothing decays there, and it isn't skipped to. Dropout drops a write for all
    queries of its head at once, as single weights don't exist. Raises RoleError for cross-attention, and ValueError for
    a bias.
    """

    def __init__(self, name: str, *, role: Role, dropout: float) -> None:
        super().__init__()
        if role == "cross":
            raise RoleError(f"{name} attention needs queries and keys that share one line of positions, got role cross")
        self.name = name
        self.both_ways = role == "self"
        self.dropout = dropout

    def forward(self, terms: Terms, v: Tensor, *, key_mask: Tensor | None, bias: Tensor | None) -> Tensor:
        """o (B, H, Tq, Dv), in float32 at least."""
        self._refuse(bias)
        num_queries = terms.q.size(-2)
        terms, v = _in_full(terms, key_mask, _wide(v)), self._dropped(v)
        with torch.autocast(v.device.type, enabled=False):
            output, _ = scan(terms, v, None)
            if self.both_ways:
                back, _ = scan(terms.flipped(), v.flip(-2), None)
                output = output + back.flip(-2) - terms.own() * v
        return output[..., v.size(-2) - num_queries :, :]

    def weights(self, terms: Terms, *, key_mask: Tensor | None, bias: Tensor | None) -> Tensor:
        """A (B, H, Tq, Tk), in float32 at least; summed up in float64 where there is one."""
        self._refuse(bias)
        num_queries, dtype = terms.q.size(-2), _wide(terms.q)
        terms = _in_full(terms, key_mask, dtype if terms.q.device.type == "mps" else torch.float64)
        with torch.autocast(terms.q.device.type, enabled=False):
            weights = _matrix(terms)
            if self.both_ways:
                weights = weights + _matrix(terms.flipped()).flip(-2, -1) - torch.diag_embed(terms.own().squeeze(-1))
        return weights[..., weights.size(-2) - num_queries :, :].to(dtype)

    def advance(
        self,
        terms: Terms,
        v: Tensor,
        state: tuple[Tensor, ...] | None,
        *,
        key_mask: Tensor | None,
        segments: Tensor | None,
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """o of the next steps, and the state (B, H, Dk, Dv) behind them, both in float32 at least."""
        terms, v = _in_full(terms, key_mask, _wide(v)), self._dropped(v)
        with torch.autocast(v.device.type, enabled=False):
            output, last = scan(terms, v, None if state is None else state[0], segments)
        return output, (last,)

    def _refuse(self, bias: Tensor | None) -> None:
        if bias is not None:
            raise ValueError(f"{self.name} attention has no scores, so it takes no bias")

    def _dropped(self, v: Tensor) -> Tensor:
        v = v.to(_wide(v))
        return v * F.dropout(v.new_ones(*v.shape[:-1], 1), self.dropout if self.training else 0.0)


def scan(terms: Terms, v: Tensor, state: Tensor | None, segments: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """o (B, H, T, Dv) of as many reads as writes from a state (B, H, Dk, Dv) on, None for zeros; and the state then.

    `segments` (B, T), numbers that grow where a text begins, are 0 for steps that go on with the state.
    """
    length = v.size(-2)
    chunk = min(CHUNK, length)
    q, k, log_decay, b, c, _ = (None if x is None else _chunks(x, chunk) for x in terms)  # (B, H, N, C, Dk)
    values = _chunks(v, chunk)
    apart = Apart() if segments is None else Apart.of(segments, chunk)
    pairs, entering, leaving, through, _ = apart
    assert q is not None
    assert k is not None
    total = None if log_decay is None else apart.summed(log_decay)  # G
    last = None if total is None else total[..., -1:, :]
    writes = _decayed(k, last, total, where=leaving).mT
    output, reads = _pairs(q, k, total, total, where=pairs) @ values, _decayed(q, total, where=entering)
    added, erasing = writes @ values, None
    if b is not None and c is not None:
        before = None if total is None or log_decay is None else total - log_decay  # G_{t-1}
        of_values = _pairs(c, k, before, total, strictly=True, where=pairs) @ values
        erased = torch.linalg.solve_triangular(
            -_pairs(c, b, before, total, strictly=True, where=pairs),
            torch.cat([_decayed(c, before, where=entering), of_values], dim=-1),
            upper=False,
            unitriangular=True,
        )
        of_state, of_values = erased.split([c.size(-1), v.size(-1)], dim=-1)
        removing, both = _decayed(b, last, total, where=leaving).mT, _pairs(q, b, total, total, where=pairs)
        erasing, added = removing @ of_state, added + removing @ of_values
        output, reads = output + both @ of_values, reads + both @ of_state
    kept = None if last is None else last.mT.exp()
    output, state = _through_chunks(output, reads, kept, erasing, added, state, through)
    output = output.flatten(2, 3)[:, :, :length]
    return (output if terms.skip is None else output + terms.skip * v), state


def _through_chunks(
    output: Tensor,
    reads: Tensor,
    kept: Tensor | None,
    erasing: Tensor | None,
    added: Tensor,
    state: Tensor | None,
    through: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """What N chunks give with what each reads of the state before it, (B, H, N, C, Dv), and the state behind them."""
    if state is None:
        state = added.new_zeros(*added.shape[:2], *added.shape[-2:])
    entries = []
    others = (_one_by_one(x, added.size(2)) for x in (kept, erasing, through))
    for written, (share, taken, same) in zip(added.unbind(2), zip(*others, strict=True), strict=True):
        entries.append(state)
        going_on = state if share is None else share * state
        if same is not None:
            going_on = only(same, going_on)
        state = going_on + written + (0.0 if taken is None else taken @ state)
    return output + reads @ torch.stack(entries, dim=2), state


def _one_by_one(x: Tensor | None, num: int) -> Sequence[Tensor | None]:
    """Each of (B, H, N, ...), cut in one operation: the gradient of a cut by itself would be as large as all N."""
    return [None] * num if x is None else x.unbind(2)


def _matrix(terms: Terms) -> Tensor:
    """A (B, H, T, T) of as many reads as writes."""
    q, k, log_decay, b, c, skip = terms
    total = None if log_decay is None else log_decay.cumsum(-2)
    weights = _far_pairs(q, k, total, total)
    if b is not None and c is not None:
        before = None if total is None or log_decay is None else total - log_decay
        erased = torch.linalg.solve_triangular(
            -_far_pairs(c, b, before, total, strictly=True),
            _far_pairs(c, k, before, total, strictly=True),
            upper=False,
            unitriangular=True,
        )
        weights = weights + _far_pairs(q, b, total, total) @ erased
    return weights if skip is None else weights + torch.diag_embed(skip.squeeze(-1))


def _pairs(
    x: Tensor, y: Tensor, to: Tensor | None, since: Tensor | None, *, strictly: bool = False, where: Tensor | None
) -> Tensor:
    """[xy]_ts = sum_d x_td y_sd exp(to_td - since_sd) for s <= t, or s < t; zero elsewhere. Of a chunk."""
    if to is None or since is None or to.size(-1) == 1:
        return _even_pairs(x, y, to, since, strictly=strictly, where=where)
    # The reference cancels, and its gradient by rounding alone would reach what comes later.
    middle = since[..., since.size(-2) // 2, None, :].detach()
    products = (x * (to - middle).exp()) @ (y * (middle - since).exp()).mT
    return only(where, products.tril(-1 if strictly else 0))


def _far_pairs(x: Tensor, y: Tensor, to: Tensor | None, since: Tensor | None, *, strictly: bool = False) -> Tensor:
    """The same of a whole sequence, along which no reference would do: by the exponent of each pair and channel."""
    if to is None or since is None or to.size(-1) == 1:
        return _even_pairs(x, y, to, since, strictly=strictly, where=None)

    def score(reads: Tensor, writes: Tensor) -> Tensor:
        (x, to), (y, since) = reads.unsqueeze(-2).chunk(2, dim=-1), writes.unsqueeze(-3).chunk(2, dim=-1)
        return (x * y * (to - since).clamp(max=0).exp()).sum(-1)

    reads, writes = torch.cat([x, to], dim=-1), torch.cat([y, since], dim=-1)
    return chunked_scores(score, reads, writes).tril(-1 if strictly else 0)


def _even_pairs(
    x: Tensor, y: Tensor, to: Tensor | None, since: Tensor | None, *, strictly: bool, where: Tensor | None
) -> Tensor:
    """Where all channels decay alike, or none."""
    diagonal = -1 if strictly else 0
    products = x @ y.mT
    if to is None or since is None:
        return only(where, products.tril(diagonal))
    allowed = torch.ones(products.shape[-2:], dtype=torch.bool, device=x.device).tril(diagonal)
    allowed = allowed if where is None else allowed & where
    return products * (to - since.mT).masked_fill(~allowed, -torch.inf).exp()


def _decayed(x: Tensor, to: Tensor | None, since: Tensor | None = None, *, where: Tensor | None) -> Tensor:
    """x exp(to - since), zero elsewhere."""
    x = only(where, x)
    if to is None:
        return x
    # Elsewhere it may be too great a number, whose product with no gradient would be NaN.
    return x * only(where, to if since is None else to - since).exp()


def _in_full(terms: Terms, key_mask: Tensor | None, dtype: torch.dtype) -> Terms:
    """With reads at every step, zeros at the first Tk - Tq; and without masked keys."""
    q, k, log_decay, b, c, skip = (None if x is None else x.to(dtype) for x in terms)
    assert q is not None
    assert k is not None
    front = (0, 0, k.size(-2) - q.size(-2), 0)
    q, skip = F.pad(q, front), None if skip is None else F.pad(skip, front)
    if key_mask is not None:
        allowed = allowed_mask(q, k, causal=False, key_mask=key_mask)
        assert allowed is not None
        hidden = ~allowed.mT  # (B, 1, Tk, 1)
        k, log_decay, b, skip = (None if x is None else x.masked_fill(hidden, 0.0) for x in (k, log_decay, b, skip))
        assert k is not None
    return Terms(q, k, log_decay, b, c, skip)


def _chunks(x: Tensor, length: int) -> Tensor:
    """(B, H, T, F) cut into (B, H, N, length, F), zeros at the end: there nothing is written and nothing decays."""
    padded = F.pad(x, (0, 0, 0, -x.size(-2) % length))
    return padded.reshape(*x.shape[:2], padded.size(-2) // length, length, x.size(-1))


def _wide(x: Tensor) -> torch.dtype:
    return torch.promote_types(x.dtype, torch.float32)
