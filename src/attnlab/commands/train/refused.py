"""What a run leaves that was refused before it trained: nothing, or it would be taken for one to go on with."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attnlab.errors import Fault, UserError
from attnlab.files import locked
from attnlab.runs.run_folder import has_nothing


@contextmanager
def no_folder_where_refused(folder: Path, *, root: Path) -> Iterator[None]:
    """Around a run: a mistake of the user's takes its folder away, and those up to `root` that this leaves empty.

    Not one that was there before, nor one of which something would be lost.
    """
    was_there = folder.exists()
    try:
        yield
    except Fault:  # the machine's, of a run that may go on
        raise
    except UserError:
        if not was_there and folder.is_dir() and has_nothing(folder):
            with suppress(UserError), locked(folder):  # another process may have begun the same run meanwhile
                _remove(folder, root=root)
        raise


def _remove(folder: Path, *, root: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for above in folder.parents:
        if not above.is_relative_to(root) or above == Path() or not above.is_dir() or any(above.iterdir()):
            return
        above.rmdir()
