"""`attnlab view`: one run's page for a browser."""

from pathlib import Path

from attnlab.commands import arguments as arguments_of
from attnlab.errors import UserError
from attnlab.files import check_reachable, say, write_text, writing
from attnlab.language import Words, either, wanted
from attnlab.reporting.typed_files import PAGE, check_typed

ABOUT = Words(
    "Write a page of a finished run: its scores, learning curves, samples of the test, and what it attended to on a "
    "few of its examples. The page is one file that needs no network.",
    "把一次已完成的运行写成网页：分数、学习曲线、测试的样例，以及它在几个样本上注意了哪里。网页是一个无须联网的文件。",
)
NAME = "view.html"  # in the run's folder


def run(arguments: list[str]) -> int:
    """Write the page and print where it is; returns the exit status.

    Raises:
        UserError: the folder isn't a finished run's, or the page can't be written.
    """
    parser = arguments_of.parser("view", ABOUT.said(wanted()))
    parser.of_pages = "a page is all that view writes (set --out for another file)"
    arguments_of.add_run(parser, finished=True)
    helped = either(f"the page; else RUN/{NAME}", f"网页；不给时为 RUN/{NAME}")
    parser.add_argument("--out", type=Path, metavar="FILE", help=helped)
    arguments_of.add_trust(parser)
    options = parser.parse_args(arguments)
    folder = Path(arguments_of.run_named(options.run))
    if not folder.is_dir():
        raise UserError(f"a run is viewed by its folder, got the file {folder} (give a run's folder)")
    out: Path = options.out or folder / NAME
    if options.out is None:
        check_reachable(out, remedy="set --out")
    else:
        check_typed(out, PAGE, option="--out", instead="for pictures: attnlab figures RUN")

    from attnlab.study.html.of_run import page_of_run

    page = page_of_run(folder, trust=tuple(options.trust))
    with writing(out, remedy="set --out"):
        write_text(out, page)
    say([str(out)])
    return 0
