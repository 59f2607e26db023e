"""XML with the line that each element begins in."""

import codecs
import re
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from attnlab.errors import UserError
from attnlab.reading.bounds import RECORD, read_file

OF_NAMES = ("punycode", "idna")  # in which no text is written, and which take a time that grows with its square


class XmlFile:
    """An XML file's tree; `line(element)` is where one of its elements begins.

    Raises:
        UserError: missing, unreadable, or not XML; `key` is what the user set to get there.
    """

    def __init__(self, path: Path, *, key: str) -> None:
        self.path, self.key = path, key
        self._lines: dict[ElementTree.Element, int] = {}
        builder = ElementTree.TreeBuilder()
        try:
            content, encoding = _in_utf8(read_file(path, mib=RECORD))
        except OSError as error:
            raise UserError(f"an annotation must be readable, got {path}: {error.strerror} (set {key})") from error
        except (LookupError, UnicodeError) as error:
            raise UserError(f"an annotation must be of the encoding it declares, got {path}: {error}") from error
        parser = expat.ParserCreate(encoding)

        def start(name: str, attributes: dict[str, str]) -> None:
            self._lines[builder.start(name, attributes)] = parser.CurrentLineNumber

        def refuse(name: str, *_: object) -> None:
            raise UserError(f"an annotation must declare no entities, got {name!r} in {path} (mend it)")

        parser.EntityDeclHandler = refuse  # which may stand for each other, or for other files
        parser.StartElementHandler = start
        parser.EndElementHandler = builder.end
        parser.CharacterDataHandler = builder.data
        try:
            parser.Parse(content, True)
        except expat.ExpatError as error:
            raise UserError(f"an annotation must be XML, got {path}: {error} (set {key})") from error
        self.root = builder.close()

    def where(self, element: ElementTree.Element) -> str:
        """File and line, for messages."""
        return f"{self.path}, line {self._lines[element]}"

    def text(self, element: ElementTree.Element, name: str) -> str:
        """What stands in an element's child, without surrounding white space.

        Raises:
            UserError: there is none, or there are several.
        """
        children = element.findall(name)
        if len(children) > 1:
            raise UserError(
                f"<{element.tag}> must have one <{name}>, got {len(children)} in {self.where(element)} (set {self.key})"
            )
        found = next(iter(children), None)
        if found is None or not (found.text or "").strip():
            raise UserError(f"<{element.tag}> must have a <{name}>, got none in {self.where(element)} (set {self.key})")
        return (found.text or "").strip()

    def number(self, element: ElementTree.Element, name: str) -> float:
        """As `text`, as a number.

        Raises:
            UserError: there is none, or it isn't one.
        """
        text = self.text(element, name)
        try:
            return float(text)
        except ValueError as error:
            raise UserError(
                f"<{name}> must be a number, got {text!r} in {self.where(element)} (set {self.key})"
            ) from error


def _in_utf8(content: bytes) -> tuple[bytes, str | None]:
    """The content in UTF-8, which is then to be parsed as such, if it declares an encoding: expat knows but four."""
    declared = re.match(rb"<\?xml[^>]*\sencoding\s*=\s*[\"']([\w.-]+)", content)
    if declared is None:
        return content, None
    encoding = declared[1].decode().lower()
    # What calls itself gb2312 often holds GBK, of which both are parts.
    encoding = "gb18030" if encoding in ("gb2312", "gbk") else encoding
    if codecs.lookup(encoding).name in OF_NAMES:
        raise LookupError(f"{encoding} is of names")
    return content.decode(encoding).encode(), "utf-8"
