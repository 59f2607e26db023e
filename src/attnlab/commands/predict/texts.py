"""`attnlab predict` for texts: what a run writes of each, or marks in it."""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attnlab.commands.predict import inputs
from attnlab.commands.predict.images import are_images
from attnlab.commands.predict.output import announced, draw_map, progress, say, tell_what_is_drawn
from attnlab.errors import UserError
from attnlab.files import write_text
from attnlab.language import Words, either
from attnlab.reading.shown import tell

if TYPE_CHECKING:
    from attnlab.models.predictors import Prediction, TextPredictor
    from attnlab.reporting.look import Look
    from attnlab.reporting.pages.report.contents import Text

TEXTS = Words("texts", "段文本")
ONE_AT_A_TIME = Words("give each alone, with a --map of its own", "请逐段给出，各用一个 --map")


def run(
    predictor: "TextPredictor",
    options: argparse.Namespace,
    data: Mapping[str, Any],
    look: "Look | None" = None,
    *,
    copies: int = 1,
    facts: "Sequence[tuple[Text, Text]]" = (),
) -> int:
    """Print a line for each text, and write the map and the page that are asked for; returns the exit status.

    `data` is what the run's config says of its data, `look` how the map is wanted, `copies` how many answers a text;
    `facts` of the run stand on the page.

    Raises:
        UserError: there is no text, an input can't be read, or a file can't be written.
    """
    if not options.text and are_images(options.inputs) and not os.path.isdir(options.inputs[0]):
        raise UserError(
            f"the run at {options.run} takes no images, got {options.inputs[0]} (give it texts, or files of texts)"
        )
    if options.out is not None:
        raise UserError(f"images go to a folder, got text and --out {options.out} (set --map or --html for text)")
    texts = [each for each in inputs.read(options.inputs, _reading(predictor, options, data)) for _ in range(copies)]
    colour = _in_colour()
    kept: list[Prediction] = []  # what pictures and pages are made of
    blank = 0
    predictions = _predictions(predictor, texts, batch_size=options.batch_size)
    for prediction in progress(predictions, doing="predicting", num=len(texts), batch_size=options.batch_size):
        if options.html is not None or not kept:
            kept.append(prediction)
        say(prediction if options.json else predictor.line(prediction, colour=colour))
        blank += prediction["output"] == "" != prediction["input"].strip()
    if blank:
        tell(
            either(
                f"{blank} of {len(texts)} answers have no text, of inputs that have one",
                f"{len(texts)} 个回答中有 {blank} 个没有文字，而其输入有文字",
            )
        )
    if options.map is not None:
        _draw(predictor, kept[0], options.map, look)
        tell_what_is_drawn(options.map, num=len(texts), what=TEXTS, remedy=ONE_AT_A_TIME)
    if options.html is not None:
        _write_page(predictor, kept, options.html, facts)
    return 0


def _reading(predictor: "TextPredictor", options: argparse.Namespace, data: Mapping[str, Any]) -> inputs.Reading:
    from attnlab.models.predictors import EntityFinder

    finds = isinstance(predictor, EntityFinder)
    if options.words and not finds:
        raise UserError(f"--words is for runs that label words, which the run at {options.run} doesn't (drop --words)")
    from attnlab.commands.predict.run_files import RunFiles

    corpus = data.get("corpus", {})
    return inputs.Reading(
        as_text=options.text,
        whole_file=options.whole_file,
        words=options.words,
        labels_words=finds,
        files=RunFiles(corpus, types=list(predictor.types) if isinstance(predictor, EntityFinder) else ()),
        encoding=options.encoding,
        endings=[language for key in ("source", "target") if isinstance(language := data.get(key), str)],
    )


def _predictions(
    predictor: "TextPredictor", given: Sequence[inputs.Given], *, batch_size: int
) -> "Iterator[Prediction]":
    """In order; of texts whose words are given, by these."""
    from attnlab.models.predictors import EntityFinder

    if isinstance(predictor, EntityFinder):
        sentences = [(text, predictor.split(text) if words is None else words) for text, words in given]
        return predictor.predict_words(sentences, batch_size=batch_size)
    return predictor.predict_texts([text for text, _ in given], batch_size=batch_size)


def _in_colour() -> bool:
    """Whether to colour what is printed: on a terminal that can, and whose user hasn't declined (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _draw(predictor: "TextPredictor", prediction: "Prediction", path: Path, look: "Look | None") -> None:
    try:
        pictures = predictor.prediction_pictures(prediction)
    except ValueError as error:
        raise UserError(f"{error} (drop --map)") from error
    if len(pictures) > 1:
        num = len(pictures)
        tell(
            either(
                f"the first of the {num} pieces that the first input was read in is drawn",
                f"第一个输入分 {num} 段读入，画的是第一段",
            )
        )
    draw_map(pictures, path, lacking="there is no word to draw in the first input", look=look)


def _write_page(
    predictor: "TextPredictor", predictions: Sequence["Prediction"], path: Path, facts: "Sequence[tuple[Text, Text]]"
) -> None:
    from attnlab.models.predictors import EntityFinder
    from attnlab.reporting.pages.entity_page import TITLE, MarkedText, entity_page

    assert isinstance(predictor, EntityFinder)  # as was checked when it was restored
    texts = []
    for each in predictions:
        maps = [picture.weights for picture in predictor.prediction_pictures(each)]
        texts.append(MarkedText(each["input"], each["output"], each["details"]["words"], maps, each["score"]))
    with announced(path, option="--html"):
        write_text(path, entity_page(texts, types=predictor.types, title=TITLE, facts=facts))
