"""The bundled name-recognition set is what its page says: legal tags over the verses' own text, split by books."""

import collections
import gzip
import hashlib
import re
from pathlib import Path
from typing import NamedTuple

import pytest

import attnlab.data

FOLDER = Path(attnlab.data.__file__).parent / "bundled"
CORRECTIONS = Path(__file__).parents[3] / "scripts" / "bible_names_corrections.tsv"
PAGE = (FOLDER / "bible_names.md").read_text(encoding="utf-8")
COUNTS = {"train": 10_000, "val": 1_000, "test": 350}
KINDS = ("PER", "LOC", "GROUP", "DEITY")


class Verse(NamedTuple):
    reference: str
    text: str
    tokens: list[str]
    tags: list[str]

    @property
    def book(self) -> str:
        return self.reference.rpartition(" ")[0]


def compressed(split: str) -> bytes:
    return (FOLDER / f"bible_names.{split}.conll.gz").read_bytes()


def mentions(verse: Verse) -> list[tuple[int, int, str]]:
    """Token bounds and kind of each mention, by the letters B, I and O alone."""
    found: list[tuple[int, int, str]] = []
    for position, tag in enumerate(verse.tags):
        if tag.startswith("B-"):
            found.append((position, position + 1, tag[2:]))
        elif tag.startswith("I-"):
            start, _, kind = found[-1]
            found[-1] = (start, position + 1, kind)
    return found


@pytest.fixture(scope="module")
def splits() -> dict[str, list[Verse]]:
    found = {}
    for split in COUNTS:
        text = gzip.decompress(compressed(split)).decode()
        assert text.endswith("\n\n")
        found[split] = []
        for block in text.removesuffix("\n\n").split("\n\n"):
            first, second, *rows = block.split("\n")
            assert first.startswith("# id = ")
            assert second.startswith("# text = ")
            tokens, tags = zip(*(row.split("\t") for row in rows), strict=True)
            found[split].append(Verse(first[7:], second[9:], list(tokens), list(tags)))
    return found


def test_the_files_are_those_that_the_page_describes() -> None:
    for split in COUNTS:
        digest = hashlib.sha256(compressed(split)).hexdigest()
        assert f"sha256 of `bible_names.{split}.conll.gz`: `{digest}`" in PAGE


def test_counts_by_split_and_kind(splits: dict[str, list[Verse]]) -> None:
    assert {split: len(verses) for split, verses in splits.items()} == COUNTS
    for split, verses in splits.items():
        kinds = collections.Counter(kind for verse in verses for _, _, kind in mentions(verse))
        named = sum(bool(mentions(verse)) for verse in verses)
        tokens = sum(len(verse.tokens) for verse in verses)
        by_kind = " | ".join(str(kinds[kind]) for kind in KINDS)
        assert f"| {split} | {len(verses)} | {named} | {tokens} | {by_kind} |" in PAGE
    assert sum(bool(mentions(verse)) for verse in splits["test"]) >= 200


def test_tags_are_legal_iob2(splits: dict[str, list[Verse]]) -> None:
    legal = {"O"} | {f"{letter}-{kind}" for letter in "BI" for kind in KINDS}
    for verse in (verse for verses in splits.values() for verse in verses):
        for before, tag in zip(["O", *verse.tags], verse.tags, strict=False):
            assert tag in legal, verse.reference
            if tag.startswith("I-"):
                assert before in (f"B-{tag[2:]}", tag), (verse.reference, verse.tokens)


def test_the_text_without_spaces_is_the_tokens_so_offsets_are_exact(splits: dict[str, list[Verse]]) -> None:
    for verse in (verse for verses in splits.values() for verse in verses):
        position = 0
        for token in verse.tokens:
            start = verse.text.index(token, position)
            assert not verse.text[position:start].strip(), verse.reference
            position = start + len(token)
        assert position == len(verse.text), verse.reference


def test_no_verse_twice_and_no_book_in_two_splits(splits: dict[str, list[Verse]]) -> None:
    references = [verse.reference for verses in splits.values() for verse in verses]
    assert len(set(references)) == len(references) == sum(COUNTS.values())
    books = [{verse.book for verse in verses} for verses in splits.values()]
    assert sum(map(len, books)) == len(set().union(*books)) == 66


def test_verses_and_splits_are_those_of_the_translation_corpus(splits: dict[str, list[Verse]]) -> None:
    lines = gzip.decompress((FOLDER / "bible_en_es.tsv.gz").read_bytes()).decode().removesuffix("\n").split("\n")
    corpus = {(split, reference, english) for reference, split, english, _ in (line.split("\t") for line in lines[1:])}
    assert {(split, v.reference, v.text) for split, verses in splits.items() for v in verses} <= corpus


@pytest.mark.parametrize(
    "name, kind, least_share",
    [
        ("Egypt", "LOC", 1.0),
        ("Jerusalem", "LOC", 1.0),
        ("Babylon", "LOC", 1.0),
        ("Zion", "LOC", 0.7),  # elsewhere in "Mount Zion"
        ("Moses", "PER", 1.0),
        ("David", "PER", 1.0),
        ("Aaron", "PER", 1.0),
        ("Jesus", "PER", 0.7),  # elsewhere in "Jesus Christ"
        ("Yahweh", "DEITY", 0.9),  # elsewhere in "Lord Yahweh"
        ("Pharisees", "GROUP", 1.0),
        ("Levites", "GROUP", 1.0),
        ("Philistines", "GROUP", 1.0),
    ],
)
def test_the_commonest_names_have_their_kind(
    splits: dict[str, list[Verse]], name: str, kind: str, least_share: float
) -> None:
    """Every occurrence has the kind, and most are mentions by themselves."""
    verses = [verse for verse in splits["train"] if name in verse.text]
    tags = collections.Counter(
        tag for verse in verses for token, tag in zip(verse.tokens, verse.tags, strict=True) if token == name
    )
    assert set(tags) <= {f"B-{kind}", f"I-{kind}"}
    assert tags[f"B-{kind}"] > 20
    alone = sum(
        verse.tokens[start:end] == [name] and found == kind for verse in verses for start, end, found in mentions(verse)
    )
    assert alone >= least_share * tags.total()


@pytest.mark.parametrize(
    "words, kind",
    [
        ("children of Israel", "GROUP"),
        ("house of Israel", "GROUP"),
        ("king of Israel", "LOC"),
        ("land of Israel", "LOC"),
        ("king of Judah", "LOC"),
        ("cities of Judah", "LOC"),
        ("tribe of Judah", "GROUP"),
        ("hill country of Ephraim", "LOC"),
        ("tribe of Benjamin", "GROUP"),
        ("children of Ammon", "GROUP"),
        ("king of Moab", "LOC"),
    ],
)
def test_man_people_and_land_follow_the_rule(splits: dict[str, list[Verse]], words: str, kind: str) -> None:
    pattern = words.split()
    tags = collections.Counter(
        verse.tags[start + len(pattern) - 1]
        for verse in splits["train"]
        if words in verse.text
        for start in range(len(verse.tokens))
        if verse.tokens[start : start + len(pattern)] == pattern
    )
    assert set(tags) == {f"B-{kind}"}


def test_the_patriarchs_are_persons_in_genesis(splits: dict[str, list[Verse]]) -> None:
    tags = collections.Counter(
        (token, tag)
        for verse in splits["train"]
        if verse.book == "Genesis"
        for token, tag in zip(verse.tokens, verse.tags, strict=True)
        if token in ("Jacob", "Judah", "Joseph", "Benjamin", "Reuben")
    )
    assert {tag for _, tag in tags} == {"B-PER"}
    assert len(tags) == 5


def test_names_of_several_words_are_one_mention(splits: dict[str, list[Verse]]) -> None:
    found = {
        (" ".join(verse.tokens[start:end]), kind)
        for verses in splits.values()
        for verse in verses
        for start, end, kind in mentions(verse)
    }
    assert found >= {
        ("Mount Sinai", "LOC"),
        ("Red Sea", "LOC"),
        ("Mount of Olives", "LOC"),
        ("Beth Shemesh", "LOC"),
        ("Jesus Christ", "PER"),
        ("Mary Magdalene", "PER"),
        ("Lord Yahweh", "DEITY"),
        ("Holy Spirit", "DEITY"),
        ("The Three Taverns", "LOC"),
    }


def test_the_test_set_is_the_one_that_was_read(splits: dict[str, list[Verse]]) -> None:
    """The table of the reader's decisions and the bundled tags agree; the silver tags were changed somewhere."""
    header, *rows = (line.split("\t") for line in CORRECTIONS.read_text(encoding="utf-8").splitlines())
    assert header == ["reference", "start", "end", "name", "kind", "silver"]
    read = {(row[0], int(row[1]), int(row[2]), row[3], row[4]) for row in rows if row[4] != "-"}
    assert read == {
        (verse.reference, start, end, " ".join(verse.tokens[start:end]), kind)
        for verse in splits["test"]
        for start, end, kind in mentions(verse)
    }
    assert {row[0] for row in rows} == {verse.reference for verse in splits["test"]}
    assert {row[5] for row in rows} > {"same", "-", "missing"}


def test_the_page_gives_the_silver_score() -> None:
    row = re.search(r"\| all \| (\d\.\d+) \| (\d\.\d+) \| (\d\.\d+) \| (\d+) \|", PAGE)
    assert row is not None
    precision, recall, f1 = (float(value) for value in row.groups()[:3])
    assert f1 == pytest.approx(2 * precision * recall / (precision + recall), abs=1e-3)
    assert f1 > 0.9
