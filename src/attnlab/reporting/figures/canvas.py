"""What all figures share: a canvas outside pyplot's global state, the title, the colours, and the way to disk."""

import io
from pathlib import Path

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor

from attnlab.files import write_whole
from attnlab.reporting.figures.labels import readable, text_style

DOTS_PER_INCH = 150

BLUE = "#0072B2"
# Okabe and Ito's colours, which colour-blind readers can tell apart.
DISTINCT = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#D55E00", "#CC79A7", BLUE)


def new_figure(width: float, height: float) -> Figure:
    """An empty white figure of this size in inches, on an Agg canvas whatever backend the user has chosen."""
    figure = Figure(figsize=(width, height), dpi=DOTS_PER_INCH, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def new_panelled_figure(width: float, height: float) -> Figure:
    """An empty white figure of this size in inches, whose panels and labels make room for each other."""
    figure = new_figure(width, height)
    figure.set_layout_engine("constrained")
    return figure


def put_title(figure: Figure, title: str, *, points: float = 11) -> None:
    """Write a title above the panels, at the left; nothing where it is empty."""
    if title:
        figure.suptitle(readable(title), fontsize=points, x=0.01, ha="left", **text_style())


def is_image(pixels: Tensor) -> bool:
    """Whether these are pixels (C, H, W), grey or RGB."""
    return pixels.dim() == 3 and pixels.size(0) in (1, 3)


def save(figure: Figure, path: Path | str) -> Path:
    """Write the figure as a PNG and return its path; a reader sees the old file or the whole new one, never a part.

    The same figure gives the same bytes. Missing folders are made. Raises ValueError for another ending than .png.
    """
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise ValueError(f"a figure's file must end in .png, got {path.name}")
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return write_whole(path, picture.getvalue())


def save_vector(figure: Figure, path: Path | str) -> Path:
    """Write the figure as an SVG and return its path, likewise whole, without a date or names that change.

    Raises ValueError for another ending than .svg.
    """
    path = Path(path)
    if path.suffix.lower() != ".svg":
        raise ValueError(f"a drawing's file must end in .svg, got {path.name}")
    return write_whole(path, vector(figure, name=path.name))


def vector(figure: Figure, *, name: str) -> bytes:
    """The figure as an SVG; names within it are made of its own, so that two may stand on one page."""
    drawing = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": name}):
        figure.savefig(drawing, format="svg", metadata={"Date": None, "Creator": None})
    return drawing.getvalue()
