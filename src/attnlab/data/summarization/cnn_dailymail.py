"""CNN / Daily Mail: news articles and the highlights that stand above them."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from attnlab.data.summarization.corpora import Summaries
from attnlab.errors import UserError

FILES = {"train": "train.csv", "val": "validation.csv", "test": "test.csv"}
LONGEST_FIELD = 1 << 24  # characters; the library's own limit, 128 Ki, is below the longest articles


class CnnDailymail:
    """287,113 / 13,368 / 11,490 articles, not anonymised (Hermann et al., 2015; See et al., 2017), from `data.root`.

    The folder holds train.csv, validation.csv and test.csv, plain or .gz, with the columns id, article and highlights:
    as Kaggle has them, or as `datasets.load_dataset("cnn_dailymail", "3.0.0")["train"].to_csv("train.csv")` writes
    them. A summary's lines are its highlights. The texts are the newspapers', so they are not downloaded here.
    """

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, Summaries]:
        if root is None:
            raise UserError(
                f"CNN / Daily Mail must be in a folder of yours, with {', '.join(FILES.values())}, got none "
                "(set data.root=FOLDER)"
            )
        return {split: _read(root / name) for split, name in FILES.items()}


def _read(path: Path) -> Summaries:
    found = Summaries([], [], [])
    path = path if path.exists() else path.with_name(f"{path.name}.gz")
    for line, row in _rows(path):
        if not {"article", "highlights"} <= row.keys():
            raise UserError(
                f"each row must have the columns article and highlights, got {', '.join(filter(None, row))} at line "
                f"{line} of {path} (set data.root)"
            )
        article, highlights = row["article"], row["highlights"]
        if article is None or highlights is None:  # a row shorter than the first
            lacking = "article" if article is None else "highlights"
            raise UserError(
                f"each row must have an article and highlights, got a row without a value for {lacking} at line {line} "
                f"of {path} (set data.root)"
            )
        found.add(article, [highlights], row.get("id"))
    return found


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str | None]]]:
    """Rows with the lines they end on, one at a time: train.csv has more than a gigabyte."""
    csv.field_size_limit(LONGEST_FIELD)
    line = 0
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for row in reader:
                line = reader.line_num
                yield line, row
    except FileNotFoundError as error:
        plain = path.with_suffix("")
        raise UserError(f"a table of articles must exist, got neither {plain} nor {path} (set data.root)") from error
    except (csv.Error, UnicodeDecodeError, EOFError, zlib.error, OSError) as error:
        raise UserError(
            f"a table must be readable CSV in UTF-8, got {path}, after line {line}: {error} (set data.root)"
        ) from error
