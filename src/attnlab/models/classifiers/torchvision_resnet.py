"""torchvision's residual nets, with attention on the feature maps of every block."""

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn, cast

from torch import Tensor, nn

from attnlab.models.classifiers.image_classifier import ImageMaps
from attnlab.models.classifiers.resnet import halved
from attnlab.models.layers.feature_maps import FeatureAttentionFactory, feature_maps, feature_slots

DEPTHS = {18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3]}
NUM_STAGES = 4
FIRST, HEAD = "network.conv1.weight", "network.fc."
# Of the photographs that torchvision's weights were trained on, and of their grey.
COLOUR, GREY = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]), ([0.449], [0.226])


class TorchvisionResNet(nn.Module):
    """ResNet-18, 34 or 50 as torchvision has it (He et al., 2016), with attention at the end of each block's branch.

    Without attention it is torchvision's, parameter by parameter, as `network`.

    Training may start from a file of torchvision's own weights; images are then normalised as for them, and the last
    layer begins anew unless it has as many classes.

    Args:
        depth: 18, 34 or 50.
        small_images: a first convolution of 3 × 3 and no pooling after it, so that images of 32 by 32 aren't shrunk to
            8 by 8 at once; false for the original's 7 × 7 of stride 2, then pooling.
        weights: the file of weights that training starts from; a trained model doesn't need it.
        weights_sha256: of that file.

    Raises:
        ValueError: another depth, or no such file.
    """

    def __init__(
        self,
        *,
        num_classes: int,
        in_channels: int,
        height: int,
        width: int,
        feature_attention: FeatureAttentionFactory,
        depth: int = 18,
        small_images: bool = True,
        weights: str | None = None,
        weights_sha256: str | None = None,
    ) -> None:
        from torchvision.models import resnet  # slow to import

        super().__init__()
        if depth not in DEPTHS:
            raise ValueError(f"depth must be one of {', '.join(map(str, DEPTHS))}, got {depth} (set model.depth)")
        if weights is not None and weights_sha256 is None:
            raise ValueError(f"no such file of weights, got {weights} (set model.weights)")
        self.num_classes = num_classes
        self.weights_file, self.weights_sha256 = weights, weights_sha256
        block = resnet.Bottleneck if depth >= 50 else resnet.BasicBlock
        self.network = resnet.ResNet(block, DEPTHS[depth], num_classes=num_classes)
        size = (height, width)
        if small_images:
            self.network.conv1 = _convolution(in_channels, 3)
            self.network.maxpool = nn.Identity()
        else:
            self.network.conv1 = _convolution(in_channels, 7)
            size = halved(halved(size))
        for number in range(1, NUM_STAGES + 1):
            size = size if number == 1 else halved(size)
            for each in self.network.get_submodule(f"layer{number}").children():
                _add_attention(each, feature_attention, size)
        self.slots = feature_slots(self)

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.network(images)
        return logits

    @property
    def statistics(self) -> tuple[list[float], list[float]] | None:
        """Mean and deviation of each channel of images that the weights were trained on, if any are to be read."""
        if self.weights_file is None:
            return None
        return GREY if self.network.conv1.in_channels == 1 else COLOUR

    def start_from(self, weights: Mapping[str, Tensor]) -> list[str]:
        """Take torchvision's weights, by its names; returns the names of those of this model that begin anew.

        Of grey images the first convolution is the sum over colours, which sees the same in them.

        Raises:
            ValueError: they are another net's.
        """
        own = self.state_dict()
        given = {self._own_name(name, own): value for name, value in weights.items()}
        first = given.get(FIRST)
        if first is not None and own[FIRST].size(1) == 1 and first.size(1) == 3:
            given[FIRST] = first.sum(dim=1, keepdim=True)
        fits = {name: value for name, value in given.items() if name in own and value.shape == own[name].shape}
        anew = [name for name in own if name not in fits]
        lacking = [name for name in anew if not name.startswith(HEAD) and ".feature_attention." not in name]
        lacking = [name for name in lacking if not name.endswith("num_batches_tracked")]  # files of old haven't these
        others = [name for name in given if name not in own]
        if lacking or others:
            self._refuse(given, own, lacking, others)
        self.load_state_dict(fits, strict=False)
        return [name for name in anew if not name.endswith("num_batches_tracked")]

    def _refuse(
        self, given: Mapping[str, Tensor], own: Mapping[str, Tensor], lacking: Sequence[str], others: Sequence[str]
    ) -> NoReturn:
        """Say what doesn't fit, and which net the weights are of, if it is one of these."""
        depth = _depth(given)
        remedy = "model.depth" if depth is None else f"model.depth={depth}"
        if lacking:
            there = f"it is {tuple(given[lacking[0]].shape)} there" if lacking[0] in given else "it isn't there"
            small = lacking == [FIRST] and own[FIRST].size(2) == 3
            remedy = "model.small_images=false" if small else remedy
            raise ValueError(
                f"these weights must be those of torchvision's net, got others than {lacking[0]} "
                f"{tuple(own[lacking[0]].shape)}: {there} (set {remedy}, or model.weights)"
            )
        raise ValueError(
            f"these weights must be those of torchvision's net, got also {others[0]}, which this one hasn't (set "
            f"{remedy}, or model.weights)"
        )

    def _own_name(self, name: str, own: Mapping[str, Tensor]) -> str:
        """Here, the last norm of each block is a child of what also has the attention."""
        path, _, last = f"network.{name}".rpartition(".")
        within = f"{path}.norm.{last}"
        return within if within in own else f"{path}.{last}"

    def image_maps(self, images: Tensor) -> ImageMaps:
        return feature_maps(self, images)


def _depth(names: Iterable[str]) -> int | None:
    """Of the net whose weights are called so; None for another one."""
    names = list(names)
    blocks = {tuple(found.groups()) for name in names if (found := re.match(r"network\.layer(\d+)\.(\d+)\.", name))}
    counts = [sum(stage == str(number) for stage, _ in blocks) for number in range(1, NUM_STAGES + 1)]
    deep = any(".conv3." in name for name in names)
    return next((depth for depth, each in DEPTHS.items() if each == counts and (depth >= 50) == deep), None)


def _convolution(in_channels: int, kernel_size: int) -> nn.Conv2d:
    stride = 1 if kernel_size == 3 else 2
    convolution = nn.Conv2d(in_channels, 64, kernel_size, stride=stride, padding=kernel_size // 2, bias=False)
    nn.init.kaiming_normal_(convolution.weight, mode="fan_out", nonlinearity="relu")
    return convolution


def _add_attention(block: nn.Module, feature_attention: FeatureAttentionFactory, size: tuple[int, int]) -> None:
    """Put attention behind the last normalisation of a block's branch, as a child of its own."""
    norms = {name: each for name, each in block.named_children() if isinstance(each, nn.BatchNorm2d)}
    name, norm = max(norms.items())  # bn3, or bn2
    mechanism = cast(nn.Module, feature_attention(norm.num_features, max_size=size))
    setattr(block, name, nn.Sequential(OrderedDict(norm=norm, feature_attention=mechanism)))
