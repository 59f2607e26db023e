"""Records of runs that wrote none: what their `predictions.jsonl` allows, and what it doesn't."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from attnlab.data.files.json_lines import read_json_lines
from attnlab.errors import UserError
from attnlab.metrics.detection import ScoredPicture
from attnlab.metrics.entities import Tagged
from attnlab.metrics.records.classes import of_image, scores_of_images
from attnlab.metrics.records.contract import Records, Score, Statistics
from attnlab.metrics.records.entities import of_sentences, scores_of_sentences
from attnlab.metrics.records.matches import of_picture, scores_of_pictures
from attnlab.metrics.records.texts import SUMMARY_SCORES, TRANSLATION_SCORES, of_summaries, of_translations
from attnlab.study.records import agrees
from attnlab.study.scorers import scorer_of

NAME = "predictions.jsonl"
ABSENT = "an earlier run, whose predictions don't hold it"
OTHERWISE = "an earlier run, counted otherwise than today"
BOXES = "an earlier run, whose predictions hold rounded boxes, and none below task.score_threshold"

Predictions = Sequence[Mapping[str, Any]]
Found = tuple[list[Statistics], dict[str, Score]]


def of_predictions(folder: Path, metrics: Mapping[str, Any]) -> Records:
    """The statistics that predictions give, and why they don't give others.

    A score stands only where they give what the run reported. Each example stands alone: predictions don't say what it
    stands in.

    Raises:
        UserError: the file is damaged, or isn't there.
    """
    path, reported = folder / NAME, metrics["test"]
    make = _makers(metrics)
    if make is None:
        return Records(without=dict.fromkeys(reported, ABSENT))
    if not path.is_file():
        raise UserError(f"a run must have examples.jsonl or {NAME}, got neither in {folder} (train it anew)")
    lines = [line for _, line in read_json_lines(path, key="another run")]
    try:
        examples = sorted(lines, key=lambda line: int(line["id"]))
        rows, scores = make(examples)
        ids = [int(each["id"]) for each in examples]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(f"predictions must be of the run's task, got others in {path} (train it anew)") from error
    groups = np.arange(len(rows))
    given, without = {}, dict.fromkeys(reported, ABSENT)
    for name, score in scores.items():
        if name not in reported:
            continue
        found = scorer_of(score, rows, groups).score
        if agrees(found, reported[name], score):
            given[name] = score
            del without[name]
        else:
            without[name] = BOXES if score.of == "boxes" else OTHERWISE
    return Records(dict(zip(ids, rows, strict=True)), given, without)


def _makers(metrics: Mapping[str, Any]) -> Callable[[Predictions], Found] | None:
    """What makes statistics of the predictions of a run that has these scores; None of one whose predictions can't."""
    reported, signatures = metrics["test"], metrics.get("signatures", {})
    if "chrf" in reported:
        return lambda lines: _translations(lines, signatures)
    if "rouge1" in reported:
        return _summaries
    if "token_accuracy" in reported:
        return _sentences
    if "accuracy" in reported:
        return lambda lines: _images(lines, metrics["data"]["classes"])
    if "ap" in reported:
        return lambda lines: _pictures(lines, metrics["data"]["classes"])
    return None


def _translations(lines: Predictions, signatures: Mapping[str, str]) -> Found:
    rows = of_translations([each["output"] for each in lines], _references(lines), signatures=signatures)
    return rows, {name: score for name, score in TRANSLATION_SCORES.items() if name in signatures}


def _summaries(lines: Predictions) -> Found:
    rows = of_summaries([each["output"] for each in lines], [each["input"] for each in lines], _references(lines))
    return rows, SUMMARY_SCORES


def _references(lines: Predictions) -> list[list[str]]:
    return [each["details"].get("references", [each["target"]]) for each in lines]


def _sentences(lines: Predictions) -> Found:
    targets = [Tagged(each["details"]["target_labels"], each["target"]) for each in lines]
    outputs = [Tagged(each["details"]["labels"], each["output"]) for each in lines]
    rows = of_sentences(targets, outputs, seen=None)
    return rows, scores_of_sentences(rows)


def _images(lines: Predictions, classes: Sequence[str]) -> Found:
    rows = [of_image(each["target"], each["output"]) for each in lines]
    return rows, scores_of_images(rows, classes)


def _pictures(lines: Predictions, classes: Sequence[str]) -> Found:
    rows = [of_picture(_picture(each, list(classes)), classes) for each in lines]
    return rows, scores_of_pictures(rows, classes)


def _picture(line: Mapping[str, Any], classes: list[str]) -> ScoredPicture:
    """What a prediction lists, its boxes' own areas for those of outlines, which it hasn't."""
    found, there = line["output"], line["target"]
    return ScoredPicture(
        int(line["id"]),
        np.array([each["box"] for each in found], dtype=np.float32).reshape(-1, 4),
        np.array([each["score"] for each in found], dtype=np.float32),
        np.array([classes.index(each["label"]) for each in found], dtype=np.int64),
        true_boxes=np.array([each["box"] for each in there], dtype=np.float32).reshape(-1, 4),
        true_labels=np.array([classes.index(each["label"]) for each in there], dtype=np.int64),
        ignored=np.array([each.get("ignored", False) for each in there], dtype=np.bool_),
        true_areas=np.zeros(len(there), dtype=np.float32),
    )
