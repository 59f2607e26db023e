"""How pictures of attention are wanted, on the command lines of what draws them."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attnlab.errors import UserError
from attnlab.language import either

if TYPE_CHECKING:
    from attnlab.reporting.look import Look

PAGE = 12.0  # inches: A3 has 11.7, and what is more and has no unit is meant in centimetres
INCHES = {"": 1.0, "in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4}
FORMATS = ("png", "pdf", "svg")
OF_TEXTS = {
    "whole_words": "--whole-words",
    "hide_special": "--hide-special",
    "mean": "--mean",
    "strongest": "--strongest",
}
OF_ALL = {"width": "--width", "scale": "--scale", "cmap": "--cmap", "title": "--title"}
# Those of matplotlib that get darker, or brighter, all along: their order is kept in grey and without colour vision.
UNIFORM = ("viridis", "cividis", "plasma", "inferno", "magma")
SEQUENTIAL = (
    *("Greys", "Purples", "Blues", "Greens", "Oranges", "Reds", "YlOrBr", "YlOrRd", "OrRd", "PuRd", "RdPu", "BuPu"),
    *("GnBu", "PuBu", "YlGnBu", "PuBuGn", "BuGn", "YlGn", "gray", "bone", "pink", "copper", "hot", "afmhot"),
    "gist_heat",
)
COLOURS = tuple(name + ending for ending in ("", "_r") for name in (*UNIFORM, *SEQUENTIAL))


def add_options(parser: argparse.ArgumentParser) -> None:
    """What can be wanted of maps, in a section of its own."""
    group = parser.add_argument_group(either("how maps are drawn", "注意力图怎样画"))
    helped = either("a row and a column a word, where models read pieces", "模型按子词读取时，每个词合成一行一列")
    group.add_argument("--whole-words", action="store_true", help=helped)
    helped = either("leave out the mark of the end; its weight is said", "不画结束标记，并注明它的权重")
    group.add_argument("--hide-special", action="store_true", help=helped)
    group.add_argument("--mean", action="store_true", help=either("the heads' mean alone", "只画各头的均值"))
    helped = either("only the N columns that are given the most weight", "只画得到权重最多的 N 列")
    group.add_argument("--strongest", type=int, metavar="N", help=helped)
    helped = either(
        "of each picture, 6 (inches) or 15cm: further columns of texts follow below",
        "每张图的宽度，6（英寸）或 15cm：文本的图放不下的列接到下方",
    )
    group.add_argument("--width", metavar="LENGTH", help=helped)
    helped = either("weights at the ends of the colours, alike for all pictures", "颜色两端对应的权重，所有图一致")
    group.add_argument("--scale", metavar="LOW:HIGH", help=helped)
    names, listed = ", ".join(UNIFORM), "、".join(UNIFORM)
    helped = either(
        f"colours of weights from 0, as matplotlib calls them: {names}, Greys, Blues ..., or turned round, as Greys_r "
        "(viridis without it)",
        f"从 0 起的权重的颜色，用 matplotlib 的名称：{listed}、Greys、Blues 等，或反过来的，如 Greys_r（默认 viridis）",
    )
    group.add_argument("--cmap", choices=COLOURS, metavar="NAME", help=helped)
    helped = either("instead of the picture's own; '' for none", "代替图自带的标题；'' 表示不要标题")
    group.add_argument("--title", metavar="TEXT", help=helped)


def asked(options: argparse.Namespace, *, of_texts_alone: bool = False) -> list[str]:
    """Those options that are given."""
    names = OF_TEXTS if of_texts_alone else OF_TEXTS | OF_ALL
    return [option for name, option in names.items() if not _is_default(getattr(options, name))]


def _is_default(value: object) -> bool:
    return value is None or value is False  # and not 0, which is a mistake to be told of


def look_of(options: argparse.Namespace, *, caption: str, of: str = "") -> "Look":
    """What is wanted, of pictures with this caption, which are `of` a run.

    Raises:
        UserError: a value that can't be.
    """
    from attnlab.reporting.look import Look

    try:
        return Look(
            whole_words=options.whole_words,
            hide_special=options.hide_special,
            mean=options.mean,
            strongest=options.strongest,
            width=None if options.width is None else _inches(options.width),
            scale=None if options.scale is None else _scale(options.scale),
            cmap=options.cmap,
            title=options.title,
            caption=caption,
            of=of,
        )
    except ValueError as error:
        raise UserError(str(error)) from error


def _inches(text: str) -> float:
    from attnlab.reporting.look import NARROWEST, WIDEST

    typed = re.fullmatch(rf"([-+]?(?:\d+\.?\d*|\.\d+))\s*({'|'.join(INCHES)})", text.strip())
    if typed is None:
        raise UserError(f"--width is inches, or a length such as 15cm or 150mm, got {text} (set --width)")
    inches = float(typed[1]) * INCHES[typed[2]]
    if not typed[2] and WIDEST >= inches > PAGE:
        meant = f"write {typed[1]}cm or {typed[1]}in"
        raise UserError(f"{typed[1]} inches is wider than a page, got --width {text} ({meant})")
    if not NARROWEST <= inches <= WIDEST:
        ends = f"from {NARROWEST:g} to {WIDEST:g} inches ({NARROWEST * 2.54:g} to {WIDEST * 2.54:g} cm)"
        without_unit = not typed[2] and inches > WIDEST and NARROWEST <= inches * INCHES["mm"] <= WIDEST
        remedy = f"write {typed[1]}mm" if without_unit else "set --width"
        raise UserError(f"width must be {ends}, got {text} ({remedy})")
    return inches


def _scale(text: str) -> tuple[float, float]:
    try:
        low, high = (float(end) for end in text.split(":"))
    except ValueError as error:
        raise UserError(f"--scale is two weights such as 0:0.5, got {text} (set --scale)") from error
    return low, high


def check_ending(path: Path, *, option: str) -> None:
    """Raise UserError for a file that no figure can be."""
    if path.suffix.lower().removeprefix(".") not in FORMATS:
        raise UserError(
            f"a figure is a PNG, PDF or SVG, got {path} (set {option} to a name that ends in .png, .pdf or .svg)"
        )


def formats_of(given: Sequence[str] | None) -> list[str]:
    """The kinds of files wanted, each once; without a wish those that a thesis takes."""
    return list(dict.fromkeys(given)) if given else ["pdf"]
