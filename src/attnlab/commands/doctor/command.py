"""The command line of `attnlab doctor`."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from attnlab.commands import arguments as arguments_of
from attnlab.commands.doctor.check import Check, Status, one_line
from attnlab.files import say
from attnlab.language import Language, Words, either, wanted
from attnlab.reading.shown import json_text
from attnlab.reporting.terminal.text import pad

REPORT = "ask attnlab's makers, with the output of attnlab doctor --json"
REPORT_IN_CHINESE = "附上 attnlab doctor --json 的输出，询问 attnlab 的作者"
STATUSES: dict[Status, Words] = {
    "ok": Words("ok", "正常"),
    "warn": Words("warn", "警告"),
    "fail": Words("fail", "失败"),
}


def run(arguments: list[str]) -> int:
    """Print the list; 0, or 1 where something would stop training. Raises UserError for an unknown option."""
    parser = arguments_of.parser("doctor", either("Check this machine.", "检查这台机器。"), allow_abbrev=False)
    arguments_of.add_json(parser)
    helped = either("where runs would be kept (outputs)", "运行会存放在哪里（outputs）")
    parser.add_argument("--outputs", type=Path, default=Path("outputs"), metavar="DIR", help=helped)
    options, rest = parser.parse_known_args(arguments)
    if rest:
        parser.error(f"unrecognized arguments: {rest[0]}")
    checks = examine(options.outputs)
    healthy = all(check.status != "fail" for check in checks)
    if options.json:
        print(json_text({"healthy": healthy, "checks": [_content(check) for check in checks]}))
    else:
        say([render(checks, wanted())])
    return 0 if healthy else 1


def examine(outputs: Path) -> list[Check]:
    """Every check, in the order of the list."""
    # Here, so that a mistyped option is answered at once.
    from attnlab.commands.doctor import hardware, installed, surroundings

    looks: dict[str, Callable[[], Iterator[Check]]] = {
        "python": installed.python,
        "requirements": installed.requirements,
        "lock": installed.lock,
        "checkpoints": installed.checkpoints,
        "hardware": hardware.hardware,
        "torch": hardware.torch,
        "precision": hardware.precision,
        "threads": hardware.threads,
        "slurm": surroundings.slurm,
        "wandb": surroundings.wandb,
        "bytecode": surroundings.bytecode,
        "outputs": lambda: surroundings.outputs(outputs),
    }
    return [check for name, look in looks.items() for check in guarded(name, look)]


def _content(check: Check) -> dict[str, str]:
    """For programs, and for whoever is asked for help: in English."""
    return {key: value for key, value in asdict(check).items() if not key.startswith("chinese")}


def render(checks: Sequence[Check], language: Language = "en") -> str:
    """The list as text, a remedy below each line that needs one."""
    width = max(len(check.name) for check in checks)
    lines = []
    for check in checks:
        detail, remedy = check.said(language)
        lines.append(f"{pad(STATUSES[check.status].said(language), 4)}  {pad(check.name, width)}  {detail}")
        if remedy:
            lines.append(f"{' ' * (width + 8)}-> {remedy}")
    counts = {words: sum(check.status == status for check in checks) for status, words in STATUSES.items()}
    if language == "zh":
        lines += ["", "，".join(f"{words.zh} {count} 项" for words, count in counts.items())]
    else:
        lines += ["", ", ".join(f"{count} {words.en}" for words, count in counts.items())]
    return "\n".join(lines)


def guarded(name: str, look: Callable[[], Iterator[Check]]) -> list[Check]:
    """The checks that `look` finds, and what libraries warned of meanwhile.

    A look that breaks is one more line that isn't ok: a doctor must outlive a broken machine.
    """
    found: list[Check] = []
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found.extend(look())
    except Exception as error:
        said = one_line(error)
        found.append(Check(name, "warn", f"can't be checked: {said}", REPORT, f"无法检查：{said}", REPORT_IN_CHINESE))
    relevant = {one_line(w.message) for w in caught if issubclass(w.category, (UserWarning, RuntimeWarning))}
    remedy = Words("a library's warning: do as it says", "某个库的警告：请照它说的做")
    return found + [Check(name, "warn", each, remedy.en, chinese_remedy=remedy.zh) for each in sorted(relevant)]
