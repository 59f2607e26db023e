"""torchvision's FCOS on torchvision's residual nets, from their trained weights."""

from collections.abc import Mapping

from torch import Tensor, nn
from torchvision.ops import FrozenBatchNorm2d

from attnlab.models.classifiers.torchvision_resnet import HEAD, NUM_STAGES, TorchvisionResNet
from attnlab.models.detectors.fcos import Backbone, FcosDetector, padded_size
from attnlab.models.layers.feature_maps import FeatureAttentionFactory

NORM_GROUPS = 32  # of Wu & He, 2018
BODY = "backbone.body."  # before a residual net's names in torchvision's detectors
STRIDES = (4, 8, 16, 32)
NET = "detector.backbone.backbone.net."


class TorchvisionResNetDetector(FcosDetector):
    """FCOS on ResNet-18, 34 or 50 (Tian et al., 2019; He et al., 2016), whose weights may be torchvision's.

    With a file of weights the norms of the residual net keep its statistics and are not trained, as in torchvision's
    detectors, and images are normalised as for them; without one they are group norms, for detectors train on batches
    too small for statistics over images. `feature_attention` stands at the end of each block's branch.

    Args:
        depth: 18, 34 or 50.
        weights: the file of weights that training starts from, a classifier's or a detector's; a trained model doesn't
            need it.
        weights_sha256: of that file.

    The others are `FcosDetector`'s.

    Raises:
        ValueError: a number out of its range, another depth, or no such file.
    """

    def __init__(
        self,
        *,
        num_classes: int,
        in_channels: int,
        max_height: int,
        max_width: int,
        feature_attention: FeatureAttentionFactory,
        depth: int = 18,
        num_levels: int = 3,
        pyramid_channels: int = 128,
        num_head_convolutions: int = 2,
        overlap_threshold: float = 0.6,
        weights: str | None = None,
        weights_sha256: str | None = None,
    ) -> None:
        height, width = padded_size(max_height, max_width, multiple=STRIDES[-1])
        backbone = _ResNetBackbone(
            TorchvisionResNet(
                num_classes=1,
                in_channels=in_channels,
                height=height,
                width=width,
                feature_attention=feature_attention,
                depth=depth,
                small_images=False,
                weights=weights,
                weights_sha256=weights_sha256,
            )
        )
        super().__init__(
            backbone,
            num_classes=num_classes,
            num_levels=num_levels,
            pyramid_channels=pyramid_channels,
            num_head_convolutions=num_head_convolutions,
            overlap_threshold=overlap_threshold,
        )
        self.weights_file, self.weights_sha256 = weights, weights_sha256

    @property
    def _net(self) -> TorchvisionResNet:
        net: TorchvisionResNet = self.detector.backbone.backbone.net
        return net

    @property
    def statistics(self) -> tuple[list[float], list[float]] | None:
        """Mean and deviation of each channel of images that the weights were trained on, if any are to be read."""
        return self._net.statistics

    def start_from(self, weights: Mapping[str, Tensor]) -> list[str]:
        """Take the residual net's weights, by torchvision's names; returns the names of those that begin anew.

        Raises:
            ValueError: they are another net's.
        """
        body = {name.removeprefix(BODY): value for name, value in weights.items() if name.startswith(BODY)}
        given = {
            name: value
            for name, value in (body or weights).items()
            if not (f"network.{name}".startswith(HEAD) or name.endswith("num_batches_tracked"))
        }
        anew = {f"{NET}{name}" for name in self._net.start_from(given)}
        return [name for name in self.state_dict() if name in anew or not name.startswith(NET)]


class _ResNetBackbone(Backbone):
    """The maps of torchvision's four stages."""

    def __init__(self, net: TorchvisionResNet) -> None:
        super().__init__()
        self.stage_channels = [net.network.fc.in_features // 2**halvings for halvings in reversed(range(NUM_STAGES))]
        self.strides = list(STRIDES)
        net.network.fc = nn.Identity()  # no class is asked for
        _replace_norms(net, trained=net.weights_file is not None)
        self.net = net

    def forward(self, images: Tensor) -> list[Tensor]:
        network, maps = self.net.network, []
        x = network.maxpool(network.relu(network.bn1(network.conv1(images))))
        for stage in (network.layer1, network.layer2, network.layer3, network.layer4):
            x = stage(x)
            maps.append(x)
        return maps


def _replace_norms(module: nn.Module, *, trained: bool) -> None:
    for name, each in module.named_children():
        if isinstance(each, nn.BatchNorm2d):
            width = each.num_features
            setattr(module, name, FrozenBatchNorm2d(width) if trained else nn.GroupNorm(NORM_GROUPS, width))
        else:
            _replace_norms(each, trained=trained)
