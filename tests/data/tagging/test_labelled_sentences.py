"""Labels as they are written become IOB2 over all splits together."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from attnlab.data import TaggedSplits
from attnlab.data.tagging.labelled_sentences import LabelledSentence, tagged
from attnlab.errors import UserError


def _tagged(*labels: str, **settings: Any) -> TaggedSplits:
    file: Any = SimpleNamespace(path=Path("FILE"), counted="line", num_white_space=0)
    sentence = LabelledSentence(["w"] * len(labels), list(labels), [*range(1, len(labels) + 1)], None)
    return tagged({"train": [sentence]}, {"train": file}, **{"scheme": None, "repair": False, **settings})


@pytest.mark.parametrize(
    "labels, expected",
    [
        (["b-PER", "i-PER", "o"], ["B-PER", "I-PER", "O"]),
        (["(PER*", "*)", "*"], ["B-PER", "I-PER", "O"]),
        (["B-PER", "E-PER", "O"], ["B-PER", "I-PER", "O"]),
    ],
)
def test_every_writing_says_the_same(labels: list[str], expected: list[str]) -> None:
    [found] = _tagged(*labels).texts["train"]
    assert found.labels == expected


def test_what_repair_cannot_cure_is_to_be_corrected_where_it_stands() -> None:
    for repair in (False, True):
        with pytest.raises(UserError, match=r"got 'o' at line 3 of FILE, read as iob2 \(correct line 3\)$"):
            _tagged("B-A", "O", "o", repair=repair)
    with pytest.raises(UserError, match=r"got PER without an end at line 2 of FILE \(correct line 2\)$"):
        _tagged("(PER*", "*")
    with pytest.raises(UserError, match=r"\(set data\.corpus\.scheme, or data\.corpus\.repair=true\)$"):
        _tagged("B-A", "I-B")
    assert _tagged("B-A", "I-B", repair=True).texts["train"][0].labels == ["B-A", "B-B"]


def test_numbers_of_classes_are_no_labels() -> None:
    message = r"^labels must be names, O or such as B-PER, got the numbers 0, 1, 11 in FILE \(write the name that each "
    for scheme in (None, "iob2", "io"):
        with pytest.raises(UserError, match=message):
            _tagged("0", "11", "1", "0", scheme=scheme)
    with pytest.raises(UserError, match="got the numbers 1 in FILE"):
        _tagged("O", "1")
    assert _tagged("O", "1", scheme="io").texts["train"][0].labels == ["O", "B-1"]
