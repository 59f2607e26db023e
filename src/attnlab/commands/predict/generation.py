"""`attnlab predict` for generators: makes images of nothing but a seed, and of a class where they know classes."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attnlab.commands.predict.output import check_not_of_others, draw_map, mark_predicted, of_texts, progress, say
from attnlab.commands.predict.values import refuse_value
from attnlab.errors import UserError
from attnlab.files import writing
from attnlab.language import either
from attnlab.reading.shown import tell, without_controls

if TYPE_CHECKING:
    from torch import Tensor

    from attnlab.models.predictors import ImageGenerator
    from attnlab.reporting.look import Look

NUM, SEED, FOLDER = 64, 0, Path("generated")
NO_INPUT = "a run that generates images takes no input, got {!r} (set --num, --seed and --class)"
MOST_IN_GRID = 400
NUM_MAPPED = 4  # images whose attention is drawn


def add_options(parser: argparse.ArgumentParser) -> None:
    """What is asked of a run that generates images; the first two also of one that goes on with texts."""
    helped = either(
        f"generate so many images ({NUM}), or so many continuations of a text (1)",
        f"生成多少张图像（{NUM}），或把一段文本续写几次（1）",
    )
    parser.add_argument("--num", type=int, metavar="N", help=helped)
    helped = either(f"of the images, or continuations, to generate ({SEED})", f"生成图像或续写所用的种子（{SEED}）")
    parser.add_argument("--seed", type=int, metavar="N", help=helped)
    helped = either("generate images of this class alone", "只生成这一类的图像")
    parser.add_argument("--class", dest="wanted", metavar="NAME", help=helped)


def asked(options: argparse.Namespace) -> list[str]:
    """Those options that only such a run has."""
    given = {"--num": options.num, "--seed": options.seed, "--class": options.wanted}
    return [f"{name} {value}" for name, value in given.items() if value is not None]


def run(predictor: "ImageGenerator", options: argparse.Namespace, look: "Look | None" = None) -> int:
    """Write each image, and a grid of the first, into a folder; returns the exit status.

    Raises:
        UserError: there is input, no such class, or the folder can't be written.
    """
    num, seed = (NUM if options.num is None else options.num), (SEED if options.seed is None else options.seed)
    if options.inputs:
        refuse_value(options.inputs[0], takes="no input for a run that generates images")
        raise UserError(NO_INPUT.format(options.inputs[0]))
    if num < 1:
        raise UserError(f"--num must be 1 or more, got {num} (set --num)")
    if not 0 <= seed < 2**63:
        raise UserError(f"--seed must be from 0 to {2**63 - 1}, got {seed} (set --seed)")
    for option in of_texts(options):
        raise UserError(f"a run that generates images reads no text (drop {option})")
    import torch

    label = label_of(predictor.classes, options.wanted, asked_by="--class ")
    labels = None if label is None else torch.full((num,), label)
    if options.map is not None:  # first: a model may have none
        draw_map(predictor.sample_pictures(min(num, NUM_MAPPED), seed=seed, labels=labels), options.map, look=look)
    folder = FOLDER if options.out is None else options.out
    for path in [folder / "grid.png", *(folder / f"{number:05d}.png" for number in range(num))]:
        check_not_of_others(path, look)
    of = "" if look is None else look.of
    mark_predicted(folder)
    first: list[Tensor] = []
    batches = predictor.generate(num, seed=seed, labels=labels, batch_size=options.batch_size)
    made = progress(_each(batches, predictor.classes), doing="generating", num=num, batch_size=options.batch_size)
    for number, (picture, known) in enumerate(made):
        path = _write(picture, folder / f"{number:05d}.png", of=of)
        say(_record(path, number, known, seed) if options.json else without_controls(str(path)))
        first += [picture] if number < MOST_IN_GRID else []
    turns = None if label is not None else predictor.classes
    _write_grid(torch.stack(first), folder / "grid.png", classes=turns, as_json=options.json, of=of)
    elsewhere = either(" (set --out)", "（可用 --out 另指定）") if options.out is None else ""
    tell(
        either(
            f"wrote {num} images and a grid of {len(first)} into {folder}{elsewhere}",
            f"已把 {num} 张图像和一幅 {len(first)} 格的图写入 {folder}{elsewhere}",
        )
    )
    if (folder / f"{num:05d}.png").exists():
        tell(
            either(
                f"{folder} also holds images of an earlier, larger number: {num:05d}.png and on",
                f"{folder} 里还有先前更多的图像：从 {num:05d}.png 起",
            )
        )
    return 0


def label_of(classes: Sequence[str] | None, wanted: str | None, *, asked_by: str) -> int | None:
    """The number of the class that was asked for, by its name or the one that metrics have, in any case.

    Raises:
        UserError: there is no such class, in the words in which it was `asked_by`.
    """
    if wanted is None:
        return None
    if classes is None:
        raise UserError(
            f"this run generates images of any class, got {asked_by}{wanted} (train with model.conditional=true)"
        )
    from attnlab.metrics.class_keys import class_keys

    for names in (classes, [each.lower() for each in classes], class_keys(classes)):
        for name in (wanted, wanted.lower()):
            if name in names:
                return int(names.index(name))
    raise UserError(f"there is no such class, got {asked_by}{wanted} (choose from {', '.join(classes)})")


def _each(
    batches: Iterator[tuple["Tensor", "Tensor | None"]], classes: Sequence[str] | None
) -> Iterator[tuple["Tensor", str | None]]:
    """Picture by picture, with the name of its class where there are classes."""
    for pictures, labels in batches:
        names: list[str | None] = [None] * len(pictures)
        if labels is not None and classes is not None:
            names = [classes[int(label)] for label in labels]
        yield from zip(pictures.cpu(), names, strict=True)


def _write(pixels: "Tensor", path: Path, *, of: str) -> Path:
    from attnlab.reporting.figures.pixels import save_pixels

    with writing(path, remedy="set --out"):
        save_pixels(pixels, path, of=of)
    return path


def _write_grid(pictures: "Tensor", path: Path, *, classes: Sequence[str] | None, as_json: bool, of: str) -> None:
    """All pictures as one; of classes in turns that fill columns, these have their names."""
    from attnlab.reporting.figures import save
    from attnlab.reporting.figures.class_grid import class_grid
    from attnlab.reporting.figures.pixels import grid_columns, picture_grid

    columns = grid_columns(len(pictures), num_classes=None if classes is None else len(classes))
    grid = picture_grid(pictures, columns=columns)
    if classes is None or columns % len(classes) or columns > len(pictures):
        _write(grid, path, of=of)
    else:
        with writing(path, remedy="set --out"):
            save(class_grid(grid, columns=[*classes] * (columns // len(classes))), path, of=of)
    if not as_json:
        say(without_controls(str(path)))


def _record(path: Path, number: int, known: str | None, seed: int) -> dict[str, object]:
    """An image in the shape of a prediction; nothing scores it."""
    details = {"class": known, "seed": seed}
    return {"id": number, "input": "", "output": str(path), "score": None, "details": details}
