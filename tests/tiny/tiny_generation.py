"""A pair of networks and an extractor small enough to follow, and overrides that train on a few images in seconds."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from tiny_images_run import common
from torch import Tensor, nn

from attnlab.commands import cli
from attnlab.config.compose import load_group
from attnlab.runs import build
from attnlab.runs.trainer import build_trainer


class TinyPair(nn.Module):
    """A generator of two layers and a discriminator of two, without norms: no image depends on others of its batch.

    With `latent_share` 0 images depend on their labels alone, not on chance.
    """

    def __init__(
        self,
        *,
        num_classes: int,
        in_channels: int,
        height: int,
        width: int,
        latent_dim: int = 5,
        dim: int = 7,
        conditional: bool = True,
        latent_share: float = 1.0,
    ) -> None:
        super().__init__()
        self.num_classes, self.latent_dim, self.conditional = num_classes, latent_dim, conditional
        size = (in_channels, height, width)
        self.generator = TinyGenerator(latent_dim, num_classes if conditional else 0, size, latent_share)
        self.discriminator = TinyDiscriminator(num_classes if conditional else 0, size, dim)


class TinyGenerator(nn.Module):
    def __init__(self, latent_dim: int, num_classes: int, size: tuple[int, int, int], latent_share: float) -> None:
        super().__init__()
        self.size, self.latent_share = size, latent_share
        self.labels = nn.Embedding(num_classes, latent_dim) if num_classes else None
        self.pixels = nn.Linear(latent_dim, size[0] * size[1] * size[2])

    def forward(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        hidden = self.latent_share * latents
        if self.labels is not None:
            hidden = hidden + self.labels(labels)
        return self.pixels(hidden).tanh().view(-1, *self.size)


class TinyDiscriminator(nn.Module):
    def __init__(self, num_classes: int, size: tuple[int, int, int], dim: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(size[0] * size[1] * size[2], dim)
        self.labels = nn.Embedding(num_classes, dim) if num_classes else None
        self.logit = nn.Linear(dim, 1)

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        hidden = self.hidden(images.flatten(1)).relu()
        logits = self.logit(hidden).squeeze(1)
        return logits if self.labels is None else logits + (hidden * self.labels(labels)).sum(1)


class TinyExtractor:
    """The means of the cells of a grid of three by three; it has learned nothing."""

    name, signature, classes = "tiny", "means of 3 x 3 cells", None

    def load(self) -> None:
        """There is nothing to read."""

    def features(self, pictures: Tensor) -> Tensor:
        return nn.functional.adaptive_avg_pool2d(pictures.float() / 255, 3).flatten(1)

    def logits(self, features: Tensor) -> Tensor | None:
        return None


class KeepWeights(Callback):
    """Writes what each process has in the end."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        torch.save(pl_module.state_dict(), self.directory / f"weights_{trainer.global_rank}.pt")


class KeepLatents(Callback):
    """Writes the latents that each process gives its generator first."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        path = self.directory / f"latents_{trainer.global_rank}.pt"

        def keep(_: nn.Module, given: tuple[Any, ...]) -> None:
            if not path.exists():
                torch.save(given[0], path)

        pl_module.model.generator.register_forward_pre_hook(keep)  # type: ignore[union-attr,operator]


class Loader:
    """Gives batches as they are, and remembers how many."""

    def __init__(self, batches: Sequence[Any]) -> None:
        self.batches, self.num_given = batches, 0

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[Any]:
        for batch in self.batches:
            self.num_given += 1
            yield batch


def trainer_of(**changes: Any) -> Trainer:
    """A trainer of the shipped configuration that neither validates nor writes anything."""
    config = build.plain(load_group("trainer", "cpu")) | {"precision": "32-true", "enable_progress_bar": False}
    settings = build.build_settings({"trainer": config | {"limit_val_batches": 0} | changes})
    return build_trainer(settings, directory=Path(), callbacks=[], loggers=[])


CONF = {
    "model/tiny_pair.yaml": """
# A pair small enough to follow.
_target_: tiny_generation.TinyPair
_partial_: true
_convert_: all
conditional: true
latent_share: 1.0
""",
    "extractor/tiny.yaml": """
# An extractor that has learned nothing.
_target_: tiny_generation.TinyExtractor
""",
    "callbacks/keep_weights.yaml": """
# What each process has in the end.
keep_weights:
  _target_: tiny_generation.KeepWeights
""",
    "callbacks/keep_latents.yaml": """
# The latents that each process draws first.
keep_latents:
  _target_: tiny_generation.KeepLatents
""",
}


def write_conf(folder: Path) -> Path:
    """A folder of configs for what stands here."""
    for name, text in CONF.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip())
    return folder


def tiny(root: Path, *more: str) -> list[str]:
    """`train` and its overrides for a run of eight updates of the tiny pair; a pass is four batches."""
    return [
        "train",
        "task=image_generation",
        "model=tiny_pair",
        "extractor=tiny",
        "--config-dir",
        str(write_conf(root.parent / "conf")),
        f"data.root={root}",
        "data.num_val=20",
        "data.batch_size=13",
        *common(),
        *more,
    ]


def tiny_networks(root: Path, model: str, *more: str) -> list[str]:
    """Likewise of a pair that is shipped, by the extractor that is."""
    return [
        *["train", "task=image_generation", f"model={model}", "model.dim=4", "model.latent_dim=7"],
        *[f"data.root={root}", "data.num_val=20", "data.batch_size=13", *common(), *more],
    ]


def run(root: Path, *more: str) -> int:
    """Run it in this process; the exit status."""
    return cli.main(tiny(root, *more))


def sizes() -> dict[str, Any]:
    """Of the images of the stand-in."""
    return {"num_classes": 10, "in_channels": 1, "height": 28, "width": 28}
