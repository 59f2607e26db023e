"""The blood cells, from the standard copy and as they would be downloaded."""

import http.server
import io
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from standard_data import standard

from attnlab.data import Bccd
from attnlab.data.detection.bccd import CONTENT_SHA256, content_sha256
from attnlab.errors import UserError


@pytest.fixture
def copy() -> Path:
    return standard("bccd")


def test_the_whole_set_is_read_and_its_two_empty_boxes_are_dropped(copy: Path, tmp_path: Path) -> None:
    found = Bccd().read(channels=3, root=copy, cache_dir=tmp_path)
    assert list(found.classes) == ["Platelets", "RBC", "WBC"]
    assert {split: len(part) for split, part in found.splits.items()} == {"train": 205, "val": 87, "test": 72}
    assert found.summary == {"repaired": {"dropped: zero area": 2}, "broken": {}}
    objects = [part.objects(number) for part in found.splits.values() for number in range(len(part))]
    counts = np.bincount(np.concatenate([each.labels for each in objects]))
    assert counts.tolist() == [361, 4153, 372]
    names = [{part.name(number) for number in range(len(part))} for part in found.splits.values()]
    assert len(set.union(*names)) == sum(map(len, names)) == 364
    assert found.splits["test"].image(0).size == (640, 480)
    with pytest.raises(UserError, match=r"zero area: 'RBC' \(504, 337, 504, 337\) in \S*BloodImage_00338.xml, line"):
        Bccd(repair=False).read(channels=3, root=copy / "BCCD", cache_dir=tmp_path)


class _Server(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "server"
    folder.mkdir()

    def handler(*arguments: object) -> _Server:
        return _Server(*arguments, directory=folder)  # type: ignore[arg-type]  # what the server gives

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:  # type: ignore[arg-type]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_it_is_downloaded_once_whatever_archive_holds_the_pinned_content(
    copy: Path, tmp_path: Path, address: str
) -> None:
    archive = tmp_path / "server" / "bccd.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=1) as made:
        made.add(copy / "BCCD", "BCCD_Dataset-d272fb1/BCCD")
        made.add(copy / "LICENSE", "BCCD_Dataset-d272fb1/LICENSE")
    assert content_sha256(archive) == CONTENT_SHA256
    source = Bccd(address=f"{address}/bccd.tar.gz")
    first = source.read(channels=3, root=None, cache_dir=tmp_path / "cache")
    archive.unlink()
    again = source.read(channels=3, root=None, cache_dir=tmp_path / "cache")
    assert first.checksum == again.checksum == Bccd().read(channels=3, root=copy, cache_dir=tmp_path / "c").checksum


@pytest.mark.parametrize("content", ["another", "damaged", "missing"])
def test_another_content_is_refused_and_says_what_to_do(tmp_path: Path, address: str, content: str) -> None:
    archive = tmp_path / "server" / "bccd.tar.gz"
    if content == "another":
        with tarfile.open(archive, "w:gz") as made:
            entry = tarfile.TarInfo("x/BCCD/Annotations/a.xml")
            entry.size = 3
            made.addfile(entry, io.BytesIO(b"<a>"))
    elif content == "damaged":
        archive.write_bytes(b"no archive")
    with pytest.raises(UserError, match=r"BCCD must be downloaded once, got no archive: .*\(set data.root=FOLDER\)"):
        Bccd(address=f"{address}/bccd.tar.gz").read(channels=3, root=None, cache_dir=tmp_path / "cache")
    assert not list((tmp_path / "cache").rglob("*.tar.gz"))
