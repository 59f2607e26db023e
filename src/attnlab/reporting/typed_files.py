"""Files whose names a user types to have them written: nothing of another kind, and nobody else's, is written over."""

import hashlib
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from attnlab.errors import UserError
from attnlab.files import check_reachable, is_stream
from attnlab.reading.bounds import PICTURE, open_file, read_file

OF_PICTURES = "attnlab picture of "
PRODUCER = "attnlab"  # of ONNX files; and the name of an extra file within torch's
HEAD = 8192  # bytes, in which a page and a graph say what wrote them
_PAGE_MARK = b'<meta name="generator" content="attnlab">'
# What protocol buffers make of the first two fields, the format's version and the producer.
_ONNX_MARK = re.compile(rb"\x08.\x12" + bytes([len(PRODUCER)]) + PRODUCER.encode(), re.DOTALL)
_SCRIPT_MARK = re.compile(r"# Written by attnlab as it stands, ([0-9a-f]{16}): .*\n")
_SCRIPT_LINE = "# Written by attnlab as it stands, {}: once it is changed, attnlab writes over it no more.\n"


@dataclass(frozen=True)
class Kind:
    """What attnlab writes by a typed name.

    Attributes:
        what: it is called.
        endings: that its name may have, the usual one first; none: those are checked elsewhere.
        is_own: whether attnlab has written a file that is there.
    """

    what: str
    endings: tuple[str, ...]
    is_own: Callable[[Path], bool]


def check_typed(path: Path, kind: Kind, *, option: str, instead: str = "") -> None:
    """Before such a file takes time to make.

    Args:
        option: that it is named by.
        instead: what to do for another kind of file.

    Raises:
        UserError: it is a folder, ends as files of another kind do, can't be written, or is there already and isn't
            known to be attnlab's own. Pipes, and standard output, are written to.
    """
    if path.is_dir():
        raise UserError(f"{kind.what} is a file, got the folder {path} (set {option})")
    if is_stream(path):
        return
    _check_ending(path, kind, option=option, instead=instead)
    if path.is_file() and path.stat().st_size and not _is_own(path, kind):
        raise UserError(
            f"{path} is there already, and isn't known to be {kind.what} that attnlab wrote (set {option} to another "
            "name, or delete it)"
        )
    check_reachable(path, remedy=f"set {option}")


def _check_ending(path: Path, kind: Kind, *, option: str, instead: str) -> None:
    if kind.endings and path.suffix.lower() not in kind.endings:
        has_ending = re.fullmatch(r"\.[A-Za-z]\w*", path.suffix) is not None  # and no number with a point
        usual = (path.with_suffix("") if has_ending else path).name + kind.endings[0]
        more = f"; {instead}" if instead else ""
        raise UserError(
            f"{kind.what} ends in {_listed(kind.endings)}, got {path} (set {option} {path.with_name(usual)}{more})"
        )


def _listed(endings: tuple[str, ...]) -> str:
    named = [each or "no ending" for each in endings]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} or {named[-1]}"


def _is_own(path: Path, kind: Kind) -> bool:
    try:
        return kind.is_own(path)
    except (OSError, ValueError, zipfile.BadZipFile):  # it can't be read, or is no file of such a kind
        return False


def marked_script(text: str) -> str:
    """A script that says, below its first line, what the rest of it was when it was written."""
    first, _, rest = text.partition("\n")
    return f"{first}\n{_SCRIPT_LINE.format(_checksum(text))}{rest}"


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="surrogateescape")).hexdigest()[:16]


def _is_page(path: Path) -> bool:
    return _PAGE_MARK in _head(path)


def _is_picture(path: Path) -> bool:
    return OF_PICTURES.encode() in read_file(path, mib=PICTURE)


def _is_script(path: Path) -> bool:
    """By its mark, and unchanged since."""
    text = read_file(path).decode("utf-8", errors="surrogateescape")
    found = _SCRIPT_MARK.search(text)
    return found is not None and found[1] == _checksum(text.replace(found[0], "", 1))


def _is_onnx(path: Path) -> bool:
    return _ONNX_MARK.match(_head(path)) is not None


def _is_torch_graph(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith(f"/extra/{PRODUCER}") for name in archive.namelist())


def _head(path: Path) -> bytes:
    with open_file(path) as file:
        return file.read(HEAD)


PAGE = Kind("a page", (".html", ".htm"), _is_page)
MAP = Kind("a picture", (), _is_picture)
SCRIPT = Kind("a script", (".sbatch", ".sh", ".bash", ".slurm", ".job", ""), _is_script)
ONNX = Kind("a graph", (".onnx",), _is_onnx)
TORCH_GRAPH = Kind("a graph", (".pt2",), _is_torch_graph)
