"""A figure of its own, outside pyplot's global state, and its way to disk."""

import io
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from attnlab.files import write_whole

DOTS_PER_INCH = 150


def new_figure(width: float, height: float) -> Figure:
    """An empty white figure of this size in inches, on an Agg canvas whatever backend the user has chosen."""
    figure = Figure(figsize=(width, height), dpi=DOTS_PER_INCH, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


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
