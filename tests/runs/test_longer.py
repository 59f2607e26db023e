"""A run with more updates begins where a shorter one stands, whether that one has ended or not."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch import Trainer
from same_run import curves, metrics, same
from tiny import run, write_corpus
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, OneCycleLR, ReduceLROnPlateau, StepLR

from attnlab.commands import cli
from attnlab.config import identity
from attnlab.launch.stop import Wish
from attnlab.runs import checkpoint
from attnlab.runs.checkpoints import Checkpoints
from attnlab.runs.longer import forget_length, set_rate
from attnlab.tasks.training.schedules import scheduled

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

MORE = ("callbacks=none", "optimizer.lr=0.01", "data.batch_tokens=60")
LONG = ["train", "resume=short", "trainer.max_steps=14"]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


def _longer() -> Path:
    """The folder of the one run that isn't named by hand."""
    [found] = Path("outputs", "translation").glob("*/*")
    return found


def _assert_same_training(one: Path, other: Path) -> None:
    """To the last bit, but for what says that there were two runs."""
    mine, theirs = (checkpoint.load(folder / "checkpoints" / "last.ckpt") for folder in (one, other))
    for key in ("global_step", "state_dict", "optimizer_states", "lr_schedulers"):
        assert same(mine[key], theirs[key]), f"{key} differs"
    assert curves(one) == curves(other)
    kept = [{k: v for k, v in metrics(each).items() if k not in ("continued_from", "name")} for each in (one, other)]
    assert kept[0] == kept[1]
    assert (one / "predictions.jsonl").read_text() == (other / "predictions.jsonl").read_text()


@pytest.mark.parametrize(
    "short, more",
    [(8, []), (7, []), (5, ["trainer.accumulate_grad_batches=3"])],
    ids=["after a validation", "between two", "accumulated"],
)
def test_it_is_the_run_that_was_long_from_the_start(corpus: Path, short: int, more: list[str]) -> None:
    more = [*MORE, "scheduler=constant", *more]
    assert run(corpus, "output_dir=whole", *more, "trainer.max_steps=14") == 0
    assert run(corpus, "output_dir=short", *more, f"trainer.max_steps={short}") == 0
    before = {path: path.read_bytes() for path in Path("short").rglob("*") if path.is_file()}
    assert cli.main(LONG) == 0
    _assert_same_training(_longer(), Path("whole"))
    assert metrics(_longer())["continued_from"] == {
        "folder": str(Path("short").resolve()),
        "step": short,
        "results": identity.RESULTS,
    }
    assert {path: path.read_bytes() for path in before} == before


def test_it_goes_on_itself_after_an_interruption(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = [*MORE, "scheduler=constant"]
    assert run(corpus, "output_dir=whole", *more, "trainer.max_steps=14") == 0
    assert run(corpus, "output_dir=short", *more) == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoints, "_agreed", lambda self, trainer: Wish(int(trainer.global_step == 11)))
        assert cli.main(LONG) == 130
    assert cli.main(LONG) == 0
    _assert_same_training(_longer(), Path("whole"))
    assert metrics(_longer())["continued_from"]["step"] == 8
    capsys.readouterr()
    assert cli.main(LONG) == 0
    assert "this run is finished" in capsys.readouterr().out


def test_an_unfinished_run_can_be_made_longer(corpus: Path) -> None:
    more = [*MORE, "scheduler=constant"]
    assert run(corpus, "output_dir=whole", *more, "trainer.max_steps=14") == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoints, "_agreed", lambda self, trainer: Wish(int(trainer.global_step == 5)))
        assert run(corpus, "output_dir=short", *more) == 130
    assert cli.main(LONG) == 0
    _assert_same_training(_longer(), Path("whole"))


def test_its_rate_is_that_of_the_whole_and_is_said(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = [*MORE, "scheduler=warmup_cosine", "scheduler.warmup_steps=2", "trainer.log_every_n_steps=1"]
    assert run(corpus, "output_dir=whole", *more, "trainer.max_steps=14") == 0
    assert run(corpus, "output_dir=short", *more) == 0
    rates: list[float] = []

    def note(self: Checkpoints, trainer: Trainer, *_: Any, **__: Any) -> None:
        rates.append(trainer.optimizers[0].param_groups[0]["lr"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoints, "on_train_batch_start", note, raising=False)
        assert cli.main(LONG) == 0
    whole = {int(step): float(value) for step, metric, value in curves(Path("whole")) if metric == "train/lr"}
    # The rate that is logged at an update is that of the next one.
    assert rates == pytest.approx([whole[step] for step in range(8, 14)], rel=1e-6)
    assert f"going on at a learning rate of {whole[8]:.3g}" in capsys.readouterr().err


def test_results_of_another_number_can_only_be_made_longer(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(corpus, "output_dir=short", *MORE) == 0
    Path("short/metrics.json").unlink()
    monkeypatch.setattr(identity, "RESULTS", identity.RESULTS + 1)
    assert cli.main(["train", "resume=short"]) == 2
    assert "(drop resume, and give the overrides of a new run)" in capsys.readouterr().err
    assert cli.main(LONG) == 0
    found = json.loads((_longer() / "metrics.json").read_text())
    assert found["continued_from"] == {
        "folder": str(Path("short").resolve()),
        "step": 8,
        "results": identity.RESULTS - 1,
    }
    assert found["results"] == identity.RESULTS
    assert found["best"]["step"] > 8  # what was scored otherwise chooses nothing


@pytest.mark.parametrize(
    "more, message",
    [
        (["trainer.max_steps=3"], "a run goes on to more updates, got trainer.max_steps=3, and short takes 4"),
        (
            ["trainer.max_steps=9", "model.dim=16"],
            "a run that is resumed goes on as it began, got model.dim=16 (drop resume to train another run with it",
        ),
    ],
)
def test_only_a_longer_run_goes_on(
    corpus: Path, capsys: pytest.CaptureFixture[str], more: list[str], message: str
) -> None:
    assert run(corpus, "output_dir=short", *MORE, "trainer.max_steps=4") == 0
    capsys.readouterr()
    assert cli.main(["train", "resume=short", *more]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert [line for line in error.splitlines() if not line.startswith("reading ")] == [error.splitlines()[-1]]


def test_where_there_is_no_run_none_is_made_longer(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(corpus, *MORE, "continue_from=nowhere") == 2
    assert "no run to go on from, got nowhere" in capsys.readouterr().err


def test_a_run_that_counts_passes_is_not_made_longer_by_updates(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(corpus, "output_dir=short", *MORE, "trainer.max_epochs=1") == 0
    capsys.readouterr()
    assert cli.main(LONG) == 2
    assert "the run in short counts passes" in capsys.readouterr().err


def test_the_rate_is_only_set_where_a_schedule_is_a_function_of_the_update() -> None:
    weight = torch.nn.Parameter(torch.zeros(3))
    optimizer = torch.optim.SGD([weight], lr=0.5)
    schedule = LambdaLR(optimizer, lambda step: 1 / (1 + step))
    optimizer.param_groups[0]["lr"] = 0.03
    assert set_rate(optimizer, schedule) == 0.5
    steps = StepLR(torch.optim.SGD([weight], lr=0.5), 7)
    steps.optimizer.param_groups[0]["lr"] = 0.03
    assert set_rate(steps.optimizer, steps) == 0.03
    plateau = ReduceLROnPlateau(steps.optimizer)
    assert set_rate(plateau.optimizer, plateau) == 0.03


@pytest.mark.parametrize(
    "kind, values", [(CosineAnnealingLR, {"eta_min": 0.01}), (OneCycleLR, {"max_lr": 0.5, "cycle_momentum": False})]
)
def test_torchs_schedules_that_end_with_the_run_go_on_as_those_of_the_longer_one(
    kind: Any, values: dict[str, Any]
) -> None:
    def made(length: int) -> Any:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(3))], lr=0.5)
        return scheduled(partial(kind, **values), optimizer, total_steps=length, mode="min")

    def rate_after(schedule: Any, num: int) -> float:
        for _ in range(num):
            schedule.optimizer.step()
            schedule.step()
        return float(schedule.optimizer.param_groups[0]["lr"])

    short, longer, whole = made(5), made(11), made(11)
    rate_after(short, 5)
    longer.optimizer.load_state_dict(short.optimizer.state_dict())
    forget_length(states := [short.state_dict()])
    longer.load_state_dict(states[0])
    assert set_rate(longer.optimizer, longer) == pytest.approx(rate_after(whole, 5))
    for _ in range(6):
        assert rate_after(longer, 1) == pytest.approx(rate_after(whole, 1))
