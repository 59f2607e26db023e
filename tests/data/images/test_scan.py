"""Every image is opened once: what is found of it, what is remembered, and what is said of broken ones."""

import hashlib
import logging
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_images import encoded, picture

from attnlab.data.images.files import FolderFiles
from attnlab.data.images.scan import NAMED, Scan, report_broken, scan_images
from attnlab.errors import UserError

SIZES = {"b.png": (13, 11), "a.png": (7, 5), "c.png": (2, 3)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    for name, size in SIZES.items():
        (tmp_path / "images" / name).write_bytes(encoded(picture("circle", 5, size)))
    return tmp_path / "images"


def _scan(folder: Path, names: list[str] | None = None) -> Scan:
    return scan_images(FolderFiles(folder), names or list(SIZES), cache_dir=folder.parent / "cache", num_threads=2)


def test_sizes_are_height_and_width_and_the_checksum_is_of_names_and_bytes(folder: Path) -> None:
    found = _scan(folder)
    assert found.sizes == {name: [height, width] for name, (width, height) in SIZES.items()}
    assert found.broken == {}
    digest = hashlib.sha256()
    for name in SIZES:
        digest.update(f"{name}\n{hashlib.sha256((folder / name).read_bytes()).hexdigest()}\n".encode())
    assert found.sha256 == digest.hexdigest()
    assert _scan(folder, sorted(SIZES)).sha256 != found.sha256  # the order is part of it


@pytest.mark.parametrize("content", [b"", b"words"])
def test_a_broken_image_has_its_fault_and_no_size(folder: Path, content: bytes) -> None:
    (folder / "a.png").write_bytes(content)
    found = _scan(folder)
    assert list(found.broken) == ["a.png"]
    assert set(found.sizes) == {"b.png", "c.png"}
    assert found == _scan(folder)  # from the cache


def test_nothing_is_opened_again_until_a_file_changes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _scan(folder)
    with monkeypatch.context() as patch:
        patch.setattr("attnlab.data.images.scan.look_at", lambda *_, **__: pytest.fail("opened again"))
        assert _scan(folder) == first
    (folder / "a.png").write_bytes(encoded(picture("cross", 7, (29, 31))))
    changed = _scan(folder)
    assert changed.sizes["a.png"] == [31, 29]
    assert changed.sha256 != first.sha256


def test_what_could_not_be_read_is_not_remembered(folder: Path) -> None:
    whole = (folder / "c.png").read_bytes()
    (folder / "c.png").unlink()
    assert _scan(folder).broken == {"c.png": "No such file or directory"}
    assert not (folder.parent / "cache").exists()
    (folder / "c.png").write_bytes(whole)
    assert _scan(folder).broken == {}


def test_a_name_that_isnt_utf8_is_refused(folder: Path) -> None:
    with pytest.raises(UserError, match=r"^images must have names in UTF-8, got 'caf\\udce9.png' \(rename it, or its"):
        _scan(folder, ["caf\udce9.png"])


def test_broken_images_are_refused_or_left_out_and_some_of_many_named(caplog: pytest.LogCaptureFixture) -> None:
    report_broken({}, 31, skip=False)
    broken = {f"{number}.png": "the file is empty" for number in range(NAMED + 3)}
    with pytest.raises(UserError) as caught:
        report_broken(broken, 31, skip=False)
    message = str(caught.value)
    assert message.startswith("every image must be whole, got 23 of 31 that aren't: 0.png: the file is empty; 1.png: ")
    assert message.endswith("; and 3 more (mend or remove them, or set data.skip_broken=true)")
    assert message.count("the file is empty") == NAMED
    with caplog.at_level(logging.WARNING):
        report_broken(broken, 31, skip=True)
    assert caplog.messages[0].startswith("left out 23 of 31 images, which are broken: 0.png: ")


def _deep(folder: Path, name: str, level: int) -> None:
    Image.fromarray(np.full((5, 7), level, dtype=np.uint16)).save(folder / name)


def test_pictures_of_12_bits_in_16_are_told_and_those_of_16_arent(folder: Path) -> None:
    assert _scan(folder).dark() is None
    _deep(folder, "d.png", 4095)
    names = [*SIZES, "d.png"]
    message = _scan(folder, names).dark()
    assert message is not None
    assert message.startswith("no picture of 16 bits reaches level 4096, of 1: the brightest pixel has 4095 of 65535")
    assert _scan(folder, names).dark() == message  # from the cache
    _deep(folder, "e.png", 4096)
    assert _scan(folder, [*names, "e.png"]).dark() is None
