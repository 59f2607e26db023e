"""Overrides that train a detector on a few scenes in seconds, through the command itself."""

from pathlib import Path

from tiny_images_run import common

from attnlab.commands import cli

SMALL = {
    "detr": [
        "model.dim=12",
        "model.num_heads=3",
        "model.num_encoder_layers=1",
        "model.num_decoder_layers=2",
        "model.feed_forward_dim=17",
        "model.num_queries=7",
        "model.stage_channels=[16,24]",
        "model.stage_blocks=[1,1]",
    ],
    "attention_object_detection": [
        "model.dim=12",
        "model.num_heads=3",
        "model.stage_channels=[16,24]",
        "model.stage_blocks=[1,1]",
    ],
    "torchvision_detector": [
        "model.stage_channels=[16,24]",
        "model.stage_blocks=[1,1]",
        "model.num_levels=2",
        "model.pyramid_channels=32",
        "model.num_head_convolutions=1",
    ],
    "torchvision_resnet_detector": ["model.pyramid_channels=32", "model.num_head_convolutions=1"],
}


def tiny(root: Path, model: str = "detr", *more: str) -> list[str]:
    """`train` and its overrides for a run of eight updates on scenes of `root`'s images; a pass is three."""
    return [
        "train",
        "task=object_detection",
        f"data.root={root}",
        "data.source.num_train=13",
        "data.source.num_val=5",
        "data.source.num_test=7",
        "data.batch_size=5",
        f"model={model}",
        *SMALL[model],
        *common(),
        *more,
    ]


def tiny_voc(root: Path, model: str, *more: str) -> list[str]:
    """Likewise on a VOC folder, with every augmentation; a pass is two updates."""
    return [
        "train",
        "task=object_detection",
        "data=voc",
        f"data.root={root}",
        "data.height=32",
        "data.width=40",
        "data.batch_size=2",
        "data.augmentation.vertical_flip=true",
        "data.augmentation.hue=0.1",
        f"model={model}",
        *SMALL[model],
        *common(),
        *more,
    ]


def run(root: Path, model: str = "detr", *more: str) -> int:
    """Run it in this process; the exit status."""
    return cli.main(tiny(root, model, *more))
