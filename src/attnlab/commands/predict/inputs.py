"""What `attnlab predict` is given: texts, files of them, stdin; and which of these an argument is."""

import bz2
import gzip
import io
import lzma
import re
import shlex
import sys
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from attnlab.commands.predict import tables
from attnlab.commands.predict.run_files import RunFiles
from attnlab.commands.predict.tables import Offsets
from attnlab.commands.predict.values import refuse_value
from attnlab.data.files.encodings import MARK, ZEROS
from attnlab.data.files.lines import kind_of
from attnlab.errors import UserError
from attnlab.files import RECORD_ENDINGS, TEXT_ENDINGS
from attnlab.language import either
from attnlab.reading.bounds import read_file, read_stream
from attnlab.reading.shown import tell

ITSELF = "add --text if it is the text itself"

# Two letters or more: `U.S`, `p.m`, `z.B` are words; of one case: so is `here.Then`.
_ENDING = re.compile(r"[^.\s]\.(?:[a-z][a-z0-9]{1,7}|[A-Z][A-Z0-9]{1,7})$")
_ROOTED = re.compile(r"(?:\.{0,2}/|~[/\w]|[A-Za-z]:[\\/]|\\\\)\S")
_SENTENCE = re.compile(r"[!?;\"<>«»“”„「」『』。，！？；：、…]")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")

# What a file begins with that a library of Python's unpacks.
_PACKED: dict[bytes, Callable[[BinaryIO], Any]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
    b"]\x00\x00": lzma.LZMAFile,
}
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # with which UTF-16 begins, as Windows' shells write it


class Given(NamedTuple):
    """A text to predict from, and where its words stand, if that isn't for the run to say."""

    text: str
    words: Offsets | None


class Reading(NamedTuple):
    """How inputs are read.

    Args:
        as_text: every argument is a text, whatever file has its name.
        whole_file: a file, or stdin, is one text; else each of its lines is.
        words: a text is words with white space between them.
        labels_words: the run does so: of files in columns the words are read.
        files: what the run's own files are like.
        endings: of these, besides the usual ones.
        encoding: of all files and stdin (None: UTF-8, or else as the run's own are).
    """

    as_text: bool
    whole_file: bool
    words: bool
    labels_words: bool
    files: RunFiles
    endings: Sequence[str]
    encoding: str | None = None


def read(inputs: Sequence[str], reading: Reading) -> list[Given]:
    """The texts of all inputs in order; of stdin where there is none, and for `-`.

    Raises:
        UserError: a file is missing, can't be read or is of another kind, or there is no text at all.
    """
    given: list[Given] = []
    words = _apart(inputs)
    for each in inputs or ["-"]:
        if reading.as_text and inputs:
            given.append(_split(each, reading))
        elif each == "-":
            given += _of_lines(_lines(_of_stdin(), "stdin", reading), "stdin", reading)
        elif (path := _file(each, reading.endings, words)) is not None:
            words = ""
            given += _of_lines(_lines(_bytes(path), each, reading), each, reading)
        else:
            given.append(_split(each, reading))
    if words:
        _tell_of_quotes(words, num=len(inputs))
    for text, _ in given:
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise UserError(f"the text isn't UTF-8, got {text!r}")
    if not any(text.strip() for text, _ in given):
        what = (
            "stdin is"
            if not inputs
            else f"{inputs[0] if inputs[0].strip() else repr(inputs[0])} is"
            if len(inputs) == 1
            else "all inputs are"
        )
        raise UserError(f"predict needs a text, and {what} empty (give TEXT or a FILE, or texts on stdin)")
    return given


def names_a_file(text: str, endings: Sequence[str] = ()) -> bool:
    """Whether an argument can hardly be meant as a text: a word with a slash or a file's ending, or a path.

    With spaces in it, a path below a folder that exists is one, and what ends as only files of the run's own do.
    """
    text = text.strip()
    own = tuple(f".{each.lower()}" for each in endings)
    known = (*TEXT_ENDINGS, *RECORD_ENDINGS, *tables.COLUMN_ENDINGS, *own)
    ends = text.lower().endswith(known) or _ENDING.search(text) is not None
    rooted = _ROOTED.match(text) is not None
    if re.search(r"\s", text):
        if rooted:
            return ends or (text.count("/") > 1 and _stands_in_a_folder(text))
        return text.lower().endswith(own) and bool(own) and _SENTENCE.search(text) is None
    if _SENTENCE.search(text) and not rooted:
        return False
    if "/" in text or "\\" in text:
        return any(character.isalpha() for character in text)  # 24/7 is none
    return rooted or (ends and "@" not in text)


def _stands_in_a_folder(text: str) -> bool:
    """Whether a folder of a path, besides the root and the one we are in, exists."""
    try:
        return any(each.is_dir() for each in Path(text).expanduser().parents if each.name not in ("", ".."))
    except (OSError, ValueError, RuntimeError):
        return False


def _apart(inputs: Sequence[str]) -> str:
    """The one text that several words may be meant as, in quotes; "" where some aren't words by themselves.

    Of scripts without spaces a text looks like a word.
    """
    words = [each for each in inputs if re.fullmatch(r"\S+", each) and each != "-" and not _UNSPACED.search(each)]
    return shlex.quote(" ".join(words)) if len(words) == len(inputs) > 1 else ""


def _tell_of_quotes(words: str, *, num: int) -> None:
    tell(
        either(
            f"read {num} texts of one word each (one text goes in quotes: attnlab predict RUN {words})",
            f"读入 {num} 段文本，每段一个词（一段文本要加引号：attnlab predict RUN {words}）",
        )
    )


def _file(given: str, endings: Sequence[str], words: str) -> Path | None:
    """The file that an argument names, or None for a text; `words`: what all arguments may be meant as."""
    if not given.strip():  # which is no folder, whatever a path says of it
        return None
    try:
        path = Path(given).expanduser()
        if path.is_dir():
            quotes = f", or quote one text: {words}" if words else ""
            raise UserError(f"a run on text reads files, got the folder {given} (name its files, or {ITSELF}{quotes})")
        if path.exists():  # a pipe, too
            return path
    except (OSError, ValueError, RuntimeError):  # too long for a name, with a NUL, of an unknown user
        pass
    refuse_value(given, takes="texts", itself=ITSELF)
    if names_a_file(given, endings):
        raise UserError(f"no such file, got {given} ({ITSELF})")
    return None


def _of_lines(lines: list[str], name: str, reading: Reading) -> list[Given]:
    """What a file, or stdin, holds, by its name and its first lines."""
    kind = tables.kind_of(name, lines, of_words=reading.labels_words)
    sentences = reading.files.labelled_words(lines, name) if reading.labels_words and kind != "records" else None
    if sentences is not None:
        kind = "columns"
    elif kind in (None, "table") and reading.files.is_table(lines, name):
        kind = "table"
    if kind is None:
        return [_split(each, reading) for each in (["\n".join(lines)] if reading.whole_file else lines)]
    if reading.whole_file:
        raise UserError(f"this file isn't one text, got {name} (drop --whole-file)")
    if kind == "columns" and reading.labels_words:
        if sentences is None:
            sentences = tables.sentences(lines, name, word_column=reading.files.word_column)
        num = len(sentences)
        tell(
            either(
                f"read the words of {num} sentences in {name}, a file in columns",
                f"从分列文件 {name} 读入 {num} 句的词",
            )
        )
        return [Given(*tables.joined(words)) for words in sentences]
    if kind == "records" and (reading.files.field is not None or reading.labels_words):
        found = reading.files.records(lines, name)
        return [_split(each, reading) if isinstance(each, str) else Given(*tables.joined(each)) for each in found]
    if kind == "table" and reading.files.is_table(lines, name):
        return [_split(each, reading) for each in reading.files.of_table(lines, name)]
    raise UserError(
        f"predict reads one text a line, got {name}, whose lines are {tables.MEANINGS[kind]} (write the texts alone to "
        "a file, one a line)"
    )


def _split(text: str, reading: Reading) -> Given:
    return Given(text, [found.span() for found in re.finditer(r"\S+", text)] if reading.words else None)


def _bytes(path: Path) -> bytes:
    try:
        data = read_file(path, pipes=True)
    except OSError as error:
        raise UserError(f"a text file must be readable, got {path}: {error.strerror}") from error
    try:
        for beginning, unpacked in _PACKED.items():
            if data.startswith(beginning):
                with unpacked(io.BytesIO(data)) as file:
                    return read_stream(file, str(path), what="it unpacks to")
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise UserError(f"a packed file must be whole, got {path} with: {said}") from error
    if path.suffix.lower() == ".gz" and data:
        raise UserError(f"a packed file must be whole, got {path}, which isn't gzip")
    return data


def _of_stdin() -> bytes:
    try:
        return read_stream(sys.stdin.buffer, "stdin")
    except OSError as error:
        raise UserError(f"texts on stdin must be readable, and {error.strerror} (give a FILE)") from error


def _lines(data: bytes, name: str, reading: Reading) -> list[str]:
    text = _decoded(data, name, reading).removeprefix(MARK)
    if "\n" not in text:  # as old Macintoshes end lines
        text = text.replace("\r", "\n")
    # Not splitlines(): it also breaks at characters that may stand within a line.
    lines = text.split("\n")
    return [line.removesuffix("\r") for line in (lines if lines[-1] else lines[:-1])]


def _decoded(data: bytes, name: str, reading: Reading) -> str:
    """The text that a file's bytes are: of the encoding asked for, else of UTF-8, else of the run's own."""
    if (kind := kind_of(data)) is not None:
        raise UserError(
            f"texts must be plain or packed, got {name}, which is {kind} (save its text as .txt, one a line)"
        )
    tried = [reading.encoding] if reading.encoding is not None else _likely(data, reading.files.corpus.get("encoding"))
    for encoding in tried:
        with suppress(UnicodeError):
            return data.decode(encoding)
    where = "it looks like UTF-16"
    if tried:
        try:
            data.decode(tried[0])
        except UnicodeDecodeError as error:
            where = f"byte {data[error.start]:#04x} in line {data[: error.start].count(bytes([10])) + 1}"
        except UnicodeError as error:
            where = str(error)
    shown = (tried[0] if tried else "utf-8").upper()
    raise UserError(f"{name} isn't {shown} text: {where} (set --encoding NAME, such as gb18030, utf-16-le or cp1252)")


def _likely(data: bytes, own: str | None) -> list[str]:
    if data.startswith(_WIDE):
        return ["utf-16"]
    if data.count(0) > ZEROS * len(data):  # UTF-16 without a mark, whose bytes are UTF-8, too
        return [own] if own is not None and len("a".encode(own)) > 1 else []
    return ["utf-8", *([] if own is None else [own])]
