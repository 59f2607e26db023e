"""What is seen of image generation, through the command: pictures, warnings, and `attnlab predict`."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tiny_generation import run, tiny_networks
from tiny_images_run import write_extract
from torch import Tensor

from attnlab.commands import cli
from attnlab.data.classification.sets import FASHION_CLASSES
from attnlab.reporting.figures import picture_grid
from attnlab.reporting.figures.class_grid import MARGIN
from attnlab.runs import build
from attnlab.tasks import ImageGenerationTask

# Lightning asks for workers and warns of its own internals; neither is about this code.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

NONE = "callbacks=none"


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    return write_extract(tmp_path / "extract")


def _metrics(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(folder, "metrics.json").read_text())
    return found


def _pixels(path: Path) -> Tensor:
    with Image.open(path) as image:
        return torch.from_numpy(np.array(image)).unsqueeze(0)


def _below_names(path: Path, like: Tensor) -> Tensor:
    """The pixels of a grid of this size, over whose columns the classes' names stand."""
    with Image.open(path) as image:
        whole = torch.from_numpy(np.array(image.convert("L"))).unsqueeze(0)
    height, width = like.shape[1:]
    return whole[:, -height - MARGIN : -MARGIN, MARGIN : MARGIN + width]


# Training


def test_a_run_leaves_its_pictures_and_counts_both_networks(extract: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(tiny_networks(extract, "sagan", "output_dir=run", "callbacks.generated_pictures.num=23")) == 0
    printed = capsys.readouterr().out
    steps = [f"update_{step:06d}.png" for step in (0, 4, 8)]
    last = ["grid.png", "interpolation.png", "neighbours.png", "training.webp"]
    assert sorted(path.name for path in Path("run/samples").iterdir()) == sorted(steps + last)
    assert {path.name for path in Path("run/maps").iterdir()} == {
        f"test_{network}_attention.png" for network in ("generator", "discriminator")
    }
    for name in last:
        assert f"run/samples/{name}\n" in printed
    assert "predictions.jsonl" not in printed

    counts = _metrics("run")["parameters"]
    assert counts["total"] == counts["generator"] + counts["discriminator"] == counts["trainable"]
    assert (
        f"{counts['total']:,} (generator {counts['generator']:,}, discriminator {counts['discriminator']:,})" in printed
    )
    assert "(standard error " in printed

    # The grid is of the best checkpoint, which stands alone: two rows of ten classes.
    _, predictor = build.restore_predictor(Path("run/checkpoints/best.ckpt"))
    (pictures,) = [each for each, _ in predictor.generate(20, seed=0)]
    grid = picture_grid(pictures, columns=10)
    assert torch.equal(_below_names(Path("run/samples/grid.png"), grid), grid)
    best = _metrics("run")["best"]["step"]
    shown = Path(f"run/samples/update_{best:06d}.png")
    assert shown.read_bytes() == Path("run/samples/grid.png").read_bytes()
    with Image.open("run/samples/training.webp") as film:
        film.seek(film.n_frames - 1)
        with Image.open("run/samples/update_000008.png") as frame:
            assert np.array_equal(np.asarray(film.convert("RGB")), np.asarray(frame.convert("RGB")))


@pytest.mark.parametrize(
    "feature_attention, kinds", [("cbam", ["over_channels", "over_image"]), ("se", ["over_channels"]), ("none", [])]
)
def test_mechanisms_without_queries_are_drawn_for_each_sample(
    extract: Path, feature_attention: str, kinds: list[str]
) -> None:
    more = ["callbacks.generated_pictures.num=0", "callbacks.attention_maps.num_examples=2", "trainer.max_steps=4"]
    more += [f"feature_attention={feature_attention}", "model.dim=16", "output_dir=run"]
    assert cli.main(tiny_networks(extract, "dcgan", *more)) == 0
    assert not Path("run/samples").exists()
    assert {path.name for path in Path("run").glob("maps/*")} == {
        f"test_{number}_{network}_{kind}.png"
        for number in (0, 1)
        for network in ("generator", "discriminator")
        for kind in kinds
    }


def _warnings(folder: str, kind: str) -> list[dict[str, Any]]:
    return [each for each in _metrics(folder)["warnings"] if each["kind"] == kind]


SHORT = ("output_dir=run", "callbacks.generated_pictures.num=0", "callbacks.failure_signs.window=10")


def test_planted_failures_are_named_once(extract: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A generator that makes one image, and hardly learns, against a discriminator that learns fast."""
    more = ["model.conditional=false", "model.latent_share=0.0", "optimizer.lr=1e-7", "task.discriminator_rate=1e5"]
    assert run(extract, *more, "trainer.max_steps=40", *SHORT) == 0
    printed = capsys.readouterr()
    (collapse,) = _warnings("run", "mode_collapse")
    said = "samples differ from each other by 0% of what real images do"
    assert collapse == {"kind": "mode_collapse", "message": said, "first_step": 12, "last_step": None}
    (saturation,) = _warnings("run", "discriminator_saturation")
    assert 10 <= saturation["first_step"] <= 30
    assert saturation["last_step"] is None
    (few,) = _warnings("run", "few_samples")
    assert "29 samples" in few["message"]
    for warning in (collapse, saturation):
        name, since = warning["kind"].replace("_", " "), warning["first_step"]
        assert printed.err.count(f"{name} since update {since}: {warning['message']}") == 1
        (row,) = [line for line in printed.out.splitlines() if line.startswith(f"  warning: {name} ")]
        assert row.endswith(f"{warning['message']} (update {since} to the end)")


def test_a_pair_that_learns_is_left_in_peace(extract: Path) -> None:
    assert run(extract, "optimizer.lr=1e-2", "task.discriminator_rate=0.1", "trainer.max_steps=40", *SHORT) == 0
    assert [each["kind"] for each in _metrics("run")["warnings"]] == ["few_samples"]


def test_a_run_that_diverges_names_its_last_good_checkpoint(extract: Path, capsys: pytest.CaptureFixture[str]) -> None:
    latents = ImageGenerationTask._new_latents

    def spoilt(self: ImageGenerationTask, num: int) -> Tensor:
        return latents(self, num) * (float("nan") if self.global_step >= 6 else 1.0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ImageGenerationTask, "_new_latents", spoilt)
        assert run(extract, *SHORT) == 1
    error = capsys.readouterr().err
    assert "training diverged: train/generator_loss is not a number at update 8; the last good checkpoint is " in error
    assert re.search(r"(\S+last\.ckpt), of update 6 \(set init_from=\1 to start from it\)", error)


# Predicting


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class-conditional pair with attention."""
    folder = tmp_path_factory.mktemp("trained")
    extract = write_extract(folder / "extract")
    assert cli.main(tiny_networks(extract, "sagan", f"output_dir={folder / 'run'}", "trainer.max_steps=4", NONE)) == 0
    return folder / "run"


@pytest.fixture(scope="module")
def classless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pair without classes or attention."""
    folder = tmp_path_factory.mktemp("classless")
    more = ["feature_attention=none", f"output_dir={folder / 'run'}", "trainer.max_steps=4", NONE]
    assert cli.main(tiny_networks(write_extract(folder / "extract"), "dcgan", *more)) == 0
    return folder / "run"


def _predict(*arguments: str) -> int:
    return cli.main(["predict", *arguments])


def test_a_seed_gives_the_same_bits_however_many_and_however_many_at_once(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder, num, batch_size in (("a", 70, 32), ("b", 70, 7), ("c", 70, 1), ("d", 11, 64)):
        arguments = ["--num", str(num), "--seed", "3", "--batch-size", str(batch_size), "--out", folder]
        assert _predict(str(trained), *arguments) == 0
        printed = capsys.readouterr()
        names = [f"{folder}/{number:05d}.png" for number in range(num)]
        assert printed.out.splitlines() == [*names, f"{folder}/grid.png"]
        assert f"wrote {num} images and a grid of {num} into {folder}" in printed.err
        assert {str(path) for path in Path(folder).glob("[!.]*")} == {*names, f"{folder}/grid.png"}
    for folder in "bcd":
        for path in Path(folder).glob("[!.]*"):
            if (folder, path.name) != ("d", "grid.png"):
                assert path.read_bytes() == Path("a", path.name).read_bytes()
    images = torch.stack([_pixels(Path(f"a/{number:05d}.png")) for number in range(70)])
    assert images.shape == (70, 1, 28, 28)
    grid = picture_grid(images, columns=10)
    assert torch.equal(_below_names(Path("a/grid.png"), grid), grid)
    assert _predict(str(trained), "--num", "1", "--seed", "4", "--out", "e") == 0
    assert Path("e/00000.png").read_bytes() != Path("a/00000.png").read_bytes()


def test_by_default_64_of_seed_0_are_made_from_the_checkpoint_alone(
    classless: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = Path("moved.ckpt")
    checkpoint.write_bytes((classless / "checkpoints" / "best.ckpt").read_bytes())
    assert _predict(str(checkpoint), "--json") == 0
    printed = capsys.readouterr()
    lines = [json.loads(line) for line in printed.out.splitlines()]
    assert lines == [
        {
            "id": number,
            "input": "",
            "output": f"generated/{number:05d}.png",
            "score": None,
            "details": {"class": None, "seed": 0},
        }
        for number in range(64)
    ]
    images = torch.stack([_pixels(Path(line["output"])) for line in lines])
    assert torch.equal(_pixels(Path("generated/grid.png")), picture_grid(images, columns=8))
    assert _predict(str(checkpoint), "--num", "3") == 0
    assert "generated also holds images of an earlier, larger number: 00003.png and on" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["Ankle boot", "ankle boot", "ankle_boot", "ANKLE_BOOT"])
def test_a_class_is_asked_for_by_name(trained: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert _predict(str(trained), "--num", "3", "--class", name, "--json", "--out", "boots") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["details"]["class"] for line in lines] == ["Ankle boot"] * 3
    assert _predict(str(trained), "--num", "10", "--json", "--out", "all") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["details"]["class"] for line in lines] == list(FASHION_CLASSES)
    images = [_pixels(Path(f"boots/{number:05d}.png")) for number in range(3)]
    assert torch.equal(_pixels(Path("boots/grid.png")), picture_grid(torch.stack(images), columns=2))
    assert not torch.equal(images[0], _pixels(Path("all/00000.png"))), "of the same latent, but another class"


def test_the_attention_of_samples_is_drawn(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _predict(str(trained), "--num", "2", "--class", "bag", "--map", "maps/map.png") == 0
    with Image.open("maps/map.png") as image:
        assert image.width > 2 * image.height  # two rows of an image and five maps
    assert "wrote maps/map.png" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--num", "0"], "--num must be 1 or more, got 0"),
        (["--num", "-3"], "--num must be 1 or more, got -3"),
        (["--seed", "-1"], "--seed must be from 0 to 9223372036854775807, got -1"),
        (["--class", "hat"], "there is no such class, got --class hat (choose from T-shirt/top, Trouser, "),
        (["a few words"], "a run that generates images takes no input, got 'a few words' (set --num, --seed and "),
        (["a few words", "--num", "3"], "a run that generates images takes no input, got 'a few words' (set "),
        (["picture.png"], "a run that generates images takes no input, got 'picture.png' (set --num, "),
        (["--whole-file"], "a run that generates images reads no text (drop --whole-file)"),
        (["--html", "page.html"], "--html shows the entities that a ner run finds"),
        (["--beam-size", "3"], "searches no beams, got --beam-size 3"),
        (["--out", "taken"], "taken is a file and no folder (set --out)"),
        (["--map", "map.jpg"], "a figure is a PNG, PDF or SVG, got map.jpg"),
    ],
)
def test_what_cannot_be_is_one_line(
    trained: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    Path("taken").write_text("a file")
    assert _predict(str(trained), *arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not Path("generated").exists()


def test_where_images_go_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _predict("--help")
    printed = " ".join(capsys.readouterr().out.split())
    assert (
        "generated ones (which go to ./generated without this), into a folder, over those of the same name and run"
        in printed
    )


def test_what_a_run_without_classes_or_attention_hasnt_is_said(
    classless: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _predict(str(classless), "--class", "bag") == 2
    assert "this run generates images of any class, got --class bag" in capsys.readouterr().err
    assert _predict(str(classless), "--num", "1", "--map", "map.png") == 2
    assert "this model has no attention to draw (drop --map)" in capsys.readouterr().err
    assert not Path("generated").exists(), "nothing is made before that is known"
