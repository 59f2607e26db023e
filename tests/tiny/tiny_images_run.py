"""Overrides that train on a few images in seconds, through the command itself."""

from pathlib import Path

import numpy as np

from attnlab.commands import cli


def write_extract(folder: Path) -> Path:
    """A stand-in for the bundled extract: 70 training and 29 test images, whose class is where they are bright."""
    folder.mkdir(parents=True, exist_ok=True)
    random, arrays = np.random.default_rng(7), {}
    for split, num in (("train", 70), ("test", 29)):
        labels = (np.arange(num) % 10).astype(np.uint8)
        images = random.integers(0, 60, (num, 1, 28, 28), dtype=np.uint8)
        for image, label in zip(images, labels, strict=True):
            image[0, 2 * label : 2 * label + 6] += 150
        arrays |= {
            f"{split}_images": images,
            f"{split}_labels": labels,
            f"{split}_rows": np.arange(num, dtype=np.int32),
        }
    np.savez(folder / "fashion_mnist_small.npz", **arrays)
    return folder


def tiny(root: Path, *more: str) -> list[str]:
    """`train` and its overrides for a run of eight updates; a pass is four."""
    return [
        "train",
        "task=image_classification",
        f"data.root={root}",
        "data.num_val=20",
        "data.batch_size=13",
        "model.dim=8",
        *common(),
        *more,
    ]


def common() -> list[str]:
    """What isn't about the data or the model."""
    return [
        "data.cache_dir=cache",
        "trainer.max_steps=8",
        "trainer.val_check_interval=4",
        "trainer.checkpoint_interval=3",
        "trainer.log_every_n_steps=2",
        "trainer.precision=32-true",
        "trainer.accelerator=cpu",
        "trainer.enable_progress_bar=false",
        "logger=csv",
    ]


def run(root: Path, *more: str) -> int:
    """Run it in this process; the exit status."""
    return cli.main(tiny(root, *more))
