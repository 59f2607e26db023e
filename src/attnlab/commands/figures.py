"""`attnlab figures`: the pictures of a finished run drawn again, as a thesis wants them."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attnlab.commands import arguments as arguments_of
from attnlab.commands import map_options
from attnlab.errors import UserError
from attnlab.files import check_reachable, say, writing
from attnlab.language import Words, either, wanted
from attnlab.reading.shown import tell
from attnlab.reporting.reasons import in_chinese

if TYPE_CHECKING:
    from attnlab.reporting.look import Look
    from attnlab.runs.run_pictures import Drawable

ABOUT = Words(
    "Draw a finished run's pictures again: learning curves, what was predicted for what, and what it attended to on a "
    "few test examples. Its own pictures stay as they are.",
    "重新画一次已完成的运行的图：学习曲线、把什么预测成了什么，以及它在几个测试样本上注意了哪里。运行自己的图保持不变。",
)
FOLDER = "figures"  # in the run's folder
NUM = 4
ROWS = ("output", "reference")


def run(arguments: list[str]) -> int:
    """Write the pictures and print where they are; returns the exit status.

    Raises:
        UserError: the folder isn't a finished run's, a wish can't be met, or a file can't be written.
    """
    options = _options(arguments)
    if options.num < 0:
        raise UserError(f"--num must be 0 or more, got {options.num}")
    source = Path(arguments_of.run_named(options.run))
    if not source.is_dir():
        raise UserError(f"a run is drawn by its folder, got the file {source} (give a run's folder)")
    map_options.look_of(options, caption="")  # wishes that can't be, before anything is read
    if options.out is not None:
        check_reachable(options.out / "a picture", remedy="set --out")

    from attnlab.runs import checkpoint
    from attnlab.runs.run_pictures import caption_of, finished_run, pictures_of

    tested = finished_run(source, trust=tuple(options.trust))
    look = map_options.look_of(options, caption=caption_of(tested), of=checkpoint.run_of(checkpoint.find(source)))
    folder: Path = options.out or source / FOLDER
    if options.out is None and folder.is_symlink():
        raise UserError(f"pictures are kept in a run's own folder, got the link {folder} (set --out)")
    drawn = pictures_of(tested, num=options.num, examples=options.examples, of_references=options.on == "reference")
    kinds = map_options.formats_of(options.format)
    places = [(picture, folder / f"{picture.name}.{kind}") for picture in drawn.pictures for kind in kinds]
    if options.out is not None:
        _check_free([path for _, path in places], look)
    for picture, path in places:
        _draw(picture, look, path)
    if not drawn.pictures and not drawn.lacking:
        tell(either("nothing to draw: the run has no curve (set --num)", "没有可画的：这次运行没有曲线（请设 --num）"))
    if drawn.lacking:
        tell(either(f"no maps: {drawn.lacking}", f"没有注意力图：{in_chinese(drawn.lacking)}"))
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = _parser()
    options, more = parser.parse_known_args(arguments)
    if more and not any(each.startswith("-") for each in more):
        raise UserError(f"one run is drawn at a time, got {1 + len(more)} (give one)")
    return parser.parse_args(arguments) if more else options


def _ids(text: str) -> list[int]:
    if not re.fullmatch(r"\d+(,\d+)*", text):
        raise UserError(f"--examples is ids of test examples, such as 1,26, got {text}")
    return list(dict.fromkeys(map(int, text.split(","))))


def _parser() -> argparse.ArgumentParser:
    parser = arguments_of.parser("figures", ABOUT.said(wanted()))
    arguments_of.add_run(parser, finished=True)
    helped = either(f"for the pictures; else RUN/{FOLDER}", f"图写到哪里；不给时为 RUN/{FOLDER}")
    parser.add_argument("--out", type=Path, metavar="DIR", help=helped)
    helped = either("may be given several times; pdf without it", "可以给多次；不给时为 pdf")
    parser.add_argument("--format", action="append", choices=map_options.FORMATS, help=helped)
    helped = either(f"test examples whose maps are drawn ({NUM})", f"画多少个测试样本的注意力图（{NUM}）")
    parser.add_argument("--num", type=int, default=NUM, metavar="N", help=helped)
    helped = either(
        "the test examples whose maps are drawn, by the ids of predictions.jsonl: 1,26",
        "画哪些测试样本的注意力图，用 predictions.jsonl 中的 id：1,26",
    )
    parser.add_argument("--examples", type=_ids, metavar="IDS", help=helped)
    helped = either(
        "rows of maps: what the run wrote (output), or the reference, which is alike for all runs",
        "图的行：运行写出的文本（output），或参考译文、参考摘要（reference），后者各次运行都相同",
    )
    parser.add_argument("--on", choices=ROWS, default=ROWS[0], help=helped)
    arguments_of.add_trust(parser)
    map_options.add_options(parser)
    return parser


def _check_free(paths: Sequence[Path], look: "Look") -> None:
    """Before any is written: in a folder that isn't the run's own there may be pictures of others by the same names."""
    from attnlab.reporting.figures.ownership import check_free

    for path in paths:
        check_free(path, of=look.of, remedy="set --out to a folder of this run's")


def _draw(picture: "Drawable", look: "Look", path: Path) -> None:
    from attnlab.reporting.figures import save
    from attnlab.reporting.figures.draw import draw

    figure = draw(picture, look)
    with writing(path, remedy="set --out"):
        save(figure, path, of=look.of)
    say([str(path)])
