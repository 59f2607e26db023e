"""Documents and summaries in text files, a line each: as Gigaword and LCSTS come."""

from collections.abc import Sequence
from pathlib import Path

from attnlab.data.files.encodings import DEFAULT, checked_encoding
from attnlab.data.files.parallel_files import Side, named_files, read_parallel
from attnlab.data.origin import Origin
from attnlab.data.summarization.corpora import Summaries
from attnlab.data.translation.corpora import SPLITS


class ParallelSummaries:
    """The user's own files, one text a line, line i of a summary file summing up line i of its document file.

    Plain text or gzip; `.gz` is tried where a file doesn't exist as named. Paths are relative to `data.root`.

    Args:
        train_summary, val_summary, test_summary: a file, or several: other summaries of the same documents. An empty
            line in one of these others is no summary. None: train.title and so on.
        encoding: of all files, a name that Python knows.

    Raises:
        ValueError: no such encoding, or no file.
    """

    origin = Origin.OWN

    def __init__(
        self,
        *,
        train_document: str,
        train_summary: str | Sequence[str] | None = None,
        val_document: str,
        val_summary: str | Sequence[str] | None = None,
        test_document: str,
        test_summary: str | Sequence[str] | None = None,
        encoding: str = DEFAULT,
    ) -> None:
        self.documents = {"train": train_document, "val": val_document, "test": test_document}
        summaries = {"train": train_summary, "val": val_summary, "test": test_summary}
        self.summaries = {
            split: named_files(f"{split}.title" if given is None else given, key=f"data.corpus.{split}_summary")
            for split, given in summaries.items()
        }
        self.encoding = checked_encoding(encoding)

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, Summaries]:
        return {split: self.read_split(split, root=root, cache_dir=cache_dir) for split in SPLITS}

    def read_split(self, split: str, *, root: Path | None, cache_dir: Path) -> Summaries:
        folder = root or Path()
        sides = [Side("documents", folder / self.documents[split], f"data.corpus.{split}_document")]
        sides += [Side("summaries", folder / name, f"data.corpus.{split}_summary") for name in self.summaries[split]]
        documents, *summaries = read_parallel(sides, encoding=self.encoding, instead="data=csv")
        texts = Summaries([], [], [])
        for document, first, *others in zip(documents, *summaries, strict=True):
            texts.add(document, [first, *filter(None, others)], None)
        return texts
