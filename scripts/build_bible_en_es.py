"""Build the bundled English-Spanish corpus from two Debian packages.

    python scripts/build_bible_en_es.py            # needs apt-get, dpkg-deb and pysword; run `apt-get update` first

Writes src/attnlab/data/bundled/bible_en_es.tsv.gz and bible_en_es.md beside it. The same packages give the same bytes.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import hashlib
import re
import tempfile
from pathlib import Path
from typing import NamedTuple

from sword_module import Reference, Verses, download, read_module, strip_markup

PACKAGES = ("sword-text-web", "sword-text-sparv")
ENGLISH_MODULE, SPANISH_MODULE = "engWEB2015eb", "spaRV1909eb"
BUNDLED = Path(__file__).resolve().parents[1] / "src" / "attnlab" / "data" / "bundled"

# --- Headings and drop capitals of the Spanish text ------------------------------------------------------------------

CAPITALS = "A-ZÁÉÍÓÚÜÑÎ"
# The Spanish psalm titles are plain text before a verse that opens in capitals: "Salmo de David. JEHOVÁ es mi pastor".
PSALM_TITLE = re.compile(rf"^.*?(?=[¡¿]?(?:A )?[{CAPITALS}]{{2,}})")
ACROSTIC_LETTER = re.compile(rf"^[{CAPITALS}]{{2,}}\.? (?=[¡¿]?[{CAPITALS}])")
# Notes on where a letter was written stand after its closing "Amén."; the English text has none.
COLOPHON = re.compile(r"(?<=Amén\.) [^.]*\b(?:escrita|enviada|Escrita|Enviada)\b.*$")


def without_headings(reference: Reference, spanish: str, english_raw: str) -> str:
    if reference.book == "Psalms" and reference.chapter == 119 and reference.verse % 8 == 1:
        return ACROSTIC_LETTER.sub("", spanish)
    if reference.book == "Psalms" and reference.verse == 1 and '<title canonical="true"' in english_raw:
        return PSALM_TITLE.sub("", spanish)
    return COLOPHON.sub("", spanish)


PLAIN_VOWELS = str.maketrans("âêîôû", "aeiou")  # ACHAB, without the circumflex of Achâb, is the same name


def find_names(verses: Verses) -> frozenset[str]:
    """Words (in lower case, with plain vowels) that mostly have a capital even inside a sentence."""
    capital: collections.Counter[str] = collections.Counter()
    for text in verses.values():
        for word in re.findall(r"(?<=[a-záéíóúñ,] )\w+", text):
            capital[word.lower().translate(PLAIN_VOWELS)] += 1 if word[0].isupper() else -1
    return frozenset(word for word, surplus in capital.items() if surplus > 0)


def lower_drop_capital(text: str, names: frozenset[str]) -> str:
    """`Y ACONTECIÓ que` -> `Y aconteció que`, `JEHOVÁ dijo` -> `Jehová dijo`: the ornament of a chapter's start."""
    opening = re.match(r"(?:Aleluya\. )?\W*", text)[0]  # type: ignore[index]
    words = text.removeprefix(opening).split(" ")
    for position, word in enumerate(words):
        bare = re.sub(r"\W", "", word).lower().translate(PLAIN_VOWELS)
        after_one_letter = position == 1 and len(words[0]) == 1
        if not (word.isupper() or (after_one_letter and word[0].isupper())):
            break
        words[position] = word.capitalize() if position == 0 or bare in names else word.lower()
    return opening + " ".join(words)


# --- Pairing -------------------------------------------------------------------------------------------------------

# Where the Spanish edition numbers verses otherwise. Found by scoring every Spanish verse against its English
# neighbours with a word-translation model (IBM model 1) trained on the other books.
RENUMBERED = (  # book, Spanish chapter, first and last verse, English chapter and verse of the first
    ("Numbers", 13, 1, 1, 12, 16),
    ("Numbers", 13, 2, 32, 13, 1),
    ("Numbers", 30, 1, 1, 29, 40),
    ("Numbers", 30, 2, 15, 30, 1),
    ("1 Samuel", 24, 1, 1, 23, 29),
    ("1 Samuel", 24, 2, 21, 24, 1),
    ("1 Kings", 22, 45, 52, 22, 44),
    ("1 Chronicles", 21, 17, 29, 21, 16),
    ("2 Chronicles", 33, 11, 24, 33, 12),
    ("Job", 39, 1, 3, 38, 39),
    ("Job", 39, 4, 29, 39, 1),
    ("Job", 40, 1, 19, 40, 6),
    ("Hosea", 12, 1, 1, 11, 12),
    ("Hosea", 12, 2, 13, 12, 1),
    ("Jonah", 2, 1, 1, 1, 17),
    ("Jonah", 2, 2, 9, 2, 1),
    ("Matthew", 23, 13, 13, 23, 14),
    ("Matthew", 23, 14, 14, 23, 13),
    ("2 Corinthians", 13, 13, 13, 13, 14),
)
# Spanish verses that hold parts of two English ones, or half of one: dropped.
DIVIDED_OTHERWISE = (  # book, chapter, first and last verse
    ("Numbers", 13, 33, 33),
    ("Numbers", 30, 16, 16),
    ("Judges", 14, 18, 20),
    ("1 Samuel", 24, 22, 22),
    ("1 Kings", 18, 33, 34),
    ("1 Kings", 22, 43, 44),
    ("1 Kings", 22, 53, 53),
    ("1 Chronicles", 1, 30, 32),
    ("1 Chronicles", 21, 15, 16),
    ("1 Chronicles", 21, 30, 30),
    ("2 Chronicles", 33, 10, 10),
    ("Job", 39, 30, 30),
    ("Hosea", 12, 14, 14),
    ("Jonah", 2, 10, 10),
    ("Acts", 11, 25, 26),
    ("Romans", 14, 23, 23),
    ("2 Corinthians", 13, 12, 12),
)


def english_numbering(spanish: Verses) -> Verses:
    """The Spanish verses under the references of the English text they translate."""
    moved: dict[Reference, Reference | None] = {}
    for book, chapter, first, last, english_chapter, english_first in RENUMBERED:
        for verse in range(first, last + 1):
            moved[Reference(book, chapter, verse)] = Reference(book, english_chapter, english_first + verse - first)
    for book, chapter, first, last in DIVIDED_OTHERWISE:
        moved.update({Reference(book, chapter, verse): None for verse in range(first, last + 1)})
    targets = ((moved.get(reference, reference), text) for reference, text in spanish.items())
    return {reference: text for reference, text in targets if reference is not None}


# A pair whose longer side exceeds this many characters per character of the shorter one, beyond the slack that short
# verses need ("You shall not murder." is "No matarás."), holds a clause that the other edition puts elsewhere or lacks.
LENGTH_RATIO, LENGTH_SLACK = 1.4, 20


def odd_length(english: str, spanish: str) -> bool:
    shorter, longer = sorted((len(english), len(spanish)))
    return longer > LENGTH_RATIO * shorter + LENGTH_SLACK


# --- Splitting -------------------------------------------------------------------------------------------------------

# Whole books, of every genre: narrative, wisdom, poetry, prophecy, letters. Books that tell the same passages stay
# together in training: the four Gospels; Samuel, Kings and Chronicles; and with these Genesis to Judges (1 Chronicles
# 1-9), Psalms (18 = 2 Samuel 22; 96, 105, 106 = 1 Chronicles 16), Isaiah (36-39 = 2 Kings 18-20; 2 = Micah 4),
# Jeremiah (52 = 2 Kings 25; 49 = Obadiah), Ezekiel and Zechariah (formulas of Jeremiah), Ezra and Nehemiah (Ezra 2 =
# Nehemiah 7); Paul's letters; Jude and 2 Peter. What is held out shares next to nothing with these. Joel and Amos,
# which Acts quotes, stand beside it, and John's three letters stay together.
HELD_OUT = {
    "val": (
        *("Ruth", "Esther", "Daniel"),  # narrative
        *("Proverbs", "Lamentations"),  # wisdom, poetry
        *("Nahum", "Habakkuk", "Zephaniah"),  # prophecy
        *("1 John", "2 John", "3 John"),  # letters
    ),
    "test": (
        *("Acts", "Jonah"),  # narrative and speeches
        *("Ecclesiastes", "Song of Solomon"),  # wisdom, poetry
        *("Joel", "Amos"),  # prophecy
        "James",  # a letter
    ),
}
SHARED_WORDS = 10  # a training pair with this many words in a row from a held-out one (a quotation) is dropped


class Pair(NamedTuple):
    reference: Reference
    split: str
    english: str
    spanish: str


def split_of(book: str) -> str:
    return next((split for split, books in HELD_OUT.items() if book in books), "train")


def word_runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return set(zip(*(words[start:] for start in range(SHARED_WORDS)), strict=False))


def drop_quotations(pairs: list[Pair]) -> list[Pair]:
    """Without the training pairs that quote, or are quoted by, a held-out verse in either language."""
    held_out = [pair for pair in pairs if pair.split != "train"]
    english = set().union(*(word_runs(pair.english) for pair in held_out))
    spanish = set().union(*(word_runs(pair.spanish) for pair in held_out))
    return [
        pair
        for pair in pairs
        if pair.split != "train" or not (word_runs(pair.english) & english or word_runs(pair.spanish) & spanish)
    ]


# --- The whole -------------------------------------------------------------------------------------------------------


def build_pairs(sword_root: Path) -> tuple[list[Pair], dict[str, int]]:
    """The corpus in canonical order, and how many pairs each rule dropped."""
    english_raw = read_module(sword_root, ENGLISH_MODULE)
    english = {reference: strip_markup(raw) for reference, raw in english_raw.items()}
    spanish = {
        reference: without_headings(reference, strip_markup(raw), english_raw[reference])
        for reference, raw in read_module(sword_root, SPANISH_MODULE).items()
    }
    names = find_names(spanish)
    for reference, text in spanish.items():
        if reference.verse == 1 or reference == Reference(
            "Luke", 1, 5
        ):  # Luke's preface is printed before the drop cap
            spanish[reference] = lower_drop_capital(text, names)
    spanish = english_numbering(spanish)
    numbered = [
        Pair(reference, split_of(reference.book), text, spanish[reference])
        for reference, text in english.items()
        if text and spanish.get(reference)
    ]
    similar = [pair for pair in numbered if not odd_length(pair.english, pair.spanish)]
    kept = drop_quotations(similar)
    return kept, {"odd length": len(numbered) - len(similar), "quotations": len(similar) - len(kept)}


def to_tsv(pairs: list[Pair]) -> bytes:
    rows = ["reference\tsplit\ten\tes", *(f"{reference}\t{split}\t{en}\t{es}" for reference, split, en, es in pairs)]
    return ("\n".join(rows) + "\n").encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=BUNDLED, help="folder to write to (default: %(default)s)")
    out: Path = parser.parse_args().out
    with tempfile.TemporaryDirectory() as folder:
        root = download(PACKAGES, Path(folder))
        packages = sorted(path.name for path in Path(folder).glob("*.deb"))
        pairs, dropped = build_pairs(root)
    tsv = to_tsv(pairs)
    compressed = gzip.compress(tsv, compresslevel=9, mtime=0)
    out.mkdir(parents=True, exist_ok=True)
    (out / "bible_en_es.tsv.gz").write_bytes(compressed)
    (out / "bible_en_es.md").write_text(describe(pairs, dropped, packages, tsv, compressed), encoding="utf-8")
    print(f"{len(pairs)} pairs, {len(compressed)} bytes, in {out}")


def describe(pairs: list[Pair], dropped: dict[str, int], packages: list[str], tsv: bytes, compressed: bytes) -> str:
    counts = collections.Counter(pair.split for pair in pairs)
    return f"""# bible_en_es: the Bible in modern English and older Spanish

One verse pair a line in `bible_en_es.tsv.gz`: reference, split, en, es (tab-separated UTF-8, NFC, with a header line).

| Split | Pairs | Books |
|---|---|---|
| train | {counts["train"]} | all others |
| val | {counts["val"]} | {", ".join(HELD_OUT["val"])} |
| test | {counts["test"]} | {", ".join(HELD_OUT["test"])} |

- Source: the Debian packages {" and ".join(f"`{package}`" for package in packages)},
  which hold the World English Bible (eBible.org, 2020 stable text) and Reina-Valera 1909 as the SWORD modules
  `{ENGLISH_MODULE}` and `{SPANISH_MODULE}`.
- Licence: both texts are in the public domain. "World English Bible" is a trademark of eBible.org, which asks that a
  changed text not bear the name; the wording is unchanged here, and notes, titles and markup are left out.
- Left out: footnotes, cross references, psalm titles, acrostic letters, speakers' names, notes on where a letter was
  written, Strong's numbers, the Apocrypha. Spanish words that the source runs together are separated again, and the
  printed capitals that open a Spanish chapter are in sentence case.
- Verses are paired by reference in the English numbering. Where the Spanish edition divides the text otherwise, its
  verses are renumbered or dropped (tables in the script). {dropped["odd length"]} pairs of odd length are dropped:
  longer side over {LENGTH_RATIO} times the shorter plus {LENGTH_SLACK} characters.
- Splits are whole books. Books that share passages are on one side, and {dropped["quotations"]} training pairs with
  {SHARED_WORDS} or more words in a row from a held-out verse, in either language, are dropped.
- Rebuild: `apt-get update && python scripts/build_bible_en_es.py`. The same package versions give the same text.

sha256 of `bible_en_es.tsv.gz`: `{hashlib.sha256(compressed).hexdigest()}`
sha256 of the text inside: `{hashlib.sha256(tsv).hexdigest()}`
"""


if __name__ == "__main__":
    main()
