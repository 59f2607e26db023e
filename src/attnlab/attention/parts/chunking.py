"""Scores that need a feature vector for every pair of query and key, in bounded memory."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

# Bytes of pair features alive at once. What fits a CPU's cache takes half the time of what doesn't (measured at B=4,
# H=4, T=512, Dh=32); a GPU wants few large kernels.
CPU_CHUNK_BYTES = 4 * 2**20
GPU_CHUNK_BYTES = 256 * 2**20


def chunked_scores(score: Callable[[Tensor, Tensor], Tensor], q: Tensor, k: Tensor) -> Tensor:
    """score(q, k), (B, H, Tq, Tk), for a `score` that builds (B, H, Tq, Tk, Dh) on the way and draws no random numbers.

    Where that is too large, queries go through in chunks, whose features the backward pass computes anew.
    """
    if any(isinstance(size, torch.SymInt) for size in (*q.shape, *k.shape)):
        return score(q, k)  # a graph for any size, which can't be cut into so many
    budget = CPU_CHUNK_BYTES if q.device.type == "cpu" else GPU_CHUNK_BYTES
    bytes_per_query = q.size(0) * q.size(1) * k.size(-2) * k.size(-1) * q.element_size()
    chunk_length = max(1, budget // max(1, bytes_per_query))
    if chunk_length >= q.size(-2):
        return score(q, k)
    chunks = torch.split(q, chunk_length, dim=-2)
    if not torch.is_grad_enabled():
        return torch.cat([score(chunk, k) for chunk in chunks], dim=-2)
    recomputed = [checkpoint(score, chunk, k, use_reentrant=False, preserve_rng_state=False) for chunk in chunks]
    return torch.cat(recomputed, dim=-2)
