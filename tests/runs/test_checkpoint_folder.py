"""A newer checkpoint takes its place, and those before it move on."""

from pathlib import Path

from attnlab.runs.checkpoint_folder import CheckpointFolder


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
