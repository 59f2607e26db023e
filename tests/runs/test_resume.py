"""What a run goes on from: the last whole checkpoint, however the last process ended."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from lightning.pytorch import Trainer
from same_run import assert_same_run, same
from tiny import run, write_corpus

from attnlab.commands import cli
from attnlab.launch.stop import Wish
from attnlab.runs import checkpoint
from attnlab.runs.checkpoints import Checkpoints

pytestmark = [
    pytest.mark.text,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]

MORE = ("model.dim=12", "optimizer.lr=0.01", "callbacks=none")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


def _stopped(agreed: Callable[[Checkpoints, Trainer], bool], corpus: Path, *more: str) -> None:
    """A run that is asked to stop where `agreed`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoints, "_agreed", lambda self, trainer: Wish(int(agreed(self, trainer))))
        assert run(corpus, "output_dir=parts", *MORE, *more) == 130


def test_a_run_stopped_in_the_middle_of_a_validation_ends_with_the_same_bits(corpus: Path) -> None:
    more = ["data.batch_tokens=40", "trainer.checkpoint_interval=100"]
    assert run(corpus, "output_dir=whole", *MORE, *more) == 0
    _stopped(
        lambda self, trainer: trainer.validating and trainer.global_step == 8 and self._written_at == 4, corpus, *more
    )
    assert checkpoint.load(Path("parts/checkpoints/last.ckpt"))["global_step"] == 4
    assert run(corpus, "output_dir=parts", *MORE, *more) == 0
    assert_same_run(Path("whole"), Path("parts"))


def test_a_test_that_was_interrupted_is_reported_once(corpus: Path) -> None:
    more = ["data.batch_tokens=40"]
    assert run(corpus, "output_dir=whole", *MORE, *more) == 0
    _stopped(lambda self, trainer: trainer.testing, corpus, *more)
    assert not Path("parts/metrics.json").exists()
    assert run(corpus, "output_dir=parts", *MORE, *more) == 0
    assert_same_run(Path("whole"), Path("parts"))


def test_a_run_with_averaged_weights_ends_with_the_same_bits(corpus: Path) -> None:
    """Lightning's callback, which stores the average in the weights' place and the weights beside it."""
    more = ["+callbacks.average={_target_:lightning.pytorch.callbacks.EMAWeightAveraging,decay:0.7}"]
    assert run(corpus, "output_dir=whole", *MORE, *more) == 0
    for step in (2, 5):
        _stopped(lambda self, trainer, step=step: trainer.global_step == step, corpus, *more)  # type: ignore[misc]
    assert run(corpus, "output_dir=parts", *MORE, *more) == 0
    assert_same_run(Path("whole"), Path("parts"))
    weights, current = (
        checkpoint.load(Path("whole/checkpoints/best.ckpt"))[key] for key in ("state_dict", "current_model_state")
    )
    assert not same(weights, current)


def test_a_plateaus_rate_follows_validation_and_goes_on_to_the_same_bits(corpus: Path) -> None:
    """The checkpoint of a validation already knows of the step that the validation caused."""
    more = ["scheduler=plateau", "scheduler.patience=0", "scheduler.threshold=0.9", "data.batch_tokens=60"]
    more += ["trainer.val_check_interval=2", "trainer.log_every_n_steps=1", "callbacks=lr_monitor"]
    assert run(corpus, "output_dir=whole", *MORE, *more) == 0
    state = checkpoint.load(Path("whole/checkpoints/last.ckpt"))["lr_schedulers"][0]
    assert state["_last_lr"] == [0.01 * 0.5**3]  # the first of four validations is the best yet
    for step in (2, 4, 5):
        _stopped(lambda self, trainer, step=step: trainer.global_step == step, corpus, *more)  # type: ignore[misc]
    assert run(corpus, "output_dir=parts", *MORE, *more) == 0
    assert_same_run(Path("whole"), Path("parts"))
    rows = Path("parts/metrics.csv").read_text().splitlines()
    assert len([row for row in rows if ",lr-" in row]) == len({row for row in rows if ",lr-" in row}) == 8


STOP = "+callbacks.stop={_target_:lightning.pytorch.callbacks.EarlyStopping,monitor:val/loss,patience:1,min_delta:100}"


def test_a_run_that_a_callback_has_ended_does_not_train_on_after_an_interruption(corpus: Path) -> None:
    more = [STOP, "trainer.max_steps=16"]
    assert run(corpus, "output_dir=whole", *MORE, *more) == 0
    assert checkpoint.load(Path("whole/checkpoints/last.ckpt"))["global_step"] == 8
    _stopped(lambda self, trainer: trainer.global_step == 8, corpus, *more)  # before the end of training is reached
    _stopped(lambda self, trainer: trainer.testing, corpus, *more)
    assert run(corpus, "output_dir=parts", *MORE, *more) == 0
    assert_same_run(Path("whole"), Path("parts"))


def test_debug_switches_resume_to_the_same_bits(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = [
        "trainer.overfit_batches=1",
        "trainer.clip_value=0.001",
        "trainer.precision=64-true",
        "trainer.detect_anomaly=true",
        "trainer.max_time=00:01:00:00",
        "trainer.lightning.min_steps=2",
    ]
    assert run(corpus, "output_dir=whole", *MORE, *more) == 0
    _stopped(lambda self, trainer: trainer.global_step == 5, corpus, *more)
    assert run(corpus, "output_dir=parts", *MORE, *more) == 0
    assert_same_run(Path("whole"), Path("parts"))
    capsys.readouterr()
    assert cli.main(["evaluate", "parts", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found.items() >= json.loads(Path("parts/metrics.json").read_text())["test"].items()


def test_that_nothing_was_validated_is_said_and_kept(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(corpus, "output_dir=run", *MORE, "trainer.max_steps=2") == 0
    said = "nothing is validated in 2 updates, of which the last is tested, not the best (set trainer.val_check"
    assert said in capsys.readouterr().err
    warnings = json.loads(Path("run/metrics.json").read_text())["warnings"]
    assert [said in each["message"] for each in warnings if each["kind"] == "no_best"] == [True]
