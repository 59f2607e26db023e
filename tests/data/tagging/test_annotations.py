"""What annotation tools export says the same of a text, whatever it looks like."""

import re
from typing import Any

import pytest

from attnlab.data.tagging.annotations import Annotated, Fields, Mark
from attnlab.errors import UserError

FIELDS = Fields("text", None, "start", "end", "label")
REGION = {"start": 0, "end": 3, "text": "Ann", "labels": ["PER"]}


def _read(entry: Any, *, repair: bool = False) -> Annotated | None:
    return FIELDS.annotated(entry, "line 1 of FILE", repair=repair)


@pytest.mark.parametrize(
    "entry",
    [
        {"text": "Ann met", "label": [REGION]},  # Label Studio's JSON-MIN
        {"data": {"text": "Ann met"}, "annotations": [{"result": [{"value": REGION, "type": "labels"}]}]},
        {
            "data": {"text": "Ann met"},
            "annotations": [
                {"was_cancelled": True, "result": []},
                {"result": [{"value": REGION, "type": "labels"}, {"type": "relation", "from_id": "a"}]},
            ],
        },
        {
            "text": "Ann met",
            "entities": [{"id": 1, "label": "PER", "start_offset": 0, "end_offset": 3}],
            "relations": [],
        },
        {"text": "Ann met", "label": {"PER": {"Ann": [[0, 2]]}}},  # CLUENER
        ["Ann met", {"entities": [[0, 3, "PER"]]}],  # spaCy
        ["Ann met", [[0, 3, "PER"]]],
    ],
)
def test_tools_say_the_same(entry: Any) -> None:
    found = _read(entry)
    assert found is not None
    assert (found.text, [mark[:3] for mark in found.marks]) == ("Ann met", [(0, 3, "PER")])


@pytest.mark.parametrize(
    "entry", [{"text": "a", "label": {}}, {"text": "a", "lead_time": 1.5}, {"text": "a", "answer": "accept"}]
)
def test_a_text_may_have_no_entity(entry: Any) -> None:
    assert _read(entry) == Annotated("line 1 of FILE", "a", [])


@pytest.mark.parametrize(
    "entry",
    [
        {"text": "a", "spans": [], "answer": "reject"},
        {"data": {"text": "a"}, "annotations": []},
        {"data": {"text": "a"}, "annotations": [{"was_cancelled": True, "result": []}]},
    ],
)
def test_what_nobody_accepted_is_nothing(entry: Any) -> None:
    assert _read(entry) is None


def test_repair_takes_the_first_of_several_labels() -> None:
    found = _read({"text": "Ann", "label": [{**REGION, "labels": ["PER", "ORG"]}]}, repair=True)
    assert found is not None
    assert found.marks == [Mark(0, 3, "PER", "Ann")]


@pytest.mark.parametrize(
    "entry, message",
    [
        (
            {"text": "Ann met", "label": {"PER": {"met": [[0, 2]]}}},
            "offsets of entities by type must count code points, both inclusive, got 'Ann' (0-2, PER) for 'met' in "
            "line 1 of FILE (set data.corpus.entities)",
        ),
        (
            {"text": "Ann met", "label": {"PER": [0, 2]}},
            'entities by type must be such as {"name": {"Ann": [[0, 2]]}}, got {"PER": [0, 2]} in line 1 of FILE '
            "(set data.corpus.entities)",
        ),
        (
            {"tokens": ["Ann"], "ner_tags": ["B-PER"]},
            "the field 'text' must hold a text, got tokens in line 1 of FILE (set data=jsonl_tokens, or "
            "data.corpus.text)",
        ),
        (
            ["a", "b"],
            'each line must be a JSON object, got line 1 of FILE: \'["a", "b"]\' (correct it, or set data.root)',
        ),
    ],
)
def test_what_is_none_of_these_is_one_line(entry: Any, message: str) -> None:
    with pytest.raises(UserError, match=f"^{re.escape(message)}$"):
        _read(entry)


def test_of_several_annotations_the_first_is_taken_and_the_others_are_counted() -> None:
    result = {"result": [{"value": REGION, "type": "labels"}]}
    found = _read({"data": {"text": "Ann met"}, "annotations": [result, {"result": []}, {"was_cancelled": True}]})
    assert found is not None
    assert (found.marks, found.others) == ([Mark(0, 3, "PER", "Ann")], 1)


def test_a_text_that_was_skipped_is_none() -> None:
    assert _read(None) is None


BARE = {"text": "Ann met", "annotation_id": 1}


def test_a_control_of_another_name_is_found_out() -> None:
    message = (
        "a line must have a list of entities in entities or spans or label or labels, got one in ner in line 1 of FILE "
        "(set data.corpus.entities=ner)"
    )
    with pytest.raises(UserError, match=f"^{re.escape(message)}$"):
        _read({**BARE, "ner": [REGION]})
    named = FIELDS._replace(entities="ner")
    found = named.annotated(BARE, "place", repair=False)
    assert found is not None
    assert found.marks == []
    named.check_named([("place", BARE), ("place", {**BARE, "ner": [REGION]})])
    with pytest.raises(UserError, match="in ner, got 'text, annotation_id' in place"):
        named.check_named([("place", BARE)])
