"""The study of an Optuna sweep on disk: the same command goes on with it, and a killed controller loses no trial."""

import hashlib
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attnlab.config import compose, sweep_overrides
from attnlab.errors import UserError
from attnlab.files import locked

# What the sweeper ends with, asking for the best trial, when all have failed.
NO_BEST = ("Record does not exist.", "No trials are completed yet.")
DIRECTIONS = {"min": "minimize", "max": "maximize"}


@contextmanager
def opened(job: Sequence[str], overrides: Sequence[str], *, config_dirs: Sequence[str]) -> Iterator[list[str]]:
    """What Hydra's sweeper is to be told: where the study is, its direction, and how many trials are left.

    Unless the overrides say otherwise, the study lies in a SQLite file under `output_root`, is named after this very
    sweep, goes in the direction of `task.mode`, and outlives any number of failed trials. Trials that a killed
    controller left running are done again with the same values, which means in the same run folders.

    Raises:
        UserError: all trials are done, or another process works on the study.
    """
    # Optuna 2 is written for SQLAlchemy 1, which says so each time.
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    import optuna

    config = compose.compose_run(job, config_dirs=config_dirs)
    sweeper = sweep_overrides.hydra_node("sweeper", overrides, config_dirs=config_dirs)
    folder = Path(config.output_root) / "studies"
    name = sweeper["study_name"] or f"{config.name}-{_hash(overrides)}"
    storage = sweeper["storage"] or f"sqlite:///{folder / name}.db"
    given = {key for key in sweep_overrides.keys(overrides) if key.startswith("hydra.sweeper.")}
    direction = DIRECTIONS[config.task.mode]
    if "hydra.sweeper.direction" in given:
        direction = str(sweeper["direction"]).rpartition(".")[2].lower()  # the sweeper's own enumeration
    optuna.logging.set_verbosity(logging.WARNING)
    with locked(folder / f"{name}.lock"):
        study = optuna.create_study(study_name=name, storage=storage, direction=direction, load_if_exists=True)
        left = sweeper["n_trials"] - _settled(study)
        if left < 1:
            raise UserError(
                f"all trials of this study are done, got {sweeper['n_trials']} of them, {_best(study)} "
                "(set hydra.sweeper.n_trials higher to go on)"
            )
        yield [
            f"hydra.sweeper.study_name='{name}'",
            f"hydra.sweeper.storage='{storage}'",
            f"hydra.sweeper.direction={direction}",
            f"hydra.sweeper.n_trials={left}",
            *([] if "hydra.sweeper.max_failure_rate" in given else ["hydra.sweeper.max_failure_rate=1.0"]),
        ]


def _hash(overrides: Sequence[str]) -> str:
    """Of what is swept and what is fixed; not of Hydra's own settings, such as the number of trials."""
    own = sorted(each for each in overrides if not each.lstrip("+~").startswith("hydra"))
    return hashlib.sha256(json.dumps(own).encode()).hexdigest()[:10]


def _settled(study: Any) -> int:
    """The number of trials that have ended, after those left running were put back."""
    from optuna.trial import TrialState

    trials = study.get_trials(deepcopy=False)
    for trial in trials:
        if trial.state == TrialState.RUNNING:
            # The one way to have the sampler give the same values again under the same number.
            study._storage.set_trial_state(trial._trial_id, TrialState.WAITING)
    return sum(trial.state.is_finished() for trial in trials)


def _best(study: Any) -> str:
    try:
        return f"the best {study.best_value:.4g} at {study.best_params}"
    except ValueError:
        return "none of them with a score"
