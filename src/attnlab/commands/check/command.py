"""The command line of `attnlab check`."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from attnlab.commands import arguments as arguments_of
from attnlab.commands.check.chinese import CHECKS
from attnlab.commands.check.meanings import MEANINGS
from attnlab.errors import UserError
from attnlab.files import say
from attnlab.language import Words, either, wanted
from attnlab.reading.shown import json_text

if TYPE_CHECKING:
    from attnlab.attention import Role
    from attnlab.commands.check.suite import Outcome, Report

ABOUT = Words(
    "Check that a mechanism does what its contract asks, before you train it.",
    "训练之前，检查一个机制是否遵守它的约定。",
)
TARGET = Words(
    "my_package.MyAttention, a YAML file in an attention or feature_attention folder, or a name in those",
    "my_package.MyAttention、attention 或 feature_attention 目录里的 YAML 文件，或其中的一个名称",
)
WIDTH = 100
BREAKS = "it breaks: "  # as outcomes of a crash begin


def run(arguments: list[str]) -> int:
    """Check a mechanism and print the table; 0 if all passes, 1 if something fails.

    Raises:
        UserError: the mechanism can't be found or built.
    """
    parser = arguments_of.parser("check", ABOUT.said(wanted()))
    arguments_of.add_needed(parser, "target", TARGET, metavar="TARGET")
    helped = either("an argument of its own", "它自己的一个参数")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help=helped)
    arguments_of.add_config_dir(parser)
    arguments_of.add_json(parser)
    options = parser.parse_args(arguments)
    arguments_of.check_config_dirs(options.config_dir)
    own = _own_arguments(options.set)

    from attnlab.commands.check.suite import examine
    from attnlab.commands.check.target import find

    report = examine(find(options.target, own, config_dirs=options.config_dir))
    if options.json:
        print(json_text(_content(report)))
    else:
        say(_lines(report))
    return 0 if report.passed else 1


def _own_arguments(assignments: Sequence[str]) -> dict[str, Any]:
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    for assignment in assignments:
        name, equals, _ = assignment.partition("=")
        if not (equals and name.isidentifier()):
            raise UserError(f"an argument is KEY=VALUE, got {assignment!r} (set --set)")
    try:
        return {str(key): value for key, value in OmegaConf.from_dotlist(list(assignments)).items()}
    except OmegaConfBaseException as error:
        raise UserError(f"{' '.join(str(error).split())} (set --set)") from error


def _content(report: "Report") -> dict[str, Any]:
    return {
        "target": report.target.name,
        "contract": report.target.contract,
        "passed": report.passed,
        "serves": report.roles,
        "refuses": report.refused,
        "checks": [
            {
                "check": outcome.check,
                "role": outcome.role,
                "passed": not outcome.message,
                "message": outcome.message,
                "meaning": MEANINGS[outcome.check] if outcome.message else "",
            }
            for outcome in report.outcomes
        ],
    }


def _lines(report: "Report") -> Iterator[str]:
    if not report.is_usable:
        yield _unusable(report)
        return
    yield _implements(report)
    for role, reason in report.refused.items():
        yield from _wrapped(either(f"{role} is refused: {reason}", f"不用于 {role}：{_reported(reason)}"), 2, then=4)
    yield ""
    columns: Sequence[Role | None] = report.roles or [None]
    checks = list(dict.fromkeys(outcome.check for outcome in report.outcomes))
    yield from _table(report, columns, checks)
    yield ""
    yield from _failures(report, checks)
    num, failed = len(report.outcomes), len([outcome for outcome in report.outcomes if outcome.message])
    if not failed:
        yield either(
            f"all {num} checks pass (one that doesn't apply passes)", f"{num} 项检查全部通过（不适用的算通过）"
        )
        return
    whole = num == len(checks) * len(columns)
    rest = "" if whole else either("; none (-) where it can't be used at all", "；完全不能使用之处不检查（-）")
    yield either(f"{failed} of {num} checks fail{rest}", f"{num} 项检查中有 {failed} 项未通过{rest}")


def _unusable(report: "Report") -> str:
    # Roles are tried at different lengths, which make no other reason.
    reasons = {re.sub(r"\d+", "", each.message): each.message for each in reversed(report.outcomes)}
    name, found = report.target.name, list(reversed(reasons.values()))
    return either(
        f"{name} can't be used, and no further check is tried: {'; '.join(found)}",
        f"{name} 不能使用，不再作其他检查：{'；'.join(map(_reported, found))}",
    )


def _implements(report: "Report") -> str:
    from attnlab.commands.check.target import DEFINED_IN

    name, contract = report.target.name, report.target.contract
    what = Words("the shell", "外壳") if contract == "shell" else Words(contract, f" {contract} ")
    if not report.passed:
        return either(
            f"{name} doesn't keep the contract of {what.en} ({DEFINED_IN[contract]})",
            f"{name} 不符合{what.zh}的约定（{DEFINED_IN[contract]}）",
        )
    return either(
        f"{name} implements the contract of {what.en} ({DEFINED_IN[contract]})",
        f"{name} 实现{what.zh}的约定（{DEFINED_IN[contract]}）",
    )


def _table(report: "Report", columns: Sequence["Role | None"], checks: Sequence[str]) -> Iterator[str]:
    """A row a check, a column a role."""
    from attnlab.reporting.terminal.text import display_width, pad

    width = max(display_width(_sentence(check)) for check in checks)
    if report.roles:
        yield f"  {'':<{width}}  " + "  ".join(f"{role:<6}" for role in report.roles).rstrip()
    found = {(outcome.check, outcome.role): outcome for outcome in report.outcomes}
    for check in checks:
        cells = (_cell(found.get((check, column))) for column in columns)
        yield (f"  {pad(_sentence(check), width)}  " + "  ".join(pad(cell, 6) for cell in cells)).rstrip()


def _failures(report: "Report", checks: Sequence[str]) -> Iterator[str]:
    """Each failure with what it means; those of one crash are named together, since it says nothing of each check."""
    failures = [outcome for outcome in report.outcomes if outcome.message]
    said: dict[str, str] = {}
    alike: dict[str, list[str]] = {}
    for check in checks:
        own = [each for each in failures if each.check == check]
        if own and all(each.message in said and each.message.startswith(BREAKS) for each in own):
            alike.setdefault(said[own[0].message], []).append(_sentence(check))
        elif own:
            yield either(f"{_sentence(check)}: FAIL", f"{_sentence(check)}：未通过")
            yield from _wrapped(either(MEANINGS[check], CHECKS[check].meaning), 2)
            for message in dict.fromkeys(each.message for each in own):
                where = [each.role for each in own if each.message == message]
                yield from _wrapped(_told(message, where, said.get(message)), 4, then=6)
                said.setdefault(message, _sentence(check))
            yield ""
    for first, others in alike.items():
        yield from _wrapped(
            either(
                f"It breaks as in {first}, and can't be judged before that is mended: {', '.join(others)}",
                f"运行出错与“{first}”相同，改正之前无法判断：{'、'.join(others)}",
            ),
            0,
        )
        yield ""


def _told(message: str, where: Sequence["Role | None"], before: str | None) -> str:
    """In which roles a check failed and how, or like which check `before` it."""
    how = Words(message, _reported(message)) if before is None else Words(f"as in {before}", f"与“{before}”相同")
    named = Words(", ".join(role or "it" for role in where), "、".join(role or "它" for role in where))
    return either(f"{named.en}: {how.en}", f"{named.zh}：{how.zh}")


def _reported(message: str) -> str:
    """What a check or a mechanism says, which is in its own words."""
    breaks = message.startswith(BREAKS)
    return f"{'运行出错' if breaks else '程序报告'}：“{message.removeprefix(BREAKS)}”"


def _wrapped(text: str, first: int, *, then: int | None = None) -> Sequence[str]:
    """Lines of which the first begins at column `first`, and others at `then`."""
    from attnlab.reporting.terminal.wrapping import wrapped

    lines = wrapped(text, WIDTH, indent=first if then is None else then)
    return [" " * first + lines[0].lstrip(), *lines[1:]]


def _cell(outcome: "Outcome | None") -> str:
    return "-" if outcome is None else either("FAIL", "未通过") if outcome.message else either("pass", "通过")


def _sentence(check: str) -> str:
    return either(check.replace("_", " "), CHECKS[check].name)
