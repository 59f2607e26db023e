"""The study of an Optuna sweep on disk: the same command goes on with it, and a killed controller loses no trial."""

import hashlib
import json
import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import optuna
from omegaconf import OmegaConf
from optuna.exceptions import DuplicatedStudyError, StorageInternalError
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage, get_storage
from optuna.study import StudyDirection
from optuna.trial import TrialState

from attnlab.errors import UserError, causes, one_line
from attnlab.files import locked, write_text

log = logging.getLogger(__name__)


@contextmanager
def opened(
    overrides: Sequence[str],
    *,
    folder: Path,
    name: str | None,
    run_name: str,
    storage: str | None,
    direction: str,
    sampler: BaseSampler,
    pruner: optuna.pruners.BasePruner,
) -> Iterator[optuna.Study]:
    """The study of these overrides, new or as far as it has come; nobody else works on it meanwhile.

    Trials that a killed controller left running are put back: they are done again with the same values, which means
    in the same run folders.

    Raises:
        UserError: another process works on it, or it can't be read.
    """
    optuna.logging.set_verbosity(logging.WARNING)
    name = name or f"{run_name}-{_hash(overrides)}"
    with locked(folder / f"{name}.lock"):
        address = storage or f"sqlite:///{folder / name}.db"
        kept = _storage(address)
        try:
            study = optuna.create_study(
                study_name=name,
                storage=kept,
                direction=StudyDirection[direction.upper()],
                sampler=sampler,
                pruner=pruner,
                load_if_exists=True,
            )
        except (DuplicatedStudyError, StorageInternalError) as error:
            raise _unopened(error, address) from error
        if study.direction.name.lower() != direction:
            raise UserError(
                f"study {name} is there to {study.direction.name.lower()}, and now to {direction} "
                "(set hydra.sweeper.study_name to begin another)"
            )
        _put_back(study, kept)
        yield study


def _storage(address: str) -> BaseStorage:
    try:
        return get_storage(address)
    except Exception as error:  # of Optuna, of SQLAlchemy, of the database's driver: whatever it says of an address
        if "no longer compatible" in str(error):
            raise UserError(
                f"an older Optuna wrote this study, got {address} (run: optuna storage upgrade --storage {address}, "
                "or set hydra.sweeper.storage to begin another)"
            ) from error
        raise _unopened(error, address) from error


def _unopened(error: Exception, address: str) -> UserError:
    """What to say where there is no study at an address: what the database itself said."""
    driver = next((said for each in causes(error) if (said := getattr(each, "orig", None)) is not None), None)
    said = one_line(error if driver is None else driver)
    remedy = "set hydra.sweeper.storage, as sqlite:///FILE.db in a folder that is there, or null"
    return UserError(f"a study's database must open, got {address}: {said} ({remedy})")


def _put_back(study: optuna.Study, kept: BaseStorage) -> None:
    number = kept.get_study_id_from_name(study.study_name)
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        kept.set_trial_state_values(
            kept.get_trial_id_from_study_id_trial_number(number, trial.number), TrialState.WAITING
        )


def _hash(overrides: Sequence[str]) -> str:
    """Of what is swept and what is fixed; not of Hydra's own settings, such as the number of trials."""
    own = sorted(each for each in overrides if not each.lstrip("+~").startswith("hydra"))
    return hashlib.sha256(json.dumps(own).encode()).hexdigest()[:10]


def trials_left(study: optuna.Study, asked: int, *, grid: int | None) -> int:
    """How many trials are to be done, of `asked` in all and of no more than a `grid` has.

    Raises:
        UserError: none is left.
    """
    most = asked if grid is None else min(asked, grid)
    left = most - sum(trial.state.is_finished() for trial in study.get_trials(deepcopy=False))
    if left < 1:
        done = f"all trials of this study are done, got {most} of them, {_best(study)}"
        higher = grid is None or asked < grid
        remedy = (
            "set hydra.sweeper.n_trials higher to go on" if higher else "its grid has no more; sweep over more values"
        )
        raise UserError(f"{done} ({remedy})")
    return left


class Judge:
    """Tells a study of a trial's validations, and the trial's run whether it should end."""

    def __init__(self, trial: optuna.Trial) -> None:
        self.trial, self.ended = trial, False

    def __call__(self, step: int, score: float) -> bool:
        if math.isfinite(score):
            self.trial.report(score, step)
        self.ended = self.trial.should_prune()
        return self.ended


def tell(study: optuna.Study, trials: Sequence[optuna.Trial], scores: Sequence[float | None], *, pruned: bool) -> int:
    """Enter the scores of trials, or that there is none; how many failed."""
    failed = 0
    for trial, score in zip(trials, scores, strict=True):
        state = TrialState.COMPLETE if score is not None else TrialState.PRUNED if pruned else TrialState.FAIL
        failed += state == TrialState.FAIL
        try:
            study.tell(trial, score, state=state)
        except RuntimeError as error:
            if "Study.stop" not in str(error):  # a grid that is done says so as if this were Optuna's own loop
                raise
    return failed


def say_best(study: optuna.Study, path: Path) -> None:
    """Log the best trial, and write it to `path`; nothing where none has a score."""
    try:
        best = study.best_trial
    except ValueError:
        return
    log.info("Best parameters: %s", best.params)
    log.info("Best value: %s", best.value)
    found = {"name": "optuna", "best_params": best.params, "best_value": best.value}
    write_text(path, OmegaConf.to_yaml(OmegaConf.create(found)))


def _best(study: optuna.Study) -> str:
    try:
        return f"the best {study.best_value:.4g} at {study.best_params}"
    except ValueError:
        return "none of them with a score"
