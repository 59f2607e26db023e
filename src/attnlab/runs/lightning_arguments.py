"""`trainer.lightning`: arguments of Lightning's Trainer that have no key of their own here."""

import inspect
import typing
from collections.abc import Mapping
from typing import Any

from lightning.pytorch import Trainer

from attnlab.errors import closest, unless_guessed
from attnlab.runs.signatures import fits

# What attnlab gives the Trainer itself -> the key that decides it; nothing where no other value would do.
SET = {
    **{
        name: f"trainer.{name}"
        for name in (
            "accelerator",
            "devices",
            "num_nodes",
            "strategy",
            "precision",
            "max_steps",
            "max_epochs",
            "max_time",
            "val_check_interval",
            "limit_val_batches",
            "limit_test_batches",
            "log_every_n_steps",
            "accumulate_grad_batches",
            "enable_progress_bar",
            "detect_anomaly",
            "overfit_batches",
        )
    },
    "fast_dev_run": "trainer=debug",
    "limit_train_batches": "trainer.max_steps or trainer.overfit_batches",
    "check_val_every_n_epoch": "trainer.val_check_interval",
    "gradient_clip_val": "task.clip_norm or trainer.clip_value",
    "gradient_clip_algorithm": "task.clip_norm or trainer.clip_value",
    "enable_checkpointing": "trainer.checkpoint_interval",
    "logger": "logger=NAME",
    "callbacks": "callbacks=NAME",
    "default_root_dir": "output_dir",
    "min_epochs": "trainer.lightning.min_steps",
    "num_sanity_val_steps": "",
    "use_distributed_sampler": "",
    "reload_dataloaders_every_n_epochs": "",
    "inference_mode": "",
    "enable_model_summary": "",
    "plugins": "",
    "barebones": "",
    "model_registry": "",
}


def check_lightning_arguments(given: Mapping[str, Any]) -> None:
    """ValueError for what isn't an argument of the Trainer, isn't of its kind, or is decided by another key."""
    parameters = [name for name in inspect.signature(Trainer).parameters if name not in SET]
    hints = typing.get_type_hints(Trainer.__init__)
    for name, value in given.items():
        if name in SET:
            remedy = f"set {SET[name]}" if SET[name] else f"drop trainer.lightning.{name}"
            raise ValueError(f"lightning.{name} is for attnlab to set, got {value!r} ({remedy})")
        if name not in parameters:
            guessed = closest(name, parameters)
            left = unless_guessed(guessed, parameters, f"; left to trainer.lightning are {', '.join(parameters)}")
            raise ValueError(f"Lightning's Trainer takes no {name!r}{guessed}{left} (set trainer.lightning)")
        if not fits(value, hints[name]):
            raise ValueError(
                f"lightning.{name} isn't what Lightning's Trainer takes, got {value!r} (set trainer.lightning.{name})"
            )
