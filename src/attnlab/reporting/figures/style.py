"""How every figure looks: fonts, sizes, colours and marks that colour-blind readers, and print, tell apart."""

from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.colorbar import Colorbar
from matplotlib.colors import Colormap
from matplotlib.ft2font import FT2Font

LATIN_FAMILY = "DejaVu Sans"  # comes with matplotlib
CHINESE_FAMILY = "AttnLab CJK"
CHINESE_FONT = Path(__file__).resolve().parents[2] / "fonts" / "attnlab_cjk.ttf"

# matplotlib reads a file of this name where one works, which may be anybody's: by it a picture would run TeX, on lines
# that stand there.
if Path("matplotlibrc").is_file():
    matplotlib.rcParams["text.usetex"] = False

# Points.
TITLE, NAME, LABEL, NOTE = 11.0, 10.0, 9.0, 8.0
SMALLEST = 7.0  # still read in print

PAGE = 6.4  # inches that a page of A4 has for text: figures of about this width are printed at their own size

BLUE = "#0072B2"
# Okabe and Ito's colours; the dashes and the shapes tell lines and points apart where there are no colours.
DISTINCT = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#D55E00", "#CC79A7", BLUE)
LINES = (BLUE, "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("solid", "dashed", "dashdot", "dotted")
MARKERS = "osD^vPX"

# Of weights from 0, of weights either side of 0, of shares beside them: all keep their order without colour vision.
SEQUENTIAL, DIVERGING, SHARES = "viridis", "PuOr", "Greys"
MISSING = "0.82"  # a grey: what has no number
GRID = "0.9"
UNDECIDED = "0.45"


@cache
def drawable() -> frozenset[int]:
    """Register the bundled font with matplotlib, and return the code points that one of the two families draws."""
    font_manager.fontManager.addfont(CHINESE_FONT)
    latin = font_manager.findfont(LATIN_FAMILY, fallback_to_default=False)
    return frozenset(FT2Font(latin).get_charmap()) | frozenset(FT2Font(str(CHINESE_FONT)).get_charmap())


def text_style() -> dict[str, Any]:
    r"""What every text in a figure is given: both families, and `$` and `\` as plain characters.

    Given to each text rather than set in rcParams, which belong to the user and to all threads at once.
    """
    drawable()
    return {"fontfamily": [LATIN_FAMILY, CHINESE_FAMILY], "parse_math": False, "usetex": False}


def colours(*, low: float, wanted: str | None = None) -> Colormap:
    """Of weights whose scale begins there; those of one name are `wanted` of weights from 0."""
    return matplotlib.colormaps[DIVERGING if low < 0 else wanted or SEQUENTIAL].with_extremes(bad=MISSING)


def pointed(low: float, high: float, *, least: float, greatest: float) -> str:
    """Which ends of a bar are pointed, by matplotlib's word: those beyond which there are weights."""
    ends = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}
    return ends[least < low - 1e-6, greatest > high + 1e-6]


def plain_axes(axes: Axes, *, grid: bool = False) -> None:
    """Numbers along two sides, no frame; a pale grid behind, if wanted."""
    axes.tick_params(labelsize=LABEL, labelfontfamily=LATIN_FAMILY)
    axes.spines[["top", "right"]].set_visible(False)
    if grid:
        axes.grid(color=GRID)
        axes.set_axisbelow(True)


def plain_bar(bar: Colorbar, label: str) -> None:
    """A bar of colours that says what it is of."""
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, labelsize=NOTE, labelfontfamily=LATIN_FAMILY)
    bar.set_label(label, fontsize=LABEL, **text_style())
