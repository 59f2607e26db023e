"""Whole runs of image generation, through the command and the shipped configuration, on a few images."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lightning.pytorch import Trainer
from PIL import Image
from same_run import assert_same_run, curves
from tiny_generation import run, tiny, tiny_networks
from tiny_images_run import common, write_extract
from torch import Tensor

from attnlab.commands import cli
from attnlab.config.compose import compose_run
from attnlab.launch.stop import Wish
from attnlab.runs import build, checkpoint
from attnlab.runs.checkpoints import Checkpoints
from attnlab.study.records import read_records
from attnlab.tasks import ImageGenerationTask

# Lightning asks for workers and warns of its own internals; neither is about this code.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

QUICK = ("callbacks=none", "output_dir=run")


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    return write_extract(tmp_path / "extract")


def _metrics(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(folder, "metrics.json").read_text())
    return found


def _steps(folder: str, name: str) -> list[int]:
    return [int(step) for step, metric, _ in curves(Path(folder)) if metric == name]


def test_a_run_leaves_everything(extract: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(extract, "output_dir=run") == 0
    printed = capsys.readouterr()
    assert "test fid_tiny" in printed.out
    assert "29 samples" in printed.err
    metrics = _metrics("run")
    assert metrics["task"] == "image_generation"
    assert metrics["steps"] == 8
    assert set(metrics["test"]) == {"fid_tiny", "kid_tiny", "kid_tiny_error", "precision", "recall", "num_samples"}
    assert metrics["test"]["num_samples"] == 29
    assert {"fid_tiny", "kid_tiny", "precision", "recall"} == set(metrics["signatures"])
    assert metrics["images_per_second"] > 0
    assert metrics["best"]["monitor"] == "val/fid_tiny"
    found = [float(value) for _, metric, value in curves(Path("run")) if metric == "val/fid_tiny"]
    assert metrics["best"]["score"] == min(found)
    assert {metric for step, metric, _ in curves(Path("run")) if step == "2"} == {
        *(f"train/{name}" for name in ("generator_loss", "discriminator_loss", "lr", "padding_share")),
        *(f"train/discriminator_{name}" for name in ("real", "fake")),
    }
    assert not Path("run/predictions.jsonl").exists()
    records = read_records(Path("run"))
    assert not records.scores
    assert set(records.without) == set(metrics["test"])
    assert {name: each["score"] for name, each in records.of_run.items()} == {
        name: pytest.approx(metrics["test"][name], rel=1e-6) for name in ("fid_tiny", "kid_tiny")
    }
    assert len(records.of_run["fid_tiny"]["without_block"]) == 10

    # Evaluating again gives the same scores; of fewer samples or more it says so, and by another extractor's name.
    trusted = ["evaluate", "run", "--json", "--trust", "tiny_generation"]
    assert cli.main(trusted) == 0
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert again.pop("num_examples") == metrics["data"]["images"]["test"]
    for key in ("of_examples", "warnings", "signatures"):
        del again[key]
    assert again == pytest.approx(metrics["test"], rel=1e-5, abs=1e-9)
    for num in (11, 70):
        assert cli.main([*trusted, f"task.num_samples={num}"]) == 0
        again = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert again["num_samples"] == num
        assert again["fid_tiny"] != metrics["test"]["fid_tiny"]
    assert cli.main([*trusted, "extractor=fashion_mnist_cnn"]) == 0
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"fid_fashion_mnist_cnn", "kid_fashion_mnist_cnn", "class_accuracy"} < set(again)
    for chosen, message in (
        (["extractor=nosuch"], "no extractor is named 'nosuch'"),
        (["extractor=trained_classifier"], "extractor.run must be given (set extractor.run=...)"),
        (
            ["extractor=trained_classifier", "extractor.run=nosuch"],
            "no such run folder or checkpoint, got nosuch (set ",
        ),
        (["extractor.weights=FILE"], "values are of an extractor that is chosen here, got 'extractor.weights=FILE'"),
    ):
        assert cli.main([*trusted, *chosen]) == 2
        error = capsys.readouterr().err
        assert message in error
        assert error.count("\n") == 1


def test_checkpoints_hold_both_networks_and_the_average_but_no_extractor(extract: Path) -> None:
    assert cli.main(tiny_networks(extract, "sagan", "trainer.max_steps=4", *QUICK)) == 0
    stored = checkpoint.load(Path("run/checkpoints/best.ckpt"))
    weights = stored["state_dict"]
    assert {name.split(".")[0] for name in weights} == {"model", "averaged"}
    assert {name.split(".")[1] for name in weights if name.startswith("model.")} == {"generator", "discriminator"}
    assert len(stored["optimizer_states"]) == len(stored["lr_schedulers"]) == 2
    averaged = {name.removeprefix("averaged."): value for name, value in weights.items() if name.startswith("averaged")}
    assert all(f"model.generator.{name}" in weights for name in averaged)
    differing = [name for name, value in averaged.items() if not torch.equal(value, weights[f"model.generator.{name}"])]
    assert differing
    _, predictor = build.restore_predictor(Path("run/checkpoints/best.ckpt"))
    assert sum(len(pictures) for pictures, _ in predictor.generate(3, seed=0)) == 3
    assert "class_accuracy" in _metrics("run")["test"]


# Resume


def _run_until(step: int, arguments: list[str]) -> int:
    """As if the user had pressed Ctrl-C during update `step`."""

    def agreed(self: Checkpoints, trainer: Trainer) -> Wish:
        now = trainer.global_step == step and (not trainer.validating or self._written_at == step)
        return Wish.STOP if now else Wish.GO_ON

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoints, "_agreed", agreed)
        return cli.main(arguments)


@pytest.mark.parametrize(
    "more, stops", [([], range(1, 8)), (["task.accumulate=2", "task.discriminator_updates=2"], [1, 6])]
)
def test_a_run_stopped_after_any_update_ends_with_the_same_bits(
    extract: Path, more: list[str], stops: Sequence[int]
) -> None:
    more = [*more, "callbacks.attention_maps.num_examples=0", "callbacks.generated_pictures.num=3"]
    assert cli.main(tiny(extract, "output_dir=whole", *more)) == 0
    for stop in stops:
        assert _run_until(stop, tiny(extract, "output_dir=parts", *more)) == 130
        assert checkpoint.load(Path("parts/checkpoints/last.ckpt"))["global_step"] == stop
    assert cli.main(tiny(extract, "output_dir=parts", *more)) == 0
    assert_same_run(Path("whole"), Path("parts"))
    assert _steps("whole", "val/fid_tiny") == [4, 8]
    assert _steps("whole", "train/generator_loss") == [2, 4, 6, 8]


@pytest.mark.parametrize(
    "model, more, stops",
    [
        ("sagan", ["task.discriminator_updates=2", "scheduler=warmup_cosine", "scheduler.warmup_steps=3"], [3, 6]),
        ("dcgan", ["task.accumulate=2", "feature_attention=eca", "adversarial_loss=non_saturating"], [2, 4, 7]),
        (
            "attention_gan",
            ["model.conditional=true", "attention=additive", "optimizer=adam", "task.clip_norm=0.5"],
            [5],
        ),
    ],
)
def test_an_interrupted_run_ends_with_the_same_bits(
    extract: Path, model: str, more: list[str], stops: list[int]
) -> None:
    """Norms, spectral norms' vectors, both optimizers, the average and the latents to come go on where they were."""
    more = [*more, "callbacks.attention_maps.num_examples=0", "callbacks.generated_pictures.num=3"]
    assert cli.main(tiny_networks(extract, model, "output_dir=whole", *more)) == 0
    for stop in stops:
        assert _run_until(stop, tiny_networks(extract, model, "output_dir=parts", *more)) == 130
    assert cli.main(["train", "resume=parts"]) == 0
    assert_same_run(Path("whole"), Path("parts"))


# What cannot go on


@pytest.mark.parametrize(
    "log_every, words",
    [(1, "train/generator_loss is not a number at update 5"), (100, "weights are not numbers at update 6")],
)
def test_a_run_that_diverges_ends_with_the_last_good_checkpoint(
    extract: Path, capsys: pytest.CaptureFixture[str], log_every: int, words: str
) -> None:
    latents = ImageGenerationTask._new_latents

    def spoilt(self: ImageGenerationTask, num: int) -> Tensor:
        return latents(self, num) * (float("nan") if self.global_step == 4 else 1.0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ImageGenerationTask, "_new_latents", spoilt)
        assert run(extract, f"trainer.log_every_n_steps={log_every}", *QUICK) == 1
    assert f"error: training diverged: {words}" in capsys.readouterr().err
    stored = checkpoint.load(Path("run/checkpoints/last.ckpt"))
    assert stored["global_step"] == 4
    assert all(value.isfinite().all() for value in stored["state_dict"].values())
    # It was no fault of the run's here.
    assert run(extract, f"trainer.log_every_n_steps={log_every}", *QUICK) == 0


def test_an_accuracy_that_is_never_measured_ends_a_run_before_it_trains(
    extract: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(extract, "task.monitor=val/class_accuracy", "task.mode=max", *QUICK) == 2
    assert "error: class_accuracy isn't measured where the extractor doesn't know the data's classes" in (
        capsys.readouterr().err
    )
    assert not list(Path("run").glob("checkpoints/*"))


# Counting


def test_max_epochs_counts_passes_whatever_an_update_takes(extract: Path) -> None:
    more = ["trainer.max_epochs=3", "task.discriminator_updates=2", "trainer.val_check_interval=3"]
    assert run(extract, *more, *QUICK) == 0
    assert _metrics("run")["steps"] == 3 * 4 // 2
    assert _steps("run", "val/fid_tiny") == [3, 6]


def test_mixed_precision_trains(extract: Path) -> None:
    assert cli.main(tiny_networks(extract, "sagan", "trainer.precision=bf16-mixed", *QUICK)) == 0
    assert _metrics("run")["precision"] == "bf16-mixed"
    assert all(
        value.isfinite().all() for value in checkpoint.load(Path("run/checkpoints/last.ckpt"))["state_dict"].values()
    )


# Configuration


def test_a_tasks_own_optimizer_gives_way_to_the_commands() -> None:
    config = compose_run(["task=image_generation"])
    assert config.task.optimizer.betas == [0.0, 0.99]
    assert config.task.scheduler._target_.endswith("constant")
    config = compose_run(["task=image_generation", "optimizer=adamw", "scheduler=warmup_cosine", "data.max_shift=1"])
    assert config.task.optimizer._target_.endswith("AdamW")
    assert config.task.scheduler._target_.endswith("warmup_cosine")
    assert (config.data.max_shift, config.data.horizontal_flip) == (1, False)


def test_a_folders_pictures_are_not_cut_out_unless_asked_for() -> None:
    folder = ["data=image_folder", "data.root=images"]
    config = compose_run(["task=image_generation", *folder])
    assert (config.data.min_crop, config.data.horizontal_flip) == (1, False)
    assert compose_run(["task=image_generation", *folder, "data.min_crop=0.5"]).data.min_crop == 0.5
    assert compose_run(["task=image_classification", *folder]).data.min_crop == 0.35


def _faces(folder: Path, num: int) -> Path:
    folder.mkdir(parents=True)
    random = np.random.default_rng(3)
    for number in range(num):
        Image.fromarray(random.integers(0, 256, (9, 8, 3), dtype=np.uint8)).save(folder / f"{number}.png")
    return folder


def _on_folder(root: Path, *more: str) -> list[str]:
    small = ["data=image_folder", "data.image_size=8", "data.batch_size=5", "data.num_workers=0", "model.dim=2"]
    quick = ["trainer.max_steps=2", "trainer.val_check_interval=2", "model.latent_dim=3"]
    return ["train", "task=image_generation", f"data.root={root}", *small, *common(), *quick, *QUICK, *more]


def test_images_without_classes_are_learned_where_none_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flat = _faces(tmp_path / "set" / "faces", 13)
    shares = ["data.val_share=0.35", "data.test_share=0.35"]
    assert cli.main(_on_folder(flat, "model=dcgan", *shares)) == 0
    metrics = _metrics("run")
    assert metrics["data"]["images"] == {"train": 3, "val": 5, "test": 5}
    assert metrics["data"]["num_classes"] == 1
    assert cli.main(["predict", "run", "--num", "2", "--out", "made"]) == 0
    capsys.readouterr()
    # One folder is a class, and one class can't be asked for.
    assert cli.main(_on_folder(flat.parent, "model=sagan", *shares, "output_dir=other")) == 2
    message = "need two classes or more, got faces (set model.conditional=false, or data.root)"
    assert message in capsys.readouterr().err
    assert cli.main(_on_folder(flat, "model=dcgan", shares[0], "output_dir=third")) == 2
    assert f"got 1 of test in {flat} (add images, or set data.test_share)" in capsys.readouterr().err


@pytest.mark.parametrize(
    "override, message",
    [
        ("trainer.accumulate_grad_batches=2", "accumulate_grad_batches must be 1, got 2 (set task.accumulate)"),
        ("trainer.precision=bf16-true", "got precision bf16-true (set trainer.precision=bf16-mixed)"),
        (
            "task.monitor=val/fid_inception",
            "monitor must be one of val/fid_fashion_mnist_cnn, val/kid_fashion_mnist_cnn",
        ),
        ("task.mode=max", "mode must be min for val/fid_fashion_mnist_cnn, got 'max' (set task.mode)"),
        ("adversarial_loss=wasserstein", "no adversarial_loss is named 'wasserstein'"),
    ],
)
def test_a_bad_value_is_found_before_any_data_is_read(
    capsys: pytest.CaptureFixture[str], override: str, message: str
) -> None:
    assert cli.main(["train", "task=image_generation", "data.root=.", "output_dir=run", override]) == 2
    error = capsys.readouterr().err
    assert re.search(re.escape(message), error), error
    assert not Path("run/config.json").exists()
