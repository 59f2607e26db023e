"""The first updates once more, of every kind of task and whatever its log, its validation and its threads of chance."""

import json
from pathlib import Path

import pytest
import tiny_generation
from tiny import run, write_corpus
from tiny_images_run import write_extract
from tiny_study import tiny_base

from attnlab.callbacks.first_losses import NAME, read_losses
from attnlab.config.compose import compose_run
from attnlab.errors import UserError
from attnlab.runs import build, run_folder
from attnlab.runs.rerun import rerun

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.mark.text
def test_the_losses_of_a_run_come_again_without_its_validations_and_leave_nothing(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    chance = ["model.dropout=0.3", "trainer.accumulate_grad_batches=2", "trainer.threads=1"]
    assert run(corpus, "output_dir=run", *chance, "callbacks=none", "trainer.limit_test_batches=0") == 0
    before = sorted(Path().rglob("*"))
    again = rerun(run_folder.config_of(Path("run")), updates=7)
    recorded = read_losses(Path("run", NAME))
    assert list(recorded) == list(range(1, 9))
    assert again.losses == {step: recorded[step] for step in range(1, 8)}
    logged = read_losses(Path("run", "metrics.csv"))
    assert {step: each["train/loss"] for step, each in again.scores.items()} == {
        step: logged[step]["train/loss"] for step in (2, 4, 6)
    }
    assert again.checksum == json.loads(Path("run", "metrics.json").read_text())["data"]["checksum"]
    assert sorted(Path().rglob("*")) == before


def test_what_is_to_be_said_of_its_data_isnt_said_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = build.plain(compose_run([*tiny_base(tmp_path), "data.max_source_length=3"]))
    rerun(config, updates=1)
    assert caplog.messages == []
    build.build_data(config).prepare_data()
    assert any("are cut to data.max_source_length=3" in each for each in caplog.messages)


def config_of(tmp_path: Path, *more: str) -> build.Config:
    given = tiny_generation.tiny(write_extract(tmp_path / "images"))[1:]
    folder = given.pop(given.index("--config-dir") + 1)
    given.remove("--config-dir")
    return build.plain(compose_run([*given, *more], config_dirs=[folder]))


def test_both_networks_losses_come_again(tmp_path: Path) -> None:
    config = config_of(tmp_path, "task.discriminator_updates=2")
    once, twice = (rerun(config, updates=3) for _ in range(2))
    assert once.losses == twice.losses
    assert [set(each) for each in once.losses.values()] == [{"discriminator_loss", "generator_loss"}] * 3
    other = rerun(config | {"seed": 1}, updates=3)
    assert all(other.losses[step][name] != value for step, each in once.losses.items() for name, value in each.items())


def test_what_isnt_run_again_is_said(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    with pytest.raises(UserError, match="doesn't begin anew, got continue_from=short"):
        rerun(config | {"continue_from": "short"}, updates=3)
    with pytest.raises(UserError, match="a run of several processes isn't run again here, got 2"):
        rerun(config | {"trainer": config["trainer"] | {"devices": 2}}, updates=3)


def test_a_rate_that_waits_for_a_validation_ends_it_there(tmp_path: Path) -> None:
    again = rerun(config_of(tmp_path, "scheduler=plateau", "trainer.val_check_interval=2"), updates=5)
    assert again.updates == 2
    assert list(again.losses) == [1, 2]
