"""What Lightning refuses is one line with the key; a bug of the user's own keeps its traceback."""

import re
from pathlib import Path
from typing import Any

import pytest
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.callbacks import EarlyStopping, LearningRateMonitor
from lightning.pytorch.demos.boring_classes import BoringModel

from attnlab.errors import UserError
from attnlab.runs.refusals import refusals_named

pytestmark = pytest.mark.filterwarnings("ignore")


class Own(Callback):
    """A user's, with a bug or a refusal of its own."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def on_train_start(self, *args: Any) -> None:
        raise self.error


def _fit(callback: Callback, tmp_path: Path, **trainer: Any) -> None:
    with refusals_named({"callbacks.x": callback}):
        Trainer(
            default_root_dir=tmp_path,
            callbacks=[callback],
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            accelerator="cpu",
            **{"max_steps": 1, "limit_val_batches": 1} | trainer,
        ).fit(BoringModel())


ONE_OF_ITS = "(set callbacks.x.*, or callbacks.x=null)"


@pytest.mark.parametrize(
    "callback, trainer, words",
    [
        (LearningRateMonitor(), {}, ["Cannot use `LearningRateMonitor` callback", ONE_OF_ITS]),
        (EarlyStopping("val_loss"), {}, ["Early stopping conditioned on metric `val_loss`", ONE_OF_ITS]),
        (Own(ModuleNotFoundError("No module named 'psutil'")), {}, ["No module named 'psutil'", ONE_OF_ITS]),
        (Own(MisconfigurationException("not so")), {}, ["not so", ONE_OF_ITS]),
        (Callback(), {"limit_val_batches": 0.01}, ["You requested to check 0.01", "(set trainer.limit_val_batches)"]),
    ],
)
def test_a_refusal_names_the_key(callback: Callback, trainer: Any, words: list[str], tmp_path: Path) -> None:
    with pytest.raises(UserError, match=".*".join(map(re.escape, words)) + "$") as caught:
        _fit(callback, tmp_path, **trainer)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("error", [KeyError("a bug"), ValueError("another"), FloatingPointError("loss is nan")])
def test_a_users_own_bug_keeps_its_traceback(error: Exception, tmp_path: Path) -> None:
    with pytest.raises(type(error)) as caught:
        _fit(Own(error), tmp_path)
    assert caught.value is error
    assert caught.traceback[-1].name == "on_train_start"
