"""Documents and summaries in tables: CNN / Daily Mail, and the user's own."""

from pathlib import Path

from attnlab.data.files.encodings import DEFAULT, checked_encoding
from attnlab.data.files.first_rows import HEADS, warn_of_header
from attnlab.data.files.tables import Chosen, Column, TableFormat, header, read_columns, warn_of_no_texts
from attnlab.data.origin import Origin
from attnlab.data.summarization.corpora import Summaries
from attnlab.data.translation.corpora import SPLITS
from attnlab.errors import UserError

FILES = {"train": "train.csv", "val": "validation.csv", "test": "test.csv"}


class CnnDailymail:
    """287,113 / 13,368 / 11,490 articles, not anonymised (Hermann et al., 2015; See et al., 2017), from `data.root`.

    The folder holds train.csv, validation.csv and test.csv, plain or .gz, with the columns id, article and highlights:
    as Kaggle has them, or as `datasets.load_dataset("cnn_dailymail", "3.0.0")["train"].to_csv("train.csv")` writes
    them. A summary's lines are its highlights. The texts are the newspapers', so they are not downloaded here.
    """

    origin = Origin.OWN

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, Summaries]:
        return {split: self.read_split(split, root=root, cache_dir=cache_dir) for split in SPLITS}

    def read_split(self, split: str, *, root: Path | None, cache_dir: Path) -> Summaries:
        if root is None:
            raise UserError(
                f"CNN / Daily Mail must be in a folder of yours, with {', '.join(FILES.values())}, got none "
                "(set data.root=FOLDER)"
            )
        path, form = root / FILES[split], TableFormat(delimiter=",")
        names = ["article", "highlights", *(["id"] if "id" in header(path, form, key="data.root") else [])]
        columns: list[Chosen] = [("data.root, or data=csv for other columns", name) for name in names]
        return _summaries(path, columns, form, key="data.root")


class CsvSummaries:
    """The user's own tables, a document and its summary in each row.

    `.gz` is tried where a file doesn't exist as named. Paths are relative to `data.root`. Other columns are passed
    over. Where a column has a name, each file has a header. A summary's lines are its sentences.

    Args:
        train, val, test: names of files.
        document, summary: see `Column` (None: those of these names).
        id: likewise, of what names the document (None: it has no name).
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
        document: Column | None = None,
        summary: Column | None = None,
        id: Column | None = None,
        delimiter: str | None = None,
        quoted: bool | None = None,
        encoding: str = DEFAULT,
    ) -> None:
        document = "document" if document is None else document
        summary = "summary" if summary is None else summary
        if document == summary:
            raise ValueError(
                f"document and summary must be different columns, got {document!r} for both "
                "(set data.corpus.document or data.corpus.summary)"
            )
        self.files = {"train": train, "val": val, "test": test}
        self.columns: list[Chosen] = [("data.corpus.document", document), ("data.corpus.summary", summary)]
        if id is not None:
            self.columns.append(("data.corpus.id", id))
        self.format = TableFormat(delimiter=delimiter, quoted=quoted, encoding=checked_encoding(encoding))

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, Summaries]:
        return {split: self.read_split(split, root=root, cache_dir=cache_dir) for split in SPLITS}

    def read_split(self, split: str, *, root: Path | None, cache_dir: Path) -> Summaries:
        path = (root or Path()) / self.files[split]
        return _summaries(path, self.columns, self.format, key=f"data.corpus.{split}")


def _summaries(path: Path, columns: list[Chosen], form: TableFormat, *, key: str) -> Summaries:
    """Of the columns document, summary, and a third one that names them if there is one."""
    texts = Summaries([], [], [])
    for _, (document, summary, *names) in read_columns(path, columns, form, key=key):
        texts.add(document, [summary], names[0] if names else None)
    held = (texts.documents, [first for first, *_ in texts.references])
    warn_of_no_texts(columns[:2], held, path)
    warn_of_header(columns[:2], held, path, known={*HEADS, "document", "article", "summary", "abstract", "title"})
    return texts
