"""The pictures of a finished run, made anew from its checkpoint, its answers to the test and its log."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from attnlab.callbacks.csv_log import MetricsCSV
from attnlab.callbacks.learning_curves import curves_of
from attnlab.errors import UserError
from attnlab.models.adversarial.predictor import GeneratingPredictor
from attnlab.models.classifiers.predictor import ClassifyingPredictor
from attnlab.models.detectors.predictor import DetectingPredictor
from attnlab.models.encoder_decoders.predictor import WritingPredictor
from attnlab.models.language_models.predictor import LanguagePredictor
from attnlab.models.layers.slots import slots_of
from attnlab.models.predictors import Prediction
from attnlab.models.taggers.predictor import TaggingPredictor
from attnlab.reporting.look import run_caption
from attnlab.reporting.pictures import Confusion, Curves, Picture, some_of
from attnlab.runs import run_folder
from attnlab.runs.kept_maps import TestedRun, predictions_of
from attnlab.tasks.image_classification import confused_classes
from attnlab.tasks.image_generation import SEEDS
from attnlab.tasks.ner import confused_types
from attnlab.tasks.summarization import shorter_half

Drawable = Picture | Confusion | Curves


class RunPictures(NamedTuple):
    """What can be drawn of a run, by names of files, and why there are no maps, if there aren't."""

    pictures: list[Drawable]
    lacking: str


def finished_run(folder: Path, *, trust: tuple[str, ...] = ()) -> TestedRun:
    """A finished run.

    Raises:
        UserError: the folder holds none, or nothing that can be trusted.
    """
    if run_folder.finished(folder) is None:
        raise UserError(f"figures are of a finished run, got {folder} without metrics.json (finish it first)")
    return TestedRun(folder, trust=trust)


def caption_of(run: TestedRun) -> str:
    """Which run it is, as its own pictures say it."""
    return run_caption(str(run.config["name"]), run.folder.resolve(), slots_of(run.predictor.model))


def pictures_of(
    run: TestedRun, *, num: int, examples: Sequence[int] | None = None, of_references: bool = False
) -> RunPictures:
    """Curves, confusions, and the maps of so many test examples, those of the run's own pictures, or of these.

    With `of_references` rows of maps are the tokens of what is given as right, whatever the run wrote: runs that read
    the same pieces have the same rows.

    Raises:
        UserError: the test has no such example, or there is no text that could be given.
    """
    if of_references and not isinstance(run.predictor, WritingPredictor):
        raise UserError("references are of runs that translate or summarize, got another task's (drop --on)")
    chosen = None if examples is None else _chosen(run, examples)
    results = run_folder.finished(run.folder) or {}
    curves = curves_of(MetricsCSV(run.folder).rows(), monitor=str(results.get("best", {}).get("monitor") or ""))
    found: list[Drawable] = [] if curves is None else [curves]
    try:
        found += _confusions(run)
        if of_references and isinstance(run.predictor, WritingPredictor):
            maps: Sequence[Picture] = _maps_of_references(run, run.predictor, num, chosen)
        else:
            maps = _maps_of_some(run, num) if chosen is None else _maps_of_these(run, chosen)
        return RunPictures([*found, *maps], "")
    except UserError as error:  # images that aren't there any more, say
        return RunPictures(found, str(error))
    except Exception as error:  # of answers that no model of ours gave, say
        return RunPictures(found, f"they can't be made: {type(error).__name__} {error}")


def _confusions(run: TestedRun) -> list[Confusion]:
    match run.predictor:
        case ClassifyingPredictor() as predictor:
            return [confused_classes(predictions_of(run.folder), predictor.codec.classes)]
        case TaggingPredictor() as predictor:
            return [confused_types(predictions_of(run.folder), predictor.types)]
    return []


def _chosen(run: TestedRun, examples: Sequence[int]) -> list[Prediction]:
    """The answers to these test examples, in the order asked for."""
    if isinstance(run.predictor, GeneratingPredictor):
        raise UserError("examples are of a test set, got a run that generates images (take --examples away)")
    answers = {p["id"]: p for p in predictions_of(run.folder)}
    if unknown := [each for each in examples if each not in answers]:
        known = f"{min(answers)} to {max(answers)}" if answers else "none"
        raise UserError(f"the run's test has no example {unknown[0]}, its ids are {known} (set --examples)")
    return [answers[each] for each in examples]


def _maps_of_some(run: TestedRun, num: int) -> Sequence[Picture]:
    if not num:
        return []
    match run.predictor:
        case GeneratingPredictor() as predictor:
            return predictor.sample_pictures(num, seed=SEEDS["test"])
        case TaggingPredictor() | LanguagePredictor() as predictor:
            return predictor.pictures_of_some(predictions_of(run.folder), num)
        case WritingPredictor() as predictor:
            return predictor.pictures_of_some(_written(run), num)
    return _maps_of_these(run, some_of(predictions_of(run.folder), num))


def _maps_of_these(run: TestedRun, tested: Sequence[Prediction]) -> Sequence[Picture]:
    match run.predictor:
        case TaggingPredictor() | LanguagePredictor() | WritingPredictor() as predictor:
            return predictor.pictures_of_these(tested)
        case ClassifyingPredictor() as predictor:
            return [each for p in tested for each in predictor.tested_pictures(p, run.images.image("test", p["id"]))]
        case DetectingPredictor() as predictor:
            return [
                each for p in tested for each in predictor.compared_pictures(p, run.images.picture("test", p["id"]))
            ]
    return []


def _maps_of_references(
    run: TestedRun, predictor: WritingPredictor, num: int, chosen: Sequence[Prediction] | None
) -> Sequence[Picture]:
    """As of what was written, in files of other names."""
    given = [p for p in (_written(run) if chosen is None else chosen) if isinstance(p["target"], str)]
    told = [p | {"details": p["details"] | {"ids": predictor.target_ids(str(p["target"]))}} for p in given]
    maps = predictor.pictures_of_some(told, num) if chosen is None else predictor.pictures_of_these(told)
    return [replace(each, name=f"{each.name}_on_reference", query_name="reference") for each in maps]


def _written(run: TestedRun) -> Sequence[Prediction]:
    """Those whose maps the task draws some of."""
    predictions = predictions_of(run.folder)
    of_documents = str(run.config["task"]["_target_"]).endswith(".SummarizationTask")
    return shorter_half(predictions) if of_documents else predictions
