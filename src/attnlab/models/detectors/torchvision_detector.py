"""torchvision's FCOS on a small residual net with attention on its feature maps."""

from collections.abc import Sequence

from attnlab.models.detectors.fcos import FcosDetector, padded_size
from attnlab.models.detectors.residual_backbone import ResidualBackbone
from attnlab.models.layers.feature_maps import FeatureAttentionFactory


class TorchvisionDetector(FcosDetector):
    """FCOS on a small residual net with group norm, trained from scratch (Tian et al., 2019).

    `feature_attention` stands at the end of every block, so at every scale.

    Args:
        stage_channels, stage_blocks: of the residual net, whose first stage has stride 4.

    The others are `FcosDetector`'s.

    Raises:
        ValueError: a number out of its range.
    """

    def __init__(
        self,
        *,
        num_classes: int,
        in_channels: int,
        max_height: int,
        max_width: int,
        feature_attention: FeatureAttentionFactory,
        stage_channels: Sequence[int] = (32, 64, 128, 192),
        stage_blocks: Sequence[int] = (1, 2, 2, 1),
        num_levels: int = 3,
        pyramid_channels: int = 96,
        num_head_convolutions: int = 2,
        overlap_threshold: float = 0.6,
    ) -> None:
        backbone = ResidualBackbone(
            in_channels,
            max_size=padded_size(max_height, max_width, multiple=2 * 2 ** len(stage_channels)),
            stage_channels=stage_channels,
            stage_blocks=stage_blocks,
            feature_attention=feature_attention,
        )
        super().__init__(
            backbone,
            num_classes=num_classes,
            num_levels=num_levels,
            pyramid_channels=pyramid_channels,
            num_head_convolutions=num_head_convolutions,
            overlap_threshold=overlap_threshold,
        )
