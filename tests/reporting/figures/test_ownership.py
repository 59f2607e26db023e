"""A picture's file says of what it is, in every format, and is written over by none of another."""

from pathlib import Path

import pytest
import torch

from attnlab.errors import UserError
from attnlab.reporting.figures import save, save_pixels
from attnlab.reporting.figures.canvas import new_figure
from attnlab.reporting.figures.ownership import check_free

RUNS = ("run 0123456789", "attention=我的; (it) <a>&", "x" * 200)


def _written(path: Path, *, of: str) -> Path:
    if path.name == "pixels.png":
        return save_pixels(torch.zeros(3, 2, 2, dtype=torch.uint8), path, of=of)
    return save(new_figure(1, 1), path, of=of)


@pytest.mark.parametrize("of", RUNS)
@pytest.mark.parametrize("name", ["a.png", "a.pdf", "a.svg", "pixels.png"])
def test_only_the_same_run_may_write_a_picture_again(tmp_path: Path, name: str, of: str) -> None:
    path = _written(tmp_path / name, of=of)
    check_free(path, of=of, remedy="set --out")
    check_free(tmp_path / f"another {name}", of=of, remedy="set --out")
    with pytest.raises(UserError, match=r"is a picture of another, .*, and not of run 9999999999 \(set --out\)$"):
        check_free(path, of="run 9999999999", remedy="set --out")


@pytest.mark.parametrize("name", ["a.png", "a.pdf", "a.svg", "pixels.png", "notes.pdf"])
def test_a_file_that_says_nothing_stays(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.startswith("notes"):
        path.write_bytes(b"%PDF my own")
    else:
        _written(path, of="")
    with pytest.raises(
        UserError, match=r"is there already, and isn't known to be a picture of run 1 \(.*, or delete it\)$"
    ):
        check_free(path, of="run 1", remedy="set --out")
