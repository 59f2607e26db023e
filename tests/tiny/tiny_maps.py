"""Folders of runs that were tested and never trained."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tiny_tasks import build_tiny, config_of, store

from attnlab.runs.kept_maps import TestedRun

TEXTS = {
    "translation": ["one two three", "four five cat two", "cat two one"],
    "summarization": ["one two three four", "four five cat two", "cat two one"],
    "ner": ["Ada went to Ur today", "Ada went", "to Ur went Ada"],
}


def stored_run(folder: Path, task: str, *overrides: str) -> Path:
    config = config_of(task, *overrides)
    (folder / "checkpoints").mkdir(parents=True)
    store(folder / "checkpoints" / "best.ckpt", build_tiny(task, config), config)
    return folder


def answered_run(folder: Path, task: str, *overrides: str) -> Path:
    """A run with answers to texts."""
    predictor = TestedRun(stored_run(folder, task, *overrides)).predictor
    targets: Any = {"ner": [{"start": 0, "end": 3, "label": "PER"}]}
    lines = [each | {"target": targets.get(task, "cat three")} for each in predictor.predict_texts(TEXTS[task])]  # type: ignore[attr-defined]
    for each in lines:
        for kept in ("alignment", "source_tokens", "target_tokens", "copy_probabilities"):
            each["details"].pop(kept, None)  # as a test's own are without
    write_answers(folder, lines)
    return folder


def write_answers(folder: Path, lines: Sequence[Any]) -> None:
    (folder / "predictions.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines))
