"""A trained run's test scores again, or on other data."""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from lightning.pytorch import Trainer

from attnlab.attention.ablation import shells
from attnlab.config import identity
from attnlab.config.compose import load_group
from attnlab.data.module import DataModule
from attnlab.errors import UserError
from attnlab.feature_attention import ablate_feature_attention
from attnlab.language import Words, either
from attnlab.metrics.records.contract import DIAGNOSTICS
from attnlab.reading.shown import tell
from attnlab.runs import allowed, build, checkpoint, own_code, own_data, run_folder
from attnlab.runs.coverage import Covered, check_limits, covered, partial_warnings
from attnlab.runs.diagnosis import files
from attnlab.runs.diagnosis.diagnose import Diagnosis, check_diagnosed
from attnlab.runs.diagnosis.diagnose import diagnose as diagnosis_of
from attnlab.runs.environment import environment_of
from attnlab.runs.evaluated_values import overridden
from attnlab.runs.faults import lost_workers_named
from attnlab.runs.held_out import check_held_out, prepared, same_data
from attnlab.runs.instantiation import call
from attnlab.runs.opening import called
from attnlab.runs.read_places import say_places
from attnlab.runs.record import tested
from attnlab.runs.stored_addresses import with_own_addresses
from attnlab.runs.trainer import build_trainer
from attnlab.tasks.abilities import ReadsFiles
from attnlab.tasks.task import Task

log = logging.getLogger(__name__)

ANY_DEVICE = ("32-true", "bf16-mixed", "bf16-true", "64-true")


class Evaluation(NamedTuple):
    """What a test found: its scores with `num_examples`, of how many these are, and what is to be known of them."""

    scores: dict[str, float]
    of_examples: int
    warnings: list[dict[str, Any]]
    signatures: dict[str, str]
    monitored: str  # the score that chose the checkpoint, as the test calls it
    ablated: dict[str, float] | None  # the scores without what attention has learned, if asked for
    diagnosis: Diagnosis | None = None  # what attention is like, likewise


class Ready(NamedTuple):
    """A trained task and its test, before anything is scored.

    config: of both. results: the number of those that training computed.
    """

    path: str
    config: build.Config
    trainer: Trainer
    task: Task[Any]
    data: DataModule
    test: Covered
    results: int


def evaluate(
    path: str, overrides: list[str], *, trust: tuple[str, ...] = (), ablate: bool = False, diagnose: bool = False
) -> Evaluation:
    """The test metrics of a run's best checkpoint, under its own data and task with `overrides`, and `num_examples`.

    The trainer is this installation's own: a checkpoint decides neither the devices nor what runs besides its model.
    Only its precision is the run's, or its scores wouldn't be, as far as any device has it. `ablate` tests once more,
    with attention as `ablate_feature_attention` leaves it; `diagnose` looks at attention (`runs.diagnosis`), and
    writes what it finds into the run's folder if the test is the run's own.
    """
    asks = [check for check, asked in ((check_ablatable, ablate), (check_diagnosed, diagnose)) if asked]
    found = ready(path, overrides, trust=trust, asks=asks)
    trainer, task, data, test = found.trainer, found.task, found.data, found.test
    scores = tested_as_it_is(found)
    for name, signature in task.signatures.items():
        tell(either(f"signature: {name} {signature}", f"签名：{name} {signature}"))
    warnings = [*_of_code(path), *partial_warnings(test), *task.warnings]
    for warning in warnings:
        log.warning("%s", warning["message"])
    return Evaluation(
        scores | {"num_examples": test.scored},
        of_examples=test.of,
        warnings=[*data.warnings, *warnings],
        signatures={**data.signatures, **task.signatures},
        monitored=task.monitor.removeprefix("val/"),
        ablated=tested_without_attention(found) if ablate else None,
        diagnosis=_diagnosed(Path(path).expanduser(), trainer, task, data) if diagnose else None,
    )


def ready(
    path: str, overrides: list[str], *, trust: tuple[str, ...], asks: Sequence[Callable[[Task[Any]], None]] = ()
) -> Ready:
    """What it takes to test a run's best checkpoint; `asks` refuse a task before its data is prepared.

    Raises:
        UserError: it can't be tested so.
    """
    file = checkpoint.find(path)
    loaded = checkpoint.load(file)
    stored = checkpoint.config_of(loaded, file)
    stored = build.without_learning(stored)
    allowed.check_targets({"data": stored["data"], "task": stored["task"]}, trust=trust)
    stored["data"] = with_own_addresses(stored["data"], "data") | {"cache_dir": None}
    precision = stored["trainer"].get("precision")
    if precision == "auto":
        precision = environment_of(loaded).get("precision")
    stored["trainer"] = build.plain(load_group("trainer", "default"))
    stored["trainer"]["enable_progress_bar"] = sys.stderr.isatty()
    if precision in ANY_DEVICE:
        stored["trainer"]["precision"] = precision
    config = overridden(stored, _with_extractor(stored, overrides))
    check_held_out(stored["data"], config["data"])
    if config["data"].get("root") == stored["data"].get("root"):
        say_places(config["data"], folder=Path(path))
    _, task = build.restore(file, trust=trust, overrides=config)
    if config["trainer"]["precision"] == "64-true":
        task.double().load_state_dict(loaded["state_dict"])
    for check in asks:
        check(task)
    if isinstance(task, ReadsFiles):
        task.read_files()  # or they would be missed only once there are samples
    data = prepared(config, stored, task, checksum=loaded[checkpoint.KEY]["checksum"])
    if same_data(stored["data"], config["data"]):
        _warn_if_changed(data, config, loaded[checkpoint.KEY], file)
    settings = build.build_settings(config)
    with redirect_stdout(sys.stderr):  # where its bar is to be
        trainer = call(build_trainer, "trainer", settings=settings, directory=None, callbacks=[], loggers=[])
    check_limits(trainer, data, ["test"])
    test = covered(trainer, data, "test")
    if not test.scored:
        raise UserError(f"a test needs an example, got 0 of {test.of} (set trainer.limit_test_batches)")
    return Ready(path, config, trainer, task, data, test, identity.results_of(loaded[checkpoint.KEY]))


def _warn_if_changed(data: DataModule, config: build.Config, contents: Mapping[str, Any], file: Path) -> None:
    """Say that the test isn't the run's own any more, where today's checksums are those of its version."""
    if identity.results_of(contents) != identity.RESULTS:
        return
    record = file.absolute().parent.parent / "metrics.json"
    try:
        results = run_folder.finished(record.parent)
    except UserError:  # damaged
        results = None
    recorded = (results or {}).get("data")
    own_data.warn_if_changed(
        data,
        config,
        trained_on=contents["checksum"],
        recorded=recorded if isinstance(recorded, dict) else {},
        record=record if results is not None else file,
    )


def _of_code(path: str) -> list[dict[str, Any]]:
    """That the user's own code isn't what the run was trained with."""
    said = own_code.changed(checkpoint.find(path).absolute().parent.parent)
    return [] if said is None else [{"kind": "code_changed", "message": said}]


def _diagnosed(folder: Path, trainer: Trainer, task: Task[Any], data: DataModule) -> Diagnosis:
    tell(either("looking at attention once more over the test", "在测试集上再看一遍注意力"))
    found = diagnosis_of(trainer, task, data)
    if files.write(folder, found, data):
        tell(either(f"written to {folder / DIAGNOSTICS}", f"已写入 {folder / DIAGNOSTICS}"))
    else:
        tell(
            either(
                f"{DIAGNOSTICS} isn't written: this is no finished run's folder, or not its own whole test",
                f"没有写 {DIAGNOSTICS}：这不是已完成运行的目录，或不是它自己的整个测试集",
            )
        )
    return found


def tested_as_it_is(found: Ready) -> dict[str, float]:
    """The test's scores."""
    number, today = found.results, identity.RESULTS
    trained = Words("", "")
    if number != today:
        trained = Words(
            f", trained with results {number}, as results {today}", f"；训练时结果版本为 {number}，现按 {today} 计算"
        )
    on = _tested(found.data, found.config)
    tell(either(f"testing {found.path} on {on.en}{trained.en}", f"测试 {found.path}：{on.zh}{trained.zh}"))
    return _scores(found)


def tested_without_attention(found: Ready) -> dict[str, float]:
    """The test's scores without what the model's attention has learned."""
    with _ablated(found.task) as paths:
        num = len(paths)
        places = f"{num} place{'' if num == 1 else 's'}"
        tell(
            either(
                f"testing once more, with all weights even in {places} of attention",
                f"再测一次，把 {num} 处注意力的权重都变为均匀",
            )
        )
        return _scores(found)


def _scores(found: Ready) -> dict[str, float]:
    with lost_workers_named(), redirect_stdout(sys.stderr):  # Lightning's progress; only scores go to stdout
        found.trainer.test(found.task, found.data, verbose=False)
    return tested(found.trainer, found.task)


def check_ablatable(task: Task[Any]) -> None:
    """Raise UserError for a model without attention."""
    with _ablated(task):
        pass


@contextmanager
def _ablated(task: Task[Any]) -> Iterator[list[str]]:
    """The model that predicts without what its attention has learned, and where; UserError if that is nowhere."""
    networks = task.predictor.modules.values()
    with ExitStack() as stack:
        paths = [path for each in networks for path in stack.enter_context(ablate_feature_attention(each))]
        if not paths:
            fixed = any(True for each in networks for _ in shells(each))
            rule, lacks = ("learns", "where all weights are fixed") if fixed else ("has weights", "which has none here")
            raise UserError(
                f"only attention that {rule} can be made even, got {type(task.model).__name__}, {lacks} (drop --ablate)"
            )
        yield paths


def _tested(data: DataModule, config: build.Config) -> Words:
    """How much there is to score, and where it comes from."""
    num, place = data.num_examples("test"), data.root or called(config["data"])
    english, chinese = f"the {num:,} examples of test", f"测试集的 {num:,} 个样本"
    if data.test_origin is not None:
        english, chinese = data.test_origin, f"{num:,} 个样本（{data.test_origin}）"
    return Words(f"{english}, in {place}", f"{chinese}，来自 {place}")


def _with_extractor(config: dict[str, Any], overrides: list[str]) -> list[str]:
    """Put in the extractor that is asked for, with the values given for it; returns the other overrides."""
    own = [override for override in overrides if override.split("=")[0].split(".")[0] == "extractor"]
    if not own:
        return overrides
    if "extractor" not in config["task"]:
        raise UserError(f"only a run that generates images has an extractor, got {own[0]!r} (drop it)")
    names = [override.partition("=")[2] for override in own if override.startswith("extractor=")]
    if not names:
        raise UserError(f"values are of an extractor that is chosen here, got {own[0]!r} (add extractor=NAME)")
    values = [override for override in own if not override.startswith("extractor=")]
    extractor = build.plain(load_group("extractor", names[-1], values))
    if missing := [key for key, value in extractor.items() if value == "???"]:
        raise UserError(f"extractor.{missing[0]} must be given (set extractor.{missing[0]}=...)")
    # What was monitored may be measured no more; nothing is, here.
    config["task"] |= {"extractor": extractor, "monitor": None, "mode": "min"}
    return [override for override in overrides if override not in own]
