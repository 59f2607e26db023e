"""The user's own text files as texts for language models."""

import glob
import logging
from collections.abc import Sequence
from pathlib import Path

from attnlab.data.files.encodings import DEFAULT, checked_encoding
from attnlab.data.files.lines import found_file, read_text
from attnlab.data.files.parallel_files import named_files
from attnlab.data.language.corpora import Texts
from attnlab.data.origin import Origin
from attnlab.data.translation.corpora import SPLITS
from attnlab.errors import UserError, below_one

log = logging.getLogger(__name__)

ENDINGS = (".txt", ".txt.gz")  # of what a folder holds
MOST_SHOWN = 3  # names of files in one line


class TextFiles:
    """Files of text, plain or gzip, each a text.

    A name is a file, a folder (its .txt files, in folders below it, too) or a pattern with `*`, from `data.root` on.
    Where val or test have no files of their own, the end of each training file is theirs: first val's share of its
    characters and then test's, cut at the end of a line where there is one near. A file named for test is none of val's
    or training's, and one named for val none of training's, whatever folder or pattern it is found by.

    Args:
        train, val, test: a name, or several.
        val_share, test_share: of each training file, from 0 to below 1; of no effect where there are files.
        encoding: of all files, a name that Python knows.

    Raises:
        ValueError: no such encoding, no name, or shares that leave nothing to training.
    """

    origin = Origin.OWN

    def __init__(
        self,
        *,
        train: str | Sequence[str],
        val: str | Sequence[str] | None = None,
        test: str | Sequence[str] | None = None,
        val_share: float = 0.05,
        test_share: float = 0.1,
        encoding: str = DEFAULT,
    ) -> None:
        below_one("data.corpus", val_share=val_share, test_share=test_share)
        given = {"train": train, "val": val, "test": test}
        self.names = {
            split: named_files(name, key=f"data.corpus.{split}") for split, name in given.items() if name is not None
        }
        shares = {"val": val_share, "test": test_share}
        self.shares = {split: 0.0 if split in self.names else share for split, share in shares.items()}
        for split, share in self.shares.items():
            if split not in self.names and not share:
                raise ValueError(
                    f"{split} must have files or a share of train's, got neither (set data.corpus.{split} or "
                    f"data.corpus.{split}_share)"
                )
        if sum(self.shares.values()) >= 1:
            raise ValueError(
                f"val_share and test_share must leave something to train, got {val_share} and {test_share} "
                "(set data.corpus.val_share and data.corpus.test_share)"
            )
        self.encoding = checked_encoding(encoding)

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, Texts]:
        splits = {split: Texts("file", [], []) for split in SPLITS}
        for name, text in self._read("train", root):
            for split, part in self._parts(text).items():
                if part or split == "train":
                    splits[split].add(name, part)
        for split in self.names.keys() - {"train"}:
            for name, text in self._read(split, root):
                splits[split].add(name, text)
        return splits

    def read_split(self, split: str, *, root: Path | None, cache_dir: Path) -> Texts:
        if split not in self.names:
            return self.read(root=root, cache_dir=cache_dir)[split]
        found = Texts("file", [], [])
        for name, text in self._read(split, root):
            found.add(name, text)
        return found

    def _read(self, split: str, root: Path | None) -> list[tuple[str, str]]:
        """Names of files, from the root on where they lie below it, and texts; only a line feed ends a line."""
        folder, key = root or Path(), f"data.corpus.{split}"
        found = []
        for path in self._own(split, folder):
            text = read_text(path, key=key, encoding=self.encoding).replace("\r\n", "\n").replace("\r", "\n")
            found.append((_shown(path, folder), text))
        return found

    def _own(self, split: str, folder: Path) -> list[Path]:
        """The files of a split, each once, without those that are held out by name."""
        files = self._named(split, folder)
        held_out = [each for each in SPLITS[SPLITS.index(split) + 1 :] if each in self.names]
        others = {file for each in held_out for file in self._named(each, folder)}
        kept = [path for file, path in files.items() if file not in others]
        if not kept:
            key, theirs = f"data.corpus.{split}", " and ".join(held_out)
            raise UserError(f"{split} must have files of its own, got those of {theirs} alone (set {key})")
        if len(kept) < len(files):
            left_out = [_shown(path, folder) for file, path in files.items() if file in others]
            log.warning("left out %d files of %s, held out by name: %s", len(left_out), split, _some(left_out))
        return kept

    def _named(self, split: str, folder: Path) -> dict[Path, Path]:
        """The files that a split's names mean, in order, by where they really are."""
        paths = [path for name in self.names[split] for path in files_of(folder, name, key=f"data.corpus.{split}")]
        found: dict[Path, Path] = {}
        for path in paths:
            found.setdefault(found_file(path).resolve(), path)
        return found

    def _parts(self, text: str) -> dict[str, str]:
        """The beginning, and the shares of val and test after it."""
        first = len(text) - round(len(text) * sum(self.shares.values()))
        second = len(text) - round(len(text) * self.shares["test"])
        first, second = (self._cut(text, at) if at < len(text) else at for at in (first, second))
        return {"train": text[:first], "val": text[first:second], "test": text[second:]}

    @staticmethod
    def _cut(text: str, at: int) -> int:
        """Behind the line feed nearest before, if it is near: within a hundredth of the text."""
        line = text.rfind("\n", max(0, at - len(text) // 100), at) + 1
        return line or at


def _shown(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)


def _some(names: Sequence[str]) -> str:
    return ", ".join([*names[:MOST_SHOWN], *["..."] * (len(names) > MOST_SHOWN)])


def files_of(folder: Path, name: str, *, key: str) -> list[Path]:
    """The files that a name means, in order.

    Raises:
        UserError: there is none.
    """
    path = folder / Path(name).expanduser()
    if path.is_dir():
        found = sorted(each for each in path.rglob("*") if each.name.lower().endswith(ENDINGS) and each.is_file())
        wanted = f"a folder must hold files that end in .txt, got none in {path}{_other_endings(path, name, key)}"
    elif found_file(path).is_file() or not glob.has_magic(name):
        return [path]  # what is wrong with it is said when it is read
    else:
        found = sorted(each for one in glob.glob(str(path), recursive=True) if (each := Path(one)).is_file())
        wanted = f"a pattern must fit a file, got none for {path}"
    if not found:
        raise UserError(f"{wanted} (set data.root or {key})")
    return found


def _other_endings(folder: Path, name: str, key: str) -> str:
    """How files of another ending are read, which are there."""
    ending = next((each.suffix for each in sorted(folder.rglob("*.*")) if each.is_file() and each.stem), "")
    return f"; those that end in {ending} are read by {key}='{Path(name, '**', f'*{ending}')}'" if ending else ""
