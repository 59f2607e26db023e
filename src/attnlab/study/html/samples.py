"""Samples on a page: the same test examples, answered by a run of each arm."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from attnlab.reporting.pages.report.contents import Answer, Box, Sample, SampleGroup, Span, Text, plain
from attnlab.reporting.pictures import spread
from attnlab.study.html.subject import Subject, SubjectArm

NAME = "predictions.jsonl"
NUM = 6  # of a kind
LONGEST = 3000  # characters of a text
MOST_LINES = 200_000
TRUTH = Text("what is right", "标准答案")

Prediction = Mapping[str, Any]


class Picture(NamedTuple):
    """A data: address, and the size of what boxes lie on: width and height."""

    address: str
    size: tuple[int, int]


Pictures = Callable[[Sequence[int]], Mapping[int, Picture]]
"""Those of test examples, by their numbers; of texts none."""


class Chosen(NamedTuple):
    """Groups of samples, and what must be known of them."""

    groups: list[SampleGroup]
    about: list[Text]


def samples(subject: Subject, pictures: Pictures) -> Chosen:
    """Evenly through the test, and of answers that can be told right from wrong, some on which arms differ.

    Of each arm's run of the first seed that all have finished; else of its own first.
    """
    predictions = {name: found for name, path in _runs(subject).items() if (found := _predictions(path))}
    if not predictions:
        return Chosen([], [])
    shared = sorted(set.intersection(*(set(each) for each in predictions.values())))
    even = [shared[place] for place in spread(len(shared), NUM)]
    differing = [number for number in shared if number not in even and _differ(predictions, number)]
    apart = [differing[place] for place in spread(len(differing), NUM)]
    shown = pictures([*even, *apart])
    groups = [
        SampleGroup(title=title, samples=[_sample(number, predictions, shown.get(number)) for number in numbers])
        for title, numbers in (
            (Text("Evenly through the test", "在测试集中均匀选取"), even),
            (Text("Where arms differ in being right", "各组对错不一之处"), apart),
        )
        if numbers
    ]
    return Chosen(groups, [_about(subject, predictions)])


def _about(subject: Subject, predictions: Mapping[str, Any]) -> Text:
    seed = _shared_seed([subject.of[name] for name in predictions])
    runs = Text(f"of seed {seed}", f"种子 {seed} 的运行") if seed is not None else Text("of its first seed", "首个种子的运行")
    return Text(
        f"Each arm is shown by its run {runs[0]}. They are examples and no evidence.",
        f"每组取其{runs[1]}。样例不是证据。",
    )


def _runs(subject: Subject) -> dict[str, Path]:
    arms = [each for each in subject.arms if each.runs]
    seed = _shared_seed(arms)
    return {arm.name: next((run for run in arm.runs if run.seed == seed), arm.runs[0]).folder for arm in arms}


def _shared_seed(arms: Sequence[SubjectArm]) -> int | None:
    """The first that all have finished."""
    seeds = [[run.seed for run in arm.runs] for arm in arms]
    return next((seed for seed in seeds[0] if all(seed in each for each in seeds)), None) if seeds else None


def _predictions(folder: Path) -> dict[int, Prediction]:
    """By the examples' numbers; nothing of a run without, or whose lines are damaged: pages do without."""
    found = {}
    try:
        with (folder / NAME).open(encoding="utf-8", errors="replace") as file:
            for _, line in zip(range(MOST_LINES), file, strict=False):
                each = json.loads(line)
                found[int(each["id"])] = {"input": str(each["input"]), "output": each["output"], "target": each["target"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    return found


def _differ(predictions: Mapping[str, Mapping[int, Prediction]], number: int) -> bool:
    found = [_is_right(each[number]) for each in predictions.values()]
    return None not in found and len(set(found)) > 1


def _is_right(prediction: Prediction) -> bool | None:
    """Of a class, or of entities, all of them; None of texts and boxes, of which more than one may be right."""
    output, target = prediction["output"], prediction["target"]
    if isinstance(output, list) and isinstance(target, list):
        if _are_spans(output) and _are_spans(target):
            return _as_set(output) == _as_set(target)
        return None
    if isinstance(output, str) and isinstance(target, str) and prediction["input"].startswith("test/"):
        return output == target
    return None


def _are_spans(values: Sequence[Any]) -> bool:
    return all(isinstance(each, dict) and {"start", "end", "label"} <= each.keys() for each in values)


def _as_set(spans: Sequence[Mapping[str, Any]]) -> set[tuple[Any, ...]]:
    return {(each["start"], each["end"], each["label"]) for each in spans}


def _sample(number: int, predictions: Mapping[str, Mapping[int, Prediction]], picture: Picture | None) -> Sample:
    first = next(iter(predictions.values()))[number]
    given = first["input"]
    answers = [] if first["target"] is None else [_answer(first["target"], given, TRUTH, arm=None, right=None)]
    answers += [
        _answer(of[number]["output"], given, plain(name), arm=name, right=_is_right(of[number]))
        for name, of in predictions.items()
    ]
    return Sample(
        number=number,
        given=_cut(given),
        picture=None if picture is None else picture.address,
        size=None if picture is None else picture.size,
        answers=answers,
    )


def _answer(output: Any, given: str, name: Text, *, arm: str | None, right: bool | None) -> Answer:
    if isinstance(output, list) and output and all(isinstance(each, dict) and "box" in each for each in output):
        return Answer(name=name, arm=arm, boxes=[_box(each) for each in output], right=right)
    if isinstance(output, list) and _are_spans(output):
        return Answer(name=name, arm=arm, spans=_spans(given, output), right=right)
    text = output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
    return Answer(name=name, arm=arm, spans=[Span(_cut(text))], right=right)


def _box(found: Mapping[str, Any]) -> Box:
    left, top, right, bottom = (float(each) for each in found["box"])
    score = found.get("score")
    return Box(left, top, right, bottom, str(found.get("label", "")), None if score is None else float(score))


def _spans(text: str, found: Sequence[Mapping[str, Any]]) -> list[Span]:
    """The text in parts, entities among them; of those that overlap the first."""
    parts, done = [], 0
    for each in sorted(found, key=lambda span: int(span["start"])):
        start, end = int(each["start"]), int(each["end"])
        if start < done:
            continue
        parts += [Span(text[done:start]), Span(text[start:end], str(each["label"]))]
        done = end
    return [*parts, Span(text[done:])]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
