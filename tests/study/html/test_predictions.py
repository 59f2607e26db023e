"""A run's answers, as a page shows them."""

from pathlib import Path
from typing import Any

import pytest
from tiny_pages import write_predictions

from attnlab.reporting.messages.chinese import said_in_chinese
from attnlab.reporting.pages.report.contents import Box, Span
from attnlab.study.html.predictions import LONGEST, Predictions, Said, predictions_of

TEXT = "Ada saw Ur."
ADA, UR = {"start": 0, "end": 3, "label": "PER"}, {"start": 8, "end": 10, "label": "LOC"}


def _read(folder: Path, **line: Any) -> Any:
    write_predictions(folder, [line])
    return predictions_of(folder).lines[0]


def test_entities_are_parts_of_the_text_and_right_if_all_are(tmp_path: Path) -> None:
    words = {"words": [[0, 3], [4, 7], [8, 10]]}
    line = _read(tmp_path, input=TEXT, output=[UR, ADA], target=[ADA, UR], details=words)
    assert line.output.spans == [Span("Ada", "PER"), Span(" saw "), Span("Ur", "LOC"), Span(".")]
    assert line.right
    assert not _read(tmp_path, input=TEXT, output=[ADA], target=[ADA, UR], details=words).right
    assert not _read(tmp_path, input=TEXT, output=[], target=[ADA], details=words).right
    assert _read(tmp_path, input=TEXT, output=[], target=[], details=words).right


def test_of_entities_that_overlap_the_first_is_shown_and_the_text_stays_whole(tmp_path: Path) -> None:
    other = {"start": 2, "end": 6, "label": "LOC"}
    line = _read(tmp_path, input=TEXT, output=[ADA, other, UR], target=None, details={"words": []})
    assert "".join(span.text for span in line.output.spans) == TEXT
    assert line.target is None


def test_a_class_is_right_or_wrong_and_a_text_is_neither(tmp_path: Path) -> None:
    top = {"top": [{"output": "cat", "score": 1.0}]}
    assert _read(tmp_path, input="test/0", output="cat", target="cat", details=top).right is True
    assert _read(tmp_path, input="test/0", output="cat", target="dog", details=top).right is False
    assert _read(tmp_path, input="a", output="b", target="b").right is None


def test_boxes_keep_their_corners_and_the_size_that_they_lie_in(tmp_path: Path) -> None:
    found = {"label": "cat", "score": 0.5, "box": [1, 2, 3, 4]}
    there = {"label": "cat", "box": [1, 2, 3, 5]}
    line = _read(tmp_path, input="a.png", output=[found], target=[there], details={"height": 8, "width": 16})
    assert (line.kind, line.size, line.right) == ("boxes", (16, 8), None)
    assert line.output == Said((), [Box(1, 2, 3, 4, "cat", 0.5)])
    assert line.target == Said((), [Box(1, 2, 3, 5, "cat", None)])
    assert _read(tmp_path, input="a.png", output=[], target=[], details={"height": 8, "width": 16}).output.boxes == []


def test_a_long_text_is_cut_and_says_so(tmp_path: Path) -> None:
    line = _read(tmp_path, input="a" * (LONGEST + 1), output="b", target=None)
    assert line.given == "a" * LONGEST + " …"


@pytest.mark.parametrize("size, box", [((0, 8), [1, 2, 3, 4]), ((1, 10**9), [1, 2, 3, 4]), ((8, 8), [1, 2, 3, 1e200])])
def test_a_picture_that_can_be_none_is_damage(tmp_path: Path, size: tuple[int, int], box: list[float]) -> None:
    width, height = size
    found = {"label": "cat", "score": 0.5, "box": box}
    details = {"height": height, "width": width}
    write_predictions(tmp_path, [{"input": "a.png", "output": [found], "target": [], "details": details}])
    assert predictions_of(tmp_path).lines == {}


@pytest.mark.parametrize(
    "text",
    ['{"id": 0}\n', "not json\n", '{"id": 0, "input": "a", "output": [1], "target": [2], "details": {"words": []}}\n'],
)
def test_a_damaged_file_is_as_none_and_that_is_said(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert predictions_of(tmp_path) == Predictions({}, None)
    assert caplog.messages == []
    path = tmp_path / "predictions.jsonl"
    path.write_text(text)
    assert predictions_of(tmp_path) == Predictions({}, f"line 1 of {path} is damaged")
    (said,) = caplog.messages
    assert said.startswith(f"no samples: line 1 of {path} is damaged (begin the run anew: ")
    assert (said_in_chinese(said) or "").startswith(f"没有样例：{path} 的第 1 行损坏（请用该运行自己的")
