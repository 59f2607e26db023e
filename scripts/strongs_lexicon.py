"""What kinds of name a word of the English text may be, by Strong's numbers and dictionaries (SWORD modules)."""

from __future__ import annotations

import collections
import re
import struct
import zlib
from pathlib import Path

from sword_module import NOT_TEXT, Reference, Verses


def read_dictionary(folder: Path) -> dict[int, str]:
    """The entries of a SWORD zLD module as plain text, by Strong's number."""
    keys, blocks, packed = ((folder / f"dict.{ending}").read_bytes() for ending in ("dat", "zdx", "zdt"))
    texts = []
    for offset, size in struct.iter_unpack("<II", blocks):
        block = zlib.decompress(packed[offset : offset + size])
        (count,) = struct.unpack_from("<I", block)
        texts.append([block[at : at + length] for at, length in struct.iter_unpack("<II", block[4 : 4 + 8 * count])])
    entries = {}
    for offset, size in struct.iter_unpack("<II", (folder / "dict.idx").read_bytes()):
        key, _, place = keys[offset : offset + size].partition(b"\r\n")
        block_index, entry = struct.unpack("<II", place[:8])
        text = texts[block_index][entry].decode("utf-8", "replace").partition("</pron>")[2]
        entries[int(key)] = " ".join(re.sub(r"<[^>]*>|[{}\0]", " ", text).split())
    return entries


PLACE = (
    r"places?|city|town|region|mountain|mount|river|country|territory|island|valley|fountain|desert|district|"
    r"capit[oa]l|province|port|pool|hill|spot|wells?|land of|part of|stream|peak|brook|garden|village|gate|suburb|"
    r"fortress|plain|settlement|watering|station in|in Palestine|a heap|promontory|portion of"
)
PERSON = (
    r"Israelite|Israelitess|king|son of|daughter of|Edomite|man|woman|wife|prophet|patriarch|Christian|apostle|"
    r"high[- ]priest|Levite|father|mother|brother of|sister of|antediluvian|Gibeonite|Midianite|Benjaminite|emperor|"
    r"eunuch|officer|general|chief|prince|name of (?:\w+ )+(?:and|persons|men|women)|Babylonian|Persian|Philistine|"
    r"Canaanite|Syrian|Egyptian|Moabite|Moabitess|Horite|Arab|leader|progenitor|postdiluvian|judge|concubine|grandson|"
    r"nephew|servant|priest|Ishmaelite|Ammonite|Ammonitess|courtier|warrior|spy|Jew|Jewess|ruler|Roman|Greek|Aramaean|"
    r"Hittite|Shepherd|Samaritan|queen"
)
PEOPLE = (
    r"inhabitants?|patronymic|patrial|descendants?|native of|people|tribe|sectary|his family|his posterity|"
    r"collectively|posterity|nation|aborigines|belonging to|a \w+ite or|an \w+ite or"
)
DEITY = r"deity|goddess|idol|heathen god|a god|divinity"
KIND_WORDS = {
    kind: re.compile(rf"\b(?:{words})(?:s|es)?\b")
    for kind, words in (("LOC", PLACE), ("PER", PERSON), ("GROUP", PEOPLE), ("DEITY", DEITY))
}
STRONGS = re.compile(r'<w [^>]*lemma="([^"]*)"[^>]*>(.*?)</w>')


def tagged_words(raw: str) -> list[tuple[str, list[str]]]:
    """The words of a verse's markup in order, each with its Strong's numbers (H4714)."""
    found = []
    for lemma, inner in STRONGS.findall(NOT_TEXT.sub("", raw)):
        numbers = [f"{letter}{int(digits)}" for letter, digits in re.findall(r"strong:([GH])(\d+)", lemma)]
        found += [(word, numbers) for word in re.findall(r"\w+(?:-\w+)*", re.sub(r"<[^>]*>", "", inner))]
    return found


class Lexicon:
    """Which kinds a capitalised word may be, from the numbers that it translates.

    A number is a name's if the King James Version mostly prints its words with a capital. A word takes the kinds of
    the names that make up at least 15 % of its numbers, counting a number only in verses where the King James Version
    has it on a capitalised word as well: the markup of the modern text is made by machine.
    """

    def __init__(self, king_james: Verses, english: Verses, dictionaries: dict[str, dict[int, str]]) -> None:
        self.dictionaries = dictionaries
        capital: collections.Counter[str] = collections.Counter()
        lower: collections.Counter[str] = collections.Counter()
        names_of_verse: dict[Reference, set[str]] = collections.defaultdict(set)
        self.phrases: dict[str, set[str]] = {}
        for reference, raw in king_james.items():
            for word, numbers in tagged_words(raw):
                (capital if word[0].isupper() else lower).update(numbers)
                if word[0].isupper():
                    names_of_verse[reference].update(numbers)
                if "-" in word and word[0].isupper():
                    joined = word.replace("-", "").lower()
                    self.phrases.setdefault(joined, set()).update(*(self.kinds_of_number(n) for n in numbers))
        votes: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
        seen: collections.Counter[str] = collections.Counter()
        for reference, raw in english.items():
            for word, numbers in tagged_words(raw):
                if word[0].isupper():
                    seen[word] += 1
                    votes[word].update(n for n in numbers if n in names_of_verse[reference])
        self.kinds: dict[str, set[str]] = {}
        for word, numbers_of_word in votes.items():
            total = numbers_of_word.total()
            names = [n for n, count in numbers_of_word.most_common(3) if count >= 0.15 * total]
            names = [n for n in names if capital[n] > 2 * lower[n]]
            if names and total >= 0.2 * seen[word]:
                self.kinds[word] = set().union(*(self.kinds_of_number(n) for n in names))

    def kinds_of_number(self, number: str) -> set[str]:
        text = self.dictionaries[number[0]].get(int(number[1:]), "")
        definition = re.split(r": -|:--", text)[0]
        return {kind for kind, words in KIND_WORDS.items() if words.search(definition)}
