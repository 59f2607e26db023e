"""`attnlab predict` for generators: makes images of nothing but a seed, and of a class where they know classes."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attnlab.errors import UserError
from attnlab.files import writing

if TYPE_CHECKING:
    from torch import Tensor

    from attnlab.models.predictors import ImageGenerator

NUM, SEED, FOLDER = 64, 0, Path("generated")
NO_INPUT = "a run that generates images takes no input, got {!r} (set --num, --seed and --class)"
MOST_IN_GRID = 400
NUM_MAPPED = 4  # images whose attention is drawn


def add_options(parser: argparse.ArgumentParser) -> None:
    """What is asked of a run that generates images."""
    parser.add_argument("--num", type=int, metavar="N", help=f"generate so many images ({NUM})")
    parser.add_argument("--seed", type=int, metavar="N", help=f"of the images to generate ({SEED})")
    parser.add_argument("--class", dest="wanted", metavar="NAME", help="generate images of this class alone")


def asked(options: argparse.Namespace) -> list[str]:
    """Those options that only such a run has."""
    given = {"--num": options.num, "--seed": options.seed, "--class": options.wanted}
    return [f"{name} {value}" for name, value in given.items() if value is not None]


def run(predictor: "ImageGenerator", options: argparse.Namespace) -> int:
    """Write each image, and a grid of the first, into a folder; returns the exit status.

    Raises:
        UserError: there is input, no such class, or the folder can't be written.
    """
    num, seed = (NUM if options.num is None else options.num), (SEED if options.seed is None else options.seed)
    if options.inputs:
        raise UserError(NO_INPUT.format(options.inputs[0]))
    if num < 1:
        raise UserError(f"--num must be 1 or more, got {num}")
    if not 0 <= seed < 2**63:
        raise UserError(f"--seed must be from 0 to {2**63 - 1}, got {seed}")
    if options.whole_file:
        raise UserError("a run that generates images reads no file (drop --whole-file)")
    import torch
    from tqdm import tqdm

    label = _label(predictor.classes, options.wanted)
    labels = None if label is None else torch.full((num,), label)
    if options.map is not None:  # first: a model may have none
        _draw_map(predictor, min(num, NUM_MAPPED), labels, seed, options.map)
    folder = FOLDER if options.out is None else options.out
    first: list[Tensor] = []
    made = 0
    quiet = num <= options.batch_size or not sys.stderr.isatty()
    with tqdm(total=num, desc="generating", file=sys.stderr, disable=quiet) as bar:
        for pictures, of_classes in predictor.generate(num, seed=seed, labels=labels, batch_size=options.batch_size):
            for row, picture in enumerate(pictures.cpu()):
                path = _write(picture, folder / f"{made:05d}.png")
                known = None
                if of_classes is not None and predictor.classes is not None:
                    known = predictor.classes[int(of_classes[row])]
                _say(path, made, known, seed, as_json=options.json)
                first += [picture] if made < MOST_IN_GRID else []
                made += 1
                bar.update()
    turns = None if predictor.classes is None or label is not None else len(predictor.classes)
    _write_grid(torch.stack(first), folder / "grid.png", num_classes=turns, as_json=options.json)
    print(f"wrote {num} images and a grid of {len(first)} into {folder} (set --out)", file=sys.stderr)
    if (folder / f"{num:05d}.png").exists():
        print(f"{folder} also holds images of an earlier, larger number: {num:05d}.png and on", file=sys.stderr)
    return 0


def _label(classes: Sequence[str] | None, wanted: str | None) -> int | None:
    """The number of the class that was asked for, by its name or the one that metrics have, in any case."""
    if wanted is None:
        return None
    if classes is None:
        raise UserError(f"this run generates images of any class, got --class {wanted} (train with model.conditional)")
    from attnlab.metrics.classification import class_keys

    for names in (classes, [each.lower() for each in classes], class_keys(classes)):
        for name in (wanted, wanted.lower()):
            if name in names:
                return int(names.index(name))
    raise UserError(f"there is no such class, got --class {wanted} (choose from {', '.join(classes)})")


def _write(pixels: "Tensor", path: Path) -> Path:
    from attnlab.reporting.figures.pixels import save_pixels

    with writing(path, remedy="set --out"):
        save_pixels(pixels, path)
    return path


def _write_grid(pictures: "Tensor", path: Path, *, num_classes: int | None, as_json: bool) -> None:
    """All pictures as one, of so many classes in turns."""
    from attnlab.reporting.figures.pixels import grid_columns, picture_grid

    columns = grid_columns(len(pictures), num_classes=num_classes)
    _write(picture_grid(pictures, columns=columns), path)
    if not as_json:
        print(path, flush=True)


def _say(path: Path, number: int, known: str | None, seed: int, *, as_json: bool) -> None:
    if not as_json:
        print(path, flush=True)
        return
    details = {"class": known, "seed": seed}
    line = {"id": number, "input": "", "output": str(path), "score": None, "details": details}
    print(json.dumps(line, ensure_ascii=False), flush=True)


def _draw_map(predictor: "ImageGenerator", num: int, labels: "Tensor | None", seed: int, path: Path) -> None:
    from attnlab.reporting.figures import save
    from attnlab.reporting.figures.draw import draw

    pictures = predictor.sample_pictures(num, seed=seed, labels=labels)
    if not pictures:
        raise UserError("this model has no attention to draw (drop --map)")
    with writing(path, remedy="set --map"):
        save(draw(pictures[0]), path)
    print(f"wrote {path}", file=sys.stderr)
