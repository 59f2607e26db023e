"""What isn't a text is told what to give in its place."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from attnlab.api.texts import TextAnswers
from attnlab.errors import UserError


@pytest.mark.parametrize(
    "given, said",
    [
        ("notes/a.md", r"got the file notes/a.md \(give Path\('notes/a.md'\).read_text\(\).splitlines\(\)\)"),
        (["a text", "notes/a.md"], "got the file notes/a.md"),
        (Path("nosuch.txt"), "got the file nosuch.txt"),
        (3, r"a text or a list of texts, got 3 \(give a list\)"),
        ([3], "a text must be a str, got 3"),
    ],
)
def test_a_file_is_no_text(given: Any, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("notes").mkdir()
    Path("notes/a.md").write_text("hello")
    with pytest.raises(UserError, match=said):
        TextAnswers(SimpleNamespace()).predict(given, batch_size=1)  # type: ignore[arg-type]  # it is never asked


def test_a_text_is_one_whatever_it_looks_like() -> None:
    kept: list[str] = []
    predictor = SimpleNamespace(predict_texts=lambda texts, batch_size: kept.extend(texts) or [])
    TextAnswers(predictor).predict(["and/or", "e.g.", "x" * 5000 + "/", "a\0/b"], batch_size=1)  # type: ignore[arg-type]
    assert len(kept) == 4
