"""XML whose elements know their lines, in any encoding that it declares."""

import re
from pathlib import Path

import pytest

from attnlab.data.files.xml_lines import XmlFile
from attnlab.errors import UserError


def _file(folder: Path, content: str, encoding: str = "utf-8") -> XmlFile:
    path = folder / "one.xml"
    path.write_bytes(content.encode(encoding))
    return XmlFile(path, key="data.root")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_each_element_knows_the_line_it_begins_in(tmp_path: Path, end: str) -> None:
    file = _file(tmp_path, end.join(["<a>", "<b>1</b><b>", "2</b>", "", "<c", " x='1'><b>3</b></c></a>"]))
    found = [file.where(element).removeprefix(f"{tmp_path}/one.xml, line ") for element in file.root.iter()]
    assert found == ["1", "2", "2", "5", "6"]


def test_texts_and_numbers_come_without_white_space_around(tmp_path: Path) -> None:
    file = _file(tmp_path, "<a><name>\n grey cat </name><x> -2.5e1 </x></a>")
    assert file.text(file.root, "name") == "grey cat"
    assert file.number(file.root, "x") == -25


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16", "gbk", "gb2312", "koi8-r"])
def test_a_declared_encoding_is_heeded(tmp_path: Path, encoding: str) -> None:
    name = {"latin-1": "niño", "koi8-r": "кот"}.get(encoding, "猫")
    if encoding == "utf-16":  # told by its first bytes
        file = _file(tmp_path, f"<a><name>{name}</name></a>", encoding)
    else:
        file = _file(tmp_path, f"<?xml version='1.0' encoding='{encoding}'?><a><name>{name}</name></a>", encoding)
    assert file.text(file.root, "name") == name


@pytest.mark.parametrize(
    "content, message",
    [
        ("<a><b></a>", "an annotation must be XML, got {path}: mismatched tag: line 1, column 8 (set data.root)"),
        ("", "an annotation must be XML, got {path}: no element found: line 1, column 0 (set data.root)"),
        (
            "<?xml version='1.0' encoding='klingon'?><a/>",
            "must be of the encoding it declares, got {path}: unknown enc",
        ),
        (
            "<?xml version='1.0' encoding='punycode'?><a/>",
            "it declares, got {path}: punycode is of names",
        ),
        ("<?xml version='1.0' encoding='ascii'?><a>ñ</a>", "must be of the encoding it declares, got {path}: 'ascii'"),
    ],
)
def test_what_cannot_be_parsed_is_one_line(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(UserError, match=re.escape(message.format(path=tmp_path / "one.xml"))) as caught:
        _file(tmp_path, content)
    assert "\n" not in str(caught.value)


def test_what_an_element_lacks_is_named_with_its_line(tmp_path: Path) -> None:
    file = _file(tmp_path, "<a>\n<b><x> </x><y>one</y></b></a>")
    (b,) = file.root
    place = re.escape(f"{tmp_path}/one.xml, line 2 (set data.root)")
    for name in ("x", "z"):
        with pytest.raises(UserError, match=f"^<b> must have a <{name}>, got none in {place}$"):
            file.text(b, name)
    with pytest.raises(UserError, match=f"^<y> must be a number, got 'one' in {place}$"):
        file.number(b, "y")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"^an annotation must be readable, got .*one.xml: No such file or directory \(set"
    ):
        XmlFile(tmp_path / "one.xml", key="data.root")


def test_of_two_children_of_a_name_neither_is_taken(tmp_path: Path) -> None:
    file = _file(tmp_path, "<a><name>cat</name><name>dog</name></a>")
    with pytest.raises(UserError, match=r"^<a> must have one <name>, got 2 in .*, line 1 \(set data\.root\)$"):
        file.text(file.root, "name")


@pytest.mark.parametrize("value", ['"ha"', 'SYSTEM "/etc/passwd"'])
def test_entities_are_refused(tmp_path: Path, value: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(f"<!DOCTYPE a [<!ENTITY laugh {value}>]><a>&laugh;</a>")
    with pytest.raises(UserError, match="an annotation must declare no entities, got 'laugh' in "):
        XmlFile(path, key="data.root")
