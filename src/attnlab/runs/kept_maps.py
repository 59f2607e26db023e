"""What a finished run's model attends to on a few test examples, made anew from its checkpoint.

So runs that were done before maps were linked have them, too. The examples depend on the test data alone: runs that
were tested on the same have maps of the same.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import torch

from attnlab.data.module import DataModule
from attnlab.errors import UserError
from attnlab.language import either
from attnlab.models.adversarial.predictor import GeneratingPredictor
from attnlab.models.classifiers.predictor import ClassifyingPredictor
from attnlab.models.detectors.predictor import DetectingPredictor
from attnlab.models.encoder_decoders.predictor import WritingPredictor
from attnlab.models.language_models.predictor import LanguagePredictor
from attnlab.models.predictors import MapsWhatIsFound, Prediction
from attnlab.models.taggers.predictor import TaggingPredictor
from attnlab.reading.bounds import plain_json, text_lines
from attnlab.reading.shown import tell
from attnlab.reporting.pages.linked_maps import image_of
from attnlab.reporting.pages.linked_maps.contents import NO_ATTENTION, Example, Image, RunMaps, View
from attnlab.reporting.pictures import some_of
from attnlab.reporting.reasons import warning_in_chinese
from attnlab.runs import build, checkpoint, own_code
from attnlab.runs.map_examples import continued, detections, generated, images, tags, written
from attnlab.runs.stored_data import stored_data

NUM_EXAMPLES = 4
SHORTEST, LONGEST = 12, 140  # characters of a text that is read at a glance


class TestedRun:
    """A finished run's model, its answers to the test, and, once they are asked for, the test's images.

    `changed` says which code of the user's own isn't what the run was trained with; so does a line on the terminal,
    since maps are made with what it is now.

    Raises:
        UserError: the folder holds no finished run, or nothing that can be trusted.
    """

    def __init__(self, folder: Path, *, trust: tuple[str, ...] = ()) -> None:
        self.folder, self.trust = folder, trust
        self.changed = own_code.changed(folder.absolute())
        if self.changed is not None:
            in_chinese = warning_in_chinese("code_changed", self.changed)
            tell(
                either(
                    f"the maps may not be those of the run: {self.changed}",
                    f"这些图可能不是该运行的：{in_chinese}",
                )
            )
        self.config, self.predictor = build.restore_predictor(checkpoint.find(folder), trust=trust)

    def maps(self, num: int = NUM_EXAMPLES) -> RunMaps:
        """Of so many test examples, or why there are none: no attention, nothing found, or the images are gone."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)  # of a mechanism that draws
            try:
                examples = self._examples(num)
            except UserError as error:
                return {"examples": [], "why": str(error)}
            except Exception as error:  # of answers that no model of ours gave, say: no figure is worth a page
                return {"examples": [], "why": f"its maps can't be made: {type(error).__name__} {error}"}
        attends = any(view["layers"] or _looks(view) for each in examples for view in each["views"])
        return {"examples": examples, "why": None if attends else self._unseen(examples)}

    def image(self, number: int) -> Image | None:
        """Of a test example; None where examples are texts.

        Raises:
            UserError: the images aren't there, or aren't those of the test.
        """
        match self.predictor:
            case ClassifyingPredictor():
                return image_of(self.images.image("test", number))
            case DetectingPredictor():
                return image_of(self.images.picture("test", number).pixels)
        return None

    def _unseen(self, examples: Sequence[Example]) -> str:
        """Why no example has a map."""
        found = any(view.get("found") for each in examples for view in each["views"])
        if isinstance(self.predictor, MapsWhatIsFound) and examples and not found:
            return self.predictor.unseen() or NO_ATTENTION
        return NO_ATTENTION

    def _examples(self, num: int) -> list[Example]:
        match self.predictor:
            case GeneratingPredictor() as predictor:
                return generated(predictor, num)
            case TaggingPredictor() as predictor:
                return tags(predictor, _readable(predictions_of(self.folder), num))
            case WritingPredictor() as predictor:
                return written(predictor, _readable(predictions_of(self.folder), num))
            case LanguagePredictor() as predictor:
                return continued(predictor, some_of(predictions_of(self.folder), num))
            case ClassifyingPredictor() as predictor:
                return images(predictor, some_of(predictions_of(self.folder), num), self.images)
            case DetectingPredictor() as predictor:
                return detections(predictor, some_of(predictions_of(self.folder), num), self.images)
        return []

    @cached_property
    def images(self) -> Any:
        """The data, prepared as training does it.

        Raises:
            UserError: it isn't there, or isn't that of the test.
        """
        data: DataModule = stored_data(self.config, folder=self.folder, trust=self.trust)
        checksum = checkpoint.load(checkpoint.find(self.folder))[checkpoint.KEY]["checksum"]
        data.prepare_data()  # all of it: of a test that is read alone the checksum is another
        if data.checksum != checksum:
            raise UserError(f"images must be those of the run's test, got other data in {data.root} (restore it)")
        return data


def maps_of(folder: Path, *, num: int = NUM_EXAMPLES, trust: tuple[str, ...] = ()) -> RunMaps:
    """The maps of a finished run, as `TestedRun` has them."""
    return TestedRun(folder, trust=trust).maps(num)


def _looks(view: View) -> bool:
    return any("looked" in each for each in view.get("found", ()))


def predictions_of(folder: Path) -> list[Prediction]:
    """A run's `predictions.jsonl`, in the order of ids.

    Raises:
        UserError: it isn't there, or damaged.
    """
    path = folder / "predictions.jsonl"
    try:
        found = [plain_json(line) for line in text_lines(path)]
        return cast(list[Prediction], sorted(found, key=lambda each: each["id"]))
    except FileNotFoundError as error:
        raise UserError(f"maps are of tested examples, got no {path}: the test left no answers") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"maps are of tested examples, got {path} without a prediction a line") from error


def _readable(predictions: Sequence[Prediction], num: int) -> Sequence[Prediction]:
    """Of texts that are read at a glance, or of the shortest; chosen by what is given, which all runs have."""
    short = [each for each in predictions if SHORTEST <= len(each["input"]) <= LONGEST]
    marked = [each for each in short if isinstance(each["target"], list) and each["target"]]
    by_length = sorted(predictions, key=lambda each: (len(each["input"]), each["id"]))
    return some_of(marked or short or by_length[: 1 + len(by_length) // 10], num)
