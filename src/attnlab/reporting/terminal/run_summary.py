"""What a run came to, as it is printed at its end: scores, samples and files."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from attnlab.language import either
from attnlab.reading.bounds import text_lines
from attnlab.reading.shown import without_controls
from attnlab.reporting.glossary import score_in_chinese, set_off, slot_in_chinese, term
from attnlab.reporting.picture_names import example_name, panel_name
from attnlab.reporting.reasons import warning_in_chinese
from attnlab.reporting.terminal.text import display_width, one_line, pad, score_text, shorten

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
    width = max(NAME_WIDTH, *(display_width(name) + 1 for name, _ in rows))
    yield f"\n{results['name']} {headline}"
    for name, value in rows:
        yield f"  {pad(name, width)}{value}"
    yield from _samples(directory / "predictions.jsonl", readable)
    yield term("files")
    for pattern, what in files.items():
        if found := sorted(directory.glob(pattern)):
            more = either(f" (+{len(found) - 1} more)", f"（另有 {len(found) - 1} 个）") if len(found) > 1 else ""
            yield f"  {pad(term(_what(what, results)), width)}{found[0]}{more}"


def _what(what: str, results: Mapping[str, Any]) -> str:
    """What a file is: where nothing was validated, that which would be the best is the last."""
    return "last checkpoint" if what == "best checkpoint" and results["best"]["score"] is None else what


def _rows(results: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _score_rows(results["test"])
    best = results["best"]
    if best["score"] is not None:
        score = score_text(best["score"])
        value = either(f"{score} at update {best['step']}", f"{score}，第 {best['step']} 次更新时")
        monitor = best["monitor"]
        yield (
            either(f"best {monitor}", f"最佳的{set_off(score_in_chinese(monitor)).rstrip()}"),
            value + _of_part(results.get("val_examples")),
        )
    for name, signature in results.get("signatures", {}).items():
        yield either(f"signature: {name}", f"签名：{name}"), signature
    for warning in results.get("warnings", []):
        kind = warning["kind"].replace("_", " ")
        yield either(f"warning: {kind}", "警告"), _warning(warning)
    yield term("parameters"), _parameters(results["parameters"])
    for slot, mechanism in results["attention_slots"].items():
        yield either(f"attention: {slot}", f"注意力：{slot_in_chinese(slot)}"), mechanism
    yield from _speed_rows(results)
    minutes = f"{results['wall_seconds'] / 60:.1f}"
    yield term("time"), either(f"{minutes} min", f"{minutes} 分钟")


def _of_part(validated: Mapping[str, int] | None) -> str:
    """Of how much of the validation split, where it isn't the whole."""
    if validated is None or validated["scored"] == validated["of"]:
        return ""
    scored, whole = validated["scored"], validated["of"]
    return either(
        f", of {scored} of {whole} val examples (trainer.limit_val_batches)",
        f"，取自 {whole} 个验证样本中的 {scored} 个（trainer.limit_val_batches）",
    )


def _parameters(counts: Mapping[str, int]) -> str:
    networks = either(", ", "，").join(
        f"{panel_name(name)} {count:,}" for name, count in counts.items() if name not in ("total", "trainable")
    )
    return f"{counts['total']:,}" + (either(f" ({networks})", f"（{networks}）") if networks else "")


def _speed_rows(results: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in results.items():
        if name.endswith("_per_second") and value is not None:
            unit = name.removesuffix("_per_second")
            yield either(f"{unit}/s in training", f"训练速度（{term(unit)}/秒）"), f"{value:,.0f}"
            if results["padding_share"]:  # images have none
                yield either("padding", "填充比例"), f"{results['padding_share']:.1%}"


def _warning(warning: Mapping[str, Any]) -> str:
    """What it says, and of which updates, if of any in particular."""
    message = str(warning["message"])
    message = either(message, warning_in_chinese(warning["kind"], message))
    if "first_step" not in warning:
        return message
    first, last = warning["first_step"], warning["last_step"]
    english = f"update {first} to {'the end' if last is None else last}"
    chinese = f"第 {first} 次更新到{'最后' if last is None else f'第 {last} 次'}"
    return message + either(f" ({english})", f"（{chinese}）")


def _score_rows(scores: Mapping[str, float]) -> Iterator[tuple[str, str]]:
    """A row a score, but one row for the F1, precision and recall of the same, and for a score and its error.

    A precision alone has none.
    """
    for name, value in scores.items():
        if f"{name}_error" in scores:
            error = f"{scores[f'{name}_error']:.2g}"
            said = either(f" (standard error {error})", f"（标准误 {error}）")
            yield _named(name), f"{score_text(value)}{said}"
            continue
        if name.removesuffix("_error") in scores and name.endswith("_error"):
            continue
        kin = [re.sub(r"(^|_)(f1|precision|recall)(?=_|$)", rf"\1{measure}", name) for measure in MEASURES]
        if name == kin[1] and kin[2] not in scores and kin[0] not in scores:
            continue  # of what isn't there to be found: without the others it says nothing
        if len(set(kin)) < len(kin) or any(each not in scores for each in kin):
            yield _named(name), score_text(value)
        elif name == kin[0]:
            precision, recall = f"{scores[kin[1]]:.4g}", f"{scores[kin[2]]:.4g}"
            said = either(f" (precision {precision}, recall {recall})", f"（精确率 {precision}，召回率 {recall}）")
            yield _named(name), f"{value:.4g}{said}"


def _named(score: str) -> str:
    return either(f"test {score}", score_in_chinese(f"test/{score}"))


def _samples(path: Path, readable: Readable, num: int = 3) -> Iterator[str]:
    """A few test predictions: short ones, so that they fit the terminal, with something to be found."""
    if not path.is_file():
        return
    with closing(text_lines(path)) as lines:
        predictions = [json.loads(line) for line in lines if line.strip()]
    short = [p for p in predictions if 20 <= len(p["input"]) <= 90 and p["target"]] or predictions
    step = max(1, len(short) // num)
    yield term("samples")
    for prediction in short[::step][:num]:
        yield f"  {pad(term('input'), 10)}{_shown(without_controls(either(*example_name(prediction['input']))))}"
        for key in ("output", "target"):
            yield f"  {pad(term(key), 10)}{_shown(readable(prediction['input'], prediction[key]))}"
        yield ""


def _shown(text: str) -> str:
    """A document on a line, its blank lines gone, cut where it would fill the terminal; of an empty one, that it is."""
    return shorten(" ".join(one_line(text).split()), MOST_COLUMNS) or either("(empty)", "（空）")
