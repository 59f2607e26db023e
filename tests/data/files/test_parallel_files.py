"""Files that belong together line by line."""

import re
from pathlib import Path

import pytest

from attnlab.data.files.parallel_files import Side, named_files, read_parallel
from attnlab.errors import UserError


def _sides(folder: Path, *contents: str) -> list[Side]:
    sides = []
    for number, content in enumerate(contents):
        (folder / f"{number}.txt").write_text(content)
        sides.append(Side(f"side {number}", folder / f"{number}.txt", f"key.of_{number}"))
    return sides


def test_lines_belong_together_by_their_numbers(tmp_path: Path) -> None:
    sides = _sides(tmp_path, "a\n b\n", "c\n\n", "e\nf\n")
    assert read_parallel(sides, instead="data=other") == [["a", "b"], ["c", ""], ["e", "f"]]


def test_different_numbers_of_lines_and_the_same_file_are_refused(tmp_path: Path) -> None:
    sides = _sides(tmp_path, "a\nb\n", "c\nd\n", "e\n")
    message = f"side 0 and side 2 must have the same number of lines, got 2 in {sides[0].path} and 1 in {sides[2].path}"
    with pytest.raises(UserError, match=f"^{re.escape(message)} \\(set key.of_0 or key.of_2\\)$"):
        read_parallel(sides, instead="data=other")
    message = (
        rf"^side 0 and twin must be different files, got {tmp_path}/\.\./.*/0.txt for both \(set key.of_0; if it holds "
        r"both, data=other\)$"
    )
    with pytest.raises(UserError, match=message):
        read_parallel(
            [sides[0], Side("twin", tmp_path / ".." / tmp_path.name / "0.txt", "key.of_0")], instead="data=other"
        )


def test_a_key_gives_a_file_or_several() -> None:
    assert named_files("a", key="data.x") == ["a"]
    assert named_files(["a", "b"], key="data.x") == ["a", "b"]
    with pytest.raises(ValueError, match=r"^x must be a file or a list of files, got \['a', None\] \(set data.x\)$"):
        named_files(["a", None], key="data.x")  # type: ignore[list-item]
