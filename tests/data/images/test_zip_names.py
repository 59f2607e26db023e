"""Names in archives that don't say their encoding."""

import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from attnlab.data.images.files import open_image_files
from attnlab.data.images.zip_names import guessed_encoding, zip_names
from attnlab.errors import UserError


def _archive(path: Path, names: list[bytes], *, extra: bytes = b"") -> Path:
    """An archive with these very bytes as names, and no flag that says what they are."""
    with zipfile.ZipFile(path, "w") as archive:
        for number, name in enumerate(names):
            info = zipfile.ZipInfo("x" * (len(name) - 1) + chr(65 + number))
            info.extra = extra
            archive.writestr(info, b"content")
    content = path.read_bytes()
    for number, name in enumerate(names):
        content = content.replace(b"x" * (len(name) - 1) + bytes([65 + number]), name)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "encoding, names",
    [
        ("utf-8", ["猫/1.png", "犬/2.png"]),
        ("gb18030", ["猫/1.png", "狗/2.png"]),
        ("gb18030", ["训练集/长颈鹿/12.jpg", "训练集/大象/3.jpg"]),
        ("cp932", ["ネコ/1.png", "いぬ/2.png"]),
        ("cp949", ["고양이/1.png", "강아지/2.png", "코끼리/3.png"]),
        ("cp932", ["猫/1.png", "犬/2.png"]),
        ("big5", ["貓咪科/1.png", "乙未/2.png", "一/3.png"]),
        ("cp437", ["café/1.png", "naïve/2.png"]),
    ],
)
def test_the_encoding_is_guessed_of_all_names_at_once(encoding: str, names: list[str], tmp_path: Path) -> None:
    raw = [name.encode(encoding) for name in names]
    assert guessed_encoding(raw) == encoding
    files = open_image_files(_archive(tmp_path / "images.zip", raw))
    contents = files.contents()
    assert contents.files == sorted(names)
    assert files.read(names[0]) == b"content"
    assert contents.guessed is not None
    assert f"are read as {encoding}: " in contents.guessed
    assert contents.guessed.endswith("(if they are wrong, set data.zip_encoding)")


@pytest.mark.parametrize(
    "encoding, folders",
    [
        ("cp437", ["Käfer", "Müller", "Größe"]),
        ("cp850", ["Käfer"]),
        ("cp437", ["éléphant"]),
        ("cp437", ["château", "gâteau", "être", "forêt", "élève"]),
        ("cp437", ["niño", "señal", "ñu"]),
        ("cp850", ["pão", "mãe", "camión", "Öl"]),
        ("cp852", ["kočka", "žirafa"]),
        ("cp737", ["γάτα", "σκύλος"]),
        ("cp866", ["кошка", "собака", "лев"]),
        ("cp850", ["öl", "île", "où"]),
    ],
)
def test_accented_letters_arent_taken_for_east_asian_ones(encoding: str, folders: list[str]) -> None:
    for names in (folders, *([each] for each in folders)):
        assert guessed_encoding([f"{each}/1.png".encode(encoding) for each in names]) == "cp437"


def test_an_encoding_that_is_given_is_taken_unsaid(tmp_path: Path) -> None:
    path = _archive(tmp_path / "images.zip", ["개/1.png".encode("cp949")])
    contents = open_image_files(path, zip_encoding="cp949").contents()
    assert (contents.files, contents.guessed) == (["개/1.png"], None)
    for encoding, message in (
        ("klingon", r"there is no such encoding, got klingon \(set data.zip_encoding\)"),
        ("ascii", r"every name in the archive must be in ascii, got b'.*' \(set data.zip_encoding\)"),
    ):
        with pytest.raises(UserError, match=message):
            open_image_files(path, zip_encoding=encoding).contents()


def test_names_that_say_their_encoding_arent_guessed(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "images.zip", "w") as archive:
        archive.writestr("猫/1.png", b"")  # sets the flag
    assert open_image_files(tmp_path / "images.zip").contents() == (["猫/1.png"], ["猫"], None, None)


@pytest.mark.parametrize("changed", [False, True])
def test_the_unicode_path_counts_if_it_is_of_that_name(tmp_path: Path, changed: bool) -> None:
    raw = "狗.png".encode("gbk")
    field = struct.pack("<BL", 1, zlib.crc32(raw) + changed) + b"cat.png"
    path = _archive(tmp_path / "images.zip", [raw], extra=struct.pack("<HH", 0x7075, len(field)) + field)
    with zipfile.ZipFile(path) as archive:
        found = zip_names(archive)
    assert list(found.members) == (["狗.png"] if changed else ["cat.png"])


def test_backslashes_between_folders_are_slashes_where_there_are_no_others(tmp_path: Path) -> None:
    path = _archive(tmp_path / "images.zip", [b"cat\\1.png", b"dog\\2.png"])
    assert open_image_files(path).contents()[:2] == (["cat/1.png", "dog/2.png"], ["cat", "dog"])
