"""What a finished run's model attends to on a few test examples, made anew from its checkpoint.

So runs that were done before maps were linked have them, too. The examples depend on the test data alone: runs that
were tested on the same have maps of the same.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import torch

from attnlab.data.module import DataModule
from attnlab.errors import UserError
from attnlab.models.adversarial.predictor import GeneratingPredictor
from attnlab.models.classifiers.predictor import ClassifyingPredictor
from attnlab.models.detectors.predictor import DetectingPredictor
from attnlab.models.encoder_decoders.predictor import WritingPredictor
from attnlab.models.predictors import Prediction
from attnlab.models.taggers.predictor import TaggingPredictor
from attnlab.reporting.pages.linked_maps.contents import NO_ATTENTION, RunMaps
from attnlab.runs import allowed, build, checkpoint
from attnlab.runs.map_examples import detections, generated, images, tags, written

NUM_EXAMPLES = 4
SHORTEST, LONGEST = 12, 140  # characters of a text that is read at a glance


def maps_of(folder: Path, *, num: int = NUM_EXAMPLES, trust: tuple[str, ...] = ()) -> RunMaps:
    """The maps of `num` test examples, or why there are none: no attention, or the test's images aren't there.

    Raises:
        UserError: the folder holds no finished run, or nothing that can be trusted.
    """
    config, predictor = build.restore_predictor(checkpoint.find(folder), trust=trust)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # of a mechanism that draws
        try:
            examples = _examples(folder, config, predictor, num=num, trust=trust)
        except UserError as error:
            return {"examples": [], "why": str(error)}
    if not any(view["layers"] or _looks(view) for each in examples for view in each["views"]):
        return {"examples": examples, "why": NO_ATTENTION}
    return {"examples": examples, "why": None}


def _looks(view: Mapping[str, Any]) -> bool:
    return any("looked" in each for each in view.get("found", ()))


def _examples(folder: Path, config: build.Config, predictor: object, *, num: int, trust: tuple[str, ...]) -> list[Any]:
    match predictor:
        case GeneratingPredictor():
            return generated(predictor, num)
        case TaggingPredictor():
            return tags(predictor, _readable(predictions_of(folder), num))
        case WritingPredictor():
            return written(predictor, _readable(predictions_of(folder), num))
        case ClassifyingPredictor():
            data = _data(config, predictor.codec, checkpoint.find(folder), trust)
            return images(predictor, _spread(predictions_of(folder), num), data)
        case DetectingPredictor():
            data = _data(config, predictor.codec, checkpoint.find(folder), trust)
            return detections(predictor, _spread(predictions_of(folder), num), data)
    return []


def predictions_of(folder: Path) -> list[Prediction]:
    """A run's `predictions.jsonl`, in the order of ids.

    Raises:
        UserError: it isn't there, or damaged.
    """
    path = folder / "predictions.jsonl"
    try:
        with path.open(encoding="utf-8") as lines:
            found = [json.loads(line) for line in lines]
        return cast(list[Prediction], sorted(found, key=lambda each: each["id"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"maps are of tested examples, got {path} without a prediction a line") from error


def _readable(predictions: Sequence[Prediction], num: int) -> Sequence[Prediction]:
    """Of texts that are read at a glance, or of the shortest; chosen by what is given, which all runs have."""
    short = [each for each in predictions if SHORTEST <= len(each["input"]) <= LONGEST]
    marked = [each for each in short if isinstance(each["target"], list) and each["target"]]
    by_length = sorted(predictions, key=lambda each: (len(each["input"]), each["id"]))
    return _spread(marked or short or by_length[: 1 + len(by_length) // 10], num)


def _spread(predictions: Sequence[Prediction], num: int) -> Sequence[Prediction]:
    return predictions[:: max(1, len(predictions) // max(1, num))][:num]


def _data(config: build.Config, codec: Any, path: Path, trust: tuple[str, ...]) -> DataModule:
    """The test's images, as `evaluate` would read them."""
    allowed.check_targets({"data": config["data"]}, trust=trust)
    data: DataModule = build.build_data(config | {"data": config["data"] | {"cache_dir": None}})
    checksum = checkpoint.load(path)[checkpoint.KEY]["checksum"]
    data.adopt(codec, trained_on=checksum)
    data.prepare_data()
    if data.checksum != checksum:
        raise UserError(f"maps are of the test's own images, got other data than the run's in {data.root} (restore it)")
    return data
