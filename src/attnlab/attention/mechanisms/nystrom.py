"""Nyströmformer attention."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.attention.core import Properties, Role, RoleError
from attnlab.attention.masks import allowed_mask, masked_softmax
from attnlab.errors import at_least, between


class NystromAttention(nn.Module):
    """Softmax attention by way of a few landmarks, means of segments of the sequence: cost linear in the length.

    w = softmax(q K̃ᵀ / sqrt(Dh)) A⁺ softmax(Q̃ kᵀ / sqrt(Dh)),   A = softmax(Q̃ K̃ᵀ / sqrt(Dh))
    (Xiong et al., 2021, eq. 13.) Q̃ and K̃ are means of queries and keys over `num_landmarks` segments, A⁺ the iterative
    pseudo-inverse of their eq. 11. Differs from the paper: segments are cut from the positions that the mask leaves,
    so that padding changes nothing; where these are fewer than landmarks, some segments stay empty and count for
    nothing; there is no convolution of the values beside it; each matrix has a norm of its own to start iterating from.
    Weights may be negative and sum to one only as far as A⁺ has converged. Dropout drops a landmark. There are no
    scores of single pairs, so a bias raises ValueError.

    Cost: time T · num_landmarks · D, memory T · (D + num_landmarks · H). The pseudo-inverse adds num_iterations ·
    num_landmarks³ · H.

    Raises ValueError for counts below 1; RoleError for the roles causal and cross, in which a query mustn't depend on
    others, as it does through landmarks.
    """

    uses = frozenset({"query", "key"})
    properties = Properties(rows_sum_to_one=False, non_negative=False, permutation_equivariant=False, takes_bias=False)

    def __init__(
        self,
        *,
        num_heads: int,
        head_dim: int,
        role: Role,
        max_length: int,
        dropout: float,
        num_landmarks: int = 16,
        num_iterations: int = 6,
    ) -> None:
        super().__init__()
        if role != "self":
            raise RoleError(
                f"nystrom attention makes each query depend on all others through its landmarks, got role {role}"
            )
        at_least(1, "attention.core", num_landmarks=num_landmarks)
        between(1, 100, "attention.core", num_iterations=num_iterations)
        self.scale = head_dim**-0.5
        self.dropout = dropout
        self.num_landmarks = num_landmarks
        self.num_iterations = num_iterations

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        with torch.autocast(q.device.type, enabled=False):
            to_landmarks, inverse, from_landmarks = self._factors(q, k, key_mask, bias)
            to_landmarks = F.dropout(to_landmarks, self.dropout, self.training)
            return (to_landmarks @ (inverse @ (from_landmarks @ v.to(inverse.dtype)))).to(v.dtype)

    def weights(self, q: Tensor, k: Tensor, *, key_mask: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        with torch.autocast(q.device.type, enabled=False):
            to_landmarks, inverse, from_landmarks = self._factors(q, k, key_mask, bias)
            return (to_landmarks @ (inverse @ from_landmarks)).to(q.dtype)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v

    def _factors(
        self, q: Tensor, k: Tensor, key_mask: Tensor | None, bias: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The three factors of the weights: (B, H, T, M), (B, H, M, M) and (B, H, M, T) for M landmarks."""
        if bias is not None:
            raise ValueError("nystrom attention has no scores of single pairs, so it takes no bias")
        wide = torch.promote_types(q.dtype, torch.float32)  # an inverse magnifies errors
        q, k = q.to(wide) * self.scale, k.to(wide)
        allowed = allowed_mask(q, k, causal=False, key_mask=key_mask)  # (B, 1, 1, T) or None
        members = self._segments(k.size(-2), allowed, k)  # (B or 1, 1, M, T)
        sizes = members.sum(-1, keepdim=True)  # (B or 1, 1, M, 1)
        means = members / sizes.clamp(min=1)
        landmark_q, landmark_k = means @ q, means @ k  # (B, H, M, Dh)
        filled = sizes > 0
        to_landmarks = masked_softmax(q @ landmark_k.mT, filled.mT)
        between = masked_softmax(landmark_q @ landmark_k.mT, filled & filled.mT)
        from_landmarks = masked_softmax(landmark_q @ k.mT, filled if allowed is None else filled & allowed)
        return to_landmarks, pseudo_inverse(between, self.num_iterations), from_landmarks

    def _segments(self, length: int, allowed: Tensor | None, like: Tensor) -> Tensor:
        """(B or 1, 1, M, T), 1 where a position is in a segment: as even as can be, of those that may be attended."""
        if allowed is None:
            allowed = torch.ones(1, 1, 1, length, dtype=torch.bool, device=like.device)
        rank = allowed.cumsum(-1) - 1
        segment = rank * self.num_landmarks // allowed.sum(-1, keepdim=True).clamp(min=1)
        landmark = torch.arange(self.num_landmarks, device=like.device)[:, None]
        return ((segment == landmark) & allowed).to(like.dtype)


def pseudo_inverse(matrix: Tensor, num_iterations: int) -> Tensor:
    """An approximation Z of the Moore-Penrose inverse of each matrix A (..., M, M)        (Xiong et al., 2021, eq. 11).

    Z_0 = Aᵀ / (|A|_1 |A|_∞),   Z ← Z (13 I - A Z (15 I - A Z (7 I - A Z))) / 4
    """
    identity = torch.eye(matrix.size(-1), dtype=matrix.dtype, device=matrix.device)
    norm = matrix.abs().sum(-2).amax(-1) * matrix.abs().sum(-1).amax(-1)
    inverse = matrix.mT / torch.where(norm > 0, norm, 1.0)[..., None, None]
    for _ in range(num_iterations):
        product = matrix @ inverse
        inverse = inverse @ (13 * identity - product @ (15 * identity - product @ (7 * identity - product))) / 4
    return inverse
