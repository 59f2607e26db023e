"""The files of a run's checkpoints, and how a newer one takes an older one's place."""

import logging
import os
import shutil
from pathlib import Path

from attnlab.errors import UserError
from attnlab.runs.checkpoint import load
from attnlab.runs.resumable import check_resumable

log = logging.getLogger(__name__)

LAST, BEST = "last.ckpt", "best.ckpt"


class CheckpointFolder:
    """`last.ckpt`, those before it, and `best.ckpt`.

    Files are replaced whole: a kill at any moment leaves the old or the new one.

    Args:
        keep: how many of the last are kept: `last.ckpt`, and before it `last-1.ckpt`, `last-2.ckpt` ...
    """

    def __init__(self, directory: Path, *, keep: int) -> None:
        self.best, self.new = directory / BEST, directory / f"{LAST}.new"
        self.lasts = [directory / (f"last-{age}.ckpt" if age else LAST) for age in range(keep)]

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
                if path == found[-1]:
                    raise
                log.warning("%s; trying the one before", str(error).partition(" (")[0])
        return None, 0

    def take_in(self, *, also_best: bool) -> None:
        """Make what was written to `new` the last, and the best if it is that, too."""
        _to_disk(self.new)
        # The best first: a kill in between repeats this validation and writes the same best again.
        if also_best:
            copy = self.best.with_name(f"{BEST}.new")
            shutil.copyfile(self.new, copy)
            _to_disk(copy)
            os.replace(copy, self.best)
        # A kill in between leaves a gap in the row, which the next process reads over.
        for newer, older in reversed(list(zip(self.lasts, self.lasts[1:], strict=False))):
            if newer.exists():
                os.replace(newer, older)
        os.replace(self.new, self.lasts[0])


def _to_disk(path: Path) -> None:
    """A rename may reach the disk before what was written; after a power cut the file would be there and empty."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
