"""One style, that colour-blind readers and print tell apart."""

import importlib
from itertools import combinations
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from attnlab.reporting import figures
from attnlab.reporting.figures import style
from attnlab.reporting.figures.style import DASHES, DISTINCT, LINES, MARKERS, SEQUENTIAL, colours


def test_lines_that_share_a_dash_differ_in_colour_and_points_in_shape() -> None:
    assert len(set(LINES)) == len(LINES)
    assert len(set(MARKERS)) == len(MARKERS) >= 6
    assert len(set(DASHES)) == len(DASHES)


@pytest.mark.parametrize("palette", [LINES, DISTINCT])
def test_colours_are_apart_without_red_or_green_cones(palette: tuple[str, ...]) -> None:
    # Viénot, Brettel and Mollon (1999), of linear RGB: what protanopes and deuteranopes see.
    missing = [
        [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]],
        [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]],
    ]
    for matrix in missing:
        seen = [np.array(matrix) @ np.array(to_rgb(each)) ** 2.2 for each in palette]
        assert min(np.abs(one - other).max() for one, other in combinations(seen, 2)) > 0.03


def test_weights_keep_their_order_in_grey() -> None:
    shades = matplotlib.colormaps[SEQUENTIAL](np.linspace(0, 1, 64))[:, :3] @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(shades) > 0).all()
    assert colours(low=0.0).name != colours(low=-1.0).name


def test_no_figure_has_colours_of_its_own() -> None:
    folder = Path(figures.__file__).parent
    allowed = {"style.py", "boxed_image.py"}  # the latter: the grey of what is of no class
    found = [path.name for path in folder.glob("*.py") if path.name not in allowed and '"#' in path.read_text()]
    assert not found


def test_a_file_where_one_works_does_not_run_tex(monkeypatch: pytest.MonkeyPatch) -> None:
    """matplotlib has read it as it was imported."""
    monkeypatch.setitem(matplotlib.rcParams, "text.usetex", True)
    importlib.reload(style)
    assert matplotlib.rcParams["text.usetex"]  # by the user's own settings
    Path("matplotlibrc").write_text("text.usetex: True\ntext.latex.preamble: \\input{/etc/passwd}\n")
    importlib.reload(style)
    assert not matplotlib.rcParams["text.usetex"]
