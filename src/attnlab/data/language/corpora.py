"""Texts for language models, in train, val and test."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

from attnlab.data.files.cached_folder import bundled
from attnlab.data.files.encodings import DEFAULT, checked_encoding
from attnlab.data.files.json_fields import field_of, name_of, text_of
from attnlab.data.files.json_lines import read_json_lines
from attnlab.data.origin import Origin
from attnlab.data.summarization.corpora import DebianSynopsis
from attnlab.data.translation.corpora import SPLITS, BibleEnEs
from attnlab.errors import UserError


class Texts(NamedTuple):
    """What kind of thing a text is ("play", "chapter"), and of each its name and itself, in order."""

    kind: str
    names: list[str]
    texts: list[str]

    def add(self, name: str, text: str) -> None:
        self.names.append(name)
        self.texts.append(text)

    def written(self) -> "Texts":
        """Those in which there is anything."""
        kept = [number for number, text in enumerate(self.texts) if text.strip()]
        return Texts(self.kind, [self.names[each] for each in kept], [self.texts[each] for each in kept])


class TextCorpus(Protocol):
    """Where texts come from."""

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, Texts]:
        """All three splits; `root` is the user's folder of files (None: bundled, or where one is).

        Raises:
            UserError: files are missing or broken.
        """
        ...


@runtime_checkable
class ReadsOneSplit(Protocol):
    """A corpus of which an evaluation reads test alone, where there may be no more."""

    def read_split(self, split: str, *, root: Path | None, cache_dir: Path) -> Texts:
        """As `TextCorpus.read`, but one of its splits."""
        ...


def checksum(splits: Mapping[str, Texts]) -> str:
    """The sha256 of all texts in order, of the splits that are there."""
    digest = hashlib.sha256()
    for split in (each for each in SPLITS if each in splits):
        digest.update(f"{split} {len(splits[split].texts)}\n".encode())
        for text in splits[split].texts:
            digest.update(f"{len(text)} {text}\n".encode())
    return digest.hexdigest()


class Shakespeare:
    """The bundled plays and poems of Shakespeare in modern spelling, in the public domain, split by work."""

    origin = Origin.BUNDLED

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, Texts]:
        path = bundled("shakespeare.jsonl.gz") if root is None else root / "shakespeare.jsonl.gz"
        splits = {split: Texts("work", [], []) for split in SPLITS}
        for place, row in read_json_lines(path, key="data.root"):
            split = row.get("split")
            if split not in splits:
                raise UserError(f"split must be train, val or test, got {split!r} in {place} (set data.root)")
            splits[split].add(*(text_of(row, field, place, "data.root") for field in ("title", "text")))
        return splits


class BibleTexts:
    """The bundled Bible of one language, a text a chapter, a verse a line; split by book.

    Args:
        language: en, the World English Bible, or es, Reina-Valera 1909.

    Raises:
        ValueError: another language.
    """

    origin = Origin.BUNDLED

    def __init__(self, *, language: str) -> None:
        if language not in ("en", "es"):
            raise ValueError(f"language must be en or es, got {language!r} (set data.corpus.language)")
        self.language = language

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, Texts]:
        other = "es" if self.language == "en" else "en"
        read = BibleEnEs().read(self.language, other, root=root, cache_dir=cache_dir)
        splits = {}
        for split, verses in read.items():
            assert verses.clusters is not None  # the bundled verses have their references
            chapters: dict[str, list[str]] = {}
            for chapter, verse in zip(verses.clusters.names, verses.source, strict=True):
                chapters.setdefault(chapter, []).append(verse)
            texts = ["\n".join(lines) + "\n" for lines in chapters.values()]
            splits[split] = Texts(verses.clusters.kind, list(chapters), texts)
        return splits


class DebianTexts:
    """The bundled descriptions of Debian packages, a text each; split by source package."""

    origin = Origin.BUNDLED

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, Texts]:
        splits = {}
        for split, read in DebianSynopsis().read(root=root, cache_dir=cache_dir).items():
            names = [str(name or number) for number, name in enumerate(read.names)]
            splits[split] = Texts("package", names, read.documents)
        return splits


class JsonlTexts:
    """The user's own files of one JSON object a line, plain or gzip (`.gz` is tried where a name doesn't exist).

    Paths are relative to `data.root`.

    Args:
        train, val, test: names of files.
        text: the field of the text.
        id: a field that names what a text is of, as a book of its chapters (None: each stands alone).
        encoding: of all files, a name that Python knows.

    Raises:
        ValueError: no such encoding.
    """

    origin = Origin.OWN

    def __init__(self, *, train: str, val: str, test: str, text: str, id: str | None, encoding: str = DEFAULT) -> None:
        self.files = {"train": train, "val": val, "test": test}
        self.text, self.id, self.encoding = text, id, checked_encoding(encoding)

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, Texts]:
        return {split: self.read_split(split, root=root, cache_dir=cache_dir) for split in SPLITS}

    def read_split(self, split: str, *, root: Path | None, cache_dir: Path) -> Texts:
        path, found = (root or Path()) / self.files[split], Texts("text", [], [])
        for place, row in read_json_lines(path, key=f"data.corpus.{split}", encoding=self.encoding):
            name = None if self.id is None else name_of(field_of(row, self.id, place, "data.corpus.id"))
            text = text_of(row, self.text, place, "data.corpus.text")
            found.add(f"line {len(found.texts) + 1}" if name is None else name, text)
        return found
