"""Places in an image, and boxes, as vectors for attention; and a bias towards what lies near a box."""

import math

import torch
from torch import Tensor, nn

FEWEST_PERIODS, MOST_PERIODS = 0.5, 4.0  # of the slowest and the fastest wave, along an image's side


def check_dim(dim: int) -> None:
    """ValueError for a width that waves along x and y, each as sin and cos, can't fill."""
    if dim < 4 or dim % 4:
        raise ValueError(f"dim must be a multiple of 4, for waves along x and y, got {dim} (set model.dim)")


def sine_of_shares(shares: Tensor, dim: int) -> Tensor:
    """sin and cos of 2 pi f_i s for D / 2 frequencies f_i, of shares s (...) of a side: (..., D), D even.

    The frequencies are evenly spaced in ratio, from half a period along the side to four: a map has few places, which
    the wavelengths of sentences would hardly tell apart.
    """
    steps = torch.linspace(0, 1, dim // 2, device=shares.device)
    frequencies = FEWEST_PERIODS * (MOST_PERIODS / FEWEST_PERIODS) ** steps
    angles = 2 * math.pi * frequencies * shares.float().unsqueeze(-1)
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


def places(height: int, width: int, *, stride: int, extents: Tensor) -> tuple[Tensor, Tensor]:
    """Where the places of a map lie in images of `extents` (B, 2), height and width in pixels.

    Row by row: x and y in shares of each image (B, H W, 2), and whether a place lies within it (B, H W).
    """
    device = extents.device
    # Convolutions of stride 2 with odd kernels put place j over pixel stride * j, whose middle is half a pixel on.
    y = (torch.arange(height, device=device) * stride + 0.5)[:, None].expand(height, width)
    x = (torch.arange(width, device=device) * stride + 0.5)[None, :].expand(height, width)
    pixels = torch.stack([x, y], dim=2).flatten(0, 1)  # (H W, 2)
    shares = pixels / extents.flip(1)[:, None, :]  # (B, H W, 2)
    return shares, (shares < 1).all(dim=2)


class NearBox(nn.Module):
    """A bias that leads each head to its own part of the box that a query stands for.

    bias_hqk = -|(p_k - c_q - o_hq size_q) / (r_hq size_q)|^2 / 2,   o and log r linear in the query's content
    (the Gaussian-like weight of SMCA, Gao et al., 2021, eqs. 3 to 5). Differs from the paper: offsets count in sizes of
    the box, the box is the layer's own, and heads begin spread on a ring around its centre.
    """

    def __init__(self, dim: int, *, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.aim = nn.Linear(dim, 3 * num_heads)
        angles = torch.arange(num_heads) * (2 * math.pi / num_heads)
        ring = 0.25 * torch.stack([angles.cos(), angles.sin(), torch.zeros(num_heads)], dim=1)
        ring[:, 2] = math.log(0.5)
        nn.init.normal_(self.aim.weight, std=0.01)
        with torch.no_grad():
            self.aim.bias.copy_(ring.flatten())

    def forward(self, content: Tensor, boxes: Tensor, key_places: Tensor) -> Tensor:
        """(B, H, Q, K) of queries' content (B, Q, D), boxes (B, Q, 4) centres in shares, and keys' places (B, K, 2)."""
        aim = self.aim(content).unflatten(-1, (self.num_heads, 3)).transpose(1, 2).float()  # (B, H, Q, 3)
        middle, size = boxes.unsqueeze(1).chunk(2, dim=-1)  # (B, 1, Q, 2)
        centre = middle + aim[..., :2] * size  # (B, H, Q, 2)
        narrow = (aim[..., 2:].clamp(-3, 3).exp() * size).clamp(min=0.02) ** -2  # (B, H, Q, 2)
        # |(p - c) / r|^2 as a product of (p^2, p, 1) with (1, -2 c, c^2) / r^2: no tensor of all pairs but the result.
        ours = torch.cat([narrow, -2 * centre * narrow, (centre.square() * narrow).sum(-1, keepdim=True)], dim=-1)
        theirs = torch.cat([key_places.square(), key_places, torch.ones_like(key_places[..., :1])], dim=-1)  # (B, K, 5)
        with torch.autocast(content.device.type, enabled=False):  # in bfloat16 the terms would cancel to nothing
            bias: Tensor = -0.5 * (ours @ theirs.mT.unsqueeze(1)).clamp(min=0)
        return bias
