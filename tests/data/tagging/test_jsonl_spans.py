"""Texts with entities by offsets become labelled words; each mistake in a file gets a line."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnlab.data import JsonlSpans, TaggedSplits, TaggedText
from attnlab.data.tagging.label_schemes import spans
from attnlab.data.text.word_splitting import ELISIONS, LETTERS, RULE, split_words
from attnlab.errors import UserError

TEXT = "Ann’s 👩\u200d👧 met Bo-Li in 北京 — naïve café."
ENTITIES = [
    {"start": 0, "end": 3, "label": "PER"},
    {"start": 14, "end": 19, "label": "PER"},
    {"start": 23, "end": 25, "label": "LOC"},
]


def write(folder: Path, *rows: Any) -> Path:
    content = "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)
    for split in ("train", "dev", "test"):
        (folder / f"{split}.jsonl").write_text(content, encoding="utf-8")
    return folder


def read(folder: Path, **settings: Any) -> TaggedSplits:
    return JsonlSpans(**settings).read(root=folder, cache_dir=folder, split=split_words)


def sentence(folder: Path, row: Any, **settings: Any) -> TaggedText:
    (found,) = read(write(folder, row), **settings).texts["train"]
    return found


def message(folder: Path, *rows: Any, **settings: Any) -> str:
    with pytest.raises(UserError) as caught:
        read(write(folder, *rows), **settings)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_offsets_count_code_points(tmp_path: Path) -> None:
    found = sentence(tmp_path, {"text": TEXT, "entities": ENTITIES})
    assert found.text == TEXT
    assert found.words[:8] == ["Ann", "’s", "👩\u200d👧", "met", "Bo-Li", "in", "北", "京"]
    assert found.labels[:8] == ["B-PER", "O", "O", "O", "B-PER", "O", "B-LOC", "I-LOC"]
    assert [TEXT[start:end] for start, end in found.offsets] == found.words


@given(
    words=st.lists(st.sampled_from(["Ann", "👩\u200d👧", "é", "e\u0301", "12", "Bo-Li", "д"]), min_size=1, max_size=9),
    sizes=st.lists(st.integers(1, 4), max_size=5),
    gaps=st.lists(st.integers(0, 3), max_size=5),
)
def test_spans_come_back(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], sizes: list[int], gaps: list[int]
) -> None:
    text = " ".join(words)
    offsets = split_words(text)
    given, position = [], 0
    for size, gap in zip(sizes, gaps, strict=False):
        first, position = position + gap, position + gap + size
        if position > len(offsets):
            break
        start, end = offsets[first][0], offsets[position - 1][1]
        given.append({"start": start, "end": end, "label": f"T{size}", "text": text[start:end]})
    found = sentence(tmp_path_factory.mktemp("spans"), {"text": text, "entities": given[::-1]})
    assert spans(found.labels, found.offsets, found.text) == given


@pytest.mark.parametrize(
    "row, settings",
    [
        ({"text": "Ann met", "entities": [[0, 3, "PER"]]}, {}),  # spaCy
        ({"text": "Ann met", "spans": [{"start": 0, "end": 3, "label": "PER", "token_start": 0}]}, {}),  # Prodigy
        ({"id": 7, "text": "Ann met", "label": [[0, 3, "PER"]], "Comments": []}, {}),  # doccano
        (
            {"body": "Ann met", "marks": [{"from": 0, "to": 3, "kind": "PER"}]},
            {"text": "body", "entities": "marks", "start": "from", "end": "to", "label": "kind"},
        ),
    ],
)
def test_the_fields_of_common_tools_and_ones_own(tmp_path: Path, row: Any, settings: dict[str, str]) -> None:
    found = sentence(tmp_path, row, **settings)
    assert found.labels == ["B-PER", "O"]


def test_files_are_found_named_or_packed(tmp_path: Path) -> None:
    write(tmp_path, {"text": "a b", "entities": []})
    (tmp_path / "train.jsonl").unlink()
    row = json.dumps({"text": "c", "entities": [[0, 1, "X"]]})
    (tmp_path / "x-train.json.gz").write_bytes(gzip.compress(row.encode()))
    assert read(tmp_path).texts["train"][0].labels == ["B-X"]
    assert read(tmp_path, train="dev.jsonl").texts["train"][0].labels == ["O", "O"]


def test_files_may_be_of_another_encoding(tmp_path: Path) -> None:
    row = json.dumps({"text": "Zoë met", "entities": [[0, 3, "PER"]]}, ensure_ascii=False)
    for split in ("train", "dev", "test"):
        (tmp_path / f"{split}.jsonl").write_bytes(row.encode("utf-16"))
    assert read(tmp_path, encoding="utf-16").texts["test"][0].words == ["Zoë", "met"]


def test_texts_without_words_are_left_out_and_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [{"text": text, "entities": []} for text in ("", "a", " \n", "b")]
    splits = read(write(tmp_path, rows[0], rows[1], "", rows[2], rows[3]))
    assert [each.words for each in splits.texts["val"]] == [["a"], ["b"]]
    assert splits.notes["without_words"] == {"train": 2, "val": 2, "test": 2}
    assert "left out 2 texts of test that have no words" in caplog.messages


BAD_ENTITY = "an entity must have start, end (whole numbers) and label (a text), got "
ENTITY_KEYS = "data.corpus.start, data.corpus.end or data.corpus.label"
OFFSET_KEYS = "data.corpus.start and data.corpus.end"


@pytest.mark.parametrize(
    "entities, what, key",
    [
        ([[1, 3, "X"]], "an entity must begin and end with a word, got 'nn' (1-3, X) in 'Ann'", "repair"),
        (
            [[0, 2, "X"], [4, 6, "Y"]],
            "an entity must begin and end with a word, got 'An' (0-2, X) in 'Ann'",
            "data.corpus.repair=true to take whole words; or add 1 to each end, where it is the last character: 2 here "
            "are one less",
        ),
        ([[0, 4, "X"]], "an entity must begin and end with a word, got 'Ann ' (0-4, X) in 'Ann '", "repair"),
        ([[3, 4, "X"]], "an entity must hold a word, got ' ' (3-4, X)", "data.corpus.entities"),
        (
            [[4, 4, "X"]],
            "an entity must hold a character or more of its text's 10, got 4-4 (X), whose end is where it begins: it "
            "is the place after its last character",
            OFFSET_KEYS,
        ),
        ([[8, 11, "X"]], "an entity must hold a character or more of its text's 10, got 8-11 (X)", OFFSET_KEYS),
        ([[-1, 3, "X"]], "an entity must hold a character or more of its text's 10, got -1-3 (X)", OFFSET_KEYS),
        ([[3, 0, "X"]], "an entity must hold a character or more of its text's 10, got 3-0 (X)", OFFSET_KEYS),
        (
            [[4, 10, "X"], [0, 7, "Y"]],
            "entities must not overlap, got 'Ann met' (0-7, Y) and 'met Bo' (4-10, X)",
            "data.corpus.repair=true to keep the longest",
        ),
        (
            [[0, 3, "X"], [0, 3, "Y"]],
            "entities must not overlap, got 'Ann' (0-3, X) and 'Ann' (0-3, Y)",
            "data.corpus.repair=true to keep the longest",
        ),
        (
            [{"start": 0, "end": 3, "label": "X", "text": "met"}],
            "offsets must count code points, got 'Ann' (0-3, X) for 'met'",
            OFFSET_KEYS,
        ),
        (
            [{"start": 0, "end": 3, "labels": ["X", "Y"]}],
            "an entity must have one label, got X, Y",
            "data.corpus.repair=true to take the first",
        ),
        ([{"start": 0, "end": 3}], BAD_ENTITY + '{"start": 0, "end": 3}', ENTITY_KEYS),
        ([[0, "3", "X"]], BAD_ENTITY + '[0, "3", "X"]', ENTITY_KEYS),
        ([[True, 3, "X"]], BAD_ENTITY + '[true, 3, "X"]', ENTITY_KEYS),
        ([[0, 3, " "]], BAD_ENTITY + '[0, 3, " "]', ENTITY_KEYS),
        ([7], BAD_ENTITY + "7", ENTITY_KEYS),
        (
            {},
            "a line must have a list of entities in entities or spans or label or labels, got {}",
            "data.corpus.entities",
        ),
    ],
)
def test_a_wrong_entity_is_one_line_with_its_place(tmp_path: Path, entities: Any, what: str, key: str) -> None:
    rows = [{"text": "fine", "entities": []}, {"text": "Ann met Bo", "entities": entities}]
    key = "data.corpus.repair=true to take whole words" if key == "repair" else key
    assert message(tmp_path, *rows) == f"{what} in line 2 of {tmp_path}/train.jsonl (set {key})"


@pytest.mark.parametrize(
    "row, expected",
    [
        ({"body": "a", "entities": []}, "the field 'text' must hold a text, got 'None' in {} (set data.corpus.text)"),
        (
            {"text": ["a"], "entities": []},
            "the field 'text' must hold a text, got \"['a']\" in {} (set data.corpus.text)",
        ),
        (
            '{"text": "a \\ud83d", "entities": []}',
            "texts must be of whole characters, got '\\ud83d' in {} (set data.root)",
        ),
        (
            '{"text": "a", "entities": [[0, 1, "P\\ud800"]]}',
            "texts must be of whole characters, got '\\ud800' in {} (set data.root)",
        ),
        ("[" * 100_000, "each line must be a JSON object, got {}: nested too deeply (correct it, or set data.root)"),
        (
            '{"a":' * 100_000,
            "each line must be a JSON object, got {}: nested too deeply (correct it, or set data.root)",
        ),
        (
            {"text": "a", "tags": []},
            "a line must have a list of entities in entities or spans or label or labels, got 'text, tags' in {} "
            "(set data.corpus.entities)",
        ),
    ],
)
def test_a_wrong_line_is_one_line_with_its_place(tmp_path: Path, row: Any, expected: str) -> None:
    assert message(tmp_path, row) == expected.format(f"line 1 of {tmp_path}/train.jsonl")


@pytest.mark.parametrize("line", ["{", "[]", '"a"', "a\tB-X"])
def test_a_line_that_isnt_an_object(tmp_path: Path, line: str) -> None:
    assert re.fullmatch(
        rf"each line must be a JSON object, got line 1 of {tmp_path}/train\.jsonl: [^\n]+ \(correct it, or set "
        r"data\.root\)",
        message(tmp_path, line),
    )


def test_repair_takes_whole_words_and_counts(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    entities = [[1, 2, "A"], [3, 8, "B"], [9, 10, "C"], [10, 14, "D"]]
    found = sentence(tmp_path, {"text": "Ann met Bo-Li.", "entities": entities}, repair=True)
    assert found.words == ["Ann", "met", "Bo-Li", "."]
    assert found.labels == ["B-A", "B-B", "B-C", "O"]  # D's first word is C's
    splits = read(tmp_path, repair=True)
    assert splits.notes["repaired"] == {"train": 4, "val": 4, "test": 4}
    assert "fitted 4 entities of val to whole words, such as 'n' to 'Ann'" in caplog.messages


def test_repair_keeps_the_longest_of_entities_that_overlap_and_the_first_of_equals(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    entities = [[0, 3, "A"], [0, 7, "B"], [0, 7, "C"], [8, 10, "D"], [8, 10, "D"]]
    assert sentence(tmp_path, {"text": "Ann met Bo", "entities": entities}, repair=True).labels == ["B-B", "I-B", "B-D"]
    assert read(tmp_path, repair=True).notes["overlapping"] == {"train": 3, "val": 3, "test": 3}
    assert "dropped 3 entities of test that overlap a longer one or an equal one" in caplog.messages


ACCEPTED = {"text": "Ann met", "spans": [{"start": 0, "end": 3, "label": "PER"}], "answer": "accept"}


def test_what_an_annotator_rejected_or_ignored_is_left_out_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spans_of_two = [{"start": 0, "end": 3, "label": "X", "answer": "reject"}, {"start": 4, "end": 7, "label": "Y"}]
    rows = [ACCEPTED, *({**ACCEPTED, "answer": each} for each in ("reject", "ignore", None))]
    splits = read(write(tmp_path, *rows, {**ACCEPTED, "spans": spans_of_two}))
    assert [each.labels for each in splits.texts["train"]] == [["B-PER", "O"], ["O", "B-Y"]]
    assert splits.notes["not_accepted"]["test"] == 3
    assert splits.notes["entities_not_accepted"]["val"] == 1
    assert "left out 3 texts of test that nobody has accepted" in caplog.messages
    assert message(tmp_path, rows[1]) == (
        f"a split must have an accepted text, got none of 1 in {tmp_path}/train.jsonl (set data.root)"
    )


EMOJI = {"text": "😀😀 Ann met Zoë", "entities": [[5, 8, "PER"], [13, 16, "PER"]]}  # as JavaScript counts


@pytest.mark.parametrize("repair", [False, True])
def test_offsets_of_another_unit_are_named_and_never_repaired(tmp_path: Path, repair: bool) -> None:
    expected = (
        "offsets must count code points, got {}, by which more entities are whole words, as in line 1 of "
        f"{tmp_path}/train.jsonl (set data.corpus.offsets={{}})"
    )
    assert message(tmp_path, EMOJI, repair=repair) == expected.format("UTF-16 code units", "utf16")
    by_bytes = {"text": "Zoë met Ann", "entities": [[0, 4, "PER"], [9, 12, "PER"]]}
    assert message(tmp_path, by_bytes, repair=repair) == expected.format("UTF-8 bytes", "bytes")
    assert sentence(tmp_path, by_bytes, offsets="bytes", repair=repair).labels == ["B-PER", "O", "B-PER"]
    assert sentence(tmp_path, EMOJI, offsets="utf16", repair=repair).labels == ["O", "O", "B-PER", "O", "B-PER"]


def test_offsets_that_are_given_are_held_to(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^offsets must be one of characters, utf16, bytes, or null, got 'x' \(set"):
        JsonlSpans(offsets="x")
    assert "an entity must hold a character or more" in message(tmp_path, EMOJI, offsets="characters")
    within = {"text": "😀 Ann", "entities": [[1, 6, "PER"]]}
    assert message(tmp_path, within, offsets="utf16").startswith(
        "an entity must hold by UTF-16 code units a character or more of its text's 5, got 1-6 (PER) in line 1 of "
    )


@pytest.mark.parametrize(
    "row, rule",
    [
        ({"text": "Elle vient d'Alsace.", "entities": [[13, 19, "LOC"]]}, ELISIONS),
        ({"text": "L’Italia e l’Aquila", "entities": [[2, 8, "LOC"], [11, 19, "LOC"]]}, ELISIONS),
        ({"text": "O'Brien didn't meet D'Arcy", "entities": [[0, 7, "PER"], [20, 26, "PER"]]}, RULE),
        ({"text": "买iPhone13和iPad手机", "entities": [[1, 7, "PRO"]]}, RULE),  # refused
        ({"text": "苹果今天在北京发布iPhone13手机", "entities": [[9, 15, "PRO"]]}, LETTERS),
    ],
)
def test_texts_are_split_so_that_entities_are_whole_words(tmp_path: Path, row: Any, rule: str) -> None:
    assert JsonlSpans().splitting(root=write(tmp_path, row)) == rule


def test_repair_still_refuses_what_no_word_can_be_found_for(tmp_path: Path) -> None:
    row = {"text": "Ann  met", "entities": [[3, 5, "X"]]}
    assert "an entity must hold a word, got '  ' (3-5, X)" in message(tmp_path, row, repair=True)


def test_a_test_without_entities_may_be_another_file(tmp_path: Path) -> None:
    write(tmp_path, {"text": "Ann met", "entities": []})
    (tmp_path / "test.jsonl").write_text('{"id": 0, "text": "Ann met"}')
    with pytest.raises(UserError) as caught:
        read(tmp_path)
    assert str(caught.value).endswith("(set data.corpus.entities, or data.corpus.test to a file with entities)")


def test_offsets_that_may_be_of_either_unit_are_warned_of(tmp_path: Path) -> None:
    row = {"text": "😀王明在京", "entities": [[2, 4, "PER"]]}
    [(kind, said)] = read(write(tmp_path, row)).warnings
    assert kind == "unit_of_offsets"
    assert said == (
        "3 offsets may count code points or UTF-16 code units, got whole words by either: read as code points "
        "(set data.corpus.offsets=characters, or utf16)"
    )
    assert not read(tmp_path, offsets="utf16").warnings


def test_a_skipped_text_is_left_out_and_counted(tmp_path: Path) -> None:
    pairs = {"classes": ["PER"], "annotations": [["Ann met", {"entities": [[0, 3, "PER"]]}], None]}
    splits = read(write(tmp_path, pairs))
    assert [each.words for each in splits.texts["train"]] == [["Ann", "met"]]
    assert splits.notes["not_accepted"]["train"] == 1
