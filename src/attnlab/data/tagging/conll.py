"""Labelled sentences from files in columns: the bundled names, WNUT-17, and the user's own."""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from attnlab.data.clusters import Clusters
from attnlab.data.files.cached_folder import bundled
from attnlab.data.files.download import fetch_all
from attnlab.data.files.encodings import DEFAULT, checked_encoding
from attnlab.data.files.split_files import lacks_training, split_files
from attnlab.data.origin import Origin
from attnlab.data.tagging.column_files import ColumnFile
from attnlab.data.tagging.corpora import Offsets, TaggedSplits, labelled_in
from attnlab.data.tagging.labelled_sentences import LabelledSentence, check_scheme, tagged
from attnlab.errors import UserError
from attnlab.reading.shown import without_controls

log = logging.getLogger(__name__)

ENDINGS = (
    ".txt",
    ".conll",
    ".conllu",
    ".tsv",
    ".ner",
    ".bio",
    ".iob",
    ".iob1",
    ".iob2",
    ".iobes",
    ".bioes",
    ".bilou",
    ".bmes",
    ".csv",
)

SHOWN = 12  # words of a sentence in the log


class Conll:
    """The user's own files in columns: CoNLL-2003 and its many relatives.

    Each split is the file in `data.root` whose name says so (see `split_files`), or the one given. The scheme of the
    labels is detected over all three files together; all become IOB2.

    Args:
        train, val, test: file names, from `data.root` on (None: found by name).
        word_column, label_column: counted from 0, or from the end where negative (None: found, see `column_choice`).
        scheme: one of `SCHEMES` (None: detected; `io` never is).
        encoding: of all files, a name that Python knows.
        repair: read labels that can't stand where they do as what fits there, and count the sentences, rather than
            refuse.

    Raises:
        ValueError: no such scheme or encoding.
    """

    origin = Origin.OWN

    def __init__(
        self,
        *,
        train: str | None = None,
        val: str | None = None,
        test: str | None = None,
        word_column: int | None = None,
        label_column: int | None = None,
        scheme: str | None = None,
        encoding: str = DEFAULT,
        repair: bool = False,
    ) -> None:
        check_scheme(scheme)
        self.encoding = checked_encoding(encoding)
        self.files = {"train": train, "val": val, "test": test}
        self.word_column, self.label_column = word_column, label_column
        self.scheme, self.repair = scheme, repair

    def read(self, *, root: Path | None, cache_dir: Path, split: Callable[[str], Offsets]) -> TaggedSplits:
        return self._read(split_files(root or Path(), self.files, ENDINGS))

    def read_lone_test(self, *, root: Path | None, split: Callable[[str], Offsets]) -> TaggedSplits | None:
        folder = root or Path()
        if not lacks_training(folder, self.files, ENDINGS):
            return None
        return self._read(split_files(folder, self.files, ENDINGS, splits=["test"]))

    def _read(self, paths: Mapping[str, Path]) -> TaggedSplits:
        files = {
            name: ColumnFile(
                path,
                key="data.root" if self.files[name] is None else f"data.corpus.{name}",
                encoding=self.encoding,
            )
            for name, path in paths.items()
        }
        _check_same_columns(files)
        lettered = self.scheme != "io"
        first = next(iter(files))
        columns = files[first].find_columns(self.word_column, self.label_column, lettered=lettered)
        sentences = {name: list(file.sentences(*columns, lettered=lettered)) for name, file in files.items()}
        _log_columns(*columns, files[first], sentences[first])
        splits = tagged(sentences, files, scheme=self.scheme, repair=self.repair)
        notes = {**splits.notes, "word_column": columns[0], "label_column": columns[1]}
        labelled = labelled_in(f"column {columns[1]} of {files[first].path}", "data.corpus.label_column")
        return splits._replace(notes=notes, clusters=_clusters(files, sentences), labelled=labelled)


class BibleNames:
    """The bundled set: persons, places, groups and deities in 11,350 verses of the World English Bible.

    Train and val carry silver labels, made by rules; the labels of test were read and corrected (see bible_names.md).
    """

    origin = Origin.BUNDLED

    def read(self, *, root: Path | None, cache_dir: Path, split: Callable[[str], Offsets]) -> TaggedSplits:
        files = {name: f"bible_names.{name}.conll.gz" for name in ("train", "val", "test")}
        return _read_iob2({name: bundled(file) if root is None else root / file for name, file in files.items()})


WNUT17_FILES = {"train": "wnut17train.conll", "val": "emerging.dev.conll", "test": "emerging.test.annotated"}
WNUT17_ADDRESS = (
    "https://raw.githubusercontent.com/leondz/emerging_entities_17/e52a2d2a71ac1a051ca2d532eef28653c5c02603"
)
WNUT17_SHA256 = {
    "wnut17train.conll": "731820e13f71af324c6b55a1575ec2ce59fbaa2a0806f8f0400b98d56cd6a7a5",
    "emerging.dev.conll": "e053b752b8155113ca66e7db08af5f2f5f43ab993694e4774f1ec5bad42312d8",
    "emerging.test.annotated": "2aa79b764e56ec9264a1b30fdd9b70195bd00ff400b62edd8f399d5f13c178f0",
}


class Wnut17:
    """Emerging entities in tweets, comments and posts (Derczynski et al., 2017): 3,394 / 1,009 / 1,287 sentences.

    Read from `data.root`, or downloaded once (CC BY 4.0).

    Args:
        address: where on the web the three files lie.
    """

    origin = Origin.DOWNLOADED

    def __init__(self, *, address: str = WNUT17_ADDRESS) -> None:
        self.address = address

    def read(self, *, root: Path | None, cache_dir: Path, split: Callable[[str], Offsets]) -> TaggedSplits:
        folder = root or fetch_all("WNUT-17", self.address, WNUT17_SHA256, cache_dir / "wnut17")
        return _read_iob2({name: folder / file for name, file in WNUT17_FILES.items()})


def _read_iob2(paths: Mapping[str, Path]) -> TaggedSplits:
    files = {name: ColumnFile(path, key="data.root") for name, path in paths.items()}
    sentences = {name: list(file.sentences(0, -1, lettered=True)) for name, file in files.items()}
    return tagged(sentences, files, scheme="iob2", repair=False)._replace(clusters=_clusters(files, sentences))


def _clusters(
    files: Mapping[str, ColumnFile], sentences: Mapping[str, Sequence[LabelledSentence]]
) -> dict[str, Clusters]:
    """What the sentences of each split stand in, where its file says so."""
    return {name: found for name, file in files.items() if (found := file.clusters(sentences[name])) is not None}


def _log_columns(word: int, label: int, file: ColumnFile, sentences: Sequence[LabelledSentence]) -> None:
    pairs = [f"{each}/{tag}" for first in sentences[:1] for each, tag in zip(first.words, first.labels, strict=True)]
    shown = " ".join([*pairs[:SHOWN], *(["..."] if len(pairs) > SHOWN else [])])
    log.info(
        "words from column %d, labels from column %d of %s; the first sentence: %s",
        word,
        label,
        file.path,
        without_controls(shown),
    )


def _check_same_columns(files: Mapping[str, ColumnFile]) -> None:
    first = next(iter(files.values()))
    for file in files.values():
        if file.num_columns != first.num_columns:
            raise UserError(
                f"all files must have the same columns, got {first.num_columns} in {first.path} and "
                f"{file.num_columns} in {file.path} (correct one, or set {file.key})"
            )
