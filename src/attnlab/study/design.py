"""What a study is, as `conf/study/NAME.yaml` says it: arms, control, seeds and how they are to be judged.

Nothing is composed or built here; every value is checked, and a mistake names its key and the file.
"""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from sys import float_info
from typing import Any, Literal, cast, get_args

from omegaconf import OmegaConf

from attnlab.config import compose
from attnlab.config.conf_path import conf_dir
from attnlab.errors import UserError, closest
from attnlab.study.given import OUTPUT_ROOT, Given, check_key, check_within, place_of
from attnlab.study.tuning.space import MAX_SEED, Tune, tune_of

ControlName = Literal["uniform", "random_frozen", "identity", "capacity"]
Unit = Literal["updates", "tokens", "seconds"]
Match = Literal["none", "parameters", "flops"]
Pairing = Literal["none", "seeds"]
AblatedRuns = Literal["all", "first", "none"]

CONTROLS: tuple[ControlName, ...] = get_args(ControlName)
ROOT = f"{OUTPUT_ROOT}="
NAME = re.compile(r"\w[\w.-]*")
MOST_SEEDS = 2**16 - 1
OF_UPDATES = ("steps", "max_steps", "iterations", "epochs")  # budgets by other names
MOST_OF_BUDGET: dict[str, int] = {"updates": 2**31 - 1, "tokens": 2**53, "seconds": 10**9}


@dataclass(frozen=True, kw_only=True)
class ArmDesign:
    """One arm: what it sets besides the study's base; `confounded` where that may be more than the mechanism."""

    name: str
    overrides: tuple[str, ...]
    confounded: bool = False


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What each run may spend: updates, tokens of training, or seconds of it, 1 or more."""

    unit: Unit
    amount: int


@dataclass(frozen=True, kw_only=True)
class Study:
    """One study.

    Attributes:
        path: its file.
        base: overrides of all arms.
        control: the name of the arm that the others are compared with.
        controls: arms that are added where they are legal.
        seeds: of each arm's runs.
        looks: numbers of seeds at which the study is judged; () for once, at the end.
        budget: None: as long as the base says.
        match: what of each arm is brought near the control's, by the whole number at `match_key`.
        metric: of the test; None for the task's own.
        margin: by less than which a difference doesn't matter, in the metric's units; None for the task's own.
        pairing: whether verdicts take seeds as shared by arms.
        tune: how the arms are tuned; None: they stand at fixed values.
        ablations: of each arm, which runs are tested again without what attention has learned.
        typed: what the command has given, as KEY=VALUE, and not the file.
    """

    name: str
    path: Path
    base: tuple[str, ...]
    control: str
    arms: tuple[ArmDesign, ...]
    controls: tuple[ControlName, ...]
    seeds: tuple[int, ...]
    looks: tuple[int, ...]
    budget: Budget | None
    match: Match
    match_key: str | None
    metric: str | None
    margin: float | None
    pairing: Pairing
    ablations: AblatedRuns
    tune: Tune | None = None
    typed: tuple[str, ...] = ()

    def place_of(self, key: str) -> str:
        """Where a value of it is set, as a mistake says it."""
        return place_of(key, self.path, self.typed)

    @property
    def given_folder(self) -> tuple[str, ...]:
        """What a command needs besides the study's name to find its file; nothing of a shipped one."""
        folder = self.path.parent.parent
        is_found = self.path.parent.name != "study" or folder.resolve() == conf_dir().resolve()
        return () if is_found else ("--config-dir", str(folder))

    @property
    def said(self) -> str:
        """How a command line names it."""
        return shlex.join([self.name, *self.typed, *self.given_folder])


def load(name: str, overrides: Sequence[str] = (), *, config_dirs: Sequence[str] = ()) -> Study:
    """The study `conf/study/NAME.yaml`, or one of the user's own folders; `overrides` take its values' place.

    Where its runs and its own folder lie decides no result, so that `output_root` is set beside them.

    Raises:
        UserError: there is none of that name, or a key or value that doesn't fit.
    """
    typed, place = [], ""
    for override in compose.parse([compose.sugar(each) if each.startswith(ROOT) else each for each in overrides]):
        key, written = override.key_or_group, str(override.input_line)
        check_key(key.split(".")[0])
        if override.is_add() or override.is_force_add() or override.is_delete() or override.is_sweep_override():
            raise UserError(f"a study's values are set by KEY=VALUE, got {written!r} (write KEY=VALUE)")
        if key == OUTPUT_ROOT:
            place = written
        else:
            typed.append(written)
    if any("." in each.partition("=")[0] for each in typed):
        in_file = compose.load_group("study", name, config_dirs=config_dirs)
        for each in typed:
            check_within(in_file, each.partition("=")[0], _file(name, config_dirs))
    found = compose.load_group("study", name, [f"++study.{each}" for each in typed], config_dirs=config_dirs)
    values = OmegaConf.to_container(found, resolve=False) if OmegaConf.is_config(found) else found
    study = of_values(name, _file(name, config_dirs), values, typed=typed)
    if not place:
        return study
    base = [each for each in study.base if not each.startswith(ROOT)]
    return replace(study, base=(*base, place), typed=(*study.typed, place))


def of_values(name: str, path: Path, values: Any, *, typed: Sequence[str] = ()) -> Study:
    """The study that a file's values say, and those that are `typed`.

    Raises:
        UserError: a key or value that doesn't fit.
    """
    return _Reader(name, path, values, typed).study()


def _file(name: str, config_dirs: Sequence[str]) -> Path:
    """Where Hydra has found it: its first folder with that name."""
    folders = [conf_dir(), *map(Path, config_dirs)]
    places = [folder / "study" / f"{name}.yaml" for folder in folders]
    return next((place for place in places if place.is_file()), places[0])


class _Reader:
    """Reads the values of one file."""

    def __init__(self, name: str, path: Path, values: Any, typed: Sequence[str]) -> None:
        self.name, self.path, self.typed = name, path, tuple(typed)
        self.given = Given(path, values, typed=self.typed)

    def study(self) -> Study:
        """All of it, checked."""
        arms, seeds = self._arms(), self._seeds()
        match, match_key = self.given.choice("match", get_args(Match)), self._match_key()
        if match != "none" and match_key is None:
            self.given.wrong("match_key", f"match={match} needs the key of a whole number, such as model.dim")
        return Study(
            name=self.name,
            path=self.path,
            base=self.given.overrides(self.given["base"], "base"),
            control=self._control([arm.name for arm in arms]),
            arms=arms,
            controls=self._controls(),
            seeds=seeds,
            looks=self._looks(len(seeds)),
            budget=self._budget(),
            match=cast(Match, match),
            match_key=match_key,
            metric=self._metric(),
            margin=self._margin(),
            pairing=self._pairing(len(seeds)),
            tune=self._tune(arms, seeds),
            ablations=cast(AblatedRuns, self.given.choice("ablations", get_args(AblatedRuns))),
            typed=self.typed,
        )

    # Arms

    def _arms(self) -> tuple[ArmDesign, ...]:
        given, named = self.given["arms"], self.given.names("confounded")
        if not isinstance(given, Mapping) or len(given) < 2:
            self.given.wrong("arms", "arms must be two or more, as NAME: [OVERRIDES]")
        for name in given:
            self.given.check_name("arms", name)
            if not NAME.fullmatch(name):
                self.given.wrong("arms", "an arm's name must be of letters, digits, _, - and .", name)
        if strange := [name for name in named if name not in given]:
            self.given.wrong("confounded", f"confounded must name arms{closest(strange[0], list(given))}", strange[0])
        return tuple(self._arm(name, node, confounded=name in named) for name, node in given.items())

    def _arm(self, name: str, node: Any, *, confounded: bool) -> ArmDesign:
        if isinstance(node, Mapping):
            if unknown := [key for key in node if key not in ("overrides", "confounded")]:
                self.given.wrong(f"arms.{name}", "an arm has overrides and confounded alone", str(unknown[0]))
            said = node.get("confounded", False)
            if not isinstance(said, bool):
                self.given.wrong(f"arms.{name}.confounded", "confounded must be true or false in an arm", said)
            node, confounded = node.get("overrides", []), said or confounded
        return ArmDesign(name=name, overrides=self.given.overrides(node, f"arms.{name}"), confounded=confounded)

    def _control(self, names: Sequence[str]) -> str:
        control = self.given["control"]
        self.given.check_name("control", control)
        if control not in names:
            self.given.wrong(
                "control", f"control must be one of the arms {', '.join(names)}{closest(str(control), names)}"
            )
        return str(control)

    def _controls(self) -> tuple[ControlName, ...]:
        names = self.given.names("controls")
        if strange := [name for name in names if name not in CONTROLS]:
            self.given.wrong("controls", f"controls must be of {', '.join(CONTROLS)}, or []", strange[0])
        return tuple(cast(ControlName, name) for name in dict.fromkeys(names))

    # Runs

    def _seeds(self) -> tuple[int, ...]:
        given = self.given["seeds"]
        if _whole(given) and 1 <= given <= MOST_SEEDS:
            return tuple(range(given))
        if not isinstance(given, list) or not given or not all(_whole(each) for each in given):
            self.given.wrong("seeds", f"seeds must be how many, from 1 to {MOST_SEEDS}, or a list of whole numbers")
        if strange := [seed for seed in given if not 0 <= seed <= MAX_SEED]:
            self.given.wrong("seeds", f"a seed must be from 0 to {MAX_SEED}", strange[0])
        if len(set(given)) < len(given):
            self.given.wrong("seeds", "each seed may be given once")
        return tuple(given)

    def _looks(self, num_seeds: int) -> tuple[int, ...]:
        given = self.given["looks"]
        if given is None or given == []:
            return ()
        if not isinstance(given, list) or not all(_whole(each) for each in given):
            self.given.wrong("looks", "looks must be a list of numbers of seeds, or null")
        from attnlab.study.statistics.looks import alpha_at  # numpy with it, which most mistakes are said without

        alpha_at(given, seeds=given[-1])
        if given[-1] != num_seeds:
            self.given.wrong("looks", f"the last look must be at all {num_seeds} seeds")
        return tuple(given)

    def _budget(self) -> Budget | None:
        given = self.given["budget"]
        if given is None:
            return None
        units = get_args(Unit)
        if not isinstance(given, Mapping) or len(given) != 1 or next(iter(given)) not in units:
            named = str(next(iter(given))) if isinstance(given, Mapping) and given else ""
            guess = " (did you mean updates?)" if named in OF_UPDATES else closest(named, units)
            known = ", ".join(f"{unit}: N" for unit in units)
            self.given.wrong("budget", f"budget must be one of {known}, or null{guess}")
        [(unit, amount)] = given.items()
        most = MOST_OF_BUDGET[unit]
        if not _whole(amount) or not 1 <= amount <= most:
            self.given.wrong(f"budget.{unit}", f"a budget must be a whole number, 1 or more, at most {most}", amount)
        return Budget(unit=unit, amount=amount)

    # Fairness and judgement

    def _match_key(self) -> str | None:
        key = self.given["match_key"]
        if key is not None and not (isinstance(key, str) and re.fullmatch(r"model(\.\w+)+", key)):
            self.given.wrong("match_key", "match_key must be a key of the model, such as model.feed_forward_dim")
        return key

    def _metric(self) -> str | None:
        metric = self.given["metric"]
        if metric is not None and not (isinstance(metric, str) and re.fullmatch(r"(test/)?\w+", metric)):
            self.given.wrong("metric", "metric must be the name of a test score, such as accuracy")
        return None if metric is None else str(metric).removeprefix("test/")

    def _margin(self) -> float | None:
        margin = self.given["margin"]
        number = isinstance(margin, (int, float)) and not isinstance(margin, bool)
        if margin is not None and not (number and 0 < margin <= float_info.max):
            self.given.wrong("margin", "margin must be a number above 0, in the metric's units, or null")
        return None if margin is None else float(margin)

    def _pairing(self, num_seeds: int) -> Pairing:
        pairing = cast(Pairing, self.given.choice("pairing", get_args(Pairing)))
        if pairing == "none":
            return pairing
        from attnlab.study.statistics.effects import LEAST_PAIRED_SEEDS

        if num_seeds < LEAST_PAIRED_SEEDS:
            self.given.wrong(
                "pairing", f"pairing by seeds needs {LEAST_PAIRED_SEEDS} seeds or more, here are {num_seeds}"
            )
        return pairing

    def _tune(self, arms: Sequence[ArmDesign], seeds: Sequence[int]) -> Tune | None:
        """What one arm, the match or the budget sets isn't drawn for all."""
        tune = tune_of(self.given["tune"], seeds=seeds, wrong=self.given.wrong)
        if tune is None:
            return None
        for arm in arms:
            for override in compose.parse(arm.overrides):
                if override.key_or_group in tune.space:
                    self.given.wrong(f"arms.{arm.name}", "what is tuned isn't set in an arm", override.input_line)
        if self.given["match_key"] in tune.space:
            self.given.wrong("tune.space", "what arms are matched by isn't tuned", self.given["match_key"])
        return tune


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
