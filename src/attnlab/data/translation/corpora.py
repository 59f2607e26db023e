"""Parallel corpora: sentences of two languages, paired, in train, val and test."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from attnlab.data.files.cached_folder import bundled
from attnlab.data.files.download import fetch_all
from attnlab.data.files.lines import read_lines
from attnlab.errors import UserError

SPLITS = ("train", "val", "test")


class ParallelTexts(NamedTuple):
    """Sentence i of `target` translates sentence i of `source`."""

    source: list[str]
    target: list[str]


class Corpus(Protocol):
    """Where sentence pairs come from."""

    def read(self, source: str, target: str, *, root: Path | None, cache_dir: Path) -> dict[str, ParallelTexts]:
        """All three splits in the direction `source` -> `target` (language codes).

        `root` is the user's folder of files (None: bundled, or downloaded below `cache_dir`).

        Raises:
            UserError: the corpus lacks a language, or its files are missing or broken.
        """
        ...


def checksum(splits: Mapping[str, ParallelTexts]) -> str:
    """The sha256 of all sentences in order."""
    digest = hashlib.sha256()
    for split in SPLITS:
        for side in splits[split]:
            digest.update("\n".join([split, str(len(side)), *side, ""]).encode())
    return digest.hexdigest()


class BibleEnEs:
    """The bundled corpus: verses of the World English Bible and Reina-Valera 1909, both in the public domain.

    Args:
        max_words: keep only the pairs with at most this many space-separated words on either side (None: all).

    Raises:
        ValueError: max_words below 1.
    """

    languages = ("en", "es")

    def __init__(self, *, max_words: int | None = None) -> None:
        if max_words is not None and max_words < 1:
            raise ValueError(f"max_words must be 1 or more, or null, got {max_words} (set data.corpus.max_words)")
        self.max_words = max_words

    def read(self, source: str, target: str, *, root: Path | None, cache_dir: Path) -> dict[str, ParallelTexts]:
        _check_languages(source, target, self.languages, "bible_en_es")
        path = bundled("bible_en_es.tsv.gz") if root is None else root / "bible_en_es.tsv.gz"
        columns: dict[str, dict[str, list[str]]] = {split: {"en": [], "es": []} for split in SPLITS}
        for row in read_lines(path, key="data.root")[1:]:
            _, split, english, spanish = row.split("\t")
            if self.max_words is None or max(english.count(" "), spanish.count(" ")) < self.max_words:
                columns[split]["en"].append(english)
                columns[split]["es"].append(spanish)
        for split, sides in columns.items():
            if not sides["en"]:
                raise UserError(
                    f"max_words must leave verses in every split, got {self.max_words}, which leaves none in {split} "
                    "(set data.corpus.max_words)"
                )
        return {split: ParallelTexts(sides[source], sides[target]) for split, sides in columns.items()}


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

    languages = ("de", "en")

    def __init__(self, *, address: str = MULTI30K_ADDRESS) -> None:
        self.address = address

    def read(self, source: str, target: str, *, root: Path | None, cache_dir: Path) -> dict[str, ParallelTexts]:
        _check_languages(source, target, self.languages, "Multi30k")
        folder = root or fetch_all("Multi30k", self.address, MULTI30K_SHA256, cache_dir / "multi30k")
        return {
            split: _read_pair(folder / f"{stem}.{source}", folder / f"{stem}.{target}", keys=("data.root", "data.root"))
            for split, stem in MULTI30K_STEMS.items()
        }


class ParallelText:
    """The user's own files, one sentence a line, line i of a target file translating line i of its source file.

    Plain text or gzip; `.gz` is tried where a file doesn't exist as named. Paths are relative to `data.root`. The
    language codes only name the sides.
    """

    def __init__(
        self,
        *,
        train_source: str,
        train_target: str,
        val_source: str,
        val_target: str,
        test_source: str,
        test_target: str,
    ) -> None:
        self.files = {
            "train": (train_source, train_target),
            "val": (val_source, val_target),
            "test": (test_source, test_target),
        }

    def read(self, source: str, target: str, *, root: Path | None, cache_dir: Path) -> dict[str, ParallelTexts]:
        folder = root or Path()
        return {
            split: _read_pair(
                folder / names[0],
                folder / names[1],
                keys=(f"data.corpus.{split}_source", f"data.corpus.{split}_target"),
            )
            for split, names in self.files.items()
        }


def _check_languages(source: str, target: str, languages: tuple[str, ...], corpus: str) -> None:
    for key, language in (("data.source", source), ("data.target", target)):
        if language not in languages:
            raise UserError(f"{corpus} has the languages {', '.join(languages)}, got {language!r} (set {key})")


def _read_pair(source: Path, target: Path, *, keys: tuple[str, str]) -> ParallelTexts:
    texts = ParallelTexts(read_lines(source, key=keys[0]), read_lines(target, key=keys[1]))
    if len(texts.source) != len(texts.target):
        raise UserError(
            f"source and target must have the same number of lines, got {len(texts.source)} in {source} and "
            f"{len(texts.target)} in {target} (set {' or '.join(dict.fromkeys(keys))})"
        )
    return texts
