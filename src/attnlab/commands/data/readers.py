"""Which data set reads a folder of the user's own, guessed by what lies in it."""

import re
from itertools import islice
from pathlib import Path

from attnlab.files import IMAGE_ENDINGS
from attnlab.reading.bounds import open_file

MOST_FILES = 2000  # that are looked at
START = 1 << 16  # bytes of a file
FEW_WITHOUT = 0.1  # of lines, as blank ones and comments are
LABELLED = re.compile(r"\S.*[\t ,;|](?:[Oo]|[BIELSUMWbi][-_]\S+)")
FIELDS = {  # of an object, in the order in which they tell
    "jsonl_spans": ("entities", "spans", "annotations"),
    "jsonl_tokens": ("tokens", "words"),
    "jsonl": ("document", "summary", "article", "highlights"),
    "jsonl_texts": ("text",),
}
JSON_ENDINGS = (".json", ".jsonl", ".ndjson")


def reader_of(folder: Path) -> str | None:
    """The name of the data set; None where none can be told."""
    files = [path for path in islice(folder.rglob("*"), MOST_FILES) if path.is_file()]
    if any(path.suffix.lower() in IMAGE_ENDINGS for path in files):
        return _of_images(files)
    return _of_texts([path for path in files if path.parent == folder])


def _of_images(files: list[Path]) -> str:
    """By what lies beside the images."""
    endings = {path.suffix.lower() for path in files}
    named = {path.name.lower() for path in files}
    described = named & {"classes.txt", "obj.names"} or endings & {".yaml", ".yml"}
    if ".txt" in endings and described:
        return "yolo"
    if ".xml" in endings:
        return "voc"
    for path in sorted(path for path in files if path.suffix.lower() in (".json", ".csv")):
        start = _start(path)
        if '"shapes"' in start:
            return "labelme"
        if '"images"' in start or '"annotations"' in start:
            return "coco"
        if "xmin" in start.partition("\n")[0].lower():
            return "boxes_csv"
    return "image_folder"


def _of_texts(files: list[Path]) -> str | None:
    """By how the file of training begins, or any."""
    first = next((path for path in sorted(files) if "train" in path.name.lower()), min(files, default=None))
    if first is None:
        return None
    start = _start(first)
    if first.suffix.lower() in JSON_ENDINGS:
        found = (name for name, fields in FIELDS.items() if any(f'"{field}"' in start for field in fields))
        return next(found, None)
    lines = [line.strip() for line in start.split("\n")[:-1] or [start]]
    words = [line for line in lines if line and not line.startswith("#")]
    if words and sum(LABELLED.fullmatch(line) is not None for line in words) >= (1 - FEW_WITHOUT) * len(words):
        return "conll"
    beside = [path for path in files if path.stem == first.stem and path.suffix != first.suffix]
    if beside and first.stem.lower().startswith("train"):
        return "parallel_text"
    return "text_files" if first.suffix.lower() in (".txt", ".md") else None


def _start(path: Path) -> str:
    """Of a file's text; nothing of one that can't be read."""
    try:
        with open_file(path) as file:
            return file.read(START).decode(errors="replace")
    except OSError:
        return ""
