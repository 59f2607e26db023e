"""The bundled package descriptions are what their page says: clean, short, split by source package, unaltered."""

import collections
import gzip
import hashlib
import itertools
import json
import re
import unicodedata
from pathlib import Path

import pytest

import attnlab.data

FOLDER = Path(attnlab.data.__file__).parent / "bundled"
PAGE = (FOLDER / "debian_synopsis.md").read_text(encoding="utf-8")
COUNTS = {"train": 18_350, "val": 1_022, "test": 964}
LEFTOVER = re.compile(
    r"  |\A\s|\s\Z| \n|\n |\n{3}"  # white space
    r"|``|''|&\w+;"  # typewriter quotes and entities
    r"|\w://|www\.|\w@\w+\.\w|^Homepage:",  # pointers
    re.MULTILINE,
)

Row = dict[str, str]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    text = gzip.decompress((FOLDER / "debian_synopsis.jsonl.gz").read_bytes()).decode()
    return [json.loads(line) for line in text.splitlines()]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def test_the_file_is_the_one_that_its_page_describes() -> None:
    compressed = (FOLDER / "debian_synopsis.jsonl.gz").read_bytes()
    assert f"sha256 of `debian_synopsis.jsonl.gz`: `{hashlib.sha256(compressed).hexdigest()}`" in PAGE
    assert f"sha256 of the text inside: `{hashlib.sha256(gzip.decompress(compressed)).hexdigest()}`" in PAGE
    assert compressed[4:8] == bytes(4)  # no time of writing, so that a rebuild gives the same bytes


def test_counts_and_fields(rows: list[Row]) -> None:
    assert collections.Counter(row["split"] for row in rows) == COUNTS
    assert {tuple(row) for row in rows} == {("id", "source", "split", "document", "summary")}
    assert all(isinstance(value, str) and value for row in rows for value in row.values())


def test_each_package_and_each_summary_stands_once(rows: list[Row]) -> None:
    for field in ("id", "summary", "document"):
        assert len({row[field].lower() for row in rows}) == len(rows)
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)


def test_no_source_package_is_in_two_splits_or_gives_more_than_two_rows(rows: list[Row]) -> None:
    splits = collections.defaultdict(list)
    for row in rows:
        splits[row["source"]].append(row["split"])
    assert all(len(set(found)) == 1 for found in splits.values())
    assert max(map(len, splits.values())) == 2


def test_the_split_depends_on_nothing_but_the_source_packages_name(rows: list[Row]) -> None:
    for row in rows:
        number = int(hashlib.sha256(row["source"].encode()).hexdigest()[:16], base=16)
        assert row["split"] == ("val", "test", *["train"] * 18)[number % 20], row["id"]


def test_no_training_document_shares_a_passage_with_a_held_out_one(rows: list[Row]) -> None:
    def runs(text: str) -> set[tuple[str, ...]]:
        found = words(text)
        return set(zip(*(found[start:] for start in range(12)), strict=False))

    held_out = set().union(*(runs(row["document"]) for row in rows if row["split"] != "train"))
    assert len(held_out) > 10_000
    assert not [row["id"] for row in rows if row["split"] == "train" and runs(row["document"]) & held_out]


def test_word_limits(rows: list[Row]) -> None:
    documents = [len(row["document"].split()) for row in rows]
    summaries = [len(row["summary"].split()) for row in rows]
    assert (min(documents), max(documents)) == (15, 200)
    assert (min(summaries), max(summaries)) == (3, 16)


def test_texts_are_clean(rows: list[Row]) -> None:
    for row in rows:
        assert "\n" not in row["summary"], row["id"]
        for text in (row["document"], row["summary"]):
            assert not LEFTOVER.search(text), row["id"]
            assert text == unicodedata.normalize("NFC", text)
            categories = {unicodedata.category(c)[0] for c in text.replace("\n", "")}
            assert categories <= set("LNPSZ"), row["id"]  # no control, format, private or unassigned characters
            assert not re.search(r"\ufffd|Ã|â€", text), row["id"]


def test_a_line_break_inside_a_paragraph_stands_before_or_after_a_list_item(rows: list[Row]) -> None:
    for row in rows:
        for paragraph in row["document"].split("\n\n"):
            for line, following in itertools.pairwise(paragraph.split("\n")):
                assert line.startswith("- ") or following.startswith("- "), row["id"]


@pytest.mark.parametrize(
    "shared",
    [
        "Node.js is an event-based server-side JavaScript engine.",
        "This package contains the development files.",
        "This package contains the documentation.",
        "This package provides a library for the Haskell programming language",
        "packaged by debcargo",
    ],
)
def test_paragraphs_that_many_packages_share_are_gone(rows: list[Row], shared: str) -> None:
    assert sum(row["document"].endswith(shared) for row in rows) <= 2


def test_no_package_without_software(rows: list[Row]) -> None:
    pattern = re.compile(
        r"transitional (?:dummy )?package|dummy package|metapackage|debug(?:ging)? symbols", re.IGNORECASE
    )
    assert not [row["id"] for row in rows if pattern.search(row["document"] + row["summary"])]
    assert not [row["id"] for row in rows if row["id"].endswith(("-dbg", "-dbgsym"))]


def test_known_rows(rows: list[Row]) -> None:
    found = {row["id"]: row for row in rows}
    assert found["wiggle"]["summary"] == "apply patches with conflicting changes"
    assert found["python3-binaryornot"]["summary"] == "check if a file is binary or text"  # was "... (Python 3 module)"
    assert found["python3-binaryornot"]["source"] == "binaryornot"
    assert found["python3-binaryornot"]["document"].endswith("checks that all characters are printable.")


@pytest.mark.parametrize("split", COUNTS)
def test_statistics_are_those_of_the_page(rows: list[Row], split: str) -> None:
    own = [row for row in rows if row["split"] == split]
    pairs = [(words(row["document"]), words(row["summary"])) for row in own]
    (cells,) = re.findall(rf"^\| {split} \| (.+) \|$", PAGE, re.MULTILINE)
    written = [float(cell) for cell in cells.split(" | ")]
    f1 = [
        2 * sum(min(summary.count(word), document[:12].count(word)) for word in set(summary)) / (len(summary) + 12)
        for document, summary in pairs
    ]
    measured = [
        len(own),
        len({row["source"] for row in own}),
        sum(len(row["document"].split()) for row in own) / len(own),
        sum(len(row["summary"].split()) for row in own) / len(own),
        100 * sum(word in document for document, summary in pairs for word in summary) / sum(len(s) for _, s in pairs),
        100 * sum(f" {' '.join(s)} " in f" {' '.join(d)} " for d, s in pairs) / len(own),
        100 * sum(f1) / len(own),
    ]
    assert measured == pytest.approx(written, abs=0.051)


def test_the_task_is_neither_copying_nor_guessing(rows: list[Row]) -> None:
    (verbatim, first_words) = re.findall(r"^\| test \|.* \| ([\d.]+) \| ([\d.]+) \|$", PAGE, re.MULTILINE)[0]
    assert float(verbatim) < 5
    assert 15 < float(first_words) < 35
