"""The files of a run's checkpoints, and how a newer one takes an older one's place."""

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attnlab.errors import UserError
from attnlab.launch.ending import without_memory
from attnlab.runs.checkpoint import load
from attnlab.runs.resumable import check_resumable
from attnlab.runs.trainer import MOST_KEPT

log = logging.getLogger(__name__)

LAST, BEST = "last.ckpt", "best.ckpt"
DRAFT = ".new"


class CheckpointFolder:
    """`last.ckpt`, those before it, and `best.ckpt`.

    Files are replaced whole: a kill at any moment leaves the old or the new one.

    Args:
        keep: how many of the last are kept, up to `MOST_KEPT`: `last.ckpt`, and before it `last-1.ckpt` ...
    """

    def __init__(self, directory: Path, *, keep: int) -> None:
        self.best, self.new = directory / BEST, directory / f"{LAST}{DRAFT}"
        self.lasts = [directory / (f"last-{age}.ckpt" if age else LAST) for age in range(min(keep, MOST_KEPT))]

    def newest(self) -> tuple[Path | None, int]:
        """The checkpoint to go on from and its update, or None; a damaged one gives way to the one before it.

        Raises:
            UserError: there are only damaged ones.
        """
        found = [path for path in self.lasts if path.exists()]
        for path in found:
            try:
                stored = load(path)
                check_resumable(stored, path)
                return path, int(stored["global_step"])
            except UserError as error:
                if path == found[-1] or without_memory(error) is not None:
                    raise
                log.warning("%s; trying the one before", str(error).partition(" (")[0])
        return None, 0

    def check_best(self) -> None:
        """Raise UserError where the best is gone, without which a run can't be tested."""
        if not self.best.is_file():
            raise UserError(
                f"a run's best checkpoint must stay where it is, got none at {self.best} (restore it, or set "
                "fresh=true to begin anew)"
            )

    def take_in(self, *, also_best: bool) -> None:
        """Make what was written to `new` the last, and the best if it is that, too."""
        with self.none_left():
            self._replace(also_best=also_best)

    @contextmanager
    def none_left(self) -> Iterator[None]:
        """Drafts that aren't taken in, as of a disk without room, go: they would take more of it."""
        try:
            yield
        except BaseException:
            remove_drafts(self.best.parent)
            raise

    def _replace(self, *, also_best: bool) -> None:
        _to_disk(self.new)
        # The best first: a kill in between repeats this validation and writes the same best again.
        if also_best:
            copy = self.best.with_name(f"{BEST}{DRAFT}")
            shutil.copyfile(self.new, copy)
            _to_disk(copy)
            os.replace(copy, self.best)
        # A kill in between leaves a gap in the row, which the next process reads over.
        for newer, older in reversed(list(zip(self.lasts, self.lasts[1:], strict=False))):
            if newer.exists():
                os.replace(newer, older)
        os.replace(self.new, self.lasts[0])


def remove_drafts(directory: Path) -> None:
    """Remove what was being written when a process ended, from a folder that no other writes to now."""
    for name in (LAST, BEST):
        with suppress(OSError):
            (directory / f"{name}{DRAFT}").unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    """A rename may reach the disk before what was written; after a power cut the file would be there and empty."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
