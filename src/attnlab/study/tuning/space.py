"""What tuning draws from: values of a run's configuration, the same draws for every arm."""

import math
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from hydra.core.override_parser.types import ChoiceSweep, IntervalSweep, Override, RangeSweep

from attnlab.config.compose import parse
from attnlab.errors import UserError

MAX_SEED = 2**32 - 1
SEED = 1000  # of tuning, unless the study says another
MOST_TRIALS = 1000
# Whole groups that may be drawn; other keys are of single values.
GROUPS = ("optimizer", "scheduler")
VALUE = re.compile(r"[a-z_]\w*(\.\w+)+")
# By what trials are scored, which they must have in common, and what of them isn't looked at.
FIXED = ("task.monitor", "task.mode", "trainer.limit_val_batches", "trainer.limit_test_batches")
DIGITS = 4  # of a number drawn from an interval
RULE = "values must be choice(A, B), interval(A, B), tag(log, interval(A, B)), range(A, B), or a list"

# Refuses a value of the study's file: its key, the rule, the value.
Wrong = Callable[[str, str, Any], NoReturn]


@dataclass(frozen=True, kw_only=True)
class Tune:
    """How a study tunes its arms.

    Attributes:
        trials: of each arm.
        space: what is drawn for each key, as an override of a sweep has it.
        seed: of the draws and of the trials' runs; none of the study's own.
    """

    trials: int
    space: Mapping[str, str]
    seed: int

    def draws(self) -> tuple[dict[str, str], ...]:
        """Of each trial the value of each key, as an override has it.

        A draw is decided by seed, key and number of the trial: more trials, or other keys, change none.
        """
        sweeps = {key: _sweep(key, values) for key, values in self.space.items()}
        return tuple(
            {key: _value_at(sweep, self._share(key, number)) for key, sweep in sweeps.items()}
            for number in range(1, self.trials + 1)
        )

    def _share(self, key: str, number: int) -> float:
        """From 0 to below 1, evenly."""
        return random.Random(f"{self.seed}/{key}/{number}").random()


def tune_of(given: Any, *, seeds: Sequence[int], wrong: Wrong) -> Tune | None:
    """What a study's file says under `tune`; None where nothing is tuned."""
    if given is None:
        return None
    if not isinstance(given, Mapping):
        wrong("tune", "tune must be {trials: N, space: {KEY: VALUES}}, or null", given)
    if unknown := [key for key in given if key not in ("trials", "space", "seed")]:
        wrong("tune", "tune has trials, space and seed alone", str(unknown[0]))
    trials, seed = given.get("trials"), given.get("seed", SEED)
    if type(trials) is not int or not 1 <= trials <= MOST_TRIALS:
        wrong("tune.trials", f"trials must be how many each arm gets, from 1 to {MOST_TRIALS}", trials)
    if type(seed) is not int or not 0 <= seed <= MAX_SEED:
        wrong("tune.seed", f"a seed must be a whole number from 0 to {MAX_SEED}", seed)
    if seed in seeds:
        wrong("tune.seed", "tuning needs a seed that is none of the study's own", seed)
    return Tune(trials=trials, space=_space(given.get("space"), wrong), seed=seed)


def _space(given: Any, wrong: Wrong) -> dict[str, str]:
    if not isinstance(given, Mapping) or not given:
        wrong("tune.space", "space must be what is tuned, as KEY: VALUES", given)
    space = {}
    for key, values in given.items():
        if not isinstance(key, str) or not (key in GROUPS or VALUE.fullmatch(key)) or key in FIXED:
            rule = f"a key of space must be that of a value of a run, such as optimizer.lr, or {' or '.join(GROUPS)}"
            wrong("tune.space", rule, str(key))
        space[key] = _written(values)
        try:
            _sweep(key, space[key])
        except UserError as error:
            wrong(f"tune.space.{key}", str(error), values)
    return space


def _written(values: Any) -> str:
    """As a sweep of the command line is."""
    if not isinstance(values, list):
        return str(values)
    words = ["null" if each is None else str(each).lower() if isinstance(each, bool) else str(each) for each in values]
    return f"choice({','.join(words)})"


def _sweep(key: str, values: str) -> Override:
    """UserError, without the values, for what nothing can be drawn from."""
    try:
        [override] = parse([f"{key}={values}"])
    except UserError as error:
        raise UserError(RULE) from error
    if not override.is_sweep_override() or override.key_or_group != key:
        raise UserError(RULE)
    sweep = override.value()
    if isinstance(sweep, IntervalSweep):
        low, high = _ends(sweep)
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise UserError("an interval must have a lower and an upper end")
        if "log" in sweep.tags and not low > 0:
            raise UserError("an interval whose logarithm is drawn must lie above 0")
    elif not isinstance(sweep, (ChoiceSweep, RangeSweep)) or not list(override.sweep_string_iterator()):
        raise UserError(RULE)
    return override


def _value_at(override: Override, share: float) -> str:
    """The value below which lies this share of the others."""
    sweep = override.value()
    if not isinstance(sweep, IntervalSweep):
        choices = list(override.sweep_string_iterator())
        return choices[int(share * len(choices))]
    (low, high), log = _ends(sweep), "log" in sweep.tags
    if isinstance(low, int) and isinstance(high, int):
        return str(min(high, math.floor(_between(low, high + 1, share, log=log))))
    drawn = float(f"{_between(low, high, share, log=log):.{DIGITS}g}")
    return repr(min(max(drawn, float(low)), float(high)))


def _ends(sweep: IntervalSweep) -> tuple[float, float]:
    """Whole numbers where it was made of such by `int()`."""
    assert sweep.start is not None
    assert sweep.end is not None
    return sweep.start, sweep.end


def _between(low: float, high: float, share: float, *, log: bool) -> float:
    if log:
        return math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
    return low + share * (high - low)
