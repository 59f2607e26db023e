"""A filter over the last few inputs, so that attention's projections see what came just before."""

import torch
from torch import Tensor, nn

from attnlab.errors import between


class ShortConvolution(nn.Module):
    """y_t = sum_{r < K} f_r ⊙ x_{t-r}: a filter of `kernel_size` K for each channel, causal. (B, T, D) -> (B, T, D)

    As before the attention of H3 (Fu et al., 2023) and of Mamba, there of queries, keys and values each; with K = 2 it
    is a token shift (Peng et al., 2023). With K = 1 there is none, and x passes. It starts as torch's convolutions do.
    Raises ValueError for a `kernel_size` out of its range.
    """

    def __init__(self, dim: int, *, kernel_size: int) -> None:
        super().__init__()
        between(1, 64, "model", kernel_size=kernel_size)
        self.num_before = kernel_size - 1
        bound = kernel_size**-0.5
        start = torch.empty(kernel_size, dim).uniform_(-bound, bound)
        self.filter = nn.Parameter(start) if self.num_before else None  # f, the newest last

    def forward(self, x: Tensor, before: Tensor | None, *, places: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """y, and the last K - 1 inputs (B, K - 1, D), which the next call takes as `before`; None is zeros.

        `places` (B, T) is how many steps of its text stand before each, where texts follow one another in x: those of
        another are zeros, too.
        """
        if self.filter is None:
            return x, x[:, :0]
        if before is None:
            before = x.new_zeros(x.size(0), self.num_before, x.size(2))
        seen = torch.cat([before, x], dim=1)
        taps = [each * seen[:, start : start + x.size(1)] for start, each in enumerate(self.filter)]
        if places is not None:
            back = range(self.num_before, -1, -1)
            taps = [tap.masked_fill((places < far).unsqueeze(2), 0.0) for tap, far in zip(taps, back, strict=True)]
        return torch.stack(taps).sum(0), seen[:, seen.size(1) - self.num_before :]
