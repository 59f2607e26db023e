"""What may be changed where a trained run is tested, found without anything heavy: a mistake is told at once."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from attnlab.config.checks import check_key
from attnlab.config.kinds import check_value
from attnlab.config.resolvers import of_values
from attnlab.config.suggestions import groups, key_guess
from attnlab.errors import UserError
from attnlab.reading.data_root import check_there
from attnlab.runs import run_folder

GROUPS = ("data", "task", "trainer")
# Keys, and groups of keys, that a test reads nothing of: it would be the same test, and nobody would know.
OF_TRAINING = {
    "trainer": (
        "accumulate_grad_batches", "checkpoint_interval", "clip_value", "detect_anomaly", "keep_checkpoints",
        "limit_val_batches", "log_every_n_steps", "max_epochs", "max_steps", "max_time", "overfit_batches",
        "val_check_interval",
    ),
    "data": ("augmentation", "horizontal_flip", "joint_vocabulary", "max_shift", "tokenizer", "vertical_flip"),
    "task": (
        "accumulate", "adversarial_loss", "averaging", "clip_norm", "discriminator_rate", "discriminator_updates",
        "horizontal_flip", "max_shift", "mode", "monitor", "num_val_summaries", "num_val_translations", "optimizer",
        "scheduler",
    ),
}  # fmt: skip


def check_changes(overrides: Sequence[str], run: str | Path) -> None:
    """What can be said of overrides before the run's checkpoint is read; of their keys, if its folder has a record.

    Raises:
        UserError: one that isn't KEY=VALUE, or of what a test doesn't read.
    """
    config = Path(run).expanduser() / "config.json"
    tree = of_values(run_folder.config_of(config.parent)) if config.is_file() else None
    for override in overrides:
        if override.split("=")[0].split(".")[0] != "extractor" or "=" not in override:
            _check_change(override, tree)
        if override.startswith("data.root="):
            _check_root(override.partition("=")[2])


def overridden(config: dict[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    """A run's configuration with the values that are given for its test.

    Raises:
        UserError: as `check_changes`, or there is no such key, or a value of another kind is given.
    """
    tree = of_values(config)
    for override in overrides:
        _check_change(override, tree)
    try:
        merged = OmegaConf.to_container(OmegaConf.merge(tree, OmegaConf.from_dotlist(list(overrides))), resolve=True)
    except (OmegaConfBaseException, HydraException) as error:
        raise UserError(" ".join(str(error).split())) from error
    assert isinstance(merged, dict)
    return {str(key): value for key, value in merged.items()}


def _check_change(override: str, tree: DictConfig | None) -> None:
    key, equals, value = override.partition("=")
    group, _, inner = key.partition(".")
    if group not in GROUPS or not inner or not equals:
        raise UserError(
            f"only data.*, task.* and trainer.* values can be changed here, got {override!r}{_meant(override, tree)}"
        )
    if inner.split(".")[0] in OF_TRAINING[group]:
        shorter = "; trainer.limit_test_batches=N tests less" if group == "trainer" else ""
        raise UserError(f"a test reads nothing of {key}, which is of training, got {override} (drop it{shorter})")
    if tree is None:
        return
    check_key(tree, key)
    default = OmegaConf.select(tree, key)
    if not isinstance(default, str):  # any value is text to a test's own reading
        check_value(tree, key, OmegaConf.from_dotlist([f"value={value}"])["value"], typed=value)


def _check_root(given: str) -> None:
    root = OmegaConf.from_dotlist([f"value={given}"])["value"]
    if isinstance(root, str):
        check_there(Path(root).expanduser())


def _meant(override: str, tree: DictConfig | None) -> str:
    """A sentence's end that says what to write instead."""
    key, equals, value = override.partition("=")
    if key in ("data", "task", "trainer", "extractor") and not equals:
        return f" (write {key}.KEY=VALUE)"
    if key == "data":
        return (
            f": {value} is chosen where a run is trained, and its test may read other files of the same kind (write "
            "data.root=FOLDER, or another value of the run's own data)"
        )
    if key in groups():
        values = f"write {key}.KEY=VALUE" if key in GROUPS else "train with it"
        return f": {key} is chosen where a run is trained (drop it, or {values})"
    if key.partition(".")[0] in ("model", "seed", "name", "output_dir"):
        return ", and the model is as it was trained (drop it)"
    of_training = [f"{group}.{key}" for group in GROUPS if key in OF_TRAINING[group]]
    if of_training:
        return f"; {of_training[0]} is of training (drop it)"
    guessed = key_guess(tree, key, [], "") if tree is not None and "." not in key else ""
    return guessed if any(f" {group}." in guessed for group in GROUPS) else " (drop it)"
