"""Tiny detectors of every kind, and a batch for them; sizes are distinct, mostly prime."""

from typing import Any

import torch
from model_examples import FACTORIES
from torch import Tensor

from attnlab.feature_attention import NoneFeatureAttention
from attnlab.models import DETR, AttentionObjectDetection, Objects, TorchvisionDetector, TorchvisionResNetDetector

HEIGHT, WIDTH = 40, 56
SIZES = {"num_classes": 5, "in_channels": 3, "max_height": HEIGHT, "max_width": WIDTH}
STAGES: dict[str, Any] = {"stage_channels": [16, 24], "stage_blocks": [1, 1]}
VARIANTS: dict[str, tuple[type, dict[str, Any]]] = {
    "detr": (
        DETR,
        {
            "dim": 12,
            "num_heads": 3,
            "num_encoder_layers": 1,
            "num_decoder_layers": 2,
            "feed_forward_dim": 17,
            "num_queries": 7,
            "num_denoising_groups": 2,
            **STAGES,
        },
    ),
    "attention_object_detection": (AttentionObjectDetection, {"dim": 12, "num_heads": 3, **STAGES}),
    "torchvision_detector": (
        TorchvisionDetector,
        {"num_levels": 2, "pyramid_channels": 32, "num_head_convolutions": 1, **STAGES},
    ),
    "torchvision_resnet_detector": (
        TorchvisionResNetDetector,
        {"num_levels": 2, "pyramid_channels": 32, "num_head_convolutions": 1},
    ),
}


def build(variant: str, attention: str = "scaled_dot", **changes: Any) -> Any:
    """A model, seeded, in evaluation mode."""
    torch.manual_seed(5)
    kind, arguments = VARIANTS[variant]
    arguments = {**SIZES, **arguments, "feature_attention": NoneFeatureAttention}
    if kind not in (TorchvisionDetector, TorchvisionResNetDetector):
        arguments["attention"] = FACTORIES[attention]
    return kind(**{**arguments, **changes}).eval()


def batch() -> tuple[Tensor, Tensor, Objects]:
    """Three images on canvases, two of them smaller, with two, one and no object."""
    images = torch.randn(3, 3, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(7))
    extents = torch.tensor([[HEIGHT, WIDTH], [HEIGHT, 37], [23, WIDTH]])
    for image, (height, width) in zip(images, extents.tolist(), strict=True):
        image[:, height:], image[:, :, width:] = 0, 0
    boxes = torch.zeros(3, 2, 4)
    boxes[0] = torch.tensor([[3.0, 5, 22, 19], [20, 14, 51, 37]])
    boxes[1, 0] = torch.tensor([2.0, 11, 24, 30])
    return images, extents, Objects(boxes, torch.tensor([[1, 4], [0, -1], [-1, -1]]))
