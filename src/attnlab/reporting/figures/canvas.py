"""What all figures share: a canvas outside pyplot's global state, the title, the notes below, and the way to disk."""

import io
import re
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from torch import Tensor

from attnlab.files import write_whole
from attnlab.reporting.figures.labels import readable
from attnlab.reporting.figures.ownership import mark
from attnlab.reporting.figures.style import NOTE, TITLE, text_style

DOTS_PER_INCH = 150
DOTS_OF_A_PAGE = 200  # of figures as wide as a page, which a screen shows larger than that
DOTS_IN_PRINT = 300  # of the images within PDF and SVG, and of a PNG whose width is asked for
FORMATS = ("png", "pdf", "svg")
MARGIN = 0.08  # inches
LINE = 0.17  # inches of a note
# Dates and versions would make two files of one figure differ.
_METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "svg": {"Date": None, "Creator": None},
}
_ABOUT = {"png": "Comment", "pdf": "Subject", "svg": "Description"}
# Where a line may end: after a space, within a long name, at any Chinese character; at last anywhere.
_PIECE = re.compile(r"[^\s/_\-\u2e80-\uffef]{1,16}[/_\-]*\s*|\S\s*")


def new_figure(width: float, height: float, *, dots: int = DOTS_PER_INCH) -> Figure:
    """An empty white figure of this size in inches, on an Agg canvas whatever backend the user has chosen."""
    figure = Figure(figsize=(width, height), dpi=dots, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def new_panelled_figure(width: float, height: float, *, page: float | None = None) -> Figure:
    """An empty white figure of this size in inches, whose panels and labels make room for each other.

    On a `page` that is wider they stand in its middle.
    """
    page = width if page is None else page
    figure = new_figure(page, height, dots=DOTS_OF_A_PAGE)
    share = min(1.0, width / page)
    engine = ConstrainedLayoutEngine(rect=((1 - share) / 2, 0, share, 1))
    figure.set_layout_engine(engine)
    return figure


def put_title(figure: Figure, title: str) -> None:
    """Write a title above the panels, at the left, in as many lines as it takes; nothing where it is empty."""
    if title:
        width, height = figure.get_size_inches()
        lines = wrapped(readable(title), width=width - 2 * MARGIN, points=TITLE)
        figure.set_size_inches(width, height + (len(lines) - 1) * TITLE / 60)
        figure.suptitle("\n".join(lines), fontsize=TITLE, x=MARGIN / width, ha="left", **text_style())


def put_notes(figure: Figure, notes: Sequence[str]) -> None:
    """Write small lines below the panels of a panelled figure, which grows by them; empty ones are left out."""
    width, height = figure.get_size_inches()
    lines = note_lines(notes, width=width)
    if not lines:
        return
    room = notes_room(lines)
    figure.set_size_inches(width, height + room)
    engine: Any = figure.get_layout_engine()
    left, _, wide, _ = engine.get()["rect"]
    engine.set(rect=(left, room / (height + room), wide, height / (height + room)))
    write_notes(figure, lines)


def note_lines(notes: Sequence[str], *, width: float) -> list[str]:
    """Notes as lines of a figure of this width."""
    return [line for note in notes if note for line in wrapped(readable(note), width=width - 2 * MARGIN, points=NOTE)]


def notes_room(lines: Sequence[str]) -> float:
    """Inches that so many lines take below."""
    return LINE * len(lines) + MARGIN if lines else 0.0


def write_notes(figure: Figure, lines: Sequence[str]) -> None:
    """Write them at the bottom of a figure that has room there."""
    width, height = figure.get_size_inches()
    for number, line in enumerate(reversed(lines)):
        bottom = (MARGIN / 2 + number * LINE + 0.03) / height
        figure.text(MARGIN / width, bottom, line, va="bottom", fontsize=NOTE, color="0.25", **text_style())


def wrapped(text: str, *, width: float, points: float) -> list[str]:
    """A text in lines that are at most so many inches wide, at this size."""
    lines = [""]
    for piece in _PIECE.findall(text):
        if lines[-1] and text_size([(lines[-1] + piece).rstrip()], points)[0] > width:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def text_size(texts: Sequence[str], points: float, *, rotation: int = 0) -> tuple[float, float]:
    """The width and height in inches of the largest of these texts as drawn."""
    figure = new_figure(1, 1)
    boxes = [
        figure.text(0, 0, text, fontsize=points, rotation=rotation, **text_style()).get_window_extent()
        for text in texts
    ]
    return max(box.width for box in boxes) / figure.dpi, max(box.height for box in boxes) / figure.dpi


def is_image(pixels: Tensor) -> bool:
    """Whether these are pixels (C, H, W), grey or RGB."""
    return pixels.dim() == 3 and pixels.size(0) in (1, 3)


def save(figure: Figure, path: Path | str, *, of: str = "") -> Path:
    """Write the figure as a PNG, PDF or SVG, by its ending, and return its path.

    A reader sees the old file or the whole new one, never a part. The same figure gives the same bytes. Missing folders
    are made. The file says what it is a picture `of`. Raises ValueError for another ending.
    """
    path = Path(path)
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise ValueError(f"a figure's file must end in .png, .pdf or .svg, got {path.name}")
    dots = figure.dpi if kind == "png" else DOTS_IN_PRINT
    return write_whole(path, _bytes(figure, kind, name=path.name, dots=dots, of=of))


def png(figure: Figure) -> bytes:
    """The figure as `save` writes a PNG."""
    return _bytes(figure, "png", name="", dots=figure.dpi)


def vector(figure: Figure, *, name: str) -> bytes:
    """The figure as an SVG; names within it are made of its own, so that two may stand on one page."""
    return _bytes(figure, "svg", name=name, dots=DOTS_PER_INCH)


def _bytes(figure: Figure, kind: str, *, name: str, dots: float, of: str = "") -> bytes:
    drawing = io.BytesIO()
    # Letters of a PDF as TrueType, which publishers take, and which can be searched. A PNG needs nothing set that all
    # threads share.
    settings: dict[str, Any] = {"svg": {"svg.hashsalt": name}, "pdf": {"pdf.fonttype": 42}}
    with matplotlib.rc_context(settings[kind]) if kind in settings else nullcontext():
        about = _METADATA[kind] | ({_ABOUT[kind]: mark(of)} if of else {})
        figure.savefig(drawing, format=kind, dpi=dots, metadata=about)
    return drawing.getvalue()
