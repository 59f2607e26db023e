"""An adversarial pair whose feature maps are attended place by place."""

from typing import cast

from torch import nn

from attnlab.models.adversarial.networks import LEAK, networks, own_layers
from attnlab.models.adversarial.place_attention import PlaceAttention
from attnlab.models.layers.feature_maps import FeatureAttentionFactory, feature_slots
from attnlab.models.layers.slots import AttentionFactory, Slot, fill_slots, mechanism_name


class AttentionGAN(nn.Module):
    """`DCGAN` with query-key-value attention among the places of one map in each network.

    x' = x + γ attention(x + p), with learned positions p and a gain γ that starts at zero (Zhang et al., 2019). The
    weights of a place are a distribution over the places of its own image, not over channels or over the images of a
    batch. It stands at 14 by 14 places of images of 28 by 28, behind `feature_attention` if there is one.

    Args:
        dim: channels of the generator's full-size map and of the discriminator's first; deeper ones have up to 4 dim.
        latent_dim: numbers that an image is made of.
        num_heads: of each attention; divides dim.
        conditional: images are of a class that is asked for: conditional batch norm and the projection discriminator.

    Raises:
        ValueError: a number out of its range, or an attention that can't serve the role self.
    """

    def __init__(
        self,
        *,
        num_classes: int,
        in_channels: int,
        height: int,
        width: int,
        attention: AttentionFactory,
        feature_attention: FeatureAttentionFactory,
        dim: int = 32,
        latent_dim: int = 64,
        num_heads: int = 2,
        conditional: bool = False,
    ) -> None:
        super().__init__()
        self.num_classes, self.conditional, self.latent_dim = num_classes, conditional, latent_dim
        self.in_channels, self.height, self.width = in_channels, height, width

        def attending(channels: int, *, max_size: tuple[int, int]) -> nn.Sequential:
            slot = Slot(role="self", max_length=max_size[0] * max_size[1], num_layers=1, grid=max_size)
            (places,) = fill_slots(attention, {"places": slot}, dim=channels, num_heads=num_heads)["places"]
            return nn.Sequential(
                cast(nn.Module, feature_attention(channels, max_size=max_size)),
                PlaceAttention(channels, size=max_size, attention=places),
            )

        self.generator, self.discriminator = networks(
            num_classes=num_classes,
            in_channels=in_channels,
            height=height,
            width=width,
            dim=dim,
            latent_dim=latent_dim,
            conditional=conditional,
            feature_attention=attending,
            discriminator_norm=nn.BatchNorm2d,
        )
        for network in (self.generator, self.discriminator):
            for layer in own_layers(network):
                nn.init.kaiming_normal_(layer.weight, a=LEAK)
        places = next(module for module in self.modules() if isinstance(module, PlaceAttention))
        self.slots = {"places": mechanism_name(places.attention)} | feature_slots(self)
