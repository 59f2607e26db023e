"""Columns of words and of labels are told from what stands in them, or refused, and said either way."""

import logging
import random
from pathlib import Path

import pytest

from attnlab.data import Conll, TaggedSplits
from attnlab.errors import UserError

NAMES = ["Ada", "Bo", "Cairo", "Dora", "Elea", "Fez", "Gaza"]
VERBS = ["saw", "left", "met", "knew", "heard"]


def _rows() -> list[list[dict[str, str]]]:
    """Two documents of sentences of five words, whose columns have one letter each."""
    draw = random.Random(7)
    sentences = []
    for number in range(23):
        words = [draw.choice(NAMES), draw.choice(NAMES), draw.choice(VERBS), draw.choice(NAMES), "."]
        columns = {
            "w": words,
            "W": [word.upper() for word in words],
            "n": ["B-PER", "I-PER", "O", "B-LOC", "O"],
            "c": ["B-NP", "I-NP", "B-VP", "B-NP", "O"],
            "p": ["NNP", "NNP", "VBD", "NNP", "."],
            "d": [f"d{number // 12}"] * 5,
            "s": ["kim" if number % 2 else "lee"] * 5,
            "i": [str(place + 1) for place in range(5)],
            "t": [f"s{number}-{place}" for place in range(5)],
            "o": ["O"] * 5,
            "_": ["_"] * 5,
            "z": [word.lower()[::-1] for word in words],
        }
        sentences.append([{name: column[place] for name, column in columns.items()} for place in range(5)])
    return sentences


def _read(folder: Path, content: str) -> TaggedSplits:
    for split in ("train", "dev", "test"):
        (folder / f"{split}.txt").write_text(content)
    return Conll().read(root=folder, cache_dir=folder, split=lambda text: [])


def _content(layout: str, sentences: list[list[dict[str, str]]]) -> str:
    return "\n".join("".join(" ".join(row[each] for each in layout) + "\n" for row in rows) for rows in sentences)


LAYOUTS = "wn npw pwn diwn wnpc ncpw wpcn iwn_s wn_ w__n nw tpwn pcnw swn Wpn pWn wno onw wco idtwn cwp"


@pytest.mark.parametrize("layout", LAYOUTS.split())
def test_words_and_labels_are_found_wherever_they_stand(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, layout: str
) -> None:
    word = layout.index("W" if "W" in layout else "w")
    label = layout.index("n" if "n" in layout else "c")
    with caplog.at_level(logging.INFO, logger="attnlab"):
        splits = _read(tmp_path, _content(layout, _rows()))
    expected = [[row[layout[word]] for row in rows] for rows in _rows()]
    assert [each.words for each in splits.texts["train"]] == expected
    assert splits.texts["train"][0].labels == [row[layout[label]] for row in _rows()[0]]
    assert (splits.notes["word_column"], splits.notes["label_column"]) == (word, label)
    pairs = " ".join(f"{row[layout[word]]}/{row[layout[label]]}" for row in _rows()[0])
    said = f"words from column {word}, labels from column {label} of {tmp_path}/train.txt; the first sentence: {pairs}"
    assert said in caplog.messages
    several = [number for number, each in enumerate(layout) if each in "nco"]
    warning = (
        f"columns {', '.join(map(str, several))} of {tmp_path}/train.txt look like labels: column {label} is taken "
        "(set data.corpus.label_column)"
    )
    assert (warning in caplog.messages) == (len(several) > 1)
    assert sum("look like labels" in each for each in caplog.messages) == (len(several) > 1)


@pytest.mark.parametrize(
    "line", ["B-PER NNP Ada", "NNP Ada B-PER", "d1 1 Ada B-PER", "Ada B-PER NNP B-NP", "B-PER B-NP NNP Ada"]
)
def test_a_single_line_is_enough_where_it_is_plain(tmp_path: Path, line: str) -> None:
    [found] = _read(tmp_path, f"{line}\n").texts["train"]
    assert (found.words, found.labels) == (["Ada"], ["B-PER"])


def test_a_long_first_sentence_is_said_in_part(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="attnlab"):
        _read(tmp_path, "\x1b[2J B-PER\n" + "a O\n" * 17)
    [said] = [each for each in caplog.messages if each.startswith("words from")]
    assert said.endswith("sentence: \ufffd[2J/B-PER" + " a/O" * 11 + " ...")


@pytest.mark.parametrize(
    "layout, expected",
    [
        ("wzn", "one column must read like words, got none that stands out of columns 0, 1 of {}"),
        ("tpn", "one column must read like words, got none that stands out of columns 0, 1 of {}"),
        ("i_n", "one column must read like words, got none that stands out of columns 0, 1 of {}"),
        ("cn", "a column must hold words, got only labels in {}"),
    ],
)
def test_what_doesnt_stand_out_is_refused_in_one_line(tmp_path: Path, layout: str, expected: str) -> None:
    key = "data.corpus.word_column and data.corpus.label_column" if layout == "cn" else "data.corpus.word_column"
    with pytest.raises(UserError) as caught:
        _read(tmp_path, _content(layout, _rows()))
    assert str(caught.value) == f"{expected.format(tmp_path / 'train.txt')} (set {key})"


def test_two_columns_of_names_are_told_apart_by_place_and_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    [found] = _read(tmp_path, "Ada B-PER B-GOD\nsaw O O\n").texts["train"]
    assert found.labels == ["B-PER", "O"]
    assert any("columns 1, 2 of" in each and "column 1 is taken" in each for each in caplog.messages)


@pytest.mark.parametrize(
    "content",
    [
        "O -DOCSTART-\n\nB-PER Ada\nO saw\nO -DOCSTART-\nB-LOC Elea\n",
        "O\t-DOCSTART-\nB-PER\tAda\nO\tsaw\nO\t-DOCSTART-\nB-LOC\tElea\n",
        "d1 -DOCSTART- O\nd1 1 Ada B-PER\nd1 2 saw O\nd2 -DOCSTART- O\nd2 1 Elea B-LOC\n",
        "d1 0 -DOCSTART- O\nd1 1 Ada B-PER\nd1 2 saw O\nd2 0 -DOCSTART- O\nd2 1 Elea B-LOC\n",
        "-DOCSTART-\nAda B-PER\nsaw O\n-DOCSTART- (2)\nElea B-LOC\n",
    ],
)
def test_the_start_of_a_document_is_no_word_in_any_column(tmp_path: Path, content: str) -> None:
    assert [each.words for each in _read(tmp_path, content).texts["train"]] == [["Ada", "saw"], ["Elea"]]


@pytest.mark.parametrize(
    "layout, what", [("iwn", "numbers"), ("twn", "identifiers"), ("cwn", "labels"), ("dwn", "the same")]
)
def test_a_column_named_for_the_words_that_holds_none_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, layout: str, what: str
) -> None:
    content = _content(layout, _rows())
    for split in ("train", "dev", "test"):
        (tmp_path / f"{split}.txt").write_text(content)
    for column in (0, 1):
        caplog.clear()
        Conll(word_column=column, label_column=2).read(root=tmp_path, cache_dir=tmp_path, split=lambda text: [])
        said = [record.getMessage() for record in caplog.records if "reads like words" in record.getMessage()]
        assert len(said) == (column == 0)
        assert all(f"got {what}" in each and each.endswith("(set data.corpus.word_column=1)") for each in said)
