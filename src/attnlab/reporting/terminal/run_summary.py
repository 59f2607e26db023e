"""What a run came to, as it is printed at its end: scores, samples and files."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attnlab.reporting.terminal.text import one_line, pad, score_text, shorten, without_controls

NAME_WIDTH = 24  # columns, at least
MOST_COLUMNS = 400  # of a sample
MEASURES = ("f1", "precision", "recall")

Readable = Callable[[str, Any], str]
"""How an output, or a target, is read beside its input."""


def run_summary(
    directory: Path, results: Mapping[str, Any], *, headline: str, readable: Readable, files: Mapping[str, str]
) -> Iterator[str]:
    """Lines on a run whose `metrics.json` holds `results`; `files` says what its folder holds, by patterns of names."""
    rows = list(_rows(results))
    width = max(NAME_WIDTH, *(len(name) + 1 for name, _ in rows))
    yield f"\n{results['name']} {headline}"
    for name, value in rows:
        yield f"  {pad(name, width)}{value}"
    yield from _samples(directory / "predictions.jsonl", readable)
    yield "files"
    for pattern, what in files.items():
        if found := sorted(directory.glob(pattern)):
            more = f" (+{len(found) - 1} more)" if len(found) > 1 else ""
            yield f"  {pad(what, NAME_WIDTH)}{found[0]}{more}"


def _rows(results: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _score_rows(results["test"])
    best = results["best"]
    if best["score"] is not None:
        value = f"{score_text(best['score'])} at update {best['step']}"
        yield f"best {best['monitor']}", value + _of_part(results.get("val_examples"))
    for name, signature in results.get("signatures", {}).items():
        yield f"signature: {name}", signature
    for warning in results.get("warnings", []):
        yield f"warning: {warning['kind'].replace('_', ' ')}", _warning(warning)
    yield "parameters", _parameters(results["parameters"])
    for slot, mechanism in results["attention_slots"].items():
        yield f"attention: {slot}", mechanism
    yield from _speed_rows(results)
    yield "time", f"{results['wall_seconds'] / 60:.1f} min"


def _of_part(validated: Mapping[str, int] | None) -> str:
    """Of how much of the validation split, where it isn't the whole."""
    if validated is None or validated["scored"] == validated["of"]:
        return ""
    return f", of {validated['scored']} of {validated['of']} val examples (trainer.limit_val_batches)"


def _parameters(counts: Mapping[str, int]) -> str:
    networks = ", ".join(f"{name} {count:,}" for name, count in counts.items() if name not in ("total", "trainable"))
    return f"{counts['total']:,}" + (f" ({networks})" if networks else "")


def _speed_rows(results: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in results.items():
        if name.endswith("_per_second") and value is not None:
            yield name.replace("_per_second", "/s in training"), f"{value:,.0f}"
            if results["padding_share"]:  # images have none
                yield "padding", f"{results['padding_share']:.1%}"


def _warning(warning: Mapping[str, Any]) -> str:
    """What it says, and of which updates, if of any in particular."""
    if "first_step" not in warning:
        return str(warning["message"])
    last = "the end" if warning["last_step"] is None else warning["last_step"]
    return f"{warning['message']} (update {warning['first_step']} to {last})"


def _score_rows(scores: Mapping[str, float]) -> Iterator[tuple[str, str]]:
    """A row a score, but one row for the F1, precision and recall of the same, and for a score and its error."""
    for name, value in scores.items():
        if f"{name}_error" in scores:
            yield f"test {name}", f"{score_text(value)} (standard error {scores[f'{name}_error']:.2g})"
            continue
        if name.removesuffix("_error") in scores and name.endswith("_error"):
            continue
        kin = [re.sub(r"(^|_)(f1|precision|recall)(?=_|$)", rf"\1{measure}", name) for measure in MEASURES]
        if len(set(kin)) < len(kin) or any(each not in scores for each in kin):
            yield f"test {name}", score_text(value)
        elif name == kin[0]:
            yield f"test {name}", f"{value:.4g} (precision {scores[kin[1]]:.4g}, recall {scores[kin[2]]:.4g})"


def _samples(path: Path, readable: Readable, num: int = 3) -> Iterator[str]:
    """A few test predictions: short ones, so that they fit the terminal, with something to be found."""
    if not path.is_file():
        return
    predictions = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    short = [p for p in predictions if 20 <= len(p["input"]) <= 90 and p["target"]] or predictions
    step = max(1, len(short) // num)
    yield "samples"
    for prediction in short[::step][:num]:
        yield f"  {pad('input', 10)}{_shown(without_controls(prediction['input']))}"
        for key in ("output", "target"):
            yield f"  {pad(key, 10)}{_shown(readable(prediction['input'], prediction[key]))}"
        yield ""


def _shown(text: str) -> str:
    """A document on a line, its blank lines gone, cut where it would fill the terminal."""
    return shorten(" ".join(one_line(text).split()), MOST_COLUMNS)
