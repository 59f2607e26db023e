"""`attnlab compare`: judges finished runs, whoever made them, without a study."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from attnlab.commands import arguments as arguments_of
from attnlab.errors import UserError
from attnlab.files import IMAGE_ENDINGS, RECORD_ENDINGS, TEXT_ENDINGS, say, write_text, writing
from attnlab.language import Words, either, wanted
from attnlab.reading.shown import json_text, tell
from attnlab.reporting.typed_files import PAGE, check_typed

if TYPE_CHECKING:
    from attnlab.study.comparing.comparison import Compared

NAME = "report.html"  # of a page in a folder
FILE_ENDINGS = (".pdf", ".svg")  # of no folders, as the endings of images and texts are
USAGE = """attnlab compare DIR... [--against DIR...] [--control GROUP] [--metric NAME] [--margin X] [--json]
       [--html FILE [--trust PACKAGE]]"""
ABOUT = Words(
    "Judge finished runs: grouped by their configuration but for the seed, each group is compared with the control by "
    "a score of the test. One run each tells two models apart; from 4 runs each there are verdicts.",
    "判定已完成的运行：除种子外配置相同的是一组，每组按测试的一个分数与对照组比较。每组一次运"
    "行只能分辨两个模型；每组 4 次起才有结论。",
)
OWN_CODE = Words("your own code, for what its models attend to", "自己的代码，用来看其中的模型注意了哪里")
FOLDERS = Words(
    "runs by their folders, the beginning of their hashes or as last; folders above them; records of sweeps; studies' "
    "folders",
    "运行：以目录、哈希的开头或 last 指明；它们上级的目录；扫描的记录；研究的目录",
)


def run(arguments: list[str]) -> int:
    """Compare the runs in folders and print what they say; returns the exit status.

    Raises:
        UserError: a mistake in the arguments, or there are no two groups that can be compared.
    """
    options = _options(arguments)
    places = [[_place(each) for each in given] for given in (options.folders, *options.against)]
    page = None if options.html is None else _page_path(Path(options.html))
    if page is not None:
        check_typed(page, PAGE, option="--html")

    from attnlab.commands.compare.text import compared_lines
    from attnlab.study.comparing.comparison import compared
    from attnlab.study.comparing.comparison_record import comparison_record

    found = compared(places, control=options.control, metric=options.metric, margin=options.margin)
    if options.json:
        print(json_text(comparison_record(found), allow_nan=False))
    else:
        say(compared_lines(found))
    if page is not None:
        _write_page(found, page, trust=tuple(options.trust))
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    options = _parser().parse_args(arguments)
    if options.trust and options.html is None:
        raise UserError(
            f"code is trusted for a page's maps, got --trust {options.trust[0]} without --html (add --html)"
        )
    if options.trust:
        from attnlab.runs import allowed  # and torch

        allowed.check_trusted(options.trust)
    return options


def _parser() -> argparse.ArgumentParser:
    parser = arguments_of.parser("compare", ABOUT.said(wanted()), usage=USAGE)
    arguments_of.add_needed(parser, "folders", FOLDERS, metavar="DIR", nargs="+")
    helped = either(
        "runs that are a group of their own, the control, though their configuration may be that of the others",
        "这些运行自成一组，即对照组，即使配置与其他运行相同",
    )
    parser.add_argument("--against", nargs="+", action="append", default=[], metavar="DIR", help=helped)
    helped = either(
        "the group that others are compared with; else a study's own", "其他组与它比较的组；不给时为研究自己的"
    )
    parser.add_argument("--control", metavar="GROUP", help=helped)
    helped = either(
        "a score of the test; else a study's own, or the task's", "测试的一个分数；不给时为研究自己的，或任务的"
    )
    parser.add_argument("--metric", metavar="NAME", help=helped)
    helped = either(
        "a difference below it doesn't matter; else a study's, or the task's",
        "小于它的差别无关紧要；不给时为研究的，或任务的",
    )
    parser.add_argument("--margin", type=float, metavar="X", help=helped)
    arguments_of.add_json(parser)
    helped = either(
        "write a page with charts and samples, or a folder for one", "写一个带图表和样例的网页，或放网页的目录"
    )
    parser.add_argument("--html", metavar="FILE", help=helped)
    arguments_of.add_trust(parser, OWN_CODE)
    return parser


def _page_path(place: Path) -> Path:
    """A page's, or that of one in a folder."""
    is_file = place.exists() or place.suffix.lower() in (*FILE_ENDINGS, *IMAGE_ENDINGS, *RECORD_ENDINGS, *TEXT_ENDINGS)
    return place if is_file and not place.is_dir() else place / NAME


def _write_page(found: "Compared", path: Path, *, trust: tuple[str, ...]) -> None:
    from attnlab.study.html.of_comparison import comparison_page

    page = comparison_page(found, trust=trust)
    with writing(f"to {path}", remedy="set --html"):
        write_text(path, page)
    tell(either(f"report: {path}", f"报告：{path}"))


def of_sweep(record: Path) -> bool:
    """Print the same of a sweep that has ended, or in one line why its runs can't be compared; whether they can."""
    from attnlab.commands.compare.text import compared_lines
    from attnlab.study.comparing.comparison import compared

    try:
        say(["", *compared_lines(compared([[record]]))])
    except UserError as error:
        say([either(f"\nnot compared: {error}", f"\n未作比较：{error}")])
        return False
    return True


def _place(given: str) -> Path:
    """A folder that is there, or the run that is named; before anything heavy is imported."""
    place = Path(given) if Path(given).is_dir() else Path(arguments_of.run_named(given))
    if not place.is_dir():
        raise UserError(
            f"folders are compared, got the file {place} (give a run's folder, one above it, a sweep's record or a "
            "study's)"
        )
    return place
