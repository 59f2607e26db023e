"""The command line of `attnlab check`."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from attnlab.commands import arguments as arguments_of
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
    "my_package.MyAttention、attention 或 feature_attention 文件夹里的 YAML 文件，或其中的一个名称",
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
    from attnlab.commands.check.target import DEFINED_IN

    contract = report.target.contract
    what = "the shell" if contract == "shell" else contract
    if not report.is_usable:
        # Roles are tried at different lengths, which make no other reason.
        reasons = {re.sub(r"\d+", "", each.message): each.message for each in reversed(report.outcomes)}
        said = "; ".join(reversed(reasons.values()))
        yield f"{report.target.name} can't be used, and no further check is tried: {said}"
        return
    yield f"{report.target.name} implements the contract of {what} ({DEFINED_IN[contract]})"
    for role, reason in report.refused.items():
        yield from textwrap.wrap(f"{role} is refused: {reason}", WIDTH, initial_indent="  ", subsequent_indent="    ")
    yield ""
    columns: Sequence[Role | None] = report.roles or [None]
    checks = list(dict.fromkeys(outcome.check for outcome in report.outcomes))
    width = max(map(len, checks))
    if report.roles:
        yield f"  {'':<{width}}  " + "  ".join(f"{role:<6}" for role in report.roles).rstrip()
    found = {(outcome.check, outcome.role): outcome for outcome in report.outcomes}
    for check in checks:
        cells = (_cell(found.get((check, column))) for column in columns)
        yield (f"  {_sentence(check):<{width}}  " + "  ".join(f"{cell:<6}" for cell in cells)).rstrip()
    yield ""
    yield from _failures(report, checks)
    failures = [outcome for outcome in report.outcomes if outcome.message]
    if failures:
        rest = "" if len(report.outcomes) == len(checks) * len(columns) else "; none (-) where it can't be used at all"
        yield f"{len(failures)} of {len(report.outcomes)} checks fail{rest}"
    else:
        yield f"all {len(report.outcomes)} checks pass (one that doesn't apply passes)"


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
            yield f"{_sentence(check)}: FAIL"
            yield from textwrap.wrap(MEANINGS[check], WIDTH, initial_indent="  ", subsequent_indent="  ")
            for message in dict.fromkeys(each.message for each in own):
                where = ", ".join(each.role or "it" for each in own if each.message == message)
                as_above = f"as in {said[message]}" if message in said else message
                said.setdefault(message, _sentence(check))
                yield from textwrap.wrap(
                    f"{where}: {as_above}", WIDTH, initial_indent="    ", subsequent_indent="      "
                )
            yield ""
    for first, others in alike.items():
        yield from textwrap.wrap(
            f"It breaks as in {first}, and can't be judged before that is mended: {', '.join(others)}", WIDTH
        )
        yield ""


def _cell(outcome: "Outcome | None") -> str:
    return "-" if outcome is None else "FAIL" if outcome.message else "pass"


def _sentence(check: str) -> str:
    return check.replace("_", " ")
