"""What is read ends, and what isn't a file is neither opened nor waited for."""

import gzip
import io
import os
import re
import time
from pathlib import Path

import pytest

from attnlab.errors import UserError
from attnlab.reading.bounds import (
    DEEPEST,
    VARIABLE,
    bounded_lines,
    gunzip,
    open_file,
    plain_json,
    read_file,
    read_json,
    read_stream,
    read_text,
)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    started = time.monotonic()
    with pytest.raises(OSError, match="it is a pipe, not a file"):
        read_file(tmp_path / "pipe")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("path, said", [("/dev/zero", "a device"), ("/dev", "a folder")])
def test_what_is_no_file_is_said(path: str, said: str) -> None:
    with pytest.raises(OSError, match=f"it is {said}, not a file"):
        open_file(Path(path), pipes=True)


def test_a_link_to_a_device_is_one_and_a_loop_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/dev/zero")
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(OSError, match="it is a device"):
        read_file(tmp_path / "link")
    with pytest.raises(OSError, match="symbolic links"):
        read_file(tmp_path / "a")


def test_a_pipe_that_is_asked_for_is_read_to_its_end() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"text\n")
    os.close(writing)
    assert read_file(Path(f"/dev/fd/{reading}"), pipes=True) == b"text\n"
    os.close(reading)


def test_a_file_of_holes_is_refused_by_its_size_alone(tmp_path: Path) -> None:
    with (tmp_path / "holes").open("wb") as file:
        file.truncate(1 << 42)
    with pytest.raises(
        OSError, match=re.escape(f"more than 2048 MiB, the most that is read of such a file (set ${VARIABLE}")
    ):
        read_file(tmp_path / "holes")


def test_the_variable_moves_every_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(bytes(3 << 20))
    packed = gzip.compress(bytes(3 << 20))
    monkeypatch.setenv(VARIABLE, "3")
    assert len(read_file(tmp_path / "a")) == len(gunzip(packed, "a.gz")) == 3 << 20
    monkeypatch.setenv(VARIABLE, "2")
    for read in (lambda: read_file(tmp_path / "a"), lambda: read_stream(io.BytesIO(bytes(3 << 20)), "stdin")):
        with pytest.raises(OSError, match="it has more than 2 MiB"):
            read()
    with pytest.raises(OSError, match="it unpacks to more than 2 MiB"):
        gunzip(packed, "a.gz")
    for wrong in ("0", "-1", "1.5", "many"):
        monkeypatch.setenv(VARIABLE, wrong)
        with pytest.raises(UserError, match=f"must be a whole number of MiB above 0, got '{wrong}'"):
            read_file(tmp_path / "a")


def test_an_endless_line_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "1")
    assert list(bounded_lines(io.StringIO("b\nc"), Path("x"), start="a\n")) == ["a\n", "b\n", "c"]
    with pytest.raises(OSError, match="a line has more than 1 MiB"):
        list(bounded_lines(io.StringIO("a" * (1 << 21)), Path("x")))
    with pytest.raises(OSError, match="it has more than 1 MiB"):
        list(bounded_lines(io.StringIO("abc\n" * (1 << 19)), Path("x")))


@pytest.mark.parametrize("opened, closed", [("[", "]"), ('{"a":', "}"), ('[3,{"b":', "}]")])
def test_how_deep_json_may_be_is_the_same_in_every_python(opened: str, closed: str) -> None:
    a_time = 1 + opened.count("{") * opened.count("[")
    for times in (DEEPEST // a_time, 1 + DEEPEST // a_time, 900, 5000):
        text = opened * times + "0" + closed * times
        if times <= DEEPEST // a_time:
            plain_json(text)
            continue
        with pytest.raises(ValueError, match="nested too deeply"):
            plain_json(text)


def test_json_nested_too_deeply_is_as_wrong_as_any(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[" * 200_000)
    with pytest.raises(ValueError, match="nested too deeply"):
        read_json(tmp_path / "a.json")
    (tmp_path / "b.json").write_bytes(b'{"a": 1}\r\n')
    assert (read_json(tmp_path / "b.json"), read_text(tmp_path / "b.json")) == ({"a": 1}, '{"a": 1}\n')


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**400])
def test_a_whole_number_beyond_64_bits_is_none_of_ours(number: int) -> None:
    """No float holds the last, and no array of whole numbers any of them."""
    assert plain_json(f"[{2**63 - 1}, {-(2**63)}]") == [2**63 - 1, -(2**63)]
    with pytest.raises(ValueError, match="a number beyond 64 bits"):
        plain_json(f'{{"a": [{number}]}}')
