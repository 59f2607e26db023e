"""Samples on a page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tiny_pages import write_predictions
from tiny_results import made_results

from attnlab.reporting.pages.report.contents import Samples
from attnlab.study.html.of_study import subject_of
from attnlab.study.html.pictures import Picture
from attnlab.study.html.samples import samples
from attnlab.study.html.subject import Subject

TOP = {"top": [{"output": "cat", "score": 1.0}]}


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    return subject_of(made_results(tmp_path))


def _classified(subject: Subject, outputs: dict[str, Sequence[str]]) -> None:
    for name, said in outputs.items():
        lines = [{"input": f"test/{n}", "output": each, "target": "cat", "details": TOP} for n, each in enumerate(said)]
        write_predictions(subject.of[name].runs[0].folder, lines)


def _numbers(chosen: Samples) -> list[list[int]]:
    return [[sample.number for sample in group.samples] for group in chosen.groups]


def test_the_same_examples_are_shown_of_all_arms_evenly_and_where_they_differ(subject: Subject) -> None:
    right = ["cat"] * 43
    wrong = ["dog" if number in (3, 20) else "cat" for number in range(43)]
    _classified(subject, {"uniform": right, "additive": right, "none": wrong})
    asked: list[int] = []

    def pictures(numbers: Sequence[int]) -> dict[int, Picture]:
        asked.extend(numbers)
        return {3: Picture("data:image/png;base64,AA", (28, 28))}

    chosen = samples(subject, pictures)
    assert _numbers(chosen) == [[0, 8, 17, 25, 34, 42], [3, 20]]
    assert asked == [0, 8, 17, 25, 34, 42, 3, 20]
    sample = chosen.groups[1].samples[0]
    assert (sample.picture, sample.size) == ("data:image/png;base64,AA", (28, 28))
    assert [(each.arm, each.right) for each in sample.answers] == [
        (None, None), ("uniform", True), ("additive", True), ("none", False),
    ]  # fmt: skip
    assert "seed 0" in chosen.about[0].english
    assert f"none {subject.of['none'].runs[0].folder.name}" in chosen.about[0].chinese


def test_texts_take_no_pictures_and_arms_without_answers_are_left_out(subject: Subject) -> None:
    write_predictions(subject.of["additive"].runs[0].folder, [{"input": "a", "output": "b", "target": "c"}])

    def pictures(numbers: Sequence[int]) -> Any:
        raise AssertionError("nothing is read")

    chosen = samples(subject, pictures)
    assert _numbers(chosen) == [[0]]
    assert [each.arm for each in chosen.groups[0].samples[0].answers] == [None, "additive"]


def test_without_answers_there_are_no_samples(subject: Subject) -> None:
    assert samples(subject, lambda numbers: {}) == Samples([], [])


def test_of_generators_what_they_made_is_shown(subject: Subject) -> None:
    place = subject.of["none"].runs[0].folder / "samples"
    place.mkdir()
    Image.new("RGB", (5, 7)).save(place / "grid.png")
    [group] = samples(subject, lambda numbers: {}).groups
    [answer] = group.samples[0].answers
    assert answer.arm == "none"
    assert answer.picture is not None
    assert answer.picture.startswith("data:image/jpeg;base64,")


def test_of_objects_examples_are_shown_in_which_arms_hit_different_numbers(subject: Subject) -> None:
    there = [{"label": "cat", "box": [0, 0, 10, 10]}]
    found = [there[0] | {"score": 0.5}]
    size = {"height": 20, "width": 20}
    for name, missing in (("additive", {3, 20}), ("none", set())):
        lines = [
            {"input": f"{n}", "output": [] if n in missing else found, "target": there, "details": size}
            for n in range(43)
        ]
        write_predictions(subject.of[name].runs[0].folder, lines)
    chosen = samples(subject, lambda numbers: {})
    assert _numbers(chosen)[1] == [3, 20]
    assert "hit" in chosen.groups[1].title.english
    assert chosen.box_key is not None
    sample = chosen.groups[1].samples[0]
    assert [which.english for each in sample.answers for _, which in each.rows] == [
        "1 cat", "0 of 1", "1: 1 cat", "0", "1 of 1: 1 cat 0.50", "0", "0",
    ]  # fmt: skip


def test_a_text_without_an_entity_says_so(subject: Subject) -> None:
    span = {"start": 0, "end": 3, "label": "PER", "text": "Ada"}
    line = {"input": "Ada went", "output": [], "target": [span], "details": {"words": [[0, 3]]}}
    write_predictions(subject.of["additive"].runs[0].folder, [line])
    truth, answer = samples(subject, lambda numbers: {}).groups[0].samples[0].answers
    assert not truth.rows
    assert [(what.english, which.english) for what, which in answer.rows] == [("entities", "none")]


def test_an_empty_text_says_so(subject: Subject) -> None:
    line = {"input": "Ada went", "output": " ", "target": "Ada", "details": {"ids": [3]}}
    write_predictions(subject.of["additive"].runs[0].folder, [line])
    truth, answer = samples(subject, lambda numbers: {}).groups[0].samples[0].answers
    assert not truth.rows
    assert [(what.english, which.english) for what, which in answer.rows] == [("text", "empty")]
