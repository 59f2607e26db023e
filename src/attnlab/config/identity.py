"""Which configurations ask for the same run, across versions of this package; nothing heavy is imported."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from attnlab.errors import UserError

# The number of what a run computes and how it is scored. Whatever moves a result raises it, with a line in
# CHANGELOG.md; what was recorded before there was a number has 1.
RESULTS = 3

# What names, shows or judges a run without changing what it computes.
NOT_IDENTITY = ("hydra", "name", "output_root", "run_path", "output_dir", "fresh", "logger", "verdict")
# Likewise within a group: where files are kept, how fast they are read. Not data.root: another folder may hold other
# data, which only a run that isn't finished yet would notice. And what draws what is on record anyway.
NOT_IDENTITY_IN = {
    "trainer": ("enable_progress_bar",),
    "data": ("cache_dir", "num_workers", "worker_timeout", "memory_mb"),
    "callbacks": ("learning_curves",),
}

# Where a run's folder is: within other values it counts as the reference to it that it may have been.
FOLDER = ("run_path", "output_dir")
# Groups of parts that a run may be without.
OPTIONAL = ("callbacks", "logger")

# Keys that runs were recorded without, by the `_target_` whose arguments they are ("" for the top of a configuration),
# each with the default at which all is as it was before.
NEWER: dict[str, dict[str, Any]] = {
    "attnlab.runs.trainer.TrainerSettings": {
        "max_time": None,
        "clip_value": None,
        "overfit_batches": None,
        "detect_anomaly": False,
        "lightning": {},
    },
    "": {"continue_from": None, "init_strict": False},
    "attnlab.data.CocoFolder": {"val_share": 0.1, "test_share": 0.1},
    "attnlab.data.Conll": {"encoding": "utf-8"},
    "attnlab.data.DetectionDataModule": {"worker_timeout": 600},
    "attnlab.data.ImageFolderDataModule": {"labels": None, "zip_encoding": None, "worker_timeout": 600},
    "attnlab.data.JsonlSpans": {"offsets": None, "encoding": "utf-8"},
    "attnlab.data.JsonlSummaries": {"encoding": "utf-8"},
    "attnlab.data.LanguageModellingDataModule": {"texts_apart": False},
    "attnlab.data.ParallelText": {"encoding": "utf-8"},
    "attnlab.data.VocFolder": {"val_share": 0.1, "test_share": 0.1},
    "attnlab.models.GPT": {"kernel_size": 1},
    "attnlab.models.TorchvisionResNet": {"weights": None, "weights_sha256": None},
    "attnlab.tasks.ImageClassificationTask": {"class_weights": None},
    "attnlab.tasks.TranslationTask": {"bleu_tokenizer": "auto"},
}
# `_target_`s that have moved: today's name -> the one that runs were recorded under.
RENAMED: dict[str, str] = {
    "attnlab.data.text.tokenizers.BPETokenizer": "attnlab.data.tokenizers.BPETokenizer",
    "attnlab.runs.trained_classifier.TrainedClassifier": "attnlab.trained_classifier.TrainedClassifier",
    "attnlab.runs.trainer.TrainerSettings": "attnlab.trainer.build_trainer",
    "attnlab.tasks.training.schedules.constant": "attnlab.tasks.schedules.constant",
    "attnlab.tasks.training.schedules.warmup_cosine": "attnlab.tasks.schedules.warmup_cosine",
    "attnlab.tasks.training.schedules.warmup_inverse_sqrt": "attnlab.tasks.schedules.warmup_inverse_sqrt",
}


def decisive(config: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a resolved configuration that decides what a run computes."""
    kept = {key: value for key, value in config.items() if key not in NOT_IDENTITY}
    if isinstance(folder := config.get("output_dir"), str):
        # Not the run that this one goes on from, which the folder is while a longer run is yet to get its own.
        kept = {key: value if isinstance(value, str) else _wherever(value, folder) for key, value in kept.items()}
    for group, left_out in NOT_IDENTITY_IN.items():
        if group not in kept:
            continue
        kept[group] = {key: value for key, value in kept[group].items() if key not in left_out}
    return kept


def without_nulls(config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration whose callbacks and loggers are those that are there: null switches one off, or all of them."""
    parts = {group: config.get(group) or {} for group in OPTIONAL}
    if wrong := [group for group, nodes in parts.items() if not isinstance(nodes, Mapping)]:
        raise UserError(f"{wrong[0]} must be a group of values, got {parts[wrong[0]]!r} (set {wrong[0]}=NAME)")
    return dict(config) | {
        group: {name: node for name, node in nodes.items() if node is not None} for group, nodes in parts.items()
    }


def _wherever(node: Any, folder: str) -> Any:
    """A configuration's values, with a reference in the place of the run's own folder."""
    if isinstance(node, list):
        return [_wherever(each, folder) for each in node]
    if isinstance(node, dict):
        return {key: _wherever(value, folder) for key, value in node.items()}
    inside = isinstance(node, str) and (node == folder or node.startswith(f"{folder}/"))
    return "${output_dir}" + node[len(folder) :] if inside else node


def identity(config: Mapping[str, Any]) -> dict[str, Any]:
    """That part as the first version would write it."""
    stripped = _without_newer(_with_targets(decisive(config), _todays()), target="")
    named = _with_targets(stripped, RENAMED)
    assert isinstance(named, dict)
    return named


def run_hash(config: Mapping[str, Any], *, results: int | None = None) -> str:
    """Ten hexadecimal digits that name a run: of its identity and the number of its results, `RESULTS` unless given."""
    number = RESULTS if results is None else results
    decides = identity(config) | ({"results": number} if number > 1 else {})
    canonical = json.dumps(decides, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:10]


def config_of_today(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A whole configuration, on record or a user's own, as this version would compose it."""
    return {**NEWER.get("", {}), **node_of_today(dict(stored))}


def node_of_today(node: Any) -> Any:
    """A part of one: each `_target_` under the name that it has today, with the arguments that it has got since."""
    if isinstance(node, list):
        return [node_of_today(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {key: node_of_today(value) for key, value in node.items()}
    if isinstance(target := kept.get("_target_"), str):
        kept["_target_"] = target = target_of_today(target)
        return NEWER.get(target, {}) | kept
    return kept


def target_of_today(target: str) -> str:
    """The name that a `_target_` has today."""
    return _todays().get(target, target)


def _todays() -> dict[str, str]:
    return {before: now for now, before in RENAMED.items()}


def results_of(record: Mapping[str, Any]) -> int:
    """The number that `metrics.json`, `config.json` or a checkpoint's contents were written under."""
    return int(record.get("results", 1))


def check_results(number: int, *, holder: str, instead: str) -> None:
    """Refuse to go on with what was begun under another number.

    Raises:
        UserError: saying what holds it and what to do instead.
    """
    if number != RESULTS:
        raise UserError(f"{holder} of results {number}, and this version computes results {RESULTS} ({instead})")


def _without_newer(node: Any, *, target: str | None = None) -> Any:
    """Of a node in today's names; `target` where it has no `_target_`."""
    if isinstance(node, list):
        return [_without_newer(each) for each in node]
    if not isinstance(node, dict):
        return node
    newer = NEWER.get(str(node.get("_target_", target)), {})
    kept = {key: _without_newer(value) for key, value in node.items()}
    return {key: value for key, value in kept.items() if key not in newer or not _same(value, newer[key])}


def _same(value: Any, default: Any) -> bool:
    """Also in kind: 0 isn't false."""
    return type(value) is type(default) and bool(value == default)


def _with_targets(node: Any, names: Mapping[str, str]) -> Any:
    if isinstance(node, list):
        return [_with_targets(each, names) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: names.get(value, value) if key == "_target_" and isinstance(value, str) else _with_targets(value, names)
        for key, value in node.items()
    }
