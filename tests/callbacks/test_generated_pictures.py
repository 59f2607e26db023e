"""Samples are shown at the start, after each validation and after the test; nothing of that is worth a run."""

import logging
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from attnlab.callbacks import GeneratedPictures
from attnlab.reporting.figures import neighbour_rows, picture_grid
from attnlab.reporting.figures.class_grid import MARGIN

NUM_TRAIN = 53


class _Task:
    """Generates images of a latent's first number, brighter by 20 for each class, and as it learns."""

    def __init__(self, *, conditional: bool) -> None:
        self.predictor = self
        self.conditional = conditional
        self.classes = list("abc") if conditional else None
        self.learned = 0

    def latents(self, num: int, seed: int) -> Tensor:
        return torch.stack([torch.full((5,), (seed + number) % 7 + 1.0) for number in range(num)])

    def draw(self, latents: Tensor, labels: Tensor | None) -> Tensor:
        levels = self.learned + latents[:, 0] * 10 + (0 if labels is None else 20 * labels)
        return levels.round().byte()[:, None, None, None].expand(-1, 1, 4, 6)

    def sample_pictures(self, num: int, *, seed: int) -> list[Any]:
        return []

    def generate(self, num: int, *, seed: int) -> Iterator[tuple[Tensor, Tensor | None]]:
        labels = torch.arange(num) % 3 if self.conditional else None
        pictures = self.draw(self.latents(num, seed), labels)
        yield pictures[:2], None
        yield pictures[2:], None


def _trainer(sent: list[Any], *, step: int = 0) -> Any:
    images = torch.randint(0, 256, (NUM_TRAIN, 1, 4, 6), generator=torch.Generator().manual_seed(3)).byte()
    data = SimpleNamespace(
        num_examples={"train": NUM_TRAIN, "val": 11}.__getitem__, image=lambda split, number: images[number]
    )
    logger = SimpleNamespace(log_image=lambda key, path, step: sent.append((key, path.name, step)))
    return SimpleNamespace(
        global_step=step, loggers=[logger, object()], state=SimpleNamespace(fn="fit"), datamodule=data
    )


def _pixels(path: Path) -> Tensor:
    with Image.open(path) as image:
        return torch.from_numpy(np.array(image)).unsqueeze(0)


def _grid(path: Path, like: Tensor) -> Tensor:
    """The grid alone, of this size, at the lower right within the margin."""
    with Image.open(path) as image:
        whole = torch.from_numpy(np.array(image.convert("L"))).unsqueeze(0)
    height, width = like.shape[1:]
    return whole[:, -height - MARGIN : -MARGIN, -width - MARGIN : -MARGIN]


@pytest.mark.parametrize("conditional", [False, True])
def test_the_same_latents_are_shown_again_and_more_in_the_end(tmp_path: Path, conditional: bool) -> None:
    sent: list[Any] = []
    task: Any = _Task(conditional=conditional)
    pictures, trainer = GeneratedPictures(tmp_path, num=10, seed=4), _trainer(sent)
    pictures.on_train_start(trainer, task)
    for trainer.global_step, task.learned in ((500, 5), (1_000_000, 9)):
        pictures.on_validation_end(trainer, task)
    task.learned = 5  # at its best
    pictures.on_test_end(trainer, task)

    names = ["update_000000.png", "update_000500.png", "update_1000000.png"]
    last = ["grid.png", "interpolation.png", "neighbours.png", "training.webp"]
    assert [name for _, name, _ in sent] == names + last
    assert [key for key, _, _ in sent] == ["samples/update"] * 3 + [f"samples/{name.split('.')[0]}" for name in last]
    assert [step for _, _, step in sent] == [0, 500] + [1_000_000] * 5
    folder = tmp_path / "samples"
    assert sorted(path.name for path in folder.iterdir()) == sorted(names + last)

    # Classes have a column each, and whole rows.
    labels = torch.arange(9) % 3 if conditional else None
    for name, task.learned in zip([*names, "grid.png"], (0, 5, 9, 5), strict=True):
        expected = task.draw(task.latents(9 if conditional else 10, 4), labels)
        grid = picture_grid(expected, columns=3 if conditional else 4)
        shown = _grid(folder / name, grid) if conditional else _pixels(folder / name)
        assert torch.equal(shown, grid)
    with Image.open(folder / "training.webp") as film:
        assert film.n_frames == 3

    # A row of the interpolation goes from one latent to the next, and keeps to its class.
    ends = 5 + task.latents(20, 4)[:, 0] * 10
    row = 2 * 20 if conditional else 0  # of class 2
    grid = _pixels(folder / "interpolation.png")
    if conditional:  # left of it stand the classes' names
        grid = _grid(folder / "interpolation.png", picture_grid(torch.zeros(90, 1, 4, 6).byte(), columns=9))
    height = (grid.size(1) + 2) // 10
    assert (grid[0, 2 * height, 0], grid[0, 2 * height, -1]) == (ends[4] + row, ends[5] + row)


@pytest.mark.parametrize("num_classes, shown", [(7, 5), (3, 3)])
def test_images_are_left_out_only_where_columns_are_classes(tmp_path: Path, num_classes: int, shown: int) -> None:
    sent: list[Any] = []
    task: Any = _Task(conditional=True)
    task.classes = list(range(num_classes))
    GeneratedPictures(tmp_path, num=5, seed=4).on_test_end(_trainer(sent), task)
    assert {"grid.png", "neighbours.png"} <= {name for _, name, _ in sent}
    expected = picture_grid(task.draw(task.latents(shown, 4), torch.arange(shown) % 3), columns=3)
    path = tmp_path / "samples" / "grid.png"
    assert torch.equal(_grid(path, expected) if num_classes == 3 else _pixels(path), expected)


def test_copies_of_training_images_are_shown_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last of 23 samples is one."""
    task: Any = _Task(conditional=False)
    trainer = _trainer([])
    copied = trainer.datamodule.image("train", 41)
    made = task.draw(task.latents(23, 4), None)
    task.generate = lambda num, *, seed: iter([(torch.cat([made[:-1], copied[None]]), None)])
    shown: list[Any] = []

    def keep(generated: Tensor, nearest: Tensor, *, lines: list[str]) -> Any:
        shown.append((generated, nearest, " ".join(lines)))
        return neighbour_rows(generated, nearest, lines=lines)

    monkeypatch.setattr("attnlab.callbacks.generated_pictures.neighbour_rows", keep)
    GeneratedPictures(tmp_path, num=23, seed=4).on_test_end(trainer, task)
    ((generated, nearest, lines),) = shown
    assert generated.shape == (8, 1, 4, 6)
    assert torch.equal(generated[0], copied)
    assert torch.equal(nearest[0, 0], copied)
    assert "Distance to the nearest: least 0.0, median " in lines


def test_a_resumed_run_shows_nothing_at_its_start_and_a_bare_validation_nothing_at_all(tmp_path: Path) -> None:
    sent: list[Any] = []
    task: Any = _Task(conditional=False)
    pictures, trainer = GeneratedPictures(tmp_path, num=10, seed=4), _trainer(sent, step=3)
    pictures.on_train_start(trainer, task)
    trainer.state.fn = "validate"
    pictures.on_validation_end(trainer, task)
    assert not sent


@pytest.mark.parametrize("num, task", [(0, _Task(conditional=False)), (10, SimpleNamespace(predictor=None))])
def test_without_a_wish_or_a_generator_there_are_none(tmp_path: Path, num: int, task: Any) -> None:
    sent: list[Any] = []
    pictures, trainer = GeneratedPictures(tmp_path, num=num, seed=4), _trainer(sent)
    pictures.on_train_start(trainer, task)
    pictures.on_validation_end(trainer, task)
    pictures.on_test_end(trainer, task)
    assert not sent
    assert not (tmp_path / "samples").exists()


def test_a_picture_that_fails_is_only_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    sent: list[Any] = []
    task: Any = _Task(conditional=False)
    trainer = _trainer(sent)
    trainer.datamodule = None
    with caplog.at_level(logging.WARNING):
        GeneratedPictures(tmp_path, num=10, seed=4).on_test_end(trainer, task)
    assert [key for key, _, _ in sent] == ["samples/grid", "samples/interpolation"]
    assert "no picture of samples (neighbours): " in caplog.text
    assert "no picture of samples (training): a film needs a frame" in caplog.text


@pytest.mark.parametrize("key", ["num", "seed"])
def test_a_number_out_of_range_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=rf"{key} must be 0 or more, got -1 \(set callbacks.generated_pictures.{key}"):
        GeneratedPictures(Path(), **{"num": 1, "seed": 1, key: -1})
