"""Tiny pairs of adversarial networks, of each kind, and what goes into them; sizes are distinct, mostly prime."""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from attnlab.feature_attention import AxialFeatureAttention, NoneFeatureAttention, NonLocalFeatureAttention
from attnlab.models import DCGAN, SAGAN, AttentionGAN
from attnlab.models.layers.slots import SCALED_DOT

NON_LOCAL = partial(NonLocalFeatureAttention, attention=SCALED_DOT)
AXIAL = partial(AxialFeatureAttention, attention=SCALED_DOT, num_heads=2)
SMALL = {"num_classes": 5, "in_channels": 1, "height": 17, "width": 23, "dim": 6, "latent_dim": 7, "conditional": False}
PAIRS: dict[str, tuple[Any, dict[str, Any]]] = {
    "dcgan": (DCGAN, {"feature_attention": NoneFeatureAttention}),
    "sagan": (SAGAN, {"feature_attention": NON_LOCAL}),
    "attention_gan": (AttentionGAN, {"feature_attention": NoneFeatureAttention, "attention": SCALED_DOT}),
}
BOTH = [(name, conditional) for name in PAIRS for conditional in (False, True)]
LABELS = torch.tensor([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 4])


def build_pair(name: str, **changes: Any) -> Any:
    torch.manual_seed(5)
    kind, arguments = PAIRS[name]
    return kind(**{**SMALL, **arguments, **changes})


def draw_latents(num: int = 11) -> Tensor:
    return torch.randn(num, SMALL["latent_dim"], generator=torch.Generator().manual_seed(3))


def draw_images(num: int = 11, channels: int = 1, height: int = 17, width: int = 23) -> Tensor:
    return torch.rand(num, channels, height, width, generator=torch.Generator().manual_seed(7)) * 2 - 1


def open_gains(pair: nn.Module) -> None:
    """Set the gains that start at zero and keep the attention behind them out of the images."""
    for name, parameter in pair.named_parameters():
        if name.endswith("gain"):
            nn.init.constant_(parameter, 0.7)
