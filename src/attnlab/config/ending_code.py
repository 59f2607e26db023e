"""What is said of code of the user's own that ends the program where it was only to be imported, or to make a part."""

import linecache
import sysconfig
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attnlab
from attnlab.errors import UserError, one_line

OURS = Path(attnlab.__file__).parent
INSTALLED = tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib"))
_REMEDY = "put it under if __name__ == '__main__':"
SHOWN = 60  # letters of a line


@contextmanager
def imports_end_nothing() -> Iterator[None]:
    """Around an import of the user's code: what it raises to end the program, and isn't Ctrl-C, is one line.

    A script that parses arguments, or exits where it is done, would else end the command by a status of its own.

    Raises:
        UserError: it exits, or raises what is no Exception, as a test that skips itself does.
    """
    try:
        yield
    except (Exception, KeyboardInterrupt):
        raise
    except SystemExit as error:
        raise UserError(f"{ends_the_program(error)}, as it is imported ({_REMEDY})") from error
    except BaseException as error:
        file, line = _place(error)
        raise UserError(
            f"{file} can't be imported: {type(error).__name__}: {one_line(error)}, {line} ({_REMEDY})"
        ) from error


def ends_the_program(error: SystemExit) -> str:
    """`mine.py ends the program in line 3, sys.exit(0)`: the user's line that led to it, or else the last one."""
    file, line = _place(error)
    return f"{file} ends the program {line}"


def _place(error: BaseException) -> tuple[str, str]:
    frames = traceback.extract_tb(error.__traceback__)
    frame = ([each for each in frames if is_own(each.filename)] or frames)[-1]
    text = linecache.getline(frame.filename, frame.lineno or 0).strip()
    shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
    return Path(frame.filename).name, f"in line {frame.lineno}, {shown}"


def is_own(name: str) -> bool:
    """Whether a file is the user's own: neither this project's nor of what is installed."""
    path = Path(name)
    return path.is_file() and not any(path.is_relative_to(folder) for folder in (OURS, *INSTALLED))
