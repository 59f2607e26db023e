"""What `attnlab predict` prints and writes, whatever the run is of."""

import json
import sys
from argparse import Namespace
from pathlib import Path

import pytest
import torch
from PIL import Image

from attnlab.commands.predict.output import (
    announced,
    draw_map,
    draw_to,
    of_texts,
    progress,
    say,
    tell_what_is_drawn,
)
from attnlab.errors import UserError
from attnlab.language import Words
from attnlab.reporting.pictures import AttentionPicture

PICTURE = AttentionPicture("map", "title", torch.rand(2, 3), query_labels=["a", "b"], key_labels=["c", "d", "e"])


def test_a_text_is_printed_as_it_is_and_a_prediction_as_json_without_its_target(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say("猫 \\n")
    say({"id": 0, "output": "猫", "target": "", "score": None})
    first, second = capsys.readouterr().out.splitlines()
    assert first == "猫 \\n"
    assert "猫" in second
    assert json.loads(second) == {"id": 0, "output": "猫", "score": None}


ODD = "a\r\nb\nc\rd\u2028e\u2029f\x85g\x0bh\x0ci\tj"


@pytest.mark.parametrize("terminal, end", [(False, " "), (True, "⏎")])
def test_an_answer_is_one_line_whatever_stands_in_it(
    terminal: bool, end: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    say(ODD)
    say("")
    assert capsys.readouterr().out == f"{end.join('abcdefgh')}{end}i\tj\n{'(empty)' if terminal else ''}\n"
    say({"output": ODD})
    said = capsys.readouterr().out
    assert len(said.splitlines()) == 1
    assert json.loads(said) == {"output": ODD}


def test_the_options_of_texts_are_those_given() -> None:
    assert of_texts(Namespace(whole_file=True, text=False, words=True)) == ["--whole-file", "--words"]


@pytest.mark.parametrize("num, terminal, shown", [(5, True, True), (5, False, False), (2, True, False)])
def test_only_a_terminal_sees_how_far_it_is_and_only_in_many_batches(
    num: int, terminal: bool, shown: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    assert list(progress(iter(range(num)), doing="counting", num=num, batch_size=2)) == list(range(num))
    captured = capsys.readouterr()
    assert ("counting" in captured.err) == shown
    assert not captured.out


def test_the_first_picture_is_the_map(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "new" / "map.png"
    draw_map([PICTURE, PICTURE], path)
    with Image.open(path) as image:
        assert image.format == "PNG"
    captured = capsys.readouterr()
    assert captured.err == f"wrote {path}\n"
    assert not captured.out


def test_a_map_of_several_inputs_is_said_to_be_of_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    what, remedy = Words("texts", "段文本"), Words("give each alone", "请逐段给出")
    tell_what_is_drawn(Path("m.png"), num=1, what=what, remedy=remedy)
    assert capsys.readouterr().err == ""
    tell_what_is_drawn(Path("m.png"), num=2, what=what, remedy=remedy)
    assert capsys.readouterr().err == "m.png shows the first of 2 texts alone (give each alone)\n"


def test_without_a_picture_what_lacks_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^this model has no attention to draw \(drop --map\)$"):
        draw_map([], tmp_path / "map.png")
    with pytest.raises(UserError, match=r"^there is no word \(drop --map\)$"):
        draw_map([], tmp_path / "map.png", lacking="there is no word")
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_names_its_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "map.png"
    with pytest.raises(UserError, match=rf"^can't write {path}: .* \(set --out\)$"):
        draw_to(PICTURE, path, option="--out")
    with (
        pytest.raises(UserError, match=rf"^can't write {path}: .* \(set --html\)$"),
        announced(path, option="--html"),
    ):
        path.write_text("page")
    assert not capsys.readouterr().err
