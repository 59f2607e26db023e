"""What a generator makes, in `samples/` and in wandb: as it learns, and when it is done."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Protocol, cast

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_only
from torch import Tensor

from attnlab.callbacks.loggers import log_image
from attnlab.errors import at_least, between
from attnlab.language import either
from attnlab.metrics.generation.nearest import nearest
from attnlab.models.predictors import ImageGenerator
from attnlab.reporting.figures import save
from attnlab.reporting.figures.class_grid import class_grid
from attnlab.reporting.figures.neighbours import neighbour_rows
from attnlab.reporting.figures.pixels import grid_columns, picture_grid, save_film, save_pixels
from attnlab.reporting.pictures import spread
from attnlab.tasks.adversarial.latent_paths import spherical_path
from attnlab.tasks.task import data_of, task_of

log = logging.getLogger(__name__)

NUM_PATHS, PATH_STEPS = 10, 9  # of the interpolation: rows, and pictures of each
NUM_SHOWN, NUM_NEIGHBOURS = 8, 3
MOST_REAL = 20_000  # training images that samples are compared with, which may have to be read from files
AT_ONCE = 500  # of them

Maker = Callable[[Trainer, ImageGenerator], Path]
"""Draws a picture and says where it lies."""


class GeneratedPictures(Callback):
    """Shows the same latents' images at the start and after each validation; more of them after the test.

    `samples/update_000500.png` and its like, then, of the best checkpoint, `grid.png`, `interpolation.png` between
    latents, and `neighbours.png`, the samples that are most like training images, and these; `training.webp` runs
    through the updates. Nothing for tasks that generate no images. A picture that fails is reported and left out.

    Args:
        num: most images of a grid, of which classes fill whole rows; 0 for no pictures at all.
        seed: of the latents.
    """

    files: ClassVar[dict[str, str]] = {
        "samples/grid.png": "samples",
        "samples/interpolation.png": "between samples",
        "samples/neighbours.png": "nearest real images",
        "samples/training.webp": "samples in training",
    }

    def __init__(self, directory: Path, *, num: int, seed: int) -> None:
        between(0, 10_000, "callbacks.generated_pictures", num=num)
        at_least(0, "callbacks.generated_pictures", seed=seed)
        self.directory, self.num, self.seed = Path(directory) / "samples", num, seed

    @rank_zero_only
    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.global_step == 0:
            self._draw(trainer, pl_module, {"update": self._update})

    @rank_zero_only
    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.state.fn == "fit":
            self._draw(trainer, pl_module, {"update": self._update})

    @rank_zero_only
    def on_test_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        makers = {
            "grid": self._grid,
            "interpolation": self._interpolation,
            "neighbours": self._neighbours,
            "training": self._training,
        }
        self._draw(trainer, pl_module, makers)

    def _draw(self, trainer: Trainer, pl_module: LightningModule, makers: Mapping[str, Maker]) -> None:
        predictor = task_of(pl_module).predictor
        if not self.num or not isinstance(predictor, ImageGenerator):
            return
        for name, make in makers.items():
            try:
                path = make(trainer, predictor)
            except Exception as error:  # a picture is never worth a run
                log.warning("no picture of samples (%s): %s", name, error)
                continue
            log_image(trainer, f"samples/{name}", path)

    def _update(self, trainer: Trainer, predictor: ImageGenerator) -> Path:
        return self._fixed(predictor, f"update_{trainer.global_step:06d}.png")

    def _grid(self, trainer: Trainer, predictor: ImageGenerator) -> Path:
        return self._fixed(predictor, "grid.png")

    def _fixed(self, predictor: ImageGenerator, name: str) -> Path:
        classes = None if predictor.classes is None else len(predictor.classes)
        columns = grid_columns(self.num, num_classes=classes)
        by_class = classes is not None and columns % classes == 0
        num = self.num - self.num % columns if by_class else self.num
        grid = picture_grid(samples(predictor, num, seed=self.seed), columns=columns)
        if not by_class or predictor.classes is None:
            return save_pixels(grid, self.directory / name)
        names = [str(each) for each in predictor.classes] * (columns // len(predictor.classes))
        return save(class_grid(grid, columns=names), self.directory / name)

    def _interpolation(self, trainer: Trainer, predictor: ImageGenerator) -> Path:
        ends = torch.unflatten(predictor.latents(2 * NUM_PATHS, self.seed), 0, (NUM_PATHS, 2))
        latents = torch.cat([spherical_path(start, end, num=PATH_STEPS) for start, end in ends])
        labels = None
        if predictor.classes is not None:  # a path keeps to its class
            labels = (torch.arange(NUM_PATHS) % len(predictor.classes)).repeat_interleave(PATH_STEPS)
        grid, path = picture_grid(predictor.draw(latents, labels), columns=PATH_STEPS), "interpolation.png"
        if labels is None or predictor.classes is None:
            return save_pixels(grid, self.directory / path)
        names = [str(predictor.classes[int(label)]) for label in labels[::PATH_STEPS]]
        return save(class_grid(grid, rows=names), self.directory / path)

    def _neighbours(self, trainer: Trainer, predictor: ImageGenerator) -> Path:
        data = data_of(trainer)
        numbers = spread(data.num_examples("train"), MOST_REAL)
        held_out = images_of(trainer, "val", spread(data.num_examples("val"), self.num))
        generated = samples(predictor, self.num, seed=self.seed)
        both = torch.cat([generated, held_out])
        distances, found = nearest(both, _batches(trainer, numbers), num=NUM_NEIGHBOURS)
        of_generated, of_held_out = torch.split(distances[:, 0], [len(generated), len(held_out)])
        shown = of_generated.argsort(stable=True)[:NUM_SHOWN]  # where copies would be
        rows = [images_of(trainer, "train", [numbers[each] for each in row]) for row in found[shown].tolist()]
        lines = _about_neighbours(of_generated, of_held_out, num_training=len(numbers))
        figure = neighbour_rows(generated[shown], torch.stack(rows), lines=lines)
        return save(figure, self.directory / "neighbours.png")

    def _training(self, trainer: Trainer, predictor: ImageGenerator) -> Path:
        # By number: names of seven digits and more wouldn't stand in order.
        frames = sorted(self.directory.glob("update_*.png"), key=lambda path: int(path.stem.removeprefix("update_")))
        return save_film(frames, self.directory / "training.webp")


def _about_neighbours(generated: Tensor, held_out: Tensor, *, num_training: int) -> list[str]:
    """What the picture is, by the distances of generated and of held-out images to their nearest of training."""
    num, others = len(generated), len(held_out)
    least, median = f"{generated.min():.1f}", f"{generated.median():.1f}"
    least_other, median_other = f"{held_out.min():.1f}", f"{held_out.median():.1f}"
    return [
        either(
            f"Of {num} generated images those most like any of {num_training:,} training images, by pixels.",
            f"{num} 张生成图像中，按像素与 {num_training:,} 张训练图像最相像的几张。",
        ),
        either(
            f"Distance to the nearest: least {least}, median {median}; of {others} held-out images {least_other} and "
            f"{median_other}",
            f"到最近者的距离：最小 {least}，中位数 {median}；{others} 张留出图像为 {least_other} 与 {median_other}",
        ),
        either(
            "(root mean square of 0-255). Copies would be near 0.",
            "（像素值 0-255 之差的均方根）。若是照抄，会接近 0。",
        ),
    ]


def samples(predictor: ImageGenerator, num: int, *, seed: int) -> Tensor:
    """`num` generated pictures (num, C, H, W) uint8, on the CPU."""
    return torch.cat([pictures.cpu() for pictures, _ in predictor.generate(num, seed=seed)])


class _ImageData(Protocol):
    """The data module of a task that generates images, which asks it for this."""

    def image(self, split: str, number: int) -> Tensor: ...


def images_of(trainer: Trainer, split: str, numbers: Sequence[int]) -> Tensor:
    """The data's images of these numbers, (N, C, H, W) uint8."""
    data = cast(_ImageData, data_of(trainer))
    return torch.stack([data.image(split, number) for number in numbers])


def _batches(trainer: Trainer, numbers: Sequence[int]) -> Iterator[Tensor]:
    for start in range(0, len(numbers), AT_ONCE):
        yield images_of(trainer, "train", numbers[start : start + AT_ONCE])
