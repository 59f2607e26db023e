"""Maps of attention: every label legible, every number in its place."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from numpy.typing import NDArray
from torch import Tensor

from attnlab.reporting.figures import attention_map


def random_weights(*shape: int) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(7)).softmax(-1)


def tokens(count: int) -> list[str]:
    words = ["猫", "chasing", "internationalization", "a", "老鼠", "$5", "▁of"]
    return [words[i % len(words)] for i in range(count)]


def panels(figure: Figure) -> list[Axes]:
    return figure.axes[:-1]  # the last is the colour bar


def drawn(axes: Axes) -> NDArray[np.float32]:
    return np.asarray(axes.images[0].get_array())


def test_rows_are_targets_and_columns_are_sources() -> None:
    weights = random_weights(3, 5)
    figure = attention_map(weights, source_tokens=list("abcde"), target_tokens=["喜", "欢", "z"], title="map")
    (axes,) = panels(figure)
    assert np.array_equal(drawn(axes), weights.numpy())
    assert [label.get_text() for label in axes.get_xticklabels()] == list("abcde")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["喜", "欢", "z"]
    assert axes.xaxis.get_ticks_position() == "top"
    assert axes.yaxis_inverted(), "the first target stands on top"
    assert axes.images[0].get_clim() == (0.0, pytest.approx(weights.max().item()))


def test_heads_follow_their_mean_on_one_scale() -> None:
    weights = random_weights(5, 3, 7)
    figure = attention_map(weights, source_tokens=tokens(7), target_tokens=tokens(3))
    axes = panels(figure)
    assert [each.get_xlabel() for each in axes] == ["mean of heads", *(f"head {i}" for i in range(1, 6))]
    assert np.allclose(drawn(axes[0]), weights.mean(0).numpy())
    for head, each in zip(weights, axes[1:], strict=True):
        assert np.array_equal(drawn(each), head.numpy())
    assert len({each.images[0].get_clim() for each in axes}) == 1


def test_one_head_is_one_map() -> None:
    assert len(panels(attention_map(random_weights(1, 3, 5), source_tokens=tokens(5), target_tokens=tokens(3)))) == 1


def test_values_are_printed_in_small_maps_in_ink_that_stands_out() -> None:
    weights = torch.tensor([[0.0, 0.25, 1.0], [0.5, 0.75, 0.125]])
    (axes,) = panels(attention_map(weights, source_tokens=list("abc"), target_tokens=list("de")))
    assert [text.get_text() for text in axes.texts] == ["0.000", "0.250", "1.000", "0.500", "0.750", "0.125"]
    weights[1, 2] = 0.12
    (axes,) = panels(attention_map(weights, source_tokens=list("abc"), target_tokens=list("de")))
    assert [text.get_text() for text in axes.texts] == ["0.00", "0.25", "1.00", "0.50", "0.75", "0.12"]
    assert axes.texts[0].get_color() == "white", "0 is dark"
    assert axes.texts[2].get_color() == "black", "the largest weight is bright"
    (axes,) = panels(attention_map(random_weights(3, 11), source_tokens=tokens(11), target_tokens=tokens(3)))
    assert not axes.texts


def test_brightness_grows_with_the_weight() -> None:
    (axes,) = panels(attention_map(torch.linspace(0, 1, 97)[None], source_tokens=tokens(97), target_tokens=["x"]))
    luminance = axes.images[0].to_rgba(drawn(axes))[0, :, :3] @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(luminance) > 0).all(), "told apart without colour vision"


def test_negative_weights_get_a_scale_centred_on_zero() -> None:
    weights = torch.tensor([[-0.5, 0.25, 0.0]])
    (axes,) = panels(attention_map(weights, source_tokens=list("abc"), target_tokens=["x"]))
    assert axes.images[0].get_clim() == (-0.5, 0.5)


@pytest.mark.parametrize("value", [0.0, float("nan"), float("inf")])
def test_degenerate_weights_are_still_drawn(value: float) -> None:
    attention_map(torch.full((3, 5), value), source_tokens=tokens(5), target_tokens=tokens(3)).canvas.draw()


@pytest.mark.parametrize(
    "shape", [(1, 1), (3, 3), (2, 41), (41, 2), (17, 23), (120, 120), (8, 13, 11), (4, 61, 79)], ids=str
)
def test_labels_stay_inside_and_apart_and_the_size_stays_sane(shape: tuple[int, ...]) -> None:
    num_targets, num_sources = shape[-2:]
    figure = attention_map(
        random_weights(*shape), source_tokens=tokens(num_sources), target_tokens=tokens(num_targets), title="layer 2"
    )
    figure.canvas.draw()
    width, height = figure.canvas.get_width_height()
    assert 100 <= width <= 3400
    assert 100 <= height <= 3400
    page = Bbox.from_bounds(-1, -1, width + 2, height + 2)
    for axes in figure.axes:
        rows, columns = (_extents(axis) for axis in (axes.yaxis, axes.xaxis))
        for box in rows + columns + [axes.get_window_extent()]:
            assert page.containsx(box.x0)
            assert page.containsx(box.x1)
            assert page.containsy(box.y0)
            assert page.containsy(box.y1)
        centres = sorted((box.y0 + box.y1) / 2 for box in rows)
        line = min((box.height for box in rows), default=0)
        assert all(below - above >= 0.8 * line for above, below in pairwise(centres))


def _extents(axis: Axis) -> list[Bbox]:
    """Where its labels stand; of a bar's ticks beyond its ends there are none."""
    low, high = sorted(axis.get_view_interval())
    ticks = [tick for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
    labels = [label for tick in ticks for label in (tick.label1, tick.label2) if label.get_visible()]
    return [label.get_window_extent() for label in labels if label.get_text()]


@pytest.mark.parametrize("shape", [(3, 5), (1, 1), (17, 61), (41, 2), (3, 5, 7)], ids=str)
def test_copy_probabilities_stand_beside_their_words_on_a_scale_of_their_own(shape: tuple[int, ...]) -> None:
    num_targets, num_sources = shape[-2:]
    shares = torch.rand(num_targets).tolist()
    figure = attention_map(
        random_weights(*shape),
        source_tokens=tokens(num_sources),
        target_tokens=tokens(num_targets),
        copy_probabilities=shares,
    )
    figure.canvas.draw()
    *maps, strip, bar = figure.axes
    assert drawn(strip)[:, 0] == pytest.approx(shares)
    assert strip.images[0].get_clim() == (0, 1)
    assert [label.get_text() for label in strip.get_xticklabels()] == ["copied"]
    first, beside, last = (axes.get_window_extent() for axes in (maps[0], strip, bar))
    assert (beside.y0, beside.y1) == pytest.approx((first.y0, first.y1)), "rows are level with the map's"
    assert max(axes.get_window_extent().x1 for axes in maps) < beside.x0
    assert beside.x1 < last.x0 or last.y1 < min(beside.y0, *(axes.get_window_extent().y0 for axes in maps))
    width, height = figure.canvas.get_width_height()
    for box in [*_extents(strip.xaxis), *_extents(bar.xaxis), *_extents(bar.yaxis)]:
        assert -1 <= box.x0 <= box.x1 <= width + 1
        assert -1 <= box.y0 <= box.y1 <= height + 1


def test_the_page_says_what_rows_and_columns_are_and_where_weights_are_beyond_the_scale() -> None:
    figure = attention_map(
        torch.tensor([[0.1, 0.9, 0.0]] * 2),
        source_tokens=["神", "说", "光"],
        target_tokens=["light", "be"],
        axes_named=("output", "source"),
        notes=["a note", "a run"],
        scale=(0.0, 0.5),
    )
    axes, bar = figure.axes
    assert axes.images[0].get_clim() == (0.0, 0.5)
    assert [text.get_text() for text in figure.texts] == ["source →", "← output", "a run", "a note"]
    bar_of_pictures = attention_map(random_weights(11, 13), source_tokens=tokens(13), target_tokens=tokens(11)).axes[-1]
    assert bar_of_pictures.get_ylabel() == bar.get_xlabel() == "attention weight"


def test_each_row_of_panels_is_labelled_and_one_bar_stands_beside_all() -> None:
    figure = attention_map(
        random_weights(4, 11, 13),
        source_tokens=tokens(13),
        target_tokens=tokens(11),
        axes_named=("word", "attends to"),
    )
    figure.canvas.draw()
    *maps, bar = figure.axes
    tops, bottoms = ({round(getattr(axes.get_window_extent(), end)) for axes in maps} for end in ("y1", "y0"))
    assert len(tops) > 1, "there are several rows"
    assert bar.get_window_extent().y1 == pytest.approx(max(tops), abs=1)
    assert bar.get_window_extent().y0 == pytest.approx(min(bottoms), abs=1)
    assert all([label.get_text() for label in axes.get_xticklabels()] for axes in maps)
    assert [text.get_text() for text in figure.texts] == ["attends to →", "← word"] * len(tops)
    arrows = [text.get_window_extent() for text in figure.texts]
    for axes in maps:
        for label in [*axes.get_xticklabels(), *axes.get_yticklabels(), axes.xaxis.label]:
            assert not any(label.get_window_extent().overlaps(arrow) for arrow in arrows)


@pytest.mark.parametrize("shape, width", [((1, 32), None), ((1, 3), None), ((2, 5), 3.0), ((2, 1, 1), None)], ids=str)
def test_the_bar_of_a_low_map_lies_below_it_and_is_named(shape: tuple[int, ...], width: float | None) -> None:
    figure = attention_map(
        random_weights(*shape),
        source_tokens=tokens(shape[-1]),
        target_tokens=tokens(shape[-2]),
        notes=["a run"],
        width=width,
    )
    figure.canvas.draw()
    *maps, bar = figure.axes
    assert bar.get_xlabel() == "attention weight"
    named = bar.xaxis.label.get_window_extent()
    page = figure.bbox
    [note] = [text.get_window_extent() for text in figure.texts if text.get_text()]
    for box in [named, *_extents(bar.xaxis)]:
        assert page.x0 <= box.x0 < box.x1 <= page.x1
        assert note.y1 <= box.y0
        assert box.y1 <= min(axes.xaxis.label.get_window_extent().y0 for axes in maps)


def test_colours_are_those_that_are_wanted_where_no_weight_is_negative() -> None:
    for weights, name in ((torch.tensor([[0.1, 0.9]]), "Greys"), (torch.tensor([[-0.1, 0.9]]), "PuOr")):
        (axes,) = panels(attention_map(weights, source_tokens=["a", "b"], target_tokens=["c"], cmap="Greys"))
        assert axes.images[0].get_cmap().name == name


def test_in_a_width_columns_go_on_below_and_each_keeps_its_label() -> None:
    weights = random_weights(3, 90)
    figure = attention_map(weights, source_tokens=["字"] * 90, target_tokens=tokens(3), width=6.3)
    *blocks, _ = figure.axes
    assert len(blocks) > 1
    assert np.array_equal(np.concatenate([drawn(each) for each in blocks], axis=1), weights.numpy())
    labels = [label for each in blocks for label in each.get_xticklabels()]
    assert [label.get_text() for label in labels] == ["字"] * 90
    assert {label.get_rotation() for label in labels} == {0.0}, "a letter stands upright"
    assert figure.get_figwidth() <= 6.3 + 1e-9


def test_weights_that_dont_fit_the_tokens_are_refused() -> None:
    with pytest.raises(ValueError, match="each of 3 target tokens needs a probability, got 2"):
        attention_map(
            random_weights(3, 5), source_tokens=tokens(5), target_tokens=tokens(3), copy_probabilities=[0.1, 0.2]
        )
    with pytest.raises(ValueError, match=r"must be \(target tokens, source tokens\) = \(3, 5\), got \(5, 3\)"):
        attention_map(random_weights(5, 3), source_tokens=tokens(5), target_tokens=tokens(3))
    with pytest.raises(ValueError, match=r"must be \(Tq, Tk\) or \(H, Tq, Tk\) and not empty, got \(2, 2, 3, 5\)"):
        attention_map(random_weights(2, 2, 3, 5), source_tokens=tokens(5), target_tokens=tokens(3))
    with pytest.raises(ValueError, match="not empty"):
        attention_map(torch.zeros(0, 3, 5), source_tokens=tokens(5), target_tokens=tokens(3))


def test_weights_in_training_are_drawn_without_touching_their_graph() -> None:
    weights = random_weights(3, 5).bfloat16().requires_grad_()
    attention_map(weights, source_tokens=tokens(5), target_tokens=tokens(3))
    assert weights.grad is None


def test_the_name_of_a_single_row_stands_above_and_on_no_label() -> None:
    figure = attention_map(
        torch.rand(1, 5), source_tokens=list("abcde"), target_tokens=["a long label"], axes_named=("output", "source")
    )
    figure.canvas.draw()
    [name] = [text for text in figure.texts if "output" in text.get_text()]
    assert name.get_text() == "output ↓   source →"
    axes = figure.axes[0]
    for label in [*axes.get_xticklabels(), *axes.get_yticklabels()]:
        assert not name.get_window_extent().overlaps(label.get_window_extent())
