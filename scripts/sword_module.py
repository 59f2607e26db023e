"""Read a SWORD Bible module from its Debian package: references and the plain words of every verse."""

from __future__ import annotations

import functools
import re
import subprocess
import unicodedata
from pathlib import Path
from typing import NamedTuple

from pysword.modules import SwordModules


class Reference(NamedTuple):
    book: str
    chapter: int
    verse: int

    def __str__(self) -> str:
        return f"{self.book} {self.chapter}:{self.verse}"


Verses = dict[Reference, str]


def download(packages: tuple[str, ...], folder: Path) -> Path:
    """Unpack the Debian packages below `folder`; return the SWORD root inside it."""
    subprocess.run(["apt-get", "download", *packages], cwd=folder, check=True)
    for package in sorted(folder.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", str(package), str(folder / "root")], check=True)
    return folder / "root" / "usr" / "share" / "sword"


def read_module(sword_root: Path, module: str) -> Verses:
    """The raw OSIS markup of every verse, in canonical order."""
    library = SwordModules(str(sword_root))
    library.parse_modules()
    bible = library.get_bible_from_module(module)
    # pysword inflates a whole book for every verse it reads.
    bible._decompressed_text = functools.cache(bible._decompressed_text)
    verses = {}
    for books in bible.get_structure().get_books().values():
        for book in books:
            for chapter, length in enumerate(book.chapter_lengths, start=1):
                for verse in range(1, length + 1):
                    raw = bible.get(books=[book.name], chapters=[chapter], verses=[verse], clean=False)
                    verses[Reference(plain_name(book.name), chapter, verse)] = raw
    return verses


def plain_name(sword_name: str) -> str:
    """`II Kings` -> `2 Kings`."""
    numeral, _, rest = sword_name.partition(" ")
    name = f"{len(numeral)} {rest}" if numeral in ("I", "II", "III") else sword_name
    return name.removesuffix(" of John")


GLOSSARY = re.compile(r'<div [^>]*type="glossary".*', re.DOTALL)  # appended to the last verse of Revelation
NOT_TEXT = re.compile(r"<(note|title|speaker)\b[^>]*>.*?</\1>", re.DOTALL)
INLINE_TAG = re.compile(r"</?(?:w|q|seg|name)\b[^>]*>")
ANY_TAG = re.compile(r"<[^>]*>")

# The Spanish module lost the spaces around many words that the translators added. Most are words of their own
# ("siempre<es>su"), but an added pronoun belongs to the verb before it ("oyéndo<lo>"), unless that is no verb.
ADDED = re.compile(r"(\w*)<transChange[^>]*>([^<]*)</transChange>(?=([\w<]?))")
PRONOUN = re.compile(r"(me|te|se|lo|la|le|nos|os|los|las|les)( aún)?")
NOT_A_VERB = frozenset(["no", "como", "que", "os", "y", "cuánto", "gentes", "ellos", "dios", "jehová", "josué"])


def join_added(match: re.Match[str]) -> str:
    before, added, after = match.groups()
    enclitic = PRONOUN.fullmatch(added) and before.lower() not in NOT_A_VERB
    return f"{before}{'' if enclitic or not before else ' '}{added}{' ' if after else ''}"


def strip_markup(raw: str) -> str:
    """The verse's own words: no notes, headings, speakers, Strong's numbers or layout; single spaces."""
    text = NOT_TEXT.sub("<note/>", GLOSSARY.sub("", raw))
    text = INLINE_TAG.sub("", text)
    text = ADDED.sub(join_added, text)
    text = ANY_TAG.sub(" ", text).replace("&amp;", "&")
    text = re.sub(r"(”)(\w)", r"\1 \2", text)  # a few spaces after a closing quote are missing
    text = re.sub(r"\s+([,.;:?!)”’])", r"\1", " ".join(text.split()))
    text = re.sub(r"([(“‘¿¡])\s+", r"\1", text).replace(",,", ",")
    return unicodedata.normalize("NFC", text)
