"""A cached folder is whole or not there, whatever was killed and however many ask at once."""

import os
import threading
import time
from pathlib import Path

import pytest

from attnlab.data.files.cached_folder import cached_folder, default_cache_dir, is_whole
from attnlab.errors import UserError


def _write(folder: Path) -> None:
    (folder / "data.txt").write_text("whole")


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_what_is_there_whole_is_not_written_again(tmp_path: Path) -> None:
    folder = cached_folder(tmp_path / "cache" / "key", _write)
    assert (folder / "data.txt").read_text() == "whole"
    assert cached_folder(folder, lambda _: pytest.fail("written again")) == folder
    assert _names(folder.parent) == {"key"}


@pytest.mark.parametrize("manifest", [None, "{", '{"data.txt": 5}', '{"data.txt": 1, "more.txt": 3}'])
def test_a_half_written_folder_is_not_used(tmp_path: Path, manifest: str | None) -> None:
    folder = tmp_path / "key"
    folder.mkdir()
    (folder / "data.txt").write_text("h")
    if manifest is not None:
        (folder / "manifest.json").write_text(manifest)
    assert not is_whole(folder)
    cached_folder(folder, _write)
    assert (folder / "data.txt").read_text() == "whole"
    assert is_whole(folder)
    assert _names(tmp_path) == {"key"}


def test_a_failure_while_writing_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        _write(folder)
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        cached_folder(tmp_path / "key", fail)
    assert not _names(tmp_path)


def test_of_two_at_once_both_end_with_whole_data(tmp_path: Path) -> None:
    both_are_writing = threading.Barrier(2)

    def write(folder: Path) -> None:
        both_are_writing.wait(timeout=30)
        _write(folder)

    threads = [threading.Thread(target=cached_folder, args=(tmp_path / "key", write)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not both_are_writing.broken
    assert is_whole(tmp_path / "key")
    assert _names(tmp_path) == {"key"}


def test_the_slower_of_two_uses_what_the_faster_one_left(tmp_path: Path) -> None:
    def overtaken(folder: Path) -> None:
        cached_folder(tmp_path / "key", _write)  # as another process would meanwhile
        (folder / "data.txt").write_text("late.")

    folder = cached_folder(tmp_path / "key", overtaken)
    assert (folder / "data.txt").read_text() == "whole"
    assert is_whole(folder)
    assert _names(tmp_path) == {"key"}


def test_drafts_of_killed_processes_go_after_a_day(tmp_path: Path) -> None:
    old, recent = tmp_path / ".draft-old", tmp_path / ".draft-recent"
    for draft in (old, recent):
        draft.mkdir()
    yesterday = time.time() - 25 * 3600
    os.utime(old, (yesterday, yesterday))
    cached_folder(tmp_path / "key", _write)
    assert _names(tmp_path) == {".draft-recent", "key"}


def test_a_place_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    message = rf"^prepared data must be stored, got {tmp_path}/file: .+ \(set data.cache_dir or \$ATTNLAB_CACHE\)$"
    with pytest.raises(UserError, match=message):
        cached_folder(tmp_path / "file" / "key", _write)


def test_the_environment_names_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ATTNLAB_CACHE", str(tmp_path))
    assert default_cache_dir() == tmp_path
    monkeypatch.delenv("ATTNLAB_CACHE")
    monkeypatch.setenv("HOME", "/home/someone")
    assert default_cache_dir() == Path("/home/someone/.cache/attnlab")


@pytest.mark.parametrize("manifest", ["[]", "[[[", '{"data.txt": {}}', '{"../outside": "e3b0"}', "[" * 100_000, '"x"'])
def test_a_manifest_of_another_form_is_none(tmp_path: Path, manifest: str) -> None:
    folder = cached_folder(tmp_path / "key", _write)
    (folder / "manifest.json").write_text(manifest)
    assert not is_whole(folder)


def test_a_file_of_the_same_size_with_another_byte_is_not_used(tmp_path: Path) -> None:
    folder = cached_folder(tmp_path / "key", _write)
    (folder / "data.txt").write_text("whale")
    assert not is_whole(folder)
    cached_folder(folder, _write)
    assert (folder / "data.txt").read_text() == "whole"


def test_a_pipe_in_a_cache_is_not_waited_for(tmp_path: Path) -> None:
    folder = cached_folder(tmp_path / "key", _write)
    (folder / "data.txt").unlink()
    os.mkfifo(folder / "data.txt")
    assert not is_whole(folder)
