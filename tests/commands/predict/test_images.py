"""`attnlab predict` on images: which are taken, a line for each, and a file of its own for each picture."""

import json
from argparse import Namespace
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_images import encoded, picture, write_folder, zipped

from attnlab.commands.predict.images import are_images, run
from attnlab.data import ImageCodec
from attnlab.errors import UserError
from attnlab.reporting.look import Look
from attnlab.reporting.pictures import ImagePicture, LabelledPicture


class Brightness:
    """Says of each image how bright it is."""

    codec = ImageCodec(classes=["x"], channels=3, height=5, width=7, mean=[0.5] * 3, std=[0.2] * 3)

    def predict_images(self, images: Iterable[tuple[str, torch.Tensor]], *, batch_size: int) -> Iterator[Any]:
        for number, (name, pixels) in enumerate(images):
            yield {"id": number, "input": name, "output": int(pixels.float().mean()), "target": None, "details": {}}

    def line(self, prediction: Any) -> str:
        return f"{prediction['input']}: {prediction['output']}"

    def title(self, prediction: Any, *, name: str) -> str:
        return name

    def image_pictures(self, pixels: torch.Tensor, *, name: str, title: str) -> list[ImagePicture]:
        return [ImagePicture("_map", title, pixels, {"map": torch.rand(5, 7)})]

    def answer_picture(self, prediction: Any, image: torch.Tensor, *, title: str) -> LabelledPicture:
        return LabelledPicture("", title, image, [("x", 1.0)])


class Finder(Brightness):
    """Finds nothing, and so has no map."""

    score_threshold = 0.3

    def predict_images(self, images: Iterable[tuple[str, torch.Tensor]], *, batch_size: int) -> Iterator[Any]:
        yield from (each | {"output": []} for each in super().predict_images(images, batch_size=batch_size))

    def image_pictures(self, pixels: torch.Tensor, *, name: str, title: str) -> list[ImagePicture]:
        return []

    def unseen(self) -> str:
        return "nothing was found"


def _run(*inputs: Any, predictor: Any = None, **options: Any) -> int:
    return run(predictor or Brightness(), _options(*inputs, **options))


def _options(*inputs: Any, **options: Any) -> Namespace:
    given = {
        "run": "run",
        "whole_file": False,
        "text": False,
        "words": False,
        "json": False,
        "map": None,
        "out": None,
        "batch_size": 2,
    }
    named = [str(each) for each in inputs]
    return Namespace(inputs=named, **given | options)


@pytest.mark.parametrize(
    "inputs, expected",
    [(["a.png", "b.JPG"], True), (["folder"], True), (["a.zip"], True), (["a.png", "text"], False), ([], False)],
)
def test_images_are_told_from_texts_by_their_names(inputs: list[str], expected: bool) -> None:
    Path("folder").mkdir()
    assert are_images(inputs) is expected
    assert not are_images(["x" * 100_000])


def test_every_image_of_files_folders_and_archives_has_a_line_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_folder(tmp_path / "images", 2)
    archive = zipped(folder, tmp_path / "images.zip")
    (folder / "notes.txt").write_text("x")
    assert _run(folder / "cross/01.png", folder, archive) == 0
    captured = capsys.readouterr()
    names = [f"{label}/0{number}.png" for label in ("circle", "cross", "stripe") for number in (0, 1)]
    expected = [f"{folder}/cross/01.png", *(f"{root}/{name}" for root in (folder, archive) for name in names)]
    assert [line.rsplit(": ", 1)[0] for line in captured.out.splitlines()] == expected
    assert f"left out 1 files in {folder} that aren't named as images: notes.txt" in captured.err
    assert _run(folder / "cross/01.png", json=True) == 0
    assert json.loads(capsys.readouterr().out)["input"] == f"{folder}/cross/01.png"


def test_pictures_are_not_written_over_what_the_run_did_not_draw(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", 1)
    photo, other, out = folder / "cross" / "00.png", folder / "circle" / "00.png", tmp_path / "out"
    before = other.read_bytes()
    remedy = r"\(set --out to another folder, or delete it\)$"
    with pytest.raises(UserError, match=rf"^{other} is there already, and isn't known .* {remedy}"):
        run(Brightness(), _options(photo, out=other.parent), Look(of="run 1"))
    assert other.read_bytes() == before
    for _ in range(2):
        assert run(Brightness(), _options(photo, out=out), Look(of="run 1")) == 0
    with pytest.raises(UserError, match=r"00\.png is a picture of another, run 1, and not of run 2 "):
        run(Brightness(), _options(photo, out=out), Look(of="run 2"))


def test_what_is_written_is_no_input_the_next_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_folder(tmp_path / "images", 1)
    monkeypatch.chdir(tmp_path)
    photo = folder / "cross" / "00.png"
    for given, out in (
        (folder, folder),
        (folder, Path("images/../images")),
        (folder, folder / "cross"),
        (photo, photo.parent),
    ):
        with pytest.raises(
            UserError, match=rf"next time, got --out {out} with {given} \(set --out to another folder\)$"
        ):
            _run(given, out=out)
    assert len(list(folder.rglob("*.*"))) == 3
    for _ in range(2):  # a folder of their own below the input is marked, and left out
        assert _run(folder, out=folder / "marked") == 0
        assert _run(photo, out=photo.parent / "marked") == 0
        assert len([line for line in capsys.readouterr().out.splitlines() if str(folder) in line]) == 3 + 1


def test_broken_images_are_named_after_all_others_were_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_folder(tmp_path / "images", 2)
    (folder / "cross" / "00.png").write_bytes(b"")
    with pytest.raises(
        UserError, match=rf"^every image must be whole, got 1 of 6 that aren't: {folder}/cross/00.png: "
    ):
        _run(folder, out=tmp_path / "out")
    assert len(capsys.readouterr().out.splitlines()) == 5
    assert len(list((tmp_path / "out").glob("[!.]*"))) == 10  # of each its label and its map


@pytest.mark.parametrize(
    "inputs, message",
    [
        ([], r"^the run at run takes images, got none"),
        (["none.png"], r"there is no such file, folder or archive, got none.png \(name one\)$"),
        (["task.score_threshold=0.1"], r"^predict takes images, .* \(set --score-threshold 0.1\)$"),
        (["model.dim=3"], r"got model.dim=3 \(drop it: attnlab evaluate takes KEY=VALUE\)$"),
        (["text.txt"], r"^the run at run takes images, whose names end in .*, got text.txt \(leave it out, or"),
        (["empty"], r"^there are no images in empty, got 1 files that aren't named as such$"),
    ],
)
def test_what_is_no_image_is_refused(inputs: list[str], message: str) -> None:
    Path("empty").mkdir()
    for name in ("text.txt", "empty/text.txt"):
        Path(name).write_text("x")
    with pytest.raises(UserError, match=message):
        _run(*inputs)


@pytest.mark.parametrize("option", ["whole_file", "text", "words"])
def test_what_is_of_texts_is_refused(option: str) -> None:
    with pytest.raises(
        UserError, match=rf"^the run at run takes images, not text \(drop --{option.replace('_', '-')}\)$"
    ):
        _run("a.png", **{option: True})


def test_pictures_never_overwrite_each_other(tmp_path: Path) -> None:
    """Not those of the same name in two folders, nor one that is named as another's map."""
    for name in ("a/x.png", "b/x.png", "a/x_map.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(encoded(picture("cross", 1)))
    assert _run(*(tmp_path / name for name in ("a/x.png", "b/x.png", "a/x_map.png")), out=tmp_path / "out") == 0
    found = {path.name for path in (tmp_path / "out").glob("[!.]*")}
    assert found == {"x.png", "x_map.png", "x_2.png", "x_2_map.png", "x_map_2.png", "x_map_2_map.png"}


def test_a_map_is_of_the_first_image_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_folder(tmp_path / "images", 1)
    assert _run(folder, map=tmp_path / "map.png") == 0
    assert capsys.readouterr().err.count("wrote ") == 1
    assert (tmp_path / "map.png").is_file()


def test_a_map_that_is_lacking_for_nothing_was_found_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded(picture("cross", 1)))
    options = {"map": tmp_path / "map.png"}
    with pytest.raises(UserError, match=r"^nothing was found \(drop --map\)$"):
        _run(tmp_path / "a.png", predictor=Finder(), **options)


def test_a_folder_without_maps_is_told_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_folder(tmp_path / "images", 1)
    assert _run(folder, predictor=Finder(), out=tmp_path / "out") == 0
    said = capsys.readouterr().err
    assert said.count(" images have no attention map in ") == 1
    assert said.endswith(": nothing was found\n")
