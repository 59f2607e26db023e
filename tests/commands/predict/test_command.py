"""`attnlab predict`: who answers is told by the run, and a mistake is one line before anything is loaded."""

from pathlib import Path
from typing import Any

import pytest
from torch import nn

from attnlab.commands import cli
from attnlab.commands.predict import command, generation, images, texts
from attnlab.runs import build, checkpoint, named


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["run", "text", "--beam-size", "0"], "--beam-size must be 1 or more, got 0 (set --beam-size)"),
        (["run", "text", "--batch-size", "-1"], "--batch-size must be 1 or more, got -1 (set --batch-size)"),
        (
            ["run", "text", "--map", "map.jpg"],
            "a figure is a PNG, PDF or SVG, got map.jpg (set --map to a name that ends in",
        ),
        (["run", "text", "--whole-words"], "--whole-words is of a picture, and none is drawn, got no --map"),
        (
            ["run", "text", "--map", "m.pdf", "--scale", "1:0"],
            "from a smaller to a larger weight, got 1:0 (set --scale",
        ),
        (["run", "text", "--map", "m.pdf", "--scale", "half"], "--scale is two weights such as 0:0.5, got half"),
        (
            ["run", "text", "--map", "m.pdf", "--width", "1"],
            "width must be from 3 to 40 inches (7.62 to 101.6 cm), got 1 (set --width)",
        ),
        (["run", "text", "--map", "m.pdf", "--strongest", "0"], "strongest must be 1 or more, got 0 (set --strongest)"),
        (["nowhere", "text"], "nowhere"),
        (["run", "text", "--beam"], "beam"),
        ([], "run"),
    ],
)
def test_a_mistake_is_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["predict", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith("error: ")
    assert error.count("\n") == 1


class _Base:
    """Whatever is asked of it, by the names that count, it has; nothing of that is called here."""

    def __init__(self) -> None:
        self.modules = {"model": nn.Linear(1, 1)}

    def _member(self) -> None: ...


class Texts(_Base):
    predict_texts = prediction_pictures = line = _Base._member


class Images(_Base):
    predict_images = image_pictures = answer_picture = title = line = codec = _Base._member


class Generator(_Base):
    classes = latents = draw = generate = sample_pictures = _Base._member


def _restored(monkeypatch: pytest.MonkeyPatch, predictor: Any) -> list[str]:
    """`restore_predictor` gives this one; returns who is asked to answer."""
    asked: list[str] = []
    monkeypatch.setattr(checkpoint, "find", Path)
    monkeypatch.setattr(checkpoint, "run_of", str)
    monkeypatch.setattr(command, "_caption", lambda *_: "")
    monkeypatch.setattr(build, "restore_predictor", lambda path, trust: ({}, predictor))
    monkeypatch.setattr(named, "run_named", Path)
    for name, module in (("texts", texts), ("images", images), ("generation", generation)):
        monkeypatch.setattr(module, "run", lambda *_, name=name, copies=1, facts=(): asked.append(name) or 0)
    return asked


@pytest.mark.parametrize("kind, who", [(Texts, "texts"), (Images, "images"), (Generator, "generation")])
def test_the_run_says_what_it_answers(kind: type, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _restored(monkeypatch, kind())
    assert cli.main(["predict", "run", "input"]) == 0
    assert asked == [who]


@pytest.mark.parametrize(
    "kind, arguments, message",
    [
        (Texts, ["--num", "3"], "the run at run generates no images, got --num 3"),
        (Images, ["--class", "cat"], "the run at run generates no images, got --class cat"),
        (Images, ["--beam-size", "3"], "the run at run searches no beams, got --beam-size 3 (drop --beam-size)"),
        (Images, ["--score-threshold", "0.1"], "the run at run finds no objects, got --score-threshold (drop it)"),
        (
            Texts,
            ["--html", "page.html"],
            "--html shows the entities that a ner run finds, got another task's run at run (drop --html)",
        ),
        (Texts, ["--map", "/proc/new/map.png"], "can't write /proc/new/map.png: nothing can be made there (set --map)"),
        (Images, ["--out", "/proc/new"], "nothing can be made there (set --out)"),
        (Texts, ["--device", "abacus"], "a device is cpu, cuda, cuda:1 or mps, got 'abacus' (set --device)"),
        (Texts, ["--device", "gpu"], "mps, got 'gpu' (did you mean cuda?) (set --device)"),
    ],
)
def test_what_a_run_hasnt_is_one_line(
    kind: type, arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = _restored(monkeypatch, kind())
    assert cli.main(["predict", "run", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not asked


def test_beams_are_as_many_as_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    predictor = Texts()
    predictor.beam_size = 4  # type: ignore[attr-defined]
    _restored(monkeypatch, predictor)
    assert cli.main(["predict", "run", "text"]) == 0
    assert predictor.beam_size == 4  # type: ignore[attr-defined]
    assert cli.main(["predict", "run", "text", "--beam-size", "7"]) == 0
    assert predictor.beam_size == 7  # type: ignore[attr-defined]


def test_objects_are_found_with_the_score_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    predictor = Images()
    predictor.score_threshold = 0.3  # type: ignore[attr-defined]
    predictor.unseen = lambda: None  # type: ignore[attr-defined]
    _restored(monkeypatch, predictor)
    assert cli.main(["predict", "run", "input", "--score-threshold", "0.05"]) == 0
    assert predictor.score_threshold == 0.05  # type: ignore[attr-defined]
