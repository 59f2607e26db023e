"""Everything has its place, and what is asked to fit a page does."""

from collections.abc import Sequence

import pytest

from attnlab.reporting.figures.map_layout import BAR_ROOM, LEGIBLE, LYING_BAR, PADDING, Layout, lay_out


def _layout(num_sources: int, num_targets: int, *, num_maps: int = 1, width: float | None = None) -> Layout:
    words = ["猫", "chasing", "trabajo", "a", "of"]
    tokens: list[Sequence[str]] = [[words[n % 5] for n in range(num)] for num in (num_sources, num_targets)]
    return lay_out(
        *tokens,
        num_maps=num_maps,
        title="a title",
        notes=["a run"],
        has_strip=False,
        axes_named=True,
        width=width,
    )


@pytest.mark.parametrize("num_sources, num_maps, blocks", [(5, 1, 1), (23, 1, 1), (130, 1, 4), (61, 5, 2), (9, 5, 1)])
def test_a_page_is_never_exceeded_and_further_columns_follow_below(
    num_sources: int, num_maps: int, blocks: int
) -> None:
    layout = _layout(num_sources, 11, num_maps=num_maps, width=6.3)
    assert layout.width <= 6.3 + 1e-9
    assert layout.cell >= LEGIBLE - 1e-9
    assert len(layout.blocks) == blocks
    columns = [column for block in layout.blocks for column in range(block.start, block.stop)]
    assert columns == list(range(num_sources)), "every column is in one block"


@pytest.mark.parametrize("num_sources, num_maps, width", [(130, 1, 6.3), (9, 5, 6.3), (9, 5, None), (40, 9, None)])
def test_panels_lie_within_the_figure_and_beside_each_other(
    num_sources: int, num_maps: int, width: float | None
) -> None:
    layout = _layout(num_sources, 7, num_maps=num_maps, width=width)
    boxes = [layout.box(panel) for panel in range(num_maps * len(layout.blocks))]
    boxes.append(layout.bar_box())
    for left, bottom, wide, tall in boxes:
        assert 0 <= left < left + wide <= 1
        assert 0 <= bottom < bottom + tall <= 1
    for number, (left, bottom, wide, tall) in enumerate(boxes):
        for other_left, other_bottom, other_wide, other_tall in boxes[:number]:
            apart = left >= other_left + other_wide or other_left >= left + wide
            assert apart or bottom >= other_bottom + other_tall or other_bottom >= bottom + tall


def test_values_are_printed_only_where_they_fit() -> None:
    assert _layout(8, 8).is_small
    assert not _layout(9, 3).is_small
    assert not _layout(8, 8, width=3.0).is_small


@pytest.mark.parametrize("num", [2, 3, 5, 8])
def test_a_small_map_stands_in_the_middle_of_the_width_that_is_asked_for(num: int) -> None:
    layout = _layout(num, num, width=6.3)
    assert layout.width == pytest.approx(6.3)
    assert layout.cell >= _layout(num, num).cell, "it grows where there is room"
    left = layout.box(0)[0]
    beside = LYING_BAR[0] if layout.lies else layout.map_width + BAR_ROOM
    right = layout.width - (left * layout.width + max(layout.map_width, beside)) - PADDING
    assert layout.margin - PADDING <= right + 0.01
    assert right <= layout.margin + 0.01
