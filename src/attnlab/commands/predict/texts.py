"""`attnlab predict` for texts: what a run writes of each, or marks in it."""

import argparse
import gzip
import os
import re
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attnlab.commands.predict.images import are_images
from attnlab.commands.predict.output import announced, draw_map, progress, say
from attnlab.errors import UserError
from attnlab.files import RECORD_ENDINGS, TEXT_ENDINGS, write_text

if TYPE_CHECKING:
    from attnlab.models.predictors import Prediction, TextPredictor


def run(predictor: "TextPredictor", options: argparse.Namespace) -> int:
    """Print a line for each text, and write the map and the page that are asked for; returns the exit status.

    Raises:
        UserError: there is no text, an input can't be read, or a file can't be written.
    """
    if are_images(options.inputs):
        raise UserError(f"the run at {options.run} takes no images, got {options.inputs[0]}")
    if options.out is not None:
        raise UserError(f"images go to a folder, got text and --out {options.out} (set --map or --html for text)")
    texts = _texts(options.inputs, whole_file=options.whole_file)
    colour = _in_colour()
    kept: list[Prediction] = []  # what pictures and pages are made of
    predictions = predictor.predict_texts(texts, batch_size=options.batch_size)
    for prediction in progress(predictions, doing="predicting", num=len(texts), batch_size=options.batch_size):
        if options.html is not None or not kept:
            kept.append(prediction)
        say(prediction if options.json else predictor.line(prediction, colour=colour))
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


def _draw(predictor: "TextPredictor", prediction: "Prediction", path: Path) -> None:
    try:
        pictures = predictor.prediction_pictures(prediction)
    except ValueError as error:
        raise UserError(f"{error} (drop --map)") from error
    if len(pictures) > 1:
        print(f"the first of the {len(pictures)} pieces that the first input was read in is drawn", file=sys.stderr)
    draw_map(pictures, path, lacking="there is no word to draw in the first input")


def _write_page(predictor: "TextPredictor", predictions: Sequence["Prediction"], path: Path) -> None:
    from attnlab.models.predictors import EntityFinder
    from attnlab.reporting.pages.entity_page import MarkedText, entity_page

    assert isinstance(predictor, EntityFinder)  # as was checked when it was restored
    texts = []
    for each in predictions:
        maps = [picture.weights.mean(dim=0) for picture in predictor.text_pictures(each["input"], name="")]
        texts.append(MarkedText(each["input"], each["output"], each["details"]["words"], maps))
    with announced(path, option="--html"):
        write_text(path, entity_page(texts, types=predictor.types, title="Entities and attention"))
