"""A download is resumed where it broke off, checked, and in place only when whole."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from attnlab.data.files.download import fetch, fetch_all
from attnlab.errors import UserError


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


class _Server(http.server.ThreadingHTTPServer):
    """Serves `content` at any path, with ranges; `breaks_at` closes the connection after so many bytes."""

    daemon_threads = True

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content, self.breaks_at, self.ranges = content, len(content), True
        self.requests: list[str | None] = []
        self.address = f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        asked = self.headers["Range"]
        self.server.requests.append(asked)
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and self.server.ranges else 0
        if start >= len(self.server.content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(self.server.content) - start))
        self.end_headers()
        self.wfile.write(self.server.content[start : self.server.breaks_at])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server(bytes(range(256)) * 1001) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _fetch(server: _Server, path: Path, sha256: str | None = None) -> None:
    fetch(server.address, path, sha256=sha256 or hashlib.sha256(server.content).hexdigest())


@pytest.mark.parametrize("ranges", [True, False], ids=["resumes", "starts-over"])
def test_a_broken_download_is_taken_up_again(server: _Server, tmp_path: Path, ranges: bool) -> None:
    path = tmp_path / "folder" / "file"
    server.breaks_at, server.ranges = 100_003, ranges
    with pytest.raises(OSError, match=r"the connection broke off with 156253 bytes to go; the next try resumes"):
        _fetch(server, path)
    assert not path.exists()
    server.breaks_at = len(server.content)
    _fetch(server, path)
    assert path.read_bytes() == server.content
    assert server.requests == [None, "bytes=100003-"]
    _fetch(server, path)
    assert len(server.requests) == 2  # what is there isn't asked for


def test_a_download_that_had_all_but_its_name_is_finished(server: _Server, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(server.content)
    _fetch(server, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == server.content


def test_another_content_is_refused_and_forgotten(server: _Server, tmp_path: Path) -> None:
    digest = hashlib.sha256(server.content).hexdigest()
    with pytest.raises(OSError, match=rf"{server.address} has sha256 {digest}, not 00"):
        _fetch(server, tmp_path / "file", sha256="00")
    assert {path.name for path in tmp_path.iterdir()} <= {"file.lock"}


def test_two_at_once_download_once(server: _Server, tmp_path: Path) -> None:
    threads = [threading.Thread(target=_fetch, args=(server, tmp_path / "file")) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "file").read_bytes() == server.content
    assert len(server.requests) == 1


def test_all_files_of_a_corpus_are_had_or_the_way_out_is_named(server: _Server, tmp_path: Path) -> None:
    digest = hashlib.sha256(server.content).hexdigest()
    assert fetch_all("A corpus", server.address, {"a": digest, "b": digest}, tmp_path) == tmp_path
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == server.content
    message = (
        rf"^A corpus must be downloaded once, got no c: {server.address}/c has sha256 {digest}, not 00; without "
        rf"a network, put b, c from {server.address} into {tmp_path}, or into a folder of yours "
        r"\(set data.root=FOLDER\)$"
    )
    with pytest.raises(UserError, match=message):
        fetch_all("A corpus", server.address, {"b": digest, "c": "00"}, tmp_path)
