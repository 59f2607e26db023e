"""`attnlab predict`: a trained run on the user's own input, from its checkpoint alone."""

import argparse
import gzip
import json
import os
import re
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attnlab.commands import arguments as arguments_of
from attnlab.commands.predict import generation as predict_generation
from attnlab.commands.predict import images as predict_images
from attnlab.errors import UserError
from attnlab.files import RECORD_ENDINGS, TEXT_ENDINGS, write_text, writing

if TYPE_CHECKING:
    from attnlab.models.predictors import Prediction, Predictor, TextPredictor


def run(arguments: list[str]) -> int:
    """Predict and print, one line an input; returns the exit status."""
    options = _parser().parse_intermixed_args(arguments)
    for name, value in (("--beam-size", options.beam_size), ("--batch-size", options.batch_size)):
        if value is not None and value < 1:
            raise UserError(f"{name} must be 1 or more, got {value}")
    if options.map is not None and options.map.suffix != ".png":
        raise UserError(f"the map is a PNG picture, got {options.map} (set --map to a name that ends in .png)")
    from attnlab.models.predictors import ImageGenerator, ImagePredictor, TextPredictor

    predictor = _restored(options)
    if isinstance(predictor, ImageGenerator):
        return predict_generation.run(predictor, options)
    if asked := predict_generation.asked(options):
        raise UserError(f"the run at {options.run} generates no images, got {asked[0]}")
    if isinstance(predictor, ImagePredictor):
        return predict_images.run(predictor, options)
    assert isinstance(predictor, TextPredictor)
    return _predict_texts(predictor, options)


def _parser() -> argparse.ArgumentParser:
    parser = arguments_of.parser(
        "predict",
        "Use a trained run on text, on the lines of a file, on stdin (with no input, or -), or on images; or have it "
        "generate images, if that is what it does.",
    )
    parser.add_argument("run", help="a run's folder or a checkpoint file")
    parser.add_argument(
        "inputs",
        nargs="*",
        metavar="TEXT|FILE|FOLDER|-",
        help="texts, or files of one text a line; or image files, and folders or zip archives of such (boxes are in "
        "pixels of the upright picture, turned as its EXIF data says)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line, with scores and details")
    parser.add_argument("--whole-file", action="store_true", help="read each file, or stdin, as one text")
    parser.add_argument("--map", type=Path, metavar="PNG", help="draw what the first output attended to")
    parser.add_argument("--html", type=Path, metavar="HTML", help="write a page of the entities and the attention")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="write images with their labels and maps, or generated ones (which go to ./generated without this), into "
        "a folder, over files of the same name",
    )
    parser.add_argument("--beam-size", type=int, default=None, help="1 is greedy; by default as in training's test")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1, mps")
    parser.add_argument("--trust", action="append", default=[], metavar="PACKAGE", help="your own code to import")
    predict_generation.add_options(parser)
    return parser


def _predict_texts(predictor: "TextPredictor", options: argparse.Namespace) -> int:
    """Print a line for each text."""
    if predict_images.are_images(options.inputs):
        raise UserError(f"the run at {options.run} takes no images, got {options.inputs[0]}")
    if options.out is not None:
        raise UserError(f"images go to a folder, got text and --out {options.out} (set --map or --html for text)")
    texts = _texts(options.inputs, whole_file=options.whole_file)
    from tqdm import tqdm

    colour = _in_colour()
    kept: list[Prediction] = []  # what pictures and pages are made of
    quiet = len(texts) <= options.batch_size or not sys.stderr.isatty()
    predictions = predictor.predict_texts(texts, batch_size=options.batch_size)
    for prediction in tqdm(predictions, total=len(texts), desc="predicting", file=sys.stderr, disable=quiet):
        if options.html is not None or not kept:
            kept.append(prediction)
        if options.json:
            print(json.dumps({k: v for k, v in prediction.items() if k != "target"}, ensure_ascii=False), flush=True)
        else:
            print(predictor.line(prediction, colour=colour), flush=True)
    if options.map is not None:
        _draw(predictor, kept[0], options.map)
    if options.html is not None:
        _write_page(predictor, kept, options.html)
    return 0


def _in_colour() -> bool:
    """Whether to colour what is printed: on a terminal that can, and whose user hasn't declined (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _texts(inputs: list[str], *, whole_file: bool) -> list[str]:
    texts: list[str] = []
    for each in inputs or ["-"]:
        if each == "-" or _is_file(each):
            lines = _lines(sys.stdin.buffer.read(), "stdin") if each == "-" else _lines(_bytes(each), each)
            texts += ["\n".join(lines)] if whole_file else lines
        elif not re.search(r"\s", each) and each.lower().endswith((*TEXT_ENDINGS, *RECORD_ENDINGS, ".gz")):
            raise UserError(f"no such file, got {each}")
        else:
            texts.append(each)
    for text in texts:
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise UserError(f"the text isn't UTF-8, got {text!r}")
    if not any(text.strip() for text in texts):
        raise UserError("nothing to predict from: the input is empty")
    return texts


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a name, or with a NUL: a text, then
        return False


def _bytes(path: str) -> bytes:
    if path.lower().removesuffix(".gz").endswith(RECORD_ENDINGS):
        raise UserError(f"predict reads text, one input a line, got {path}")
    try:
        data = Path(path).read_bytes()
        return gzip.decompress(data) if path.lower().endswith(".gz") else data
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UserError(f"a .gz file must be whole, got {path} with: {error}") from error
    except OSError as error:
        raise UserError(f"a text file must be readable, got {path}: {error.strerror}") from error


def _lines(data: bytes, name: str) -> list[str]:
    try:
        # Not splitlines(): it also breaks at characters that may stand within a line.
        lines = data.decode("utf-8-sig").split("\n")
        return [line.removesuffix("\r") for line in (lines if lines[-1] else lines[:-1])]
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UserError(f"{name} isn't UTF-8 text: byte {data[error.start]:#04x} in line {line}") from error


def _restored(options: argparse.Namespace) -> "Predictor":
    from torch import nn

    from attnlab.models.predictors import BeamSearcher, EntityFinder
    from attnlab.runs import build, checkpoint

    _, predictor = build.restore_predictor(checkpoint.find(options.run), trust=tuple(options.trust))
    if options.html is not None and not isinstance(predictor, EntityFinder):
        raise UserError(f"--html shows the entities that a ner run finds, got another task's run at {options.run}")
    if options.beam_size is not None:
        if not isinstance(predictor, BeamSearcher):
            raise UserError(f"the run at {options.run} searches no beams, got --beam-size {options.beam_size}")
        predictor.beam_size = options.beam_size
    try:
        nn.ModuleDict(predictor.modules).to(options.device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"this device can't be used, got {options.device!r}: {reason} (set --device)") from error
    return predictor


def _draw(predictor: "TextPredictor", prediction: "Prediction", path: Path) -> None:
    from attnlab.reporting.figures import save
    from attnlab.reporting.figures.draw import draw

    try:
        pictures = predictor.prediction_pictures(prediction)
    except ValueError as error:
        raise UserError(f"{error} (drop --map)") from error
    if not pictures:
        raise UserError("there is no word to draw in the first input (drop --map)")
    if len(pictures) > 1:
        print(f"the first of the {len(pictures)} pieces that the first input was read in is drawn", file=sys.stderr)
    figure = draw(pictures[0])
    with writing(path, remedy="set --map"):
        save(figure, path)
    print(f"wrote {path}", file=sys.stderr)


def _write_page(predictor: "TextPredictor", predictions: Sequence["Prediction"], path: Path) -> None:
    from attnlab.models.predictors import EntityFinder
    from attnlab.reporting.pages.entity_page import MarkedText, entity_page

    assert isinstance(predictor, EntityFinder)  # as was checked when it was restored
    texts = []
    for each in predictions:
        maps = [picture.weights.mean(dim=0) for picture in predictor.text_pictures(each["input"], name="")]
        texts.append(MarkedText(each["input"], each["output"], each["details"]["words"], maps))
    with writing(path, remedy="set --html"):
        write_text(path, entity_page(texts, types=predictor.types, title="Entities and attention"))
    print(f"wrote {path}", file=sys.stderr)
