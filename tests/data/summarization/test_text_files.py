"""Documents and summaries in text files, a line each."""

from pathlib import Path
from typing import Any

import pytest

from attnlab.data import ParallelSummaries
from attnlab.errors import UserError

FILES: dict[str, Any] = {
    f"{split}_{side}": f"{split}.{ending}"
    for split in ("train", "val", "test")
    for side, ending in (("document", "article"), ("summary", "title"))
}


def test_lines_pair_up_with_one_summary_or_several(tmp_path: Path) -> None:
    for name in FILES.values():
        (tmp_path / name).write_bytes("天空 很蓝\n面馆\u2028起火\n".encode("gb18030"))
    (tmp_path / "test.other").write_bytes("\n火\n".encode("gb18030"))
    corpus = ParallelSummaries(**FILES | {"test_summary": ["test.title", "test.other"]}, encoding="gb18030")
    splits = corpus.read(root=tmp_path, cache_dir=tmp_path)
    documents = ["天空 很蓝", "面馆\u2028起火"]
    assert splits["val"] == (documents, [[each] for each in documents], [None, None])
    assert splits["test"].references == [[documents[0]], [documents[1], "火"]]


def test_different_numbers_of_lines_are_one_line(tmp_path: Path) -> None:
    for name in FILES.values():
        (tmp_path / name).write_text("a\nb\n")
    (tmp_path / "val.title").write_text("a\n")
    with pytest.raises(UserError) as caught:
        ParallelSummaries(**FILES).read(root=tmp_path, cache_dir=tmp_path)
    assert str(caught.value) == (
        f"documents and summaries must have the same number of lines, got 2 in {tmp_path}/val.article and 1 in "
        f"{tmp_path}/val.title (set data.corpus.val_document or data.corpus.val_summary)"
    )
