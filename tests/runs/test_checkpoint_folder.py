"""A newer checkpoint takes its place, and those before it move on."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from attnlab.errors import UserError
from attnlab.runs.checkpoint_folder import CheckpointFolder, remove_drafts


def _written(folder: CheckpointFolder, text: str, *, also_best: bool = False) -> None:
    folder.new.write_text(text)
    folder.take_in(also_best=also_best)


def _texts(directory: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in directory.iterdir()}


def test_the_last_ones_move_on_and_the_best_stays(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path, keep=3)
    _written(folder, "1", also_best=True)
    assert _texts(tmp_path) == {"last.ckpt": "1", "best.ckpt": "1"}
    for number in "2345":
        _written(folder, number)
    assert _texts(tmp_path) == {"last.ckpt": "5", "last-1.ckpt": "4", "last-2.ckpt": "3", "best.ckpt": "1"}
    _written(folder, "6", also_best=True)
    assert _texts(tmp_path) == {"last.ckpt": "6", "last-1.ckpt": "5", "last-2.ckpt": "4", "best.ckpt": "6"}


def test_one_that_is_kept_alone_is_replaced(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path, keep=1)
    for number in "12":
        _written(folder, number)
    assert _texts(tmp_path) == {"last.ckpt": "2"}


def test_a_gap_in_the_row_stays_one(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path, keep=3)
    (tmp_path / "last-1.ckpt").write_text("1")
    _written(folder, "2")
    assert _texts(tmp_path) == {"last.ckpt": "2", "last-2.ckpt": "1"}


def test_in_an_empty_folder_there_is_none_to_go_on_from(tmp_path: Path) -> None:
    assert CheckpointFolder(tmp_path, keep=2).newest() == (None, 0)


def test_a_checkpoint_that_has_no_room_beside_the_best_leaves_all_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = CheckpointFolder(tmp_path, keep=2)
    _written(folder, "1", also_best=True)

    def no_room(source: Path, copy: Path) -> None:
        copy.write_text(source.read_text()[:1])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(copy))

    monkeypatch.setattr(shutil, "copyfile", no_room)
    with pytest.raises(OSError, match="No space left"):
        _written(folder, "22", also_best=True)
    assert _texts(tmp_path) == {"last.ckpt": "1", "best.ckpt": "1"}


def test_drafts_of_a_process_that_is_gone_are_removed_and_nothing_else(tmp_path: Path) -> None:
    for name in ("last.ckpt", "last.ckpt.new", "best.ckpt", "best.ckpt.new", "mine.new"):
        (tmp_path / name).write_text(name)
    remove_drafts(tmp_path)
    assert set(_texts(tmp_path)) == {"last.ckpt", "best.ckpt", "mine.new"}
    remove_drafts(tmp_path / "nowhere")


def test_a_best_that_is_gone_is_a_mistake(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path, keep=2)
    _written(folder, "1", also_best=True)
    folder.check_best()
    folder.best.unlink()
    with pytest.raises(UserError, match=r"got none at .*best.ckpt \(restore it, or set fresh=true to begin anew\)$"):
        folder.check_best()
