"""Whole runs of image classification, through the command and the shipped configuration, on a few images."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import torchvision
from lightning.pytorch import Trainer
from PIL import Image
from records_agree import assert_records_agree
from same_run import assert_in_mid_pass, assert_same_run
from tiny_images_run import common, run, tiny, write_extract
from tiny_tasks import build_tiny

from attnlab.commands import cli
from attnlab.config.compose import compose_run
from attnlab.data.classification.sets import FASHION_CLASSES
from attnlab.data.images.batch import ImageBatch
from attnlab.data.images.codec import ImageCodec
from attnlab.errors import UserError
from attnlab.files import write_text
from attnlab.launch.stop import Wish
from attnlab.runs import build
from attnlab.runs.checkpoints import Checkpoints
from attnlab.study.scorers import scorer_of

# Lightning asks for workers and warns of its own internals; neither is about this code.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    return write_extract(tmp_path / "extract")


def _metrics(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(folder, "metrics.json").read_text())
    return found


def _write_folder(folder: Path) -> Path:
    """Three classes of seven pictures, of differing sizes and kinds."""
    random = np.random.default_rng(5)
    for label in ("cat", "dog", "emu"):
        (folder / label).mkdir(parents=True)
        for number in range(7):
            shape = (20 + number, 24, 3) if number % 2 else (20, 17 + number)
            image = Image.fromarray(random.integers(0, 256, shape, dtype=np.uint8))
            image.save(folder / label / f"{number}.{'png' if number % 3 else 'jpg'}")
    return folder


def test_a_run_leaves_everything_and_its_checkpoint_stands_alone(
    extract: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(extract, "output_dir=run", "attention=additive") == 0
    printed = capsys.readouterr().out
    for name in ("metrics.json", "predictions.jsonl", "metrics.csv", "confusion.png", "checkpoints/best.ckpt"):
        assert Path("run", name).is_file(), name
    assert len(list(Path("run/maps").glob("test_*_over_image.png"))) == 4
    assert "test accuracy" in printed
    assert "test f1_trouser" in printed

    metrics = _metrics("run")
    assert metrics["steps"] == 8
    assert metrics["attention_slots"] == {"pooling": "additive"}
    assert metrics["images_per_second"] > 0
    assert metrics["data"]["images"] == {"train": 50, "val": 20, "test": 29}
    assert {"loss", "accuracy", "calibration_error", "f1_bag", "recall_ankle_boot"} <= set(metrics["test"])
    assert "top5_accuracy" not in metrics["test"]
    assert metrics["signatures"]["calibration_error"].endswith("bins:15|norm:l1")

    lines = [json.loads(line) for line in Path("run/predictions.jsonl").read_text().splitlines()]
    assert [line["input"] for line in lines] == [f"test/{number:05d}" for number in range(29)]
    assert [line["target"] for line in lines] == [FASHION_CLASSES[number % 10] for number in range(29)]
    for line in lines:
        top = line["details"]["top"]
        assert (line["output"], line["score"]) == (top[0]["output"], top[0]["score"])
        assert len(top) == 5
        assert [each["score"] for each in top] == sorted((each["score"] for each in top), reverse=True)
    right = sum(line["output"] == line["target"] for line in lines) / len(lines)
    assert metrics["test"]["accuracy"] == pytest.approx(right, abs=1e-6)
    assert_records_agree(Path("run"))

    # Evaluating again, from the folder, gives the same scores.
    assert cli.main(["evaluate", "run", "--json", "trainer.precision=32-true"]) == 0
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert again.pop("num_examples") == metrics["data"]["images"]["test"]
    for key in ("of_examples", "warnings", "signatures"):
        del again[key]
    assert again == pytest.approx(metrics["test"], rel=1e-5, abs=1e-6)

    # The best checkpoint alone, moved, with the data and the run gone, still names images.
    with np.load(extract / "fashion_mnist_small.npz") as stored:
        for number in range(2):
            Image.fromarray(stored["test_images"][number, 0]).save(f"{number}.png")
    shutil.copy("run/checkpoints/best.ckpt", tmp_path / "elsewhere.ckpt")
    shutil.rmtree("run")
    shutil.rmtree(extract)
    assert cli.main(["predict", "elsewhere.ckpt", "0.png", "1.png", "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["input"] for each in found] == ["0.png", "1.png"]
    for each, line in zip(found, lines[:2], strict=True):
        assert each["output"] == line["output"]
        assert each["score"] == pytest.approx(line["score"], abs=2e-4)
        assert "target" not in each


def test_a_run_from_torchvisions_weights_with_classes_that_count_alike(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _write_folder(tmp_path / "photos")
    shutil.rmtree(folder / "emu")
    for number in range(3, 7):
        next((folder / "dog").glob(f"{number}.*")).unlink()  # seven cats and three dogs; one each is held out, twice
    theirs = torchvision.models.resnet18(num_classes=5)
    torch.save(theirs.state_dict(), "resnet18.pth")
    command = ["train", "task=image_classification", "data=image_folder", f"data.root={folder}", "data.image_size=16"]
    command += ["model=torchvision_resnet", "model.small_images=false", "model.weights=resnet18.pth", "data.channels=1"]
    command += ["feature_attention=none", "task.class_weights=balanced", "data.num_workers=0", "callbacks=none"]
    command += [*common(), "trainer.max_steps=1", "trainer.val_check_interval=1", "optimizer=sgd", "optimizer.lr=0.0"]
    assert cli.main([*command, "output_dir=run"]) == 0
    capsys.readouterr()
    metrics = _metrics("run")
    assert metrics["started_from"]["model.weights"]["anew"] == ["network.fc.weight", "network.fc.bias"]
    assert metrics["signatures"]["loss"] == "weights:cat 0.6, dog 3"  # of five cats and one dog
    assert_records_agree(Path("run"))
    state = torch.load("run/checkpoints/best.ckpt", weights_only=True)["state_dict"]
    assert torch.equal(state["model.network.layer2.1.bn2.norm.weight"], theirs.layer2[1].bn2.weight)

    hashes = [Path(compose_run(command[1:]).run_path).name]
    torch.save(theirs.state_dict() | {"fc.bias": torch.zeros(5)}, "resnet18.pth")
    hashes.append(Path(compose_run(command[1:]).run_path).name)
    Path("resnet18.pth").unlink()
    hashes.append(Path(compose_run(command[1:]).run_path).name)
    assert len(set(hashes)) == 3
    # Without the file, the run's checkpoint is scored.
    assert cli.main(["evaluate", "run", "--json"]) == 0
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert again.pop("num_examples") > 0
    for key in ("of_examples", "warnings", "signatures"):
        del again[key]
    assert again == pytest.approx(metrics["test"], rel=1e-4, abs=1e-5)
    assert cli.main([*command, "output_dir=other"]) == 2
    assert "error: no such file of weights, got resnet18.pth (set model.weights)" in capsys.readouterr().err


def test_losses_are_weighted_means(extract: Path) -> None:
    """Also with smoothing, as torch has it; nothing is weighted but the loss."""
    config = build.plain(
        compose_run(["task=image_classification", "model=resnet", "model.dim=4", f"data.root={extract}"])
    )
    data = build.build_data(config)
    config["task"] |= {"class_weights": [1.0 + number for number in range(10)], "label_smoothing": 0.1}
    codec = ImageCodec(classes=FASHION_CLASSES, channels=1, height=28, width=28, mean=[0.5], std=[0.5])
    task = build.build_task(config, data.example_sizes, codec).eval()
    images, labels = torch.randn(7, 1, 28, 28), torch.tensor([0, 3, 3, 9, 1, 0, 5])
    logits = task.model(images)
    losses = -logits.log_softmax(1)[torch.arange(7), labels]
    expected = (losses * (labels + 1)).sum() / (labels + 1).sum()
    assert torch.allclose(task._loss(logits, labels, "val"), expected)
    for rows in (slice(0, 3), slice(3, 7)):
        task._loss(logits[rows], labels[rows], "test")
    assert torch.allclose(task.losses["test"].take(), expected)
    smooth = task.training_step(ImageBatch(torch.arange(7), images, labels), 0)
    weights = torch.arange(1.0, 11)
    assert torch.allclose(smooth, F.cross_entropy(logits, labels, weight=weights, label_smoothing=0.1))


@pytest.mark.parametrize(
    "more, message",
    [
        (["data.batch_size=1"], "got a batch of 1 of 13 images (set a larger data.batch_size, or another model or"),
        (
            ["data.root=photos/cat"],
            "there must be two classes or more, each in a folder of its own, got one alone (set data.root to the fol",
        ),
        (["task.class_weights=[1,2]"], "one for each of the 3 classes, in their order, got 2 (set task.class_weights)"),
        (["data.labels=none.csv"], "this table of labels can't be read, got photos/none.csv: "),
    ],
)
def test_data_that_a_model_cant_learn_from_is_one_line(
    more: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _write_folder(Path("photos"))
    Path("photos/emu").rename("photos/fox")
    next(Path("photos/fox").glob("1.*")).unlink()
    next(Path("photos/fox").glob("2.*")).unlink()
    folder = ["data=image_folder", "data.root=photos", "data.image_size=8", "data.num_workers=0", "output_dir=run"]
    command = ["train", "task=image_classification", "model=resnet", "model.dim=16", "feature_attention=bam", *folder]
    assert cli.main([*command, *common(), "callbacks=none", *more]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert not Path("run").exists()


def _run_until(step: int, arguments: list[str]) -> int:
    """As if the user had pressed Ctrl-C during update `step`."""

    def agreed(_: Checkpoints, trainer: Trainer) -> Wish:
        return Wish.STOP if trainer.global_step == step else Wish.GO_ON

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoints, "_agreed", agreed)
        return cli.main(arguments)


@pytest.mark.parametrize(
    "more, stops",
    [
        (["model=attention_image_classification", "model.dropout=0.3"], [1, 6]),
        (["model=resnet", "feature_attention=bam", "model.dim=16", "model.num_blocks=1"], [3, 5]),
        (
            ["model=vit", "model.num_layers=1", "model.patch_size=7", "trainer.accumulate_grad_batches=2"],
            [2, 4, 7],
        ),
    ],
)
def test_an_interrupted_run_ends_with_the_same_bits(extract: Path, more: list[str], stops: list[int]) -> None:
    """Interrupted in mid-epoch, at a validation, before one: weights, curves, scores and predictions are the same."""
    assert cli.main(tiny(extract, "output_dir=whole", *more)) == 0
    for stop in stops:
        assert _run_until(stop, tiny(extract, "output_dir=parts", *more)) == 130
    assert cli.main(["train", "resume=parts"]) == 0
    assert_same_run(Path("whole"), Path("parts"))


def test_an_interrupted_run_on_a_folder_ends_with_the_same_bits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _write_folder(tmp_path / "images")
    arguments = ["train", "task=image_classification", "data=image_folder", f"data.root={folder}", "model.dim=8"]
    arguments += ["data.image_size=16", "data.batch_size=4", "data.num_workers=1", "data.max_shift=1", *common()]
    arguments += ["trainer.accumulate_grad_batches=2"]
    assert cli.main([*arguments, "output_dir=whole"]) == 0
    for stop in (1, 5):
        assert _run_until(stop, [*arguments, "output_dir=parts"]) == 130
        assert_in_mid_pass(Path("parts"))
    assert cli.main(["train", "resume=parts", "data.num_workers=0"]) == 0
    assert_same_run(Path("whole"), Path("parts"))
    assert _metrics("whole")["data"]["images"] == {"train": 15, "val": 3, "test": 3}

    # Another share of the same images would be tested on what was trained on.
    assert cli.main(["evaluate", "whole", "data.test_share=0.4"]) == 2
    assert "test images must be those that training left out, got data.test_share=0.4 and not 0.1" in (
        capsys.readouterr().err
    )
    assert cli.main(["evaluate", "whole", f"data.root={folder.parent}/./{folder.name}/", "data.test_share=0.4"]) == 2
    shutil.copytree(folder, tmp_path / "others")
    assert cli.main(["evaluate", "whole", f"data.root={tmp_path / 'others'}", "data.test_share=0.4"]) == 2
    assert "got training's own images in" in capsys.readouterr().err
    others = tmp_path / "others"
    for images, more, tested in (
        ("the same", [], f"3 of 21 images (data.test_share=0.1), in {others}"),
        ("others", [], f"all 21 images, none of which is set apart for test, in {others}"),
        ("others", ["data.test_share=0.4"], f"of 21 images (data.test_share=0.4), in {others}"),
    ):
        if images == "others":
            first, second, *_ = sorted(path for path in others.rglob("*") if path.is_file())
            shutil.copy(first, second)
        assert cli.main(["evaluate", "whole", "--json", f"data.root={others}", *more]) == 0
        printed = capsys.readouterr()
        assert tested in printed.err
        assert ("than training's: test may hold what the model was" in printed.err) == (images == "others")
        assert f"{json.loads(printed.out)['num_examples']} of 21" in printed.err.replace("all 21", "21 of 21")
    shutil.rmtree(folder)
    others.rename(folder)
    assert cli.main(["evaluate", "whole"]) == 0
    assert "the data has changed since training: test may hold what the model was trained on" in capsys.readouterr().err


PEERS = Path(__file__).parents[2] / "benchmarks" / "peers"


@pytest.mark.parametrize("peer", [path.stem for path in sorted((PEERS / "model").glob("*.yaml"))])
def test_others_models_train_by_the_same_command(extract: Path, peer: str) -> None:
    more = ["task=image_classification", f"model={peer}", "--config-dir", str(PEERS), "trainer.max_steps=1"]
    assert cli.main(["train", f"data.root={extract}", "data.num_val=20", *common(), *more, "output_dir=run"]) == 0
    assert 0 <= _metrics("run")["test"]["accuracy"] <= 1
    assert not list(Path("run").glob("maps/*"))  # they don't say where they look


# Predicting


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A net with channel weights, trained on the stand-in."""
    folder = tmp_path_factory.mktemp("trained")
    small = ["model=resnet", "feature_attention=se", "model.dim=16", "model.num_blocks=1", "trainer.max_steps=4"]
    assert run(write_extract(folder / "extract"), *small, f"output_dir={folder / 'run'}") == 0
    return folder / "run"


@pytest.fixture
def pictures() -> Path:
    folder = Path("pictures/more")
    folder.mkdir(parents=True)
    random = np.random.default_rng(3)
    Image.fromarray(random.integers(0, 256, (40, 60, 4), dtype=np.uint8)).save("pictures/see-through.png")
    Image.fromarray(random.integers(0, 65536, (30, 30), dtype=np.uint16)).save("pictures/deep.png")
    Image.fromarray(random.integers(0, 256, (25, 50, 3), dtype=np.uint8)).save(folder / "deep.png")
    Path("pictures/notes.txt").write_text("x")
    return Path("pictures")


def test_a_folder_is_predicted_file_by_file_and_drawn(
    trained: Path, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["predict", str(trained), str(pictures), "--out", "drawn", "--map", "map.png"]
    assert cli.main([*arguments, "--batch-size", "2"]) == 0
    printed = capsys.readouterr()
    rows = [line.split("\t") for line in printed.out.splitlines()]
    assert [row[0] for row in rows] == [f"pictures/{name}" for name in ("deep.png", "more/deep.png", "see-through.png")]
    assert all(row[1] in FASHION_CLASSES and 0 < float(row[2]) <= 1 for row in rows)
    names = {path.name for path in Path("drawn").glob("[!.]*")}
    assert names == {f"{s}{e}.png" for s in ("deep", "more_deep", "see-through") for e in ("", "_over_channels")}
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in [*Path("drawn").glob("[!.]*"), Path("map.png")])
    assert printed.err.count("wrote ") == 7


def test_pictures_of_the_same_name_dont_overwrite_each_other(trained: Path, pictures: Path) -> None:
    arguments = ["predict", str(trained), "pictures/deep.png", "pictures/more/deep.png", "--out", "drawn"]
    assert cli.main(arguments) == 0
    assert {"deep.png", "deep_2.png"} < {path.name for path in Path("drawn").iterdir()}


@pytest.mark.parametrize("names", [("deep.png", "deep_over_channels.png"), ("deep_over_channels.png", "deep.png")])
def test_a_picture_named_as_anothers_map_doesnt_overwrite_it(
    trained: Path, pictures: Path, names: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    (pictures / "deep_over_channels.png").write_bytes((pictures / "deep.png").read_bytes())
    assert cli.main(["predict", str(trained), *(str(pictures / name) for name in names), "--out", "drawn"]) == 0
    written = [line for line in capsys.readouterr().err.splitlines() if line.startswith("wrote ")]
    assert len(set(written)) == len(written) == len(list(Path("drawn").glob("[!.]*"))) == 4


def test_other_files_in_a_folder_are_left_out_and_counted(
    trained: Path, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pictures / "more" / "phone.heic").write_bytes(b"x")
    assert cli.main(["predict", str(trained), str(pictures)]) == 0
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 3
    left_out = "left out 2 files in pictures that aren't named as images: more/phone.heic, notes.txt"
    assert left_out in printed.err.splitlines()


def test_a_name_that_isnt_utf8_is_escaped_wherever_it_is_written(
    trained: Path, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    (pictures / "more" / "deep.png").rename(pictures / "more" / name)
    arguments = ["predict", str(trained), str(pictures / "more")]
    assert cli.main(arguments) == 0
    assert capsys.readouterr().out.startswith("pictures/more/caf\\udce9.png\t")
    assert cli.main([*arguments, "--json", "--out", "drawn"]) == 0
    line = capsys.readouterr().out
    line.encode()
    assert json.loads(line)["input"] == f"pictures/more/{name}"
    assert {path.name for path in Path("drawn").glob("[!.]*")} == {
        name,
        name.replace(".png", "_over_channels.png"),
    }
    write_text(Path("predictions.jsonl"), line + json.dumps({"input": name}, ensure_ascii=False))
    read = [json.loads(each)["input"] for each in Path("predictions.jsonl").read_text(encoding="utf-8").splitlines()]
    assert read == [f"pictures/more/{name}", name]


def test_evaluating_for_machines_prints_nothing_but_json(trained: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evaluate", str(trained), "--json", "trainer.precision=32-true"]) == 0
    printed = capfd.readouterr()
    metrics = _metrics(str(trained))
    assert json.loads(printed.out).keys() == {*metrics["test"], "num_examples", "of_examples", "warnings", "signatures"}
    assert f"testing {trained} on the {metrics['data']['images']['test']} examples of test, in " in printed.err
    assert "Testing" not in printed.err  # Lightning's bar, which is for terminals


def test_a_misspelt_key_to_evaluate_with_is_told_the_nearest(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evaluate", str(trained), "data.batch_sise=3"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: no key 'data.batch_sise' (did you mean data.batch_size?); data has batch_size, ")
    assert error.count("\n") == 1


def test_broken_images_are_named_after_all_others_were_done(
    trained: Path, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pictures / "a.jpg").write_bytes(b"")
    (pictures / "z.png").write_bytes((pictures / "deep.png").read_bytes()[:100])
    assert cli.main(["predict", str(trained), str(pictures), "--json"]) == 2
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 3
    (error,) = [line for line in printed.err.splitlines() if "error: " in line]
    assert (
        "every image must be whole, got 2 of 5 that aren't: pictures/a.jpg: the file is empty; pictures/z.png: "
        in error
    )


@pytest.mark.parametrize(
    "inputs, message",
    [
        (["nowhere.png"], "takes images, and there is no such file, folder or archive, got nowhere.png"),
        (["nowhere.zip"], "takes images, and there is no such file, folder or archive, got nowhere.zip"),
        (["pictures", "photoss"], "takes images, and there is no such file, folder or archive, got photoss"),
        (["a few words", "--out", "drawn"], "there is no such file, folder or archive, got a few words"),
        (["-"], "there is no such file, folder or archive, got -"),
        (["pictures/deep.png", "pictures/notes.txt"], ".webp, got pictures/notes.txt (leave it out, or name its"),
        (["empty"], "there are no images in empty, got 0 files"),
        ([], "takes images, got none (name image files, folders or zip archives)"),
        (["pictures", "--whole-file"], "takes images, not text (drop --whole-file)"),
        (["pictures", "--html", "page.html"], "--html shows the entities that a ner run finds"),
    ],
)
def test_input_that_cannot_be_is_one_line(
    trained: Path, pictures: Path, capsys: pytest.CaptureFixture[str], inputs: list[str], message: str
) -> None:
    Path("empty").mkdir()
    assert cli.main(["predict", str(trained), *inputs]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


# Configuration


def test_the_run_is_named_after_its_mechanisms() -> None:
    def name(*overrides: str) -> str:
        return str(compose_run(["task=image_classification", *overrides]).name)

    assert name() == "attention_image_classification-scaled_dot"
    assert name("model=resnet") == "resnet-none"
    assert name("model=resnet", "feature_attention=se") == "resnet-se"
    assert name("model=resnet", "feature_attention=axial", "attention=local") == "resnet-axial-local"
    assert name("model=vit", "attention=additive") == "vit-additive"


@pytest.mark.parametrize(
    "overrides, message",
    [
        (["model=vit", "feature_attention=se"], "model=vit has no feature_attention to swap, got feature_attention=se"),
        (["model=resnet", "attention=additive"], "model=resnet has no attention to swap, got attention=additive"),
        (
            ["model=resnet", "feature_attention=se", "attention=additive"],
            "model=resnet has no attention to swap, got attention=additive",
        ),
        (["tokenizer=bpe"], "this task has no tokenizer to choose, got .*tokenizer=bpe"),
        (["data=image_folder"], r"data.root \(holds .*\) must be given \(set data.root=...\)"),
    ],
)
def test_a_part_that_isnt_there_is_named(overrides: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        compose_run(["task=image_classification", *overrides])


def test_text_has_no_feature_maps() -> None:
    with pytest.raises(UserError, match="this task has no feature_attention to choose, got feature_attention=se"):
        compose_run(["feature_attention=se"])


@pytest.mark.parametrize(
    "override, message",
    [
        ("model.patch_size=5", "patches must tile the image, got patches of 5 and an image of 28 by 28"),
        ("model.dim=0", "dim must be 1 or more, got 0 (set model.dim)"),
        ("task.monitor=val/top5_accuracy", "monitor must be one of val/accuracy, val/loss, val/calibration_error, got"),
        ("task.label_smoothing=1.0", r"label_smoothing must lie in [0, 1), got 1.0 (set task.label_smoothing)"),
        ("task.clip_norm=0.0", "clip_norm must be above 0, or null, got 0.0 (set task.clip_norm)"),
        ("task.num_calibration_bins=0", "num_calibration_bins must be 1 or more, got 0"),
        ("data.num_val=3", "num_val must be 10 or more, one a class, got 3 (set data.num_val)"),
    ],
)
def test_a_bad_value_is_found_before_any_data_is_read(
    capsys: pytest.CaptureFixture[str], override: str, message: str
) -> None:
    arguments = ["train", "task=image_classification", "model=vit", "data.root=.", "output_dir=run", override]
    assert cli.main(arguments) == 2
    assert message in capsys.readouterr().err
    assert not Path("run/config.json").exists()


def test_records_of_many_classes_hold_who_is_among_five_guesses() -> None:
    task = build_tiny("image_classification").eval()
    draw = torch.Generator().manual_seed(3)
    images, labels = torch.randn(17, 1, 28, 28, generator=draw), torch.randint(0, 11, (17,), generator=draw)
    batch = ImageBatch(torch.arange(17), images, labels, [str(number) for number in range(17)])
    with torch.no_grad():
        task.test_step(batch, 0)
    records, reported = task.records(), task.test_scores.compute()
    for name in ("accuracy", "top5_accuracy", "calibration_error"):
        found = scorer_of(records.scores[name], list(records.examples.values()), np.arange(17)).leave_one_out()
        assert found.score == pytest.approx(float(reported[name]), abs=1e-6)
