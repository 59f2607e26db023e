"""A run's loggers and callbacks are what their configuration says, and are given what it leaves unsaid."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch import Callback
from lightning.pytorch.loggers import Logger

from attnlab.config.compose import compose_run
from attnlab.errors import UserError
from attnlab.runs import build
from attnlab.runs.parts import build_part


def _config(*overrides: str) -> dict[str, Any]:
    return build.plain(compose_run(["output_dir=run", *overrides]))


STOPPING = {"_target_": "lightning.pytorch.callbacks.EarlyStopping"}
PARTS = [
    ("callbacks.x", {"num_samples": 3}, "callbacks.x must have a _target_, the class to make, got none"),
    ("callbacks.x", "samples", "callbacks.x must have a _target_, the class to make, got samples"),
    (
        "callbacks.x",
        {"_target_": "torch.nn.ReLU"},
        "callbacks.x must be one of Lightning's Callbacks (lightning.pytorch), got ReLU (set callbacks.x._target_, or "
        "callbacks.x=null)",
    ),
    ("logger.x", {"_target_": "attnlab.callbacks.Throughput"}, "logger.x must be one of Lightning's Loggers"),
    (
        "callbacks.x",
        STOPPING | {"monitor": "val/bleu", "mode": "min"},
        "mode must be max for val/bleu, got 'min' (set callbacks.x.mode)",
    ),
    (
        "callbacks.x",
        STOPPING | {"monitor": "val_chrf"},
        "monitor must be one of val/loss, val/perplexity, val/bleu, val/chrf, got 'val_chrf' (did you mean val/chrf?) "
        "(set callbacks.x.monitor)",
    ),
    (
        "callbacks.x",
        {"_target_": "lightning.pytorch.callbacks.GradientAccumulationScheduler", "scheduling": {0: 2}},
        "a run is one epoch here, and GradientAccumulationScheduler goes by epochs, got "
        "callbacks.x (set trainer.accumulate_grad_batches, and drop",
    ),
    (
        "callbacks.x",
        {"_target_": "lightning.pytorch.callbacks.StochasticWeightAveraging", "swa_lrs": 0.1},
        "a run is one epoch here, and StochasticWeightAveraging goes by epochs, got "
        "callbacks.x (set callbacks.x to lightning.pytorch.callbacks.WeightAveraging",
    ),
]


@pytest.mark.parametrize("key, node, message", PARTS)
def test_what_is_no_part_of_a_run_is_refused(key: str, node: Any, message: str) -> None:
    config = _config("callbacks=none", "logger=none")
    config[key.split(".")[0]]["x"] = node
    with pytest.raises(UserError, match=f"^{re.escape(message)}"):
        build.rehearse(config)


class Named(Logger):
    """Takes what a run offers."""

    version = ""

    def __init__(self, *, name: str, group: str | None, directory: Path) -> None:
        super().__init__()
        self.given = (name, group, directory)

    @property
    def name(self) -> str:
        return self.given[0]

    def log_metrics(self, *args: Any, **kwargs: Any) -> None:
        """Nothing."""

    def log_hyperparams(self, *args: Any, **kwargs: Any) -> None:
        """Nothing."""


def test_what_a_parts_own_config_says_is_kept() -> None:
    config = _config("name=ours")
    node: dict[str, Any] = {"_target_": f"{__name__}.Named"}
    name, group, folder = build_part(node, "logger.x", config).given
    assert (name, folder) == ("ours", Path("run"))
    assert re.fullmatch(r"ours-[0-9a-f]{6}", group)
    said = {"name": "mine", "group": "g", "directory": "there"}
    assert build_part(node | said, "logger.x", config).given == ("mine", "g", "there")


def test_runs_that_differ_in_the_seed_alone_are_a_group() -> None:
    node: dict[str, Any] = {"_target_": f"{__name__}.Named"}

    def group(*overrides: str) -> str:
        made: str = build_part(node | {"group": None}, "logger.x", _config("name=ours", *overrides)).given[1]
        return made

    assert group("seed=3") == group("seed=5") == group()
    assert group("seed=3", "model.dim=24") != group("seed=3")


def test_what_stops_early_watches_what_chooses_the_best_checkpoint() -> None:
    config = _config("task=ner", "callbacks=early_stopping")
    with torch.device("meta"):
        task = build.build_task(config, build.build_data(config).example_sizes, None)

    def made(**said: Any) -> Any:
        node = config["callbacks"]["early_stopping"] | said
        return build_part(node, "callbacks.early_stopping", config, task)

    for stopping, watched in [
        (made(), ("val/f1", "max")),
        (made(monitor="val/loss"), ("val/loss", "min")),
        (made(monitor="val/recall", mode="max"), ("val/recall", "max")),
        (made(monitor="train/loss", mode="min"), ("train/loss", "min")),
    ]:
        assert (stopping.monitor, stopping.mode) == watched


class Watching(Callback):
    """One of the user's own; it may log what it watches."""

    def __init__(self, monitor: str) -> None:
        self.monitor = monitor


MEASURED = "monitor must be one of val/f1, val/precision, val/recall, val/token_accuracy, val/loss, got "
UNMEASURED = [
    ("lightning.pytorch.callbacks.EarlyStopping", "val_f1", "val/f1"),
    ("lightning.pytorch.callbacks.EarlyStopping", "f1", "val/f1"),
    ("lightning.pytorch.callbacks.EarlyStopping", "val/own", None),
    ("lightning.pytorch.callbacks.ModelCheckpoint", "val-loss", "val/loss"),
    (f"{__name__}.Watching", "val_loss", "val/loss"),
    (f"{__name__}.Watching", "recall", "val/recall"),
]


def test_a_callback_that_watches_what_isnt_measured_is_refused_before_training() -> None:
    config = _config("task=ner", "callbacks=none", "logger=none")
    with torch.device("meta"):
        task = build.build_task(config, build.build_data(config).example_sizes, None)
    for target, monitor, meant in UNMEASURED:
        node = {"_target_": target, "monitor": monitor}
        guess = "" if meant is None else f" (did you mean {meant}?)"
        with pytest.raises(UserError) as refused:
            build_part(node, "callbacks.mine", config, task)
        assert str(refused.value) == f"{MEASURED}{monitor!r}{guess} (set callbacks.mine.monitor)"
    own = {"_target_": f"{__name__}.Watching", "monitor": "val/own"}
    assert build_part(own, "callbacks.mine", config, task).monitor == "val/own"
    config["callbacks"]["mine"] = own
    stopping = STOPPING | {"monitor": "val/own", "mode": "max"}
    assert build_part(stopping, "callbacks.x", config, task).monitor == "val/own"  # which the other may log


def test_a_part_is_given_what_it_asks_for_of_the_run() -> None:
    config = _config("seed=3")
    node = {"_target_": "attnlab.callbacks.MetricsCSV"}
    assert build_part(node, "logger.csv", config) is not None
    with pytest.raises(UserError, match=r"^nothing can be imported as 'no.such': no module .* set callbacks.x._t"):
        build_part({"_target_": "no.such"}, "callbacks.x", config)
