"""The self-attention pair."""

from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from attnlab.models.adversarial.networks import networks, own_layers
from attnlab.models.layers.feature_maps import FeatureAttentionFactory, feature_slots


class SAGAN(nn.Module):
    """Spectral norm in both networks, and attention on one feature map of each        (Zhang et al., 2019)

    The weight W of each layer is divided by its greatest singular value, as power iteration estimates it, one step a
    training pass (Miyato et al., 2018); so the discriminator's logit can't change fast with the image. `non_local` as
    `feature_attention` is the paper's, with any query-key-value mechanism; it stands at 14 by 14 places of 28 by 28.
    Differs from the paper: layers are those of `DCGAN`, not residual blocks, and weights of the attention aren't
    divided, so that a mechanism is the same here as elsewhere. Hinge loss and two learning rates are the task's.

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
        conditional: bool = True,
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
            discriminator_norm=nn.Identity,
        )
        for network in (self.generator, self.discriminator):
            for layer in own_layers(network):
                nn.init.orthogonal_(layer.weight)
                spectral_norm(layer)
        self.slots = feature_slots(self)
