"""Words with a label each, as Hugging Face's data sets have them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from attnlab.data import JsonlTokens, TaggedSplits
from attnlab.errors import UserError

NAMES = ["O", "B-PER", "I-PER"]


def _read(folder: Path, *rows: Any, **settings: Any) -> TaggedSplits:
    for split in ("train", "validation", "test"):
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return JsonlTokens(**settings).read(root=folder, cache_dir=folder, split=lambda text: [])


@pytest.mark.parametrize(
    "row, settings",
    [
        ({"id": "0", "tokens": ["Ann", "Lee", "met"], "ner_tags": ["B-PER", "I-PER", "O"]}, {}),
        ({"tokens": ["Ann", "Lee", "met"], "pos_tags": [1, 1, 2], "ner_tags": [1, 2, 0]}, {"label_names": NAMES}),
        ({"words": ["Ann", "Lee", "met"], "labels": ["B-PER", "E-PER", "O"]}, {}),
        ({"a": ["Ann", "Lee", "met"], "b": ["PER", "PER", "O"]}, {"tokens": "a", "tags": "b", "scheme": "io"}),
    ],
)
def test_words_and_labels_are_those_of_the_file(tmp_path: Path, row: Any, settings: dict[str, Any]) -> None:
    [found] = _read(tmp_path, row, **settings).texts["val"]
    assert (found.words, found.labels) == (["Ann", "Lee", "met"], ["B-PER", "I-PER", "O"])
    assert (found.text, found.offsets) == ("Ann Lee met", [(0, 3), (4, 7), (8, 11)])


def test_white_space_and_empty_sentences_are_passed_over_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [{"tokens": ["a", " ", "b"], "tags": ["O", "O", "B-X"]}, {"tokens": [], "tags": []}]
    splits = _read(tmp_path, *rows)
    assert [each.words for each in splits.texts["train"]] == [["a", "b"]]
    assert splits.notes["white_space_words"]["test"] == 1
    assert "left out 1 sentences of train that have no words" in caplog.messages


@pytest.mark.parametrize(
    "row, settings, message",
    [
        (
            {"tokens": ["a"], "ner_tags": [3]},
            {},
            "tags that are numbers must have names, got 3 in line 1 of {} (set data.corpus.label_names, such as "
            "[O,B-PER,I-PER])",
        ),
        (
            {"tokens": ["a"], "ner_tags": [3]},
            {"label_names": NAMES},
            "a tag must be a text or a number from 0 to 2, got 3 in line 1 of {} (set data.corpus.label_names)",
        ),
        ({"tokens": ["a"], "tags": []}, {}, "each token must have a tag, got 0 for 1 in line 1 of {} (mend that line)"),
        (
            {"tokens": "a b", "tags": []},
            {},
            "a line must have a list in tokens or words, got 'a b' in line 1 of {} (set data.corpus.tokens)",
        ),
        (
            {"tokens": ["a"], "pos": [1]},
            {},
            "a line must have a list in ner_tags or tags or ner or labels, got 'tokens, pos' in line 1 of {} "
            "(set data.corpus.tags)",
        ),
        ({"tokens": [1], "tags": ["O"]}, {}, "tokens must be texts, got [1] in line 1 of {} (set data.corpus.tokens)"),
        (
            {"tokens": ["a"], "tags": ["BPER"]},
            {"repair": True},
            "a label of scheme iob2 must be O or such as B-PER, got 'BPER' at entry 1 of {}, read as iob2 "
            "(correct entry 1)",
        ),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, row: Any, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=f"^{re.escape(message.format(tmp_path / 'train.jsonl'))}$"):
        _read(tmp_path, row, **settings)


def test_names_of_labels_are_a_list() -> None:
    with pytest.raises(ValueError, match=r"^label_names must be a list such as \[O,B-PER,I-PER\], got 'O' \(set"):
        JsonlTokens(label_names="O")


def test_numbers_may_be_texts_and_types_alone_are_named(tmp_path: Path) -> None:
    [found] = _read(tmp_path, {"tokens": ["Ann", "met"], "ner_tags": ["1", "0"]}, label_names=NAMES).texts["test"]
    assert found.labels == ["B-PER", "O"]
    [found] = _read(tmp_path, {"tokens": ["Ann", "Lee", "a"], "tags": ["PER-B", "PER-I", "O"]}).texts["test"]
    assert found.labels == ["B-PER", "I-PER", "O"]
    with pytest.raises(UserError, match=r"got 'PER' and none with a letter in \S+ \(set data.corpus.scheme=io "):
        _read(tmp_path, {"tokens": ["Ann", "met"], "ner_tags": ["PER", "O"]})
    with pytest.raises(ValueError, match=r"^label_names must differ, got O, O \(set data.corpus.label_names\)$"):
        JsonlTokens(label_names=["O", "O"])
