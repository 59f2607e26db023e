"""wandb: a real offline run, resumed under one id; its failures never reach training."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from attnlab.callbacks import WandbRun
from attnlab.callbacks.wandb_run import wandb_login


@pytest.fixture(autouse=True)
def _no_service_left() -> Iterator[None]:
    yield
    import wandb

    wandb.teardown()


def _run(directory: Path) -> WandbRun:
    return WandbRun(directory, project="attnlab", entity=None, mode="auto", tags=["t"], name="n", group="g")


def _inspect(directory: Path) -> list[dict[str, Any]]:
    (path,) = directory.glob("wandb/offline-run-*/run-*.wandb")
    command = [str(Path(sys.executable).parent / "wandb"), "leet", "inspect", "--json", str(path)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in found.stdout.splitlines()]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # wandb's own
def test_an_offline_run_holds_curves_tables_and_pictures(tmp_path: Path) -> None:
    Image.new("RGB", (7, 5)).save(tmp_path / "map.png")
    run = _run(tmp_path)
    run.log_hyperparams({"seed": 3})
    run.log_metrics({"train/loss": 2.5}, step=50)
    run.log_table("val/samples", ["id", "output"], [[1, "猫 追逐"]], step=50)
    run.log_image("maps/a", tmp_path / "map.png", step=50)
    run.finish(exit_code=0)

    text = json.dumps(_inspect(tmp_path))
    assert "train/loss" in text
    assert "2.5" in text
    assert list(tmp_path.glob("wandb/offline-run-*/files/media/**/*.png"))
    assert list(tmp_path.glob("wandb/offline-run-*/files/media/**/*.table.json"))
    assert _run(tmp_path).run_id == run.run_id


def test_a_failing_wandb_is_said_once_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(self: WandbRun) -> Any:
        raise OSError("no space left")

    monkeypatch.setattr(WandbRun, "_start", refuse)
    run = _run(tmp_path)
    with caplog.at_level(logging.WARNING):
        for step in range(3):
            run.log_metrics({"train/loss": 1.0}, step=step)
        run.finish(exit_code=0)
    assert [r.getMessage() for r in caplog.records] == ["wandb is off for the rest of this run: no space left"]


def test_a_login_is_found_without_asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("NETRC", raising=False)
    assert not wandb_login()
    (tmp_path / ".netrc").write_text(f"machine api.wandb.ai login user password {'0123456789' * 4}\n")
    assert wandb_login()
    (tmp_path / ".netrc").write_text("machine example.org login user password secret\n")
    assert not wandb_login()
