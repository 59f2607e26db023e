"""The bundled corpus is what its page says: clean, split by books, unaltered."""

import collections
import gzip
import hashlib
import itertools
import re
import unicodedata
from pathlib import Path

import pytest

import attnlab.data
from attnlab.data import BibleEnEs

FOLDER = Path(attnlab.data.__file__).parent / "bundled"
PAGE = (FOLDER / "bible_en_es.md").read_text(encoding="utf-8")
COUNTS = {"train": 27_238, "val": 1_962, "test": 1_710}


@pytest.fixture(scope="module")
def rows() -> list[list[str]]:
    text = gzip.decompress((FOLDER / "bible_en_es.tsv.gz").read_bytes()).decode()
    header, *lines = text.removesuffix("\n").split("\n")
    assert header == "reference\tsplit\ten\tes"
    return [line.split("\t") for line in lines]


def test_the_file_is_the_one_that_its_page_describes() -> None:
    compressed = (FOLDER / "bible_en_es.tsv.gz").read_bytes()
    assert f"sha256 of `bible_en_es.tsv.gz`: `{hashlib.sha256(compressed).hexdigest()}`" in PAGE
    assert f"sha256 of the text inside: `{hashlib.sha256(gzip.decompress(compressed)).hexdigest()}`" in PAGE


def test_counts(rows: list[list[str]]) -> None:
    assert collections.Counter(split for _, split, _, _ in rows) == COUNTS
    for split, count in COUNTS.items():
        assert f"| {split} | {count} |" in PAGE


def test_each_reference_stands_once_and_no_book_in_two_splits(rows: list[list[str]]) -> None:
    assert len({reference for reference, *_ in rows}) == len(rows)
    splits = collections.defaultdict(set)
    for reference, split, _, _ in rows:
        splits[reference.rpartition(" ")[0]].add(split)
    assert len(splits) == 66
    assert all(len(found) == 1 for found in splits.values())


@pytest.mark.parametrize(
    "together",
    [
        {"Matthew", "Mark", "Luke", "John"},
        {"1 Samuel", "2 Samuel", "1 Kings", "2 Kings", "1 Chronicles", "2 Chronicles", "Isaiah", "Jeremiah", "Psalms"},
        {"Ezra", "Nehemiah", "2 Chronicles"},
        {"Joel", "Amos", "Acts"},
        {"1 John", "2 John", "3 John"},
    ],
)
def test_books_that_share_passages_are_on_one_side(rows: list[list[str]], together: set[str]) -> None:
    assert len({split for reference, split, _, _ in rows if reference.rpartition(" ")[0] in together}) == 1


def test_no_held_out_verse_is_quoted_in_training(rows: list[list[str]]) -> None:
    def runs(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", text.lower())
        return set(zip(*(words[start:] for start in range(10)), strict=False))

    for side in (2, 3):
        held_out = set().union(*(runs(row[side]) for row in rows if row[1] != "train"))
        assert not [row for row in rows if row[1] == "train" and runs(row[side]) & held_out]


def test_no_markup_is_left(rows: list[list[str]]) -> None:
    for reference, _, *sides in rows:
        for text in sides:
            assert not re.search(r"[<>\[\]{}|*#&_=\\¶†‡§\d]|  |^\s|\s$|\s[,.;:?!]|,,", text), (reference, text)
            assert text == unicodedata.normalize("NFC", text)
            assert text
    letters = {c for _, _, *sides in rows for text in sides for c in text if ord(c) > 127}
    assert letters == set("áéíóúüñâêîôûÁÉÚÑ¡¿‘’“”—")


def test_no_heading_is_left(rows: list[list[str]]) -> None:
    found = {reference: (english, spanish) for reference, _, english, spanish in rows}
    assert found["Psalms 23:1"][1] == "Jehová es mi pastor; nada me faltará."
    assert found["Psalms 119:9"][1].startswith("¿Con qué limpiará el joven su camino?")
    assert found["Galatians 6:18"][1].endswith("vuestro espíritu. Amén.")
    assert found["Song of Solomon 1:8"][0].startswith("If you don’t know")
    assert found["Revelation 22:21"][0].endswith("saints. Amen.")
    assert found["Genesis 1:1"] == (
        "In the beginning, God created the heavens and the earth.",
        "En el principio crió Dios los cielos y la tierra.",
    )


@pytest.mark.parametrize(
    "reference, english, spanish",
    [
        ("Numbers 13:6", "Caleb", "Caleb"),
        ("1 Samuel 24:14", "flea", "pulga"),
        ("Job 39:5", "wild donkey", "asno montés"),
        ("Job 40:15", "behemoth", "behemoth"),
        ("Hosea 12:8", "rich", "riquezas"),
        ("Jonah 2:2", "Sheol", "sepulcro"),
        ("Matthew 23:14", "shut up the Kingdom", "cerráis el reino"),
    ],
)
def test_verses_that_the_spanish_edition_numbers_otherwise_are_paired(
    rows: list[list[str]], reference: str, english: str, spanish: str
) -> None:
    (row,) = [row for row in rows if row[0] == reference]
    assert english in row[2]
    assert spanish in row[3]


def test_a_verse_shares_more_names_with_its_translation_than_with_its_neighbours(rows: list[list[str]]) -> None:
    """The first four letters of capitalised words inside a sentence; over the whole and over each larger book."""

    def names(text: str) -> set[str]:
        return {word[:4] for word in re.findall(r"(?<=[a-záéíóúñ,] )[A-ZÁÉÍÓÚ]\w{3,}", text)}

    shared: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0])
    for this, following in itertools.pairwise(rows):
        book = this[0].rpartition(" ")[0]
        shared[book][0] += len(names(this[2]) & names(this[3]))
        shared[book][1] += len(names(this[2]) & names(following[3]))
    assert sum(own for own, _ in shared.values()) > 3 * sum(next_ for _, next_ in shared.values())
    assert [book for book, (own, next_) in shared.items() if own > 20 and own <= next_] == []


def test_the_reader_gives_either_direction_and_keeps_short_verses(tmp_path: Path) -> None:
    corpus = BibleEnEs().read("en", "es", root=None, cache_dir=tmp_path)
    assert {split: len(texts.source) for split, texts in corpus.items()} == COUNTS
    swapped = BibleEnEs().read("es", "en", root=None, cache_dir=tmp_path)
    assert swapped["val"].source == corpus["val"].target
    assert swapped["val"].target == corpus["val"].source

    short = BibleEnEs(max_words=12).read("en", "es", root=None, cache_dir=tmp_path)
    assert {split: len(texts.source) for split, texts in short.items()} == {"train": 2466, "val": 145, "test": 102}
    longest = max(len(text.split()) for texts in short.values() for side in texts[:2] for text in side)
    assert longest == 12
