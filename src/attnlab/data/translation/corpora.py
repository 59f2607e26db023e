"""Parallel corpora: sentences of two languages, paired, in train, val and test."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

from attnlab.data.clusters import Clusters, chapters
from attnlab.data.files.cached_folder import bundled
from attnlab.data.files.download import fetch_all
from attnlab.data.files.encodings import DEFAULT, checked_encoding
from attnlab.data.files.first_rows import HEADS, check_no_header, warn_of_header
from attnlab.data.files.lines import read_lines
from attnlab.data.files.parallel_files import Side, named_files, read_parallel
from attnlab.data.files.tables import (
    Column,
    TableFormat,
    header,
    no_texts,
    read_columns,
    warn_of_no_texts,
)
from attnlab.data.origin import Origin
from attnlab.errors import UserError

SPLITS = ("train", "val", "test")
# What heads a column of sentences, besides its kinds and the run's own names of languages.
_NAMES = (
    "ar cs da de el en es et fa fi fr he hi hu id it ja ko lt lv nl no pl pt ro ru sk sl sv th tr uk vi zh",
    "ara ces dan deu ell eng spa est fas fin fra heb hin hun ind ita jpn kor nld nor pol por ron rus swe tha tur ukr",
    "vie zho arabic chinese czech danish dutch english finnish french german greek hebrew hindi hungarian indonesian",
    "italian japanese korean norwegian persian polish portuguese romanian russian spanish swedish thai turkish",
    "ukrainian vietnamese deutsch español français italiano português",
)
LANGUAGES = frozenset(name for names in _NAMES for name in names.split())
ONE_FILE = "data=parallel_table"  # what reads both sides from it


class ParallelTexts(NamedTuple):
    """Sentence i of `target` translates sentence i of `source`, and so does that of each of `others`, if not empty."""

    source: list[str]
    target: list[str]
    others: tuple[list[str], ...] = ()
    clusters: Clusters | None = None  # what they stand in, if that is known

    def references(self, number: int) -> list[str]:
        """All translations of a sentence, that of `target` first."""
        return [self.target[number], *(other[number] for other in self.others if other[number])]


class Corpus(Protocol):
    """Where sentence pairs come from."""

    def read(self, source: str, target: str, *, root: Path | None, cache_dir: Path) -> dict[str, ParallelTexts]:
        """All three splits in the direction `source` -> `target` (language codes).

        `root` is the user's folder of files (None: bundled, or downloaded below `cache_dir`).

        Raises:
            UserError: the corpus lacks a language, or its files are missing or broken.
        """
        ...


@runtime_checkable
class ReadsOneSplit(Protocol):
    """A corpus of which an evaluation reads test alone, where there may be no more."""

    def read_split(self, split: str, source: str, target: str, *, root: Path | None, cache_dir: Path) -> ParallelTexts:
        """As `Corpus.read`, but one of its splits."""
        ...


def checksum(splits: Mapping[str, ParallelTexts]) -> str:
    """The sha256 of all sentences in order, of the splits that are there."""
    digest = hashlib.sha256()
    for split in (each for each in SPLITS if each in splits):
        for side in (splits[split].source, splits[split].target, *splits[split].others):
            digest.update("\n".join([split, str(len(side)), *side, ""]).encode())
    return digest.hexdigest()


class BibleEnEs:
    """The bundled corpus: verses of the World English Bible and Reina-Valera 1909, both in the public domain.

    Args:
        max_words: keep only the pairs with at most this many space-separated words on either side (None: all).

    Raises:
        ValueError: max_words below 1.
    """

    origin = Origin.BUNDLED
    languages = ("en", "es")

    def __init__(self, *, max_words: int | None = None) -> None:
        if max_words is not None and max_words < 1:
            raise ValueError(f"max_words must be 1 or more, or null, got {max_words} (set data.corpus.max_words)")
        self.max_words = max_words

    def read(self, source: str, target: str, *, root: Path | None, cache_dir: Path) -> dict[str, ParallelTexts]:
        _check_languages(source, target, self.languages, "bible_en_es")
        path = bundled("bible_en_es.tsv.gz") if root is None else root / "bible_en_es.tsv.gz"
        columns: dict[str, dict[str, list[str]]] = {split: {"en": [], "es": [], "verse": []} for split in SPLITS}
        for number, row in enumerate(read_lines(path, key="data.root")[1:], start=2):
            verse, split, english, spanish = _verse(row, f"line {number} of {path}")
            if self.max_words is None or max(english.count(" "), spanish.count(" ")) < self.max_words:
                columns[split]["en"].append(english)
                columns[split]["es"].append(spanish)
                columns[split]["verse"].append(verse)
        for split, sides in columns.items():
            if not sides["en"] and self.max_words is not None:
                raise UserError(
                    f"max_words must leave verses in every split, got {self.max_words}, which leaves none in {split} "
                    "(set data.corpus.max_words)"
                )
        return {
            split: ParallelTexts(sides[source], sides[target], clusters=chapters(sides["verse"]))
            for split, sides in columns.items()
        }


MULTI30K_STEMS = {"train": "train", "val": "val", "test": "test_2016_flickr"}
MULTI30K_ADDRESS = (
    "https://raw.githubusercontent.com/multi30k/dataset/a3d2e0d26b56f3846f66a952536ffed4e401d05a/data/task1/raw"
)
MULTI30K_SHA256 = {
    "train.de.gz": "726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6",
    "train.en.gz": "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f",
    "val.de.gz": "f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a",
    "val.en.gz": "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28",
    "test_2016_flickr.de.gz": "9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8",
    "test_2016_flickr.en.gz": "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9",
}


class Multi30k:
    """Image captions in English and German, task 1 of Multi30k (Elliott et al., 2016): 29,000 / 1,014 / 1,000 pairs.

    Read from `data.root`, or downloaded once (non-commercial terms, so not bundled). Test is test_2016_flickr.

    Args:
        address: where on the web the six .gz files lie.
    """

    origin = Origin.DOWNLOADED
    languages = ("de", "en")

    def __init__(self, *, address: str = MULTI30K_ADDRESS) -> None:
        self.address = address

    def read(self, source: str, target: str, *, root: Path | None, cache_dir: Path) -> dict[str, ParallelTexts]:
        return {split: self.read_split(split, source, target, root=root, cache_dir=cache_dir) for split in SPLITS}

    def read_split(self, split: str, source: str, target: str, *, root: Path | None, cache_dir: Path) -> ParallelTexts:
        _check_languages(source, target, self.languages, "Multi30k")
        folder = root or fetch_all("Multi30k", self.address, MULTI30K_SHA256, cache_dir / "multi30k")
        names = {side: f"{MULTI30K_STEMS[split]}.{code}" for side, code in (("source", source), ("target", target))}
        sides = [Side(side, folder / name, "data.root") for side, name in names.items()]
        sources, targets = read_parallel(sides, instead=ONE_FILE)
        return ParallelTexts(sources, targets)


class ParallelText:
    """The user's own files, one sentence a line, line i of a target file translating line i of its source file.

    Plain text or gzip; `.gz` is tried where a file doesn't exist as named. Paths are relative to `data.root`. The
    language codes only name the sides.

    Args:
        val_target, test_target: a file, or several: other translations of the same source, which scores use, too. An
            empty line in one of these others is no translation.
        encoding: of all files, a name that Python knows.

    Raises:
        ValueError: no such encoding, or no file.
    """

    origin = Origin.OWN

    def __init__(
        self,
        *,
        train_source: str,
        train_target: str,
        val_source: str,
        val_target: str | Sequence[str],
        test_source: str,
        test_target: str | Sequence[str],
        encoding: str = DEFAULT,
    ) -> None:
        if not isinstance(train_target, str):
            raise ValueError(f"train_target must be one file, got {train_target!r} (set data.corpus.train_target)")
        self.sources = {"train": train_source, "val": val_source, "test": test_source}
        self.targets = {
            "train": [train_target],
            "val": named_files(val_target, key="data.corpus.val_target"),
            "test": named_files(test_target, key="data.corpus.test_target"),
        }
        self.encoding = checked_encoding(encoding)

    def read(self, source: str, target: str, *, root: Path | None, cache_dir: Path) -> dict[str, ParallelTexts]:
        return {split: self.read_split(split, source, target, root=root, cache_dir=cache_dir) for split in SPLITS}

    def read_split(self, split: str, source: str, target: str, *, root: Path | None, cache_dir: Path) -> ParallelTexts:
        folder = root or Path()
        sides = [Side("source", folder / self.sources[split], f"data.corpus.{split}_source")]
        sides += [Side("target", folder / name, f"data.corpus.{split}_target") for name in self.targets[split]]
        sources, targets, *others = read_parallel(sides, encoding=self.encoding, instead=ONE_FILE)
        return ParallelTexts(sources, targets, tuple(others))


class ParallelTable:
    """The user's own tables, both sides of a pair in each row: Tatoeba's exports, CSV files.

    `.gz` is tried where a file doesn't exist as named. Paths are relative to `data.root`. Other columns are passed
    over. Where a column has a name, each file has a header.

    Args:
        source_column, target_column: see `Column` (None: the first, the second).
        delimiter, quoted: see `TableFormat`.
        encoding: of all files, a name that Python knows.

    Raises:
        ValueError: no such encoding or delimiter, or the same column for both.
    """

    origin = Origin.OWN

    def __init__(
        self,
        *,
        train: str,
        val: str,
        test: str,
        source_column: Column | None = None,
        target_column: Column | None = None,
        delimiter: str | None = None,
        quoted: bool | None = None,
        encoding: str = DEFAULT,
    ) -> None:
        columns = [0 if source_column is None else source_column, 1 if target_column is None else target_column]
        if columns[0] == columns[1]:
            raise ValueError(
                f"source and target must be different columns, got {columns[0]!r} for both "
                "(set data.corpus.source_column or data.corpus.target_column)"
            )
        self.files = {"train": train, "val": val, "test": test}
        self.by_default = source_column is None or target_column is None
        self.columns = list(zip(("data.corpus.source_column", "data.corpus.target_column"), columns, strict=True))
        self.format = TableFormat(delimiter=delimiter, quoted=quoted, encoding=checked_encoding(encoding))

    def read(self, source: str, target: str, *, root: Path | None, cache_dir: Path) -> dict[str, ParallelTexts]:
        texts = {split: self._texts(split, root) for split in SPLITS}
        self._check_first_rows(texts, source, target, root)
        return texts

    def read_split(self, split: str, source: str, target: str, *, root: Path | None, cache_dir: Path) -> ParallelTexts:
        texts = self._texts(split, root)
        self._check_first_rows({split: texts}, source, target, root)
        return texts

    def _check_first_rows(
        self, texts: Mapping[str, ParallelTexts], source: str, target: str, root: Path | None
    ) -> None:
        keys, columns = zip(*self.columns, strict=True)
        known = {*HEADS, *LANGUAGES, source.lower(), target.lower()}
        if all(isinstance(column, int) for column in columns):
            starts = {split: list(zip(each.source[:2], each.target[:2], strict=True)) for split, each in texts.items()}
            check_no_header(starts, keys, known)
        for path, each in {self._path(split, root): each for split, each in texts.items()}.items():
            warn_of_header(self.columns, (each.source, each.target), path, known=known)

    def _path(self, split: str, root: Path | None) -> Path:
        return (root or Path()) / self.files[split]

    def _texts(self, split: str, root: Path | None) -> ParallelTexts:
        path = self._path(split, root)
        texts = ParallelTexts([], [])
        for _, (one, other) in read_columns(path, self.columns, self.format, key=f"data.corpus.{split}"):
            texts.source.append(" ".join(one.split()))  # a sentence is one line
            texts.target.append(" ".join(other.split()))
        if self.by_default:
            self._check_texts(texts, path, key=f"data.corpus.{split}")
        else:
            warn_of_no_texts(self.columns, (texts.source, texts.target), path)
        return texts

    def _check_texts(self, texts: ParallelTexts, path: Path, *, key: str) -> None:
        """UserError for a column of numbers, or of one value throughout, where others could be meant."""
        first = header(path, self.format, key=key)
        if len(first) < 3:
            return
        for (_, column), side in zip(self.columns, (texts.source, texts.target), strict=True):
            if (what := no_texts(side)) is not None:
                longest = sorted(sorted(range(len(first)), key=lambda place: (_letters(first[place]), place))[-2:])
                likely = zip(("source_column", "target_column"), longest, strict=True)
                keys = " ".join(f"data.corpus.{name}={place}" for name, place in likely)
                raise UserError(
                    f"both columns must hold texts, got {what} in column {column} of {path} (name both, such as {keys})"
                )


def _letters(text: str) -> int:
    return sum(letter.isalpha() for letter in text)


def _verse(row: str, place: str) -> list[str]:
    fields = row.split("\t")
    if len(fields) != 4 or fields[1] not in SPLITS:
        raise UserError(f"a row must have a verse, a split and two texts, got {row[:40]!r} in {place} (set data.root)")
    return fields


def _check_languages(source: str, target: str, languages: tuple[str, ...], corpus: str) -> None:
    for key, language in (("data.source", source), ("data.target", target)):
        if language not in languages:
            raise UserError(f"{corpus} has the languages {', '.join(languages)}, got {language!r} (set {key})")
