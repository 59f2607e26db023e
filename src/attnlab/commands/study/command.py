"""`attnlab study`: a comparison of mechanisms, planned and checked as a whole, run, judged and reported."""

import argparse
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from attnlab.commands import arguments as arguments_of
from attnlab.config.sweep_overrides import without_hydras
from attnlab.errors import UserError, one_line
from attnlab.files import locked, remove_drafts, say
from attnlab.language import Words, either, wanted
from attnlab.reading.shown import json_text, tell
from attnlab.study import design
from attnlab.study.launching import Launching, launching

if TYPE_CHECKING:
    from attnlab.study.plan import Plan
    from attnlab.study.running import Results

SUBCOMMANDS = ("plan", "run", "report", "show", "start")  # what other programs would have before the name
USAGE = """attnlab study NAME [--workers N] [--retry] [--fresh] [--trust PACKAGE] [KEY=VALUE ...] [--config-dir DIR]
       attnlab study NAME hydra/launcher=slurm [hydra.launcher.KEY=VALUE ...] [--retry] [--fresh] [KEY=VALUE ...]
       attnlab study NAME --dry-run [--probe] [--json] [KEY=VALUE ...] [--config-dir DIR]
       attnlab study NAME --verify ARM/SEED [KEY=VALUE ...] [--config-dir DIR]"""
OWN_CODE = Words("your own code, for tests without its attention", "自己的代码，用来去掉其中的注意力再测")
INTERRUPTED = 130


def run(arguments: list[str]) -> int:
    """Plan a study, and run what is left of it; returns the exit status.

    Raises:
        UserError: a mistake in the study's file, or an arm that can't be compared fairly.
    """
    options = _options(arguments)
    if words := [each for each in options.overrides if "=" not in each and not each.startswith("~")]:
        raise UserError(
            f"one study is named, and then its values as KEY=VALUE, got {options.name} {words[0]} (write attnlab study "
            f"{words[0] if options.name in SUBCOMMANDS else options.name}, with --dry-run for its plan alone)"
        )
    own = without_hydras(options.overrides)
    study = design.load(options.name, own, config_dirs=options.config_dir)
    where = launching(
        study,
        overrides=[each for each in options.overrides if each not in own],
        workers=options.workers,
        config_dirs=options.config_dir,
    )
    if not options.dry_run and options.verify is None:
        where.check_there()
    arms, num = len(study.arms), len(study.seeds)
    seeds = "1 seed" if num == 1 else f"{num} seeds"
    tell(either(f"planning {study.name}: {arms} arms, {seeds}", f"正在规划 {study.name}：{arms} 组，{num} 个种子"))
    if options.verify is not None:
        return _verify(study, options)
    return _dry_run(study, where, options) if options.dry_run else _run(study, where, options)


def _options(arguments: list[str]) -> argparse.Namespace:
    options = _parser().parse_intermixed_args(arguments)
    arguments_of.check_config_dirs(options.config_dir)
    for name in ("probe", "json"):
        if getattr(options, name) and not options.dry_run:
            raise UserError(f"only a plan is printed so, got --{name} without --dry-run (add --dry-run)")
    if options.verify is not None and (options.dry_run or options.retry or options.fresh):
        other = "--dry-run" if options.dry_run else "--retry" if options.retry else "--fresh"
        raise UserError(f"a row is verified alone, got --verify with {other} (drop one)")
    if options.verify is not None and re.fullmatch(r".+/\d+", options.verify) is None:
        raise UserError(f"a row is ARM/SEED of the study, got {options.verify!r} (set --verify)")
    if options.workers is not None and options.workers < 1:
        raise UserError(f"workers must be 1 or more, got {options.workers} (set --workers)")
    return options


def _parser() -> argparse.ArgumentParser:
    about = either(
        "Compare attention mechanisms as conf/study/NAME.yaml says.", "按 conf/study/NAME.yaml 所写比较注意力机制。"
    )
    parser = arguments_of.parser("study", about, usage=USAGE)
    parser.of_pages = "a study's page is written with its results, report.html in its folder (drop it)"
    arguments_of.add_needed(parser, "name", Words("of a study", "研究的名称"), metavar="NAME")
    helped = either("values of the study, such as seeds=3", "研究的值，如 seeds=3")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help=helped)
    helped = either(
        "most runs at a time; else as many as cores, or GPUs", "最多同时运行几个；不给时有几个核或 GPU 就几个"
    )
    parser.add_argument("--workers", type=int, metavar="N", help=helped)
    parser.add_argument("--retry", action="store_true", help=either("try runs that failed once more", "失败的再试一次"))
    helped = either("train runs anew whose data has changed", "数据变过的运行重新训练")
    parser.add_argument("--fresh", action="store_true", help=helped)
    arguments_of.add_trust(parser, OWN_CODE)
    helped = either("print plan, costs and expected time, and stop", "打印计划、代价和预计时间，然后停下")
    parser.add_argument("--dry-run", action="store_true", help=helped)
    helped = either("train a few updates of each arm for the expected time", "每组训练几次更新，以得出预计时间")
    parser.add_argument("--probe", action="store_true", help=helped)
    helped = either("print the plan as one JSON object", "把计划打印成一个 JSON 对象")
    parser.add_argument("--json", action="store_true", help=helped)
    helped = either(
        "train the first updates of a finished run again and compare their losses",
        "重新训练一次已完成的运行的最初几次更新，比较损失",
    )
    parser.add_argument("--verify", metavar="ARM/SEED", help=helped)
    arguments_of.add_config_dir(parser)
    return parser


def _dry_run(study: design.Study, where: Launching, options: argparse.Namespace) -> int:
    from attnlab.commands.study.plan_costs import changed_lines
    from attnlab.commands.study.plan_text import plan_lines
    from attnlab.study.changed_data import changed_data
    from attnlab.study.expected_time import expected_times
    from attnlab.study.plan_record import plan_record
    from attnlab.study.prospects import prospects
    from attnlab.study.tuning.settling import settled_if_known

    plan = settled_if_known(_planned(study, options), config_dirs=options.config_dir)
    times, expected, changed = expected_times(plan, probe=options.probe), prospects(plan), changed_data(plan)
    if options.json:
        said = {"where": where.described(plan).en, "data_changed": None if changed is None else changed.said.en}
        print(json_text(plan_record(plan, times, expected) | said))
    else:
        there = where.described(plan).said(wanted())
        lines = [*plan_lines(plan, times, expected), *changed_lines(changed, anew=options.fresh)]
        say([*lines, f"{either('where: ', '在哪里运行：')}{there}"])
    return 0


def _planned(study: design.Study, options: argparse.Namespace) -> "Plan":
    from attnlab.study.plan import planned

    with _files_at_hand():
        return planned(study, config_dirs=options.config_dir)


def _verify(study: design.Study, options: argparse.Namespace) -> int:
    """0 where a row's receipt holds and its losses come again, else 1."""
    from attnlab.commands.study.verify_text import verified_lines
    from attnlab.study import verifying
    from attnlab.study.tuning.settling import settled

    plan = settled(_planned(study, options), config_dirs=options.config_dir)
    found = verifying.verified(verifying.row(plan, options.verify))
    say(verified_lines(found))
    return 0 if found.holds else 1


def _run(study: design.Study, where: Launching, options: argparse.Namespace) -> int:
    from attnlab.launch import stop
    from attnlab.launch.apart import apart
    from attnlab.runs import allowed, warm

    allowed.check_trusted(options.trust)
    warm.import_all()
    # Elsewhere, for a process that has computed something mustn't be forked.
    plan = apart(lambda: _planned(study, options))
    try:
        with _files_at_hand(), _alone_in(plan.folder), stop.listening(stop.ALL):
            results = _results(plan, where, options)
    except stop.TrainingInterrupted as error:
        tell(
            error.said.said(wanted())
            + either("; the same command does what is left", "；再次执行同一命令即完成其余部分")
        )
        return INTERRUPTED
    say(_said(results))
    return 0


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """No other process of this machine runs the same study meanwhile."""
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(folder))
        except UserError as error:
            raise UserError(f"a study runs once at a time, got {folder} at work elsewhere (wait for it)") from error
        remove_drafts(folder)
        yield


@contextmanager
def _files_at_hand() -> Iterator[None]:
    """UserError where files can't be written or read: a disk without room, say, or one that is read-only."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UserError(
            f"a study's files must be there to read and write, got {one_line(error)} (make room, or set "
            "output_root=DIR; the same command does what is left)"
        ) from error


def _results(plan: "Plan", where: Launching, options: argparse.Namespace) -> "Results":
    """Everything done, and written to the study's folder."""
    from attnlab.commands.train.command import train_one
    from attnlab.launch.apart import apart
    from attnlab.study.pages import write_pages
    from attnlab.study.running import Runner
    from attnlab.study.tuning.settling import settled
    from attnlab.study.wandb_study import write_wandb

    def runner(plan: "Plan") -> Runner:
        return Runner(
            plan,
            train=partial(train_one, config_dirs=options.config_dir),
            launching=where,
            retry=options.retry,
            trust=options.trust,
            fresh=options.fresh,
        )

    _record(plan)
    if plan.tuning is not None:
        runner(plan).tune()
        plan = apart(lambda: settled(plan, config_dirs=options.config_dir))
        _record(plan)
    results = runner(plan).run()
    write_pages(results)
    write_wandb(results)
    return results


def _record(plan: "Plan") -> None:
    """Write `plan.json`."""
    from attnlab.files import write_text
    from attnlab.study.expected_time import ExpectedTime
    from attnlab.study.plan_record import plan_record

    unknown = {each.name: ExpectedTime(left=len(each.arm.configs), seconds_a_run=None) for each in plan.arms}
    record = json_text(plan_record(plan, unknown), indent=1)
    write_text(plan.folder / "plan.json", record + "\n")


def _said(results: "Results") -> Iterator[str]:
    """What the terminal shows at the end."""
    from attnlab.study.marks import ledger, marks
    from attnlab.study.verdict_table import lines
    from attnlab.study.wording.spoken import spoken

    words, page = spoken(), results.plan.folder / "report.html"
    yield either(f"study {results.plan.study.name}", f"研究 {results.plan.study.name}")
    yield from lines(results.judgement, words)
    yield from (f"  {line}" for line in (*marks(results, words), ledger(results, words)))
    yield either(f"report: {page}, and in Markdown", f"报告：{page}，另有 Markdown 的")
