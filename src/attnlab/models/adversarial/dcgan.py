"""The convolutional pair that others are measured against."""

from torch import nn

from attnlab.models.adversarial.networks import LEAK, networks, own_layers
from attnlab.models.layers.feature_maps import FeatureAttentionFactory, feature_slots


class DCGAN(nn.Module):
    """Convolutions of stride 2 and batch norm in both networks        (Radford et al., 2016)

    For images of about 28 by 28: the generator starts from 8 by 8 places or fewer, and widths are a fraction of the
    paper's. Attention on feature maps stands in both networks at one map, of 14 by 14 for images of 28 by 28; with
    `feature_attention=none` it is the baseline. Differs from the paper: latents are normal, weights start as those of
    He et al. (2015), and the discriminator's dense layer sees 4 by 4 places or fewer.

    Args:
        dim: channels of the generator's full-size map and of the discriminator's first; deeper ones have up to 4 dim.
        latent_dim: numbers that an image is made of.
        conditional: images are of a class that is asked for: conditional batch norm and the projection discriminator.

    Raises:
        ValueError: a number out of its range; from the attention, what it refuses.
    """

    def __init__(
        self,
        *,
        num_classes: int,
        in_channels: int,
        height: int,
        width: int,
        feature_attention: FeatureAttentionFactory,
        dim: int = 32,
        latent_dim: int = 64,
        conditional: bool = False,
    ) -> None:
        super().__init__()
        self.num_classes, self.conditional, self.latent_dim = num_classes, conditional, latent_dim
        self.in_channels, self.height, self.width = in_channels, height, width
        self.generator, self.discriminator = networks(
            num_classes=num_classes,
            in_channels=in_channels,
            height=height,
            width=width,
            dim=dim,
            latent_dim=latent_dim,
            conditional=conditional,
            feature_attention=feature_attention,
            discriminator_norm=nn.BatchNorm2d,
        )
        for network in (self.generator, self.discriminator):
            for layer in own_layers(network):
                nn.init.kaiming_normal_(layer.weight, a=LEAK)
        self.slots = feature_slots(self)
