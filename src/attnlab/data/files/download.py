"""Fetch a file from a pinned address: resumed where it broke off, checked, and in place only when whole."""

import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from tqdm import tqdm

from attnlab.data.files.cached_folder import file_sha256
from attnlab.errors import UserError
from attnlab.files import in_turn
from attnlab.reading.bounds import bound, too_large

TIMEOUT_SECONDS = 30
CHUNK_BYTES = 1 << 16
DOWNLOAD = 16384  # MiB; a server may send without an end


def fetch(address: str, path: Path, *, sha256: str, digest: Callable[[Path], str] = file_sha256) -> None:
    """Download `address` to `path` unless it is there already; `path`.part holds what came so far.

    Two processes may ask for the same file: one waits for the other. `digest` says what of the file `sha256` is of; an
    OSError of its is a damaged file.

    Raises:
        OSError: no connection, a broken one, an error page, a full disk, or a content with another sha256.
    """
    if not address.startswith(("https://", "http://")):
        raise OSError(f"an address must begin with https:// or http://, got {address}")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with in_turn(path):
        if path.exists():
            return
        try:
            _download(address, part)
        except http.client.HTTPException as error:
            raise OSError(f"the server broke off: {error!r}") from error
        try:
            if (found := digest(part)) != sha256:
                raise OSError(f"{address} has sha256 {found}, not {sha256}")
        except OSError:
            part.unlink()
            raise
        os.replace(part, path)


def fetch_all(corpus: str, address: str, files: Mapping[str, str], folder: Path) -> Path:
    """`folder` with the files of a corpus, whose names and sha256 `files` holds, downloaded unless they are there.

    Raises:
        UserError: one can't be had; what the user can do instead.
    """
    for name, sha256 in files.items():
        try:
            fetch(f"{address}/{name}", folder / name, sha256=sha256)
        except OSError as error:
            raise UserError(
                f"{corpus} must be downloaded once, got no {name}: {error}; without a network, put "
                f"{', '.join(files)} from {address} into {folder}, or into a folder of yours (set data.root=FOLDER)"
            ) from error
    return folder


def _download(address: str, part: Path) -> None:
    start = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(address, headers={"Range": f"bytes={start}-"} if start else {})
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # nothing is missing, as the checksum will tell
        raise
    with response:
        resumed = response.status == http.client.PARTIAL_CONTENT
        left = int(response.headers.get("Content-Length", -1))
        with (
            part.open("ab" if resumed else "wb") as file,
            tqdm(
                total=max(left, 0) or None, desc=part.stem, unit="B", unit_scale=True, leave=False, disable=None
            ) as bar,
        ):
            while chunk := response.read(CHUNK_BYTES):
                if file.tell() > (most := bound(DOWNLOAD)):
                    raise too_large(part, most)
                file.write(chunk)
                bar.update(len(chunk))
                left -= len(chunk)
    if left > 0:
        raise OSError(f"the connection broke off with {left} bytes to go; the next try resumes")
