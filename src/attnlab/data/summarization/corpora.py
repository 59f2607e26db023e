"""Corpora of documents and their summaries, in train, val and test."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

from attnlab.data.files.cached_folder import bundled
from attnlab.data.files.download import fetch_all
from attnlab.data.files.encodings import DEFAULT, checked_encoding
from attnlab.data.files.json_fields import field_of, name_of, text_of, texts_of
from attnlab.data.files.json_lines import read_json_lines
from attnlab.data.origin import Origin
from attnlab.data.translation.corpora import SPLITS
from attnlab.errors import UserError


class Summaries(NamedTuple):
    """Document i, what its corpus calls it (None: nothing), and its summaries, one or more, by different people."""

    documents: list[str]
    references: list[list[str]]
    names: list[str | None]

    def add(self, document: str, references: Sequence[str], name: str | None) -> None:
        self.documents.append(document)
        self.references.append(list(references))
        self.names.append(name)


class SummaryCorpus(Protocol):
    """Where documents and summaries come from."""

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, Summaries]:
        """All three splits; `root` is the user's folder of files (None: bundled, or downloaded below `cache_dir`).

        A document may have several lines, and a summary too, a sentence each.

        Raises:
            UserError: files are missing or broken.
        """
        ...


@runtime_checkable
class ReadsOneSplit(Protocol):
    """A corpus of which an evaluation reads test alone, where there may be no more."""

    def read_split(self, split: str, *, root: Path | None, cache_dir: Path) -> Summaries:
        """As `SummaryCorpus.read`, but one of its splits."""
        ...


def checksum(splits: Mapping[str, Summaries]) -> str:
    """The sha256 of all documents and summaries in order, of the splits that are there."""
    digest = hashlib.sha256()
    for split in (each for each in SPLITS if each in splits):
        digest.update(f"{split} {len(splits[split].documents)}\n".encode())
        for document, references in zip(splits[split].documents, splits[split].references, strict=True):
            for text in (document, *references):
                digest.update(f"{len(text)} {text}\n".encode())
            digest.update(b"\n")
    return digest.hexdigest()


class DebianSynopsis:
    """The bundled corpus: what a Debian package does, at length and in its one-line synopsis."""

    origin = Origin.BUNDLED

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, Summaries]:
        path = bundled("debian_synopsis.jsonl.gz") if root is None else root / "debian_synopsis.jsonl.gz"
        splits = {split: Summaries([], [], []) for split in SPLITS}
        for place, row in read_json_lines(path, key="data.root"):
            if row.get("split") not in splits:
                raise UserError(
                    f"split must be train, val or test, got {row.get('split')!r} in {place} (set data.root)"
                )
            document, summary = (text_of(row, field, place, "data.root") for field in ("document", "summary"))
            splits[row["split"]].add(document, [summary], name_of(row.get("id")))
        return splits


SCITLDR_FILES = {"train": "train.jsonl", "val": "dev.jsonl", "test": "test.jsonl"}
SCITLDR_ADDRESS = (
    "https://raw.githubusercontent.com/allenai/scitldr/5ccad9c00a60ad75c9e04abf7f27d0f53f983b20/SciTLDR-Data/SciTLDR-A"
)
SCITLDR_SHA256 = {
    "train.jsonl": "b222771d387be585cfdf5ae957b36757138415a352e0a3e3b23f73f87c3b1119",
    "dev.jsonl": "3191fa98ccc09521332b7a1cd63b1930be4e8df125a235ccd31e40329709525e",
    "test.jsonl": "fb42dd6cd4f4a1928ae8a01a189456fbfe994a07e938bd49f68653933f6503c9",
}


class SciTLDR:
    """Abstracts of computer science papers and sentences that sum them up: SciTLDR-A (Cachola et al., 2020).

    1,992 / 619 / 618 documents; those of val and test have several summaries, by authors and reviewers. Read from
    `data.root`, or downloaded once (Apache-2.0). A document's lines are its sentences.

    Args:
        address: where on the web the three files lie.
    """

    origin = Origin.DOWNLOADED

    def __init__(self, *, address: str = SCITLDR_ADDRESS) -> None:
        self.address = address

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, Summaries]:
        return {split: self.read_split(split, root=root, cache_dir=cache_dir) for split in SPLITS}

    def read_split(self, split: str, *, root: Path | None, cache_dir: Path) -> Summaries:
        folder = root or fetch_all("SciTLDR", self.address, SCITLDR_SHA256, cache_dir / "scitldr")
        texts = Summaries([], [], [])
        for place, row in read_json_lines(folder / SCITLDR_FILES[split], key="data.root"):
            sentences = texts_of(row, "source", place, "data.root")
            document = "\n".join(sentence.strip() for sentence in sentences)
            texts.add(document, texts_of(row, "target", place, "data.root"), name_of(row.get("paper_id")))
        return texts


class JsonlSummaries:
    """The user's own files of one JSON object a line, plain or gzip (`.gz` is tried where a name doesn't exist).

    Paths are relative to `data.root`.

    Args:
        train, val, test: names of files.
        document: the field of the document: a text, or a list of its sentences.
        summary: the field of the summary: a text, or a list of several summaries of the same document.
        id: a field that names the document (None: it has no name).
        encoding: of all files, a name that Python knows.

    Raises:
        ValueError: no such encoding.
    """

    origin = Origin.OWN

    def __init__(
        self,
        *,
        train: str,
        val: str,
        test: str,
        document: str,
        summary: str,
        id: str | None,
        encoding: str = DEFAULT,
    ) -> None:
        self.files = {"train": train, "val": val, "test": test}
        self.document, self.summary, self.id = document, summary, id
        self.encoding = checked_encoding(encoding)

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, Summaries]:
        return {split: self.read_split(split, root=root, cache_dir=cache_dir) for split in SPLITS}

    def read_split(self, split: str, *, root: Path | None, cache_dir: Path) -> Summaries:
        path, key = (root or Path()) / self.files[split], f"data.corpus.{split}"
        texts = Summaries([], [], [])
        for place, row in read_json_lines(path, key=key, encoding=self.encoding):
            document = "\n".join(texts_of(row, self.document, place, "data.corpus.document"))
            references = texts_of(row, self.summary, place, "data.corpus.summary")
            name = None if self.id is None else name_of(field_of(row, self.id, place, "data.corpus.id"))
            texts.add(document, references, name)
        return texts
