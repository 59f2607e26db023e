"""What is said where code of the user's own breaks: one line that names it. Nothing heavy is imported."""

import inspect
import re
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import dropwhile
from pathlib import Path
from types import FrameType
from typing import Any

from attnlab.config.ending_code import OURS, ends_the_program, is_own
from attnlab.errors import OwnCodeError, UserError, one_line
from attnlab.launch.ending import NO_MEMORY

# Methods and attributes by which `attnlab check` knows what it can check.
CHECKED = ("uses", "properties", "project")
MOST = 300  # letters of what an exception says
# How a loader's worker hands on what it has raised, as a text.
WORKERS = re.compile(r'File "([^"\n]+)", line (\d+), in (\w+)')
# What torch says of a tensor that is elsewhere than its module, or that was to go where there is nothing.
OF_DEVICES = (
    "Found no NVIDIA driver",
    "Torch not compiled with CUDA",
    "No CUDA GPUs are available",
    "invalid device ordinal",
    "not linked with support for mps",
    "Expected all tensors to be on the same device",
)
OF_SHAPES = (AttributeError, IndexError, RuntimeError, TypeError, ValueError)  # what a wrong result leads to


@contextmanager
def crashes_named(log: Path) -> Iterator[None]:
    """Around what runs code of the user's own: how it breaks is one line, and its traceback is added to `log`.

    Raises:
        OwnCodeError: in the place of what that code, or what comes right after it, has raised.
    """
    try:
        yield
    except (UserError, OwnCodeError, FloatingPointError):
        raise
    except SystemExit as error:  # it would end the run as if it were done
        if (failure := _exited(error)) is None:
            raise
        raise failure from error
    except Exception as error:
        said = _said(error)
        if said is None:
            raise
        raise OwnCodeError(f"{said} (see its traceback in {_kept(error, log)}{_check_hint(error)})") from error


def told(error: Exception | SystemExit) -> OwnCodeError | None:
    """The same of an error that has come to the command's end, where no run has a log; None of any other."""
    if isinstance(error, SystemExit):
        return _exited(error)
    said = _said(error)
    if said is None:
        return None
    with tempfile.NamedTemporaryFile(prefix="attnlab-", suffix=".log", delete=False) as file:
        log = Path(file.name)
    return OwnCodeError(f"{said} (see its traceback in {_kept(error, log)}{_check_hint(error)})")


def _exited(error: SystemExit) -> OwnCodeError | None:
    if not any(_is_own(frame) for frame, _ in _frames(error)):
        return None
    return OwnCodeError(f"{ends_the_program(error)} (raise an exception instead)")


def _said(error: Exception) -> str | None:
    """What broke where, and how; None where no code of the user's own has part in it."""
    own = [each for each in _frames(error) if _is_own(each[0])]
    if own:
        frame, line = own[-1]
        said = _what(error, one_line(error)) + device_hint(error)
        return f"{_name(frame)} fails at {_shown(frame.f_code.co_filename)}:{line}: {said}"
    elsewhere = [each for each in WORKERS.findall(str(error)) if is_own(each[0])]
    if elsewhere:
        name, line, function = elsewhere[-1]
        said = str(error).strip().splitlines()[-1]
        return f"{function} fails at {_shown(name)}:{line}: {said[:MOST]}"
    if isinstance(error, OF_SHAPES) and not NO_MEMORY.search(str(error)) and (part := _before(error)):
        return f"what {part} gives isn't what comes after it takes: {_what(error, one_line(error))}"
    return None


def device_hint(error: BaseException) -> str:
    """`; ` and what to do about a tensor that code moves, or makes, somewhere itself; "" of any other error."""
    if not any(each in str(error) for each in OF_DEVICES):
        return ""
    return (
        "; it puts a tensor on a device itself: drop .cuda(), .to() and device= there, as what register_buffer is "
        "given, and what x.new_zeros makes, is where the module is"
    )


def _what(error: Exception, message: str) -> str:
    return f"{type(error).__name__}: {message[:MOST]}{'...' if len(message) > MOST else ''}"


def _before(error: Exception) -> str:
    """The part of the user's own within the innermost module that raised it."""
    holders = [frame.f_locals.get("self") for frame, _ in _frames(error)]
    inner = next((each for each in reversed(holders) if _parts(each)), None)
    found = [type(each) for each in _parts(inner) if _is_users(type(each))]
    return f"{found[0].__module__}.{found[0].__qualname__}" if found else ""


def _check_hint(error: Exception) -> str:
    """The command that checks the mechanism that had part in it, where one had."""
    for frame, _ in reversed(_frames(error)):
        holder = frame.f_locals.get("self")
        for kind in (type(holder), *(type(each) for each in _parts(holder))):
            if _is_users(kind) and set(CHECKED) & set(dir(kind)):
                return f"; try attnlab check {kind.__module__}.{kind.__qualname__}"
    return ""


def _frames(error: BaseException) -> list[tuple[FrameType, int]]:
    """Those from this project's first on: whoever calls it from Python isn't what broke."""
    frames = list(traceback.walk_tb(error.__traceback__))
    return list(dropwhile(lambda each: each[0].f_code.co_filename == __file__ or not _is_ours(each[0]), frames))


def _is_ours(frame: FrameType) -> bool:
    return Path(frame.f_code.co_filename).is_relative_to(OURS)


def _is_own(frame: FrameType) -> bool:
    return is_own(frame.f_code.co_filename)


def _is_users(kind: type[Any]) -> bool:
    try:
        return is_own(inspect.getfile(kind))
    except (TypeError, OSError):  # built in, or typed into an interpreter
        return False


def _parts(holder: Any) -> list[Any]:
    """What stands right within a module of torch's kind."""
    children = getattr(holder, "_modules", None)  # of whatever is called self
    return [each for each in children.values() if each is not None] if isinstance(children, dict) else []


def _name(frame: FrameType) -> str:
    """The class whose method it is, as it was built, or the function."""
    kind = type(frame.f_locals.get("self"))
    if kind is not type(None) and _is_users(kind):
        return f"{kind.__module__}.{kind.__qualname__}"
    return f"{frame.f_globals.get('__name__', '')}.{frame.f_code.co_qualname}"


def _shown(name: str) -> str:
    """A file, from here if it lies below."""
    path = Path(name)
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _kept(error: Exception, log: Path) -> Path:
    """Add the whole traceback to a file."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.writelines(traceback.format_exception(error))
    return log
