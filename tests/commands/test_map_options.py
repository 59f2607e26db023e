"""What is wanted of maps, as it is asked for."""

import argparse
import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib import colormaps

from attnlab.commands import arguments as arguments_of
from attnlab.commands import map_options
from attnlab.errors import UserError


def _parsed(*given: str) -> argparse.Namespace:
    parser = arguments_of.parser("figures", "")
    map_options.add_options(parser)
    return parser.parse_args(given)


def test_wishes_become_a_look() -> None:
    options = _parsed("--whole-words", "--scale", "0:0.5", "--width", "6.3", "--strongest", "30", "--title", "")
    look = map_options.look_of(options, caption="a run")
    assert (look.whole_words, look.hide_special, look.mean) == (True, False, False)
    assert (look.scale, look.width, look.strongest, look.title, look.caption) == ((0.0, 0.5), 6.3, 30, "", "a run")
    assert map_options.asked(options) == ["--whole-words", "--strongest", "--width", "--scale", "--title"]
    assert map_options.asked(options, of_texts_alone=True) == ["--whole-words", "--strongest"]
    assert not map_options.asked(_parsed())


@pytest.mark.parametrize("scale", ["half", "0", "0:1:2", "a:b", ""])
def test_a_scale_is_two_weights(scale: str) -> None:
    with pytest.raises(UserError, match=rf"^--scale is two weights such as 0:0.5, got {scale} \(set --scale\)$"):
        map_options.look_of(_parsed("--scale", scale), caption="")


@pytest.mark.parametrize(
    "width, inches", [("6.3", 6.3), ("6in", 6), ("15cm", 15 / 2.54), (" 150 mm", 150 / 25.4), ("10.", 10), ("+4", 4)]
)
def test_a_width_is_inches_or_has_a_unit(width: str, inches: float) -> None:
    assert map_options.look_of(_parsed("--width", width), caption="").width == pytest.approx(inches)


def test_a_width_of_no_page_is_asked_for_its_unit() -> None:
    with pytest.raises(UserError, match=r"^16 inches is wider than a page, got --width 16 \(write 16cm or 16in\)$"):
        map_options.look_of(_parsed("--width", "16"), caption="")
    assert map_options.look_of(_parsed("--width", "16in"), caption="").width == 16


@pytest.mark.parametrize("width", ["6qm", "wide", "nan", "", "1e3", "6.3.1", "-.5"])
def test_what_is_no_length_is_one_line(width: str) -> None:
    with pytest.raises(UserError, match=rf"got {re.escape(width)} \(set --width\)$"):
        map_options.look_of(_parsed("--width", width), caption="")


@pytest.mark.parametrize("text, meant", [("160", "160mm"), ("99", "99mm"), ("2000", None), ("50in", None)])
def test_a_width_that_is_one_in_millimetres_is_told_how_to_be_written(text: str, meant: str | None) -> None:
    remedy = "set --width" if meant is None else f"write {meant}"
    with pytest.raises(UserError, match=rf"^width must be .*, got {text} \({remedy}\)$"):
        map_options.look_of(_parsed("--width", text), caption="")
    if meant is not None:
        assert map_options.look_of(_parsed("--width", meant), caption="").width == pytest.approx(float(text) / 25.4)


@pytest.mark.parametrize("width", ["-6cm", "6cm", "-6", "1.1m"])
def test_a_length_that_no_page_has_is_told_as_it_was_typed(width: str) -> None:
    with pytest.raises(UserError, match=rf"got {re.escape(width)} \(set --width\)$"):
        map_options.look_of(_parsed("--width", width), caption="")


@pytest.mark.parametrize("scale, ends", [("-1:1", (-1, 1)), ("-.5:0.5", (-0.5, 0.5))])
def test_a_value_may_begin_with_a_minus(scale: str, ends: tuple[float, float]) -> None:
    assert map_options.look_of(_parsed("--scale", scale), caption="").scale == ends


def test_colours_keep_their_order_in_grey_and_have_names() -> None:
    assert map_options.look_of(_parsed("--cmap", "magma_r"), caption="").cmap == "magma_r"
    assert map_options.look_of(_parsed(), caption="").cmap is None
    assert map_options.asked(_parsed("--cmap", "Greys")) == ["--cmap"]
    for name in map_options.COLOURS:
        shades = colormaps[name](np.linspace(0, 1, 97))[:, :3] @ [0.2126, 0.7152, 0.0722]
        steps = np.diff(shades) * (1 if shades[-1] > shades[0] else -1)
        assert steps.min() > -1e-9, name


@pytest.mark.parametrize("given, meant", [("Viridis", "viridis"), ("cividas", "cividis"), ("YlGnbu", "YlGnBu")])
def test_a_misspelt_colour_is_guessed_in_one_short_line(given: str, meant: str) -> None:
    line = rf"^--cmap has no such value \(did you mean {meant}\?\), got '{given}' \(see attnlab figures --help\)$"
    with pytest.raises(UserError, match=line):
        _parsed("--cmap", given)
    with pytest.raises(UserError, match=r"^--cmap must be one of viridis, .*gist_heat_r, got 'jet' \("):
        _parsed("--cmap", "jet")


def test_endings_and_formats() -> None:
    for name in ("a.png", "a.PDF", "b/c.svg"):
        map_options.check_ending(Path(name), option="--map")
    with pytest.raises(UserError, match=r"a figure is a PNG, PDF or SVG, got a.jpg \(set --map to a name"):
        map_options.check_ending(Path("a.jpg"), option="--map")
    assert map_options.formats_of(None) == ["pdf"]
    assert map_options.formats_of(["png", "svg", "png"]) == ["png", "svg"]
