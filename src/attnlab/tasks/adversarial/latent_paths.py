"""Ways through a generator's latent space."""

import torch
from torch import Tensor


def spherical_path(start: Tensor, end: Tensor, *, num: int) -> Tensor:
    """`num` latents (num, D) from one (D,) to another, both included, at equal angles.

    slerp(t) = (sin((1 - t) w) a + sin(t w) b) / sin(w),  w the angle between a and b    (White, 2016, section 3.1)

    A straight line would pass nearer to the origin than latents drawn from a normal distribution ever come.
    """
    angle = torch.arccos(torch.cosine_similarity(start, end, dim=0).clamp(-1, 1))
    shares = torch.linspace(0, 1, num, device=start.device)[:, None]
    if torch.sin(angle) < 1e-6:  # along one line the formula is 0 / 0
        return torch.lerp(start, end, shares)
    return (torch.sin((1 - shares) * angle) * start + torch.sin(shares * angle) * end) / torch.sin(angle)
