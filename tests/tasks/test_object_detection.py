"""Whole runs of object detection, through the command and the shipped configuration, on a few pictures."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from boxed_files import BOXES, SETS, write_coco, write_voc
from fork_server import ForkServer
from PIL import Image
from records_agree import assert_records_agree
from same_run import assert_in_mid_pass, assert_same_run
from tiny_detection import run, tiny, tiny_voc
from tiny_images_run import write_extract

from attnlab.commands import cli
from attnlab.launch.stop import Wish
from attnlab.runs.checkpoints import Checkpoints

# Lightning asks for workers and warns of its own internals; neither is about this code.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    return write_extract(tmp_path / "extract")


def _metrics(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(folder, "metrics.json").read_text())
    return found


def _lines(folder: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(folder, "predictions.jsonl").read_text().splitlines()]


def test_a_run_leaves_everything_and_its_checkpoint_stands_alone(
    extract: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(extract, "detr", "output_dir=run", "attention=additive", "task.score_threshold=0.02") == 0
    printed = capsys.readouterr().out
    for name in ("metrics.json", "predictions.jsonl", "metrics.csv", "checkpoints/best.ckpt"):
        assert Path("run", name).is_file(), name
    for kind in ("boxes", "objects"):
        assert len(list(Path("run/maps").glob(f"test_*_{kind}.png"))) == 4
    assert "test ap50" in printed
    assert "  output    scene " in printed

    metrics = _metrics("run")
    assert metrics["attention_slots"] == dict.fromkeys(["encoder", "decoder", "cross"], "additive") | {"blocks": "none"}
    assert metrics["images_per_second"] > 0
    assert metrics["data"]["images"] == {"train": 13, "val": 5, "test": 7}
    assert {"loss", "ap", "ap50", "ap75", "ap_small"} <= set(metrics["test"])
    assert "faster_coco_eval" in metrics["signatures"]["ap"]
    curves = Path("run/metrics.csv").read_text()
    for name in ("train/loss_label", "train/loss_denoising_overlap", "val/ap50", "val/loss"):
        assert f",{name}," in curves

    lines = _lines("run")
    assert [line["input"] for line in lines] == [f"scene {number}" for number in range(7)]
    for line in lines:
        assert line["details"] == {"height": 96, "width": 96}
        assert line["target"]
        scores = [each["score"] for each in line["output"]]
        assert scores == sorted(scores, reverse=True)
        assert all(score >= 0.02 for score in scores)
        for each in [*line["output"], *line["target"]]:
            left, top, right, bottom = each["box"]
            assert 0 <= left <= right <= 96
            assert 0 <= top <= bottom <= 96
    assert_records_agree(Path("run"), without=["loss"])

    # Evaluating again, from the folder, gives the same scores.
    assert cli.main(["evaluate", "run", "--json", "trainer.precision=32-true"]) == 0
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert again.pop("num_examples") == metrics["data"]["images"]["test"]
    for key in ("of_examples", "warnings", "signatures"):
        del again[key]
    assert again == pytest.approx(metrics["test"], rel=1e-4, abs=1e-5)

    # The best checkpoint alone, moved, with the data and the run gone, still finds objects.
    shutil.copy("run/checkpoints/best.ckpt", tmp_path / "elsewhere.ckpt")
    shutil.rmtree("run")
    shutil.rmtree(extract)
    random = np.random.default_rng(3)
    Image.fromarray(random.integers(0, 256, (96, 192, 3), dtype=np.uint8)).save("wide.png")
    arguments = ["predict", "elsewhere.ckpt", "wide.png", "--json", "--map", "map.png", "--out", "out"]
    assert cli.main(arguments) == 0
    [found] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert found["input"] == "wide.png"
    assert found["details"] == {"height": 96, "width": 192}
    assert "target" not in found
    right = [each["box"][2] for each in found["output"]]
    assert 96 < max(right) <= 192  # in pixels of the original, twice as wide as the canvas
    assert {path.name for path in Path("out").glob("[!.]*")} == {"wide.png", "wide_objects.png"}
    assert Path("map.png").read_bytes().startswith(b"\x89PNG")
    assert cli.main(["predict", "elsewhere.ckpt", "wide.png"]) == 0
    assert capsys.readouterr().out.startswith("wide.png: ")


def _run_until(step: int, arguments: list[str]) -> int:
    """As if the user had pressed Ctrl-C during update `step`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Checkpoints, "_agreed", lambda _, trainer: Wish.STOP if trainer.global_step == step else Wish.GO_ON
        )
        return cli.main(arguments)


@pytest.mark.parametrize(
    "model, more, stops",
    [
        ("detr", ["model.dropout=0.2"], [1, 5]),  # denoising and dropout draw from the generator
        ("attention_object_detection", ["trainer.accumulate_grad_batches=2"], [2, 4, 7]),
    ],
)
def test_an_interrupted_run_ends_with_the_same_bits(
    extract: Path, model: str, more: list[str], stops: list[int]
) -> None:
    """Interrupted in mid-epoch, at a validation, before one: weights, curves, scores and predictions are the same."""
    assert cli.main(tiny(extract, model, "output_dir=whole", *more)) == 0
    for stop in stops:
        assert _run_until(stop, tiny(extract, model, "output_dir=parts", *more)) == 130
    assert cli.main(["train", "resume=parts"]) == 0
    assert_same_run(Path("whole"), Path("parts"))


def test_an_interrupted_run_on_files_ends_with_the_same_bits(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "set")
    more = ["feature_attention=eca", "data.num_workers=1", "trainer.accumulate_grad_batches=3"]
    arguments = tiny_voc(folder, "torchvision_detector", *more)
    assert cli.main([*arguments, "output_dir=whole"]) == 0
    for stop in (1, 5):
        assert _run_until(stop, [*arguments, "output_dir=parts"]) == 130
        assert_in_mid_pass(Path("parts"))
    assert cli.main(["train", "resume=parts", "data.num_workers=0", "data.memory_mb=0"]) == 0
    assert_same_run(Path("whole"), Path("parts"))
    assert _metrics("whole")["data"]["images"] == {split: len(names) for split, names in SETS.items()}
    assert list(Path("whole/maps").glob("test_*_over_channels.png"))


def test_a_coco_folder_trains_and_bf16_does(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set")
    files = [f"data.source.{split}={split}.json" for split in SETS]
    images = [f"data.source.{split}_images={split}" for split in SETS]
    arguments = tiny_voc(folder, "detr", "data=coco", "output_dir=run", "trainer.max_steps=2", *files, *images)
    assert cli.main([*arguments, "trainer.precision=bf16-mixed"]) == 0
    assert _metrics("run")["precision"] == "bf16-mixed"
    assert [line["input"] for line in _lines("run")] == ["test/four.png"]


def test_splits_without_any_object_have_no_precision_and_cannot_choose(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    boxes = {name: found if name in SETS["train"] else [] for name, found in BOXES.items()}
    folder = write_voc(tmp_path / "set", boxes=boxes)
    arguments = tiny_voc(folder, "torchvision_detector", "output_dir=run", "trainer.max_steps=4")
    assert cli.main(arguments) == 2
    assert (
        "error: val/ap can't choose the best checkpoint where val has no objects, got none in it (set "
        "data.source.val, or set task.monitor=val/loss and task.mode=min)\n"
    ) in capsys.readouterr().err
    assert cli.main([*arguments, "task.monitor=val/loss", "task.mode=min", "fresh=true"]) == 0
    metrics = _metrics("run")
    assert not [name for name in metrics["test"] if name.startswith("ap")]
    assert metrics["best"]["monitor"] == "val/loss"
    assert [each["message"].split()[0] for each in metrics["warnings"] if each["kind"] == "no_objects"] == [
        "val",
        "test",
    ]
    assert metrics["data"]["classes"] == ["cat", "dog"]
    assert all(line["target"] == [] for line in _lines("run"))
    assert len(list(Path("run/maps").glob("test_*_boxes.png"))) == 1


@pytest.mark.parametrize(
    "model, more, found",
    [
        ("detr", ["model.num_queries=1"], "this model finds at most 1: it can't find all (set model.num_queries)"),
        ("detr", ["model.num_queries=2"], None),
        (
            "attention_object_detection",
            [],
            "at most 1: it can't find all (set model=detr, or another that finds several)",
        ),
    ],
)
def test_more_objects_than_a_model_finds_are_warned_of(
    model: str, more: list[str], found: str | None, tmp_path: Path
) -> None:
    arguments = tiny_voc(write_voc(tmp_path / "set"), model, "output_dir=run", "trainer.max_steps=1", *more)
    assert cli.main([*arguments, "callbacks=none"]) == 0
    warned = [each for each in _metrics("run")["warnings"] if each["kind"] == "more_objects_than_found"]
    assert len(warned) == (found is not None)
    if found is not None:
        assert warned[0]["message"].startswith("train has up to 2 objects an image, and ")
        assert warned[0]["message"].endswith(found)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_pictures_with_boxes_go_to_wandb(extract: Path) -> None:
    """An offline run; the file that is sent is the one in maps/."""
    import wandb

    small = ["logger=default", "trainer.max_steps=2", "callbacks.attention_maps.num_examples=1", "output_dir=run"]
    try:
        assert run(extract, "attention_object_detection", *small) == 0
    finally:
        wandb.teardown()
    [drawn] = Path("run/maps").glob("test_*_boxes.png")
    sent = [path.read_bytes() for path in Path("run").glob("wandb/offline-run-*/files/media/images/maps/*_boxes*.png")]
    assert sent == [drawn.read_bytes()]


def test_two_processes_train_and_score_as_one(
    server: ForkServer, extract: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    distributed = ["trainer.devices=2", "trainer.strategy=ddp", "trainer.max_steps=2", "output_dir=run"]
    for attempt in server.start_two(tiny(extract, "detr", *distributed), tmp_path):
        assert attempt.wait() == 0, (tmp_path / "output.txt").read_text()
    assert [line["id"] for line in _lines("run")] == list(range(7))
    assert cli.main(["evaluate", "run", "--json", "trainer.precision=32-true"]) == 0
    alone = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert alone.pop("num_examples") == 7
    for key in ("of_examples", "warnings", "signatures"):
        del alone[key]
    together = _metrics("run")["test"]
    assert {name: score for name, score in alone.items() if name != "loss"} == pytest.approx(
        {name: score for name, score in together.items() if name != "loss"}, rel=1e-4, abs=1e-5
    )


# Predicting


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A detector of colour pictures with channel weights."""
    folder = tmp_path_factory.mktemp("trained")
    small = ["feature_attention=eca", "trainer.max_steps=2", "task.score_threshold=0.0", f"output_dir={folder / 'run'}"]
    arguments = tiny_voc(write_voc(folder / "set"), "torchvision_detector", *small)
    assert cli.main([*arguments, f"data.cache_dir={folder / 'cache'}"]) == 0
    return folder / "run"


def test_a_folder_of_any_pictures_is_searched_and_drawn(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("pictures").mkdir()
    random = np.random.default_rng(3)
    Image.fromarray(random.integers(0, 256, (40, 60, 4), dtype=np.uint8)).save("pictures/see-through.png")
    Image.fromarray(random.integers(0, 65536, (30, 30), dtype=np.uint16)).save("pictures/deep.png")
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    Image.new("RGB", (50, 20), "green").save("pictures/lying.jpg", exif=exif)
    assert cli.main(["predict", str(trained), "pictures", "--json", "--out", "out", "--batch-size", "2"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    sizes = {Path(line["input"]).name: (line["details"]["width"], line["details"]["height"]) for line in lines}
    assert sizes == {"deep.png": (30, 30), "lying.jpg": (20, 50), "see-through.png": (60, 40)}
    for line in lines:
        width, height = line["details"]["width"], line["details"]["height"]
        for each in line["output"]:
            left, top, right, bottom = each["box"]
            assert 0 <= left <= right <= width + 0.01
            assert 0 <= top <= bottom <= height + 0.01
    drawn = {path.name for path in Path("out").glob("[!.]*")}
    assert drawn == {
        f"{stem}{kind}.png" for stem in ("deep", "lying", "see-through") for kind in ("", "_over_channels")
    }


def test_broken_pictures_are_named_after_the_others_are_done(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (20, 20)).save("whole.png")
    Path("empty.jpg").touch()
    assert cli.main(["predict", str(trained), "empty.jpg", "whole.png"]) == 2
    captured = capsys.readouterr()
    assert captured.out.startswith("whole.png: ")
    assert "empty.jpg: the file is empty" in captured.err


# Mistakes


@pytest.mark.parametrize(
    "more, message",
    [
        (["task.score_threshold=1.5"], "score_threshold must lie from 0 to 1, got 1.5 (set task.score_threshold)"),
        (["task.monitor=val/accuracy"], "monitor must be one of val/loss, val/ap, val/ap50, val/ap75, got"),
        (["model.box_noise=2.0"], "box_noise must lie in (0, 1), got 2.0 (set model.box_noise)"),
        (["data.augmentation.min_window=3.0"], "windows must lie between min_window above 0 and a greater max_window"),
        (["data.source.num_val=0"], "num_val must be 1 or more, got 0 (set data.source.num_val)"),
        (["data.channels=3"], "channels must be 1 for this set, got 3 (set data.channels=1)"),
        (["model.stage_channels=[16]"], "every stage needs a width and its blocks, got [16] and [1, 1]"),
        (["model.stage_channels=[a,b]"], "model.stage_channels must be a list (each a whole number), got ['a', 'b']"),
        (["model.box_weight=-1.0"], "box_weight must be 0 or more, got -1.0 (set model.box_weight)"),
        (["model=resnet"], "this model doesn't fit this task"),
    ],
)
def test_a_mistake_is_one_line(
    extract: Path, more: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = tiny(extract, "detr", "output_dir=run")
    if more[0].startswith("model=resnet"):
        arguments = [each for each in arguments if not each.startswith("model")]
    assert cli.main([*arguments, *more]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert [line for line in error.splitlines() if " is given twice: " not in line] == [error.splitlines()[-1]]


def test_a_box_that_cannot_be_ends_training_before_it_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_voc(tmp_path / "set")
    path = folder / "Annotations" / "two.xml"
    path.write_text(path.read_text().replace("<xmax>13.0<", "<xmax>130.0<").replace("<xmax>13<", "<xmax>130<"))
    assert cli.main([*tiny_voc(folder, "detr"), "output_dir=run"]) == 2
    error = capsys.readouterr().err
    assert f"outside the image of 29 by 41: 'dog' (8, 12, 130, 37) in {path}, line 6" in error
    assert "(mend the file, or set data.source.repair=true)" in error
    assert cli.main([*tiny_voc(folder, "detr"), "output_dir=mended", "data.source.repair=true"]) == 0
    assert _metrics("mended")["data"]["repaired"] == {"cut: outside the image": 1}
