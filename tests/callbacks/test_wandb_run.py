"""wandb: a real offline run, resumed under one id; its failures never reach training."""

import json
import logging
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import wandb
from PIL import Image

from attnlab.callbacks import MetricsCSV, WandbRun


@pytest.fixture(autouse=True)
def _no_service_left() -> Iterator[None]:
    yield

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


class _Kept:
    """In the place of wandb's run: what it was given. One that is broken can't be ended well."""

    def __init__(self, kept: list[tuple[int, float]], *, broken: bool) -> None:
        self.kept, self.broken = kept, broken

    def log(self, values: dict[str, float]) -> None:
        self.kept.append((int(values["step"]), values["train/loss"]))

    def finish(self, *, exit_code: int) -> None:
        if self.broken:
            raise ConnectionResetError("Connection lost")


def test_what_a_process_may_not_have_got_written_is_logged_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first ends well after update 4, the second is lost, the third goes on from a checkpoint of update 7."""

    def part(steps: range, *, broken: bool, resumed_at: int) -> list[tuple[int, float]]:
        kept: list[tuple[int, float]] = []
        monkeypatch.setattr(WandbRun, "_start", lambda self: _Kept(kept, broken=broken))
        run, log = _run(tmp_path), MetricsCSV(tmp_path)
        (lost := tmp_path / "wandb" / f"offline-run-1-{run.run_id}").mkdir(parents=True)
        (lost / "run-id.wandb").write_bytes(b":W&B\xbe\xe1\x00")
        log.cut(resumed_at)
        run.catch_up(log.rows())
        for step in steps:
            assert not lost.exists()
            for logger in (run, log):
                logger.log_metrics({"train/loss": step / 8}, step=step)
        run.finish(exit_code=1)
        return kept

    def losses(*steps: int) -> list[tuple[int, float]]:
        return [(step, step / 8) for step in steps]

    assert part(range(1, 5), broken=False, resumed_at=0) == losses(1, 2, 3, 4)
    assert part(range(5, 9), broken=True, resumed_at=4) == losses(5, 6, 7, 8)
    assert part(range(8, 10), broken=False, resumed_at=7) == losses(5, 6, 7, 8, 9)


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


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_without_a_network_a_logged_in_run_is_logged_offline_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as taken:  # and then closed
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    monkeypatch.delenv("WANDB_MODE")
    monkeypatch.setenv("WANDB_BASE_URL", url)
    monkeypatch.setenv("WANDB_API_KEY", "0123456789" * 4)
    run = WandbRun(
        tmp_path / "elsewhere",
        project="attnlab",
        entity=None,
        mode="auto",
        tags=["t"],
        name="mine",
        group="g",
        job_type="probe",
        notes="said in the config",
        output_dir=tmp_path,
    )
    with caplog.at_level(logging.WARNING):
        run.log_metrics({"train/loss": 2.5}, step=50)
        run.finish(exit_code=0)
    [message] = [record.getMessage() for record in caplog.records if record.name.startswith("attnlab")]
    assert message.startswith(f"wandb can't be reached ({url}: ")
    assert message.endswith("): this run is logged offline")
    assert (tmp_path / "wandb_id.txt").read_text() == f"{run.run_id}\n"
    assert list((tmp_path / "elsewhere").glob(f"wandb/offline-run-*-{run.run_id}/run-{run.run_id}.wandb"))
    text = json.dumps(_inspect(tmp_path / "elsewhere"))
    assert all(word in text for word in ("2.5", "mine", "probe", "said in the config"))


def test_a_run_needs_a_folder() -> None:
    with pytest.raises(ValueError, match=r"got null \(set logger.wandb.directory\)$"):
        WandbRun(None, project="attnlab", entity=None, mode="auto", tags=[])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", ["WANDB_BASE_URL", "WANDB_MODE"])
def test_a_variable_that_cannot_be_is_said_and_loses_no_run(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Though there is a key: the server that it would be sent to isn't the one that was meant."""
    monkeypatch.delenv("WANDB_MODE")
    monkeypatch.setenv("WANDB_API_KEY", "0123456789" * 4)
    monkeypatch.setenv(name, "banana")
    run = _run(tmp_path)
    with caplog.at_level(logging.WARNING):
        run.log_metrics({"train/loss": 2.5}, step=50)
        run.finish(exit_code=0)
    [message] = [record.getMessage() for record in caplog.records if record.name.startswith("attnlab")]
    assert message.startswith(f"wandb can't be told {name}=banana: ")
    assert ("it must be one of online, offline, " in message) == (name == "WANDB_MODE")
    assert "this run is logged offline" in message
    monkeypatch.delenv(name)  # at which `wandb` itself stops
    assert "2.5" in json.dumps(_inspect(tmp_path))


@pytest.mark.parametrize("written", ["x/../../../victim", "a*", "", "\n", "é", "a" * 199, "..", "a b"])
def test_a_strangers_id_leads_into_no_other_folder(written: str, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "run-1.wandb").touch()
    (tmp_path / "run" / "wandb" / "offline-run-1-x").mkdir(parents=True)
    (tmp_path / "run" / "wandb_id.txt").write_text(written)
    (tmp_path / "run" / "wandb_step.txt").write_text("many")
    run = _run(tmp_path / "run")
    run.catch_up([])
    assert run.run_id.isalnum()
    assert run.run_id == _run(tmp_path / "run").run_id
    assert victim.is_dir()


def test_wandb_asks_nothing_of_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To tell what isn't committed it runs `git diff`, which runs what the repository's own settings name."""
    asked: list[wandb.Settings] = []

    def init(*, settings: wandb.Settings, **_: object) -> None:
        asked.append(settings)
        raise ValueError("seen")

    monkeypatch.setattr(wandb, "init", init)
    WandbRun(tmp_path, project="p", entity=None, mode="offline", tags=[]).log_metrics({"a": 1.0}, step=1)
    assert [each.disable_git for each in asked] == [True]
