"""A trainer's values are checked before anything is done, and counted in optimizer updates."""

import tempfile
import warnings
from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from lightning.pytorch.callbacks import ModelCheckpoint

from attnlab.config.compose import load_group
from attnlab.data.module import DataModule
from attnlab.errors import UserError
from attnlab.runs import build
from attnlab.runs.trainer import THREADS, InPlace, TrainerSettings, _quiet, build_trainer


def _config(**changes: Any) -> dict[str, Any]:
    return build.plain(load_group("trainer", "cpu")) | {"enable_progress_bar": False} | changes


def _settings(**changes: Any) -> TrainerSettings:
    return build.build_settings({"trainer": _config(**changes)})


def test_every_value_of_the_configuration_is_a_setting_and_none_is_left_out() -> None:
    keys = [key for key in _config() if not key.startswith("_")]
    assert keys == [field.name for field in fields(TrainerSettings)]
    with pytest.raises(FrozenInstanceError):
        setattr(_settings(), "devices", 2)  # noqa: B010  # mypy knows that it is frozen


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"devices": "two"}, "trainer.devices must be a whole number or one of auto, got 'two'"),
        ({"devices": True}, "trainer.devices must be a whole number or one of auto, got True"),
        ({"max_epochs": 0.5}, "trainer.max_epochs must be a whole number or null, got 0.5"),
        (
            {"limit_val_batches": "all"},
            "trainer.limit_val_batches must be a whole number or a number or null, got 'all'",
        ),
        ({"compile": 1}, "trainer.compile must be true or false, got 1"),
        (
            {"precision": "half"},
            "trainer.precision must be one of auto, 32-true, bf16-mixed, 16-mixed, bf16-true, 64-true, got 'half'",
        ),
        ({"accelerator": "tpu"}, "trainer.accelerator must be one of auto, cpu, gpu, mps, got 'tpu'"),
        ({"max_steps": 0}, "max_steps must be 1 or more, got 0 (set trainer.max_steps)"),
        ({"max_epochs": 0}, "max_epochs must be 1 or more, got 0 (set trainer.max_epochs)"),
        ({"devices": 0}, "devices must be 1 or more, got 0 (set trainer.devices)"),
        ({"num_nodes": 0}, "num_nodes must be 1 or more, got 0 (set trainer.num_nodes)"),
        ({"overfit_batches": 0}, "overfit_batches must be 1 or more, got 0 (set trainer.overfit_batches)"),
        ({"clip_value": 0.0}, "clip_value must be above 0, or null, got 0.0 (set trainer.clip_value)"),
        ({"clip_value": float("nan")}, "clip_value must be above 0, or null, got nan (set trainer.clip_value)"),
        ({"max_time": "3h"}, "max_time must be DD:HH:MM:SS and more than none, got '3h' (set trainer.max_time)"),
        ({"max_time": "00:00:00:00"}, "max_time must be DD:HH:MM:SS and more than none, got '00:00:00:00'"),
        ({"lightning": [3]}, "lightning must be a group of values, got [3] (set trainer.lightning)"),
        ({"lightning": {"max_steps": 3}}, "lightning.max_steps is for attnlab to set, got 3 (set trainer.max_steps)"),
        ({"threads": 0}, "threads must be 1 or more, got 0 (set trainer.threads)"),
        (
            {"precision": "16-mixed"},
            "precision 16-mixed needs a GPU, got trainer.accelerator=cpu, which is the CPU here "
            "(set trainer.precision=bf16-mixed)",
        ),
    ],
)
def test_a_value_that_cannot_be_is_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as caught:
        _settings(**changes)
    assert message in str(caught.value)


def test_what_torch_says_of_our_own_use_of_it_is_not_shown() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _quiet()
        warnings.warn(
            "`broadcast_buffers` is deprecated. Use `forward_sync_buffers` instead.", FutureWarning, stacklevel=1
        )
        with pytest.raises(FutureWarning):
            warnings.warn("`another_argument` is deprecated.", FutureWarning, stacklevel=1)


def test_an_unknown_value_is_named_with_those_there_are() -> None:
    with pytest.raises(UserError, match=r"trainer takes no 'pace'; it takes accelerator, .* \(drop trainer.pace\)"):
        _settings(pace=3)


def test_what_makes_no_settings_is_refused() -> None:
    with pytest.raises(UserError, match=r"a trainer must be an attnlab.*TrainerSettings, got builtins.dict"):
        build.build_settings({"trainer": {"_target_": "builtins.dict", "_partial_": True}})


def test_lightning_is_told_batches_where_we_count_updates() -> None:
    settings = _settings(val_check_interval=7, accumulate_grad_batches=3)
    for own, expected in ((None, 21), (5, 35)):
        trainer = build_trainer(settings, directory=Path(), callbacks=[], loggers=[], batches_per_update=own)
        assert trainer.val_check_interval == expected
        assert trainer.max_steps == settings.max_steps


def test_the_trainer_is_told_what_stands_in_switches_and_in_lightnings_own_arguments() -> None:
    settings = _settings(
        max_time="00:01:00:00", clip_value=0.5, detect_anomaly=True, lightning={"min_steps": 3, "benchmark": True}
    )
    trainer = build_trainer(settings, directory=Path(), callbacks=[], loggers=[])
    assert {"Timer", "ClipByValue"} <= {type(each).__name__ for each in trainer.callbacks}
    assert (trainer._detect_anomaly, trainer.min_steps) == (True, 3)


def test_a_checkpoint_is_written_in_its_place_alone_and_a_full_disk_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def elsewhere(*_: Any, **__: Any) -> Any:
        raise AssertionError("a temporary file")

    monkeypatch.setattr(tempfile, "mkstemp", elsewhere)
    written = build_trainer(_settings(), directory=Path(), callbacks=[], loggers=[]).strategy.checkpoint_io
    written.save_checkpoint({"weights": torch.arange(7)}, Path("last.ckpt.new"))
    assert torch.load("last.ckpt.new", weights_only=True)["weights"].tolist() == list(range(7))
    with pytest.raises(OSError, match="No space left on device"):
        written.save_checkpoint({"weights": torch.arange(7)}, Path("/dev/full"))


@pytest.mark.parametrize(
    "named", ["run/kept/../../victim", "local://{here}/victim", "file::{here}/victim", "run/kept/old"]
)
def test_a_checkpoint_has_nothing_removed_but_what_lies_where_it_was_kept(named: str, tmp_path: Path) -> None:
    """Lightning's own callback removes what a checkpoint's state says that it kept, be it a stranger's."""
    for folder in ("run/kept", "victim"):
        Path(folder).mkdir(parents=True)
    Path("run/kept/old").touch()
    keeper = ModelCheckpoint(dirpath=tmp_path / "run" / "kept", monitor="val/loss")
    place = named.format(here=tmp_path) if "{here}" in named else str(tmp_path / named)
    kept = {"kth_best_model_path": place, "best_model_path": place, "last_model_path": place}
    keeper.load_state_dict({"dirpath": keeper.dirpath, "best_model_score": None, **kept})
    trainer: Any = SimpleNamespace(ckpt_path=None, strategy=InPlace())
    if keeper._should_remove_checkpoint(trainer, keeper.kth_best_model_path, "new"):
        keeper._remove_checkpoint(trainer, keeper.kth_best_model_path)
    assert Path("victim").is_dir()
    assert Path("run/kept/old").exists() == (named != "run/kept/old")


def test_all_devices_are_every_gpu_or_one_process_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    for devices in ("auto", -1):
        assert _settings(devices=devices).world_size == 1
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    assert _settings(devices="auto", accelerator="gpu", num_nodes=2).world_size == 6
    assert _settings(devices="auto", accelerator="cpu").world_size == 1


def test_a_run_that_goes_on_keeps_what_was_free_when_it_began(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {"precision": "bf16-mixed", "processes": "2"}
    assert _settings(precision="auto").going_on(before).precision == "bf16-mixed"
    assert _settings(precision="32-true").going_on(before) == _settings(precision="32-true")
    assert _settings(precision="auto").going_on({}) == _settings(precision="auto")
    with pytest.raises(UserError, match=r"this run began on 2 devices of each node, and here are 1, got trainer"):
        _settings(devices=-1).going_on(before)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    assert _settings(devices=-1, accelerator="gpu").going_on(before).devices == 2


class _Data:
    def num_train_batches(self, epoch: int, world_size: int) -> int:
        return (11 + epoch) // world_size


@pytest.mark.parametrize("max_epochs, devices, expected", [(None, 1, 13), (1, 1, 3), (3, 1, 12), (3, 2, 5), (1, 8, 1)])
def test_passes_are_counted_in_updates_and_take_the_place_of_steps(
    max_epochs: int | None, devices: int, expected: int
) -> None:
    settings = _settings(max_steps=13, max_epochs=max_epochs, devices=devices)
    assert settings.num_updates(cast(DataModule, _Data()), batches_per_update=3) == expected


def test_threads_are_those_of_the_settings_and_not_of_the_trainer_before() -> None:
    before = torch.get_num_threads()
    try:
        for threads, expected in ((THREADS + 2, THREADS + 2), (None, THREADS)):
            replace(_settings(), threads=threads).apply_to_torch()
            assert torch.get_num_threads() == expected
    finally:
        torch.set_num_threads(before)
