"""`attnlab predict` that generates: files of the pixels made, of the classes asked for, and what is said of them."""

import json
from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from attnlab.commands.predict.generation import MOST_IN_GRID, asked, run
from attnlab.errors import UserError
from attnlab.reporting.look import Look


class Shades:
    """Image k is of shade seed + k; without a label, of class k in turn."""

    def __init__(self, classes: Sequence[str] | None) -> None:
        self.classes = classes

    def generate(
        self, num: int, *, seed: int, labels: Tensor | None, batch_size: int
    ) -> Iterator[tuple[Tensor, Tensor | None]]:
        for start in range(0, num, batch_size):
            numbers = torch.arange(start, min(start + batch_size, num))
            pictures = (seed + numbers).to(torch.uint8).view(-1, 1, 1, 1).expand(-1, 1, 5, 7)
            if self.classes is None:
                yield pictures, None
            else:
                yield pictures, numbers % len(self.classes) if labels is None else labels[numbers]

    def sample_pictures(self, num: int, *, seed: int, labels: Tensor | None) -> list[Any]:
        return []


def _run(classes: Sequence[str] | None = None, *, look: Look | None = None, **options: Any) -> int:
    given: dict[str, Any] = {
        "run": "run",
        "inputs": [],
        "whole_file": False,
        "text": False,
        "words": False,
        "json": False,
        "map": None,
        "out": None,
    }
    given |= {"batch_size": 3, "num": None, "seed": None, "wanted": None}
    return run(Shades(classes), Namespace(**given | options), look)  # type: ignore[arg-type]


def test_images_of_another_run_are_not_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    out = Path("bags")
    assert _run(num=3, seed=1, out=out, look=Look(of="run 1")) == 0
    assert _run(num=2, seed=2, out=out, look=Look(of="run 1")) == 0, "a run's own are"
    for taken in ("grid.png", "00002.png"):
        with pytest.raises(UserError, match=rf"^bags/{taken} is a picture of another, run 1, and not of run 2 "):
            _run(num=3, seed=5, out=out, look=Look(of="run 2"))
        (out / taken).unlink()
        (out / "00000.png").unlink(missing_ok=True)
        (out / "00001.png").unlink(missing_ok=True)
    assert not list(out.glob("*.png")), "nothing of it was begun"


def _shade(path: Path) -> int:
    with Image.open(path) as image:
        (shade,) = np.unique(np.asarray(image))
        return int(shade)


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_each_image_is_a_file_of_its_number_and_the_grid_holds_them(
    batch_size: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(num=7, seed=11, batch_size=batch_size, out=Path("out")) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[:7] == [f"out/{number:05d}.png" for number in range(7)]
    assert [_shade(Path(f"out/{number:05d}.png")) for number in range(7)] == list(range(11, 18))
    assert Path("out/grid.png").is_file()
    assert captured.err.endswith("wrote 7 images and a grid of 7 into out\n")


def test_by_default_64_go_to_a_folder_of_that_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(batch_size=64) == 0
    assert len(list(Path("generated").glob("0*.png"))) == 64
    assert _shade(Path("generated/00063.png")) == 63
    assert "into generated (set --out)" in capsys.readouterr().err
    assert _run(num=3) == 0
    assert "also holds images of an earlier, larger number: 00003.png and on" in capsys.readouterr().err
    assert MOST_IN_GRID > 64


def test_a_class_is_asked_for_by_its_name_in_any_case(capsys: pytest.CaptureFixture[str]) -> None:
    for wanted in ("Ankle boot", "ankle boot", "ankle_boot", "ANKLE BOOT"):
        assert _run(["Bag", "Ankle boot"], num=2, wanted=wanted, json=True) == 0
        records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert all("Ankle boot" in json.dumps(record) for record in records[:2])


@pytest.mark.parametrize(
    "classes, options, message",
    [
        (
            None,
            {"inputs": ["text"]},
            r"^a run that generates images takes no input, got 'text' \(set --num, --seed and",
        ),
        (None, {"num": 0}, r"^--num must be 1 or more, got 0 \(set --num\)$"),
        (None, {"seed": -1}, r"^--seed must be from 0 to \d+, got -1 \(set --seed\)$"),
        (None, {"whole_file": True}, r"^a run that generates images reads no text \(drop --whole-file\)$"),
        (None, {"words": True}, r"^a run that generates images reads no text \(drop --words\)$"),
        (
            None,
            {"wanted": "Bag"},
            r"^this run generates images of any class, got --class Bag \(train with model\.conditional=true\)$",
        ),
        (["Bag", "Ankle boot"], {"wanted": "boat"}, r"boat"),
        (None, {"map": Path("map.png")}, r"no attention to draw"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    classes: Sequence[str] | None, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        _run(classes, **options)
    assert not list(Path().iterdir())


def test_only_what_was_given_is_asked() -> None:
    assert asked(Namespace(num=None, seed=None, wanted=None)) == []
    assert asked(Namespace(num=3, seed=0, wanted="Bag")) == ["--num 3", "--seed 0", "--class Bag"]
