"""Where the parts of an attention map stand, from the numbers of its tokens and the sizes of their labels."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from attnlab.language import either
from attnlab.reporting.figures.canvas import note_lines, notes_room, text_size, wrapped
from attnlab.reporting.figures.style import LABEL, NAME, SMALLEST, TITLE

# All lengths are inches.
LONGEST_SIDE = 16.0  # of all panels together, which shrinks the cells of long texts
CELL = 0.28
CELL_WITH_VALUE = 0.46
GROWN = 1.4  # times as large is a cell at most, where there is room in the width that is asked for
LEGIBLE = 0.115  # the least cell where a width is asked for: each token still has its label, of `SMALLEST` points
SLANTED_FROM = 0.22  # below this cell size slanted labels touch each other: upright ones don't
GAP = 0.22
PADDING = 0.15
AXIS_ROOM = 0.25  # of an axis's name
BAR_WIDTH = 0.14
BAR_ROOM = 0.95  # the bar, its numbers, its name and the gap before it
LEAST_BAR = 1.2  # beside less than that there is no room for its name: it lies below
LYING_BAR = (2.0, 5.0)  # the least and the greatest length of one that lies
LYING_ROOM = 0.75  # the gap before it, itself, its numbers and its name
NAME_ROOM = 0.30
STRIP_WIDTH = 0.42  # of the copy probabilities beside the map
LEAST_TITLE = 4.0  # a title of a narrow map is at least so wide
TITLE_LINE = 0.2
VALUES_UP_TO = 8  # tokens a side: above it the numbers would crowd the cells

Box = tuple[float, float, float, float]
"""Left, bottom, width, height in fractions of the figure."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A grid of panels: a map each or, where columns are continued below, a block of a map's columns.

    Attributes:
        blocks: of columns, one under another; one, or the grid has a single column.
        top: down to the first row of panels with what stands above them.
        label_room: above each panel, of its columns' labels and of what they are.
        lies: whether the bar of colours does, below the panels.
        margin: left and right of all that stands beside each other.
    """

    blocks: Sequence[range]
    columns: int
    rows: int
    num_targets: int
    cell: float
    label_points: float
    rotation: int
    left: float
    margin: float
    top: float
    label_room: float
    name_room: float
    strip_room: float
    lies: bool
    title: Sequence[str]
    notes: Sequence[str]
    width: float
    height: float

    @property
    def map_width(self) -> float:
        return self.cell * len(self.blocks[0])

    @property
    def map_height(self) -> float:
        return self.cell * self.num_targets

    def box(self, panel: int) -> Box:
        """The place of a panel, without its labels."""
        row, column = divmod(panel, self.columns)
        block = self.blocks[panel % len(self.blocks)]
        x = self.left + column * (self.map_width + GAP)
        step = self.label_room + self.map_height + self.name_room + GAP
        bottom = self.height - self.top - row * step - self.label_room - self.map_height
        wide = self.cell * len(block)
        return x / self.width, bottom / self.height, wide / self.width, self.map_height / self.height

    def strip_box(self) -> Box:
        """The place of the strip, right of the first row of panels."""
        left, bottom, width, height = self.box(self.columns - 1)
        return left + width + GAP / self.width, bottom, STRIP_WIDTH / self.width, height

    def bar_box(self) -> Box:
        """The place of the bar: right of all, beside all rows of panels, or below them, where they are low."""
        left, bottom, width, height = self.box(self.columns - 1)
        _, lowest, _, _ = self.box((self.rows - 1) * self.columns)
        if self.lies:
            below = lowest - (self.name_room + GAP + BAR_WIDTH) / self.height
            return self.left / self.width, below, self._lying_bar / self.width, BAR_WIDTH / self.height
        right = left + width + (self.strip_room + GAP) / self.width
        return right, lowest, BAR_WIDTH / self.width, bottom + height - lowest

    @property
    def _lying_bar(self) -> float:
        """Its length: the panels', as far as that is a good one."""
        panels = self.columns * (self.map_width + GAP) - GAP
        least, most = LYING_BAR
        return min(max(panels, least), most, self.width - self.left - self.margin - PADDING)

    @property
    def is_small(self) -> bool:
        """Whether the weights can be printed in their cells."""
        columns = sum(map(len, self.blocks))
        return max(columns, self.num_targets) <= VALUES_UP_TO and self.cell >= CELL_WITH_VALUE - 0.01


def lay_out(
    sources: Sequence[str],
    targets: Sequence[str],
    *,
    num_maps: int,
    title: str,
    notes: Sequence[str],
    has_strip: bool,
    axes_named: bool,
    width: float | None,
) -> Layout:
    """The layout of so many maps of these tokens, just so wide where that is asked for."""
    strip_room = GAP + STRIP_WIDTH if has_strip else 0.0
    axis_room = AXIS_ROOM if axes_named else 0.0
    margin = PADDING + axis_room
    if width is None:
        columns, blocks, cell = _free(len(sources), len(targets), num_maps)
    else:
        left = margin + text_size(targets, LABEL)[0] + 0.08
        right = max(strip_room + BAR_ROOM, text_size(sources, LABEL, rotation=45)[0]) + PADDING
        columns, blocks, cell = _within(width - left - right, len(sources), len(targets), num_maps)
    points = min(LABEL if width is not None else NAME, max(5.0 if width is None else SMALLEST, cell * 72 * 0.72))
    rotation = _rotation(sources, cell, points)
    label_width, label_height = text_size([*sources, *([copied()] if has_strip else [])], points, rotation=rotation)
    left = margin + text_size(targets, points)[0] + 0.08
    grid_width = columns * cell * len(blocks[0]) + (columns - 1) * GAP
    rows = math.ceil(num_maps * len(blocks) / columns)
    name_room = NAME_ROOM if num_maps > 1 else 0.0
    label_room = axis_room + label_height + 0.08
    lies = rows * cell * len(targets) + (rows - 1) * (label_room + name_room + GAP) < LEAST_BAR
    overhang = label_width if rotation == 45 else 0.0
    least = LEAST_TITLE if width is None else min(LEAST_TITLE, width - PADDING)
    beside = max(strip_room + (0.0 if lies else BAR_ROOM), overhang)
    needed = max(left + grid_width + beside, least) + PADDING
    whole = max(needed, width or 0.0)
    # What is narrower than asked for stands in the middle, so that print doesn't enlarge it.
    under = max(beside, LYING_BAR[0] - grid_width) if lies else beside
    shift = 0.0 if width is None else max(0.0, (whole - PADDING - left - grid_width - under) / 2)
    title_lines = wrapped(title, width=whole - 2 * PADDING, points=TITLE) if title else []
    note_rows = note_lines(notes, width=whole)
    top = PADDING + len(title_lines) * TITLE_LINE + (PADDING if title_lines else 0.0)
    below = rows * (label_room + cell * len(targets) + name_room) + (rows - 1) * GAP
    return Layout(
        blocks=blocks,
        columns=columns,
        rows=rows,
        num_targets=len(targets),
        cell=cell,
        label_points=points,
        rotation=rotation,
        left=left + shift,
        margin=PADDING + shift,
        top=top,
        label_room=label_room,
        name_room=name_room,
        strip_room=strip_room,
        lies=lies,
        title=title_lines,
        notes=note_rows,
        width=whole,
        height=top + below + (LYING_ROOM if lies else 0.0) + PADDING + notes_room(note_rows),
    )


def _free(num_sources: int, num_targets: int, num_maps: int) -> tuple[int, list[range], float]:
    """Columns of the grid, all of a map's columns as one block, and a cell that all fits with."""
    columns = _num_columns(num_maps, num_sources / num_targets)
    rows = math.ceil(num_maps / columns)
    cell = min(
        _roomy(num_sources, num_targets), LONGEST_SIDE / (columns * num_sources), LONGEST_SIDE / (rows * num_targets)
    )
    return columns, [range(num_sources)], cell


def _within(room: float, num_sources: int, num_targets: int, num_maps: int) -> tuple[int, list[range], float]:
    """Likewise in a given width: as many columns of the grid as are legible, or blocks below each other."""
    roomy = _roomy(num_sources, num_targets)
    for columns in range(_num_columns(num_maps, num_sources / num_targets), 0, -1):
        cell = (room - (columns - 1) * GAP) / (columns * num_sources)
        if cell >= LEGIBLE:
            return columns, [range(num_sources)], min(GROWN * roomy, cell)
    num_blocks = math.ceil(num_sources / max(1, int(room / LEGIBLE)))
    most = math.ceil(num_sources / num_blocks)
    starts = range(0, num_sources, most)
    return 1, [range(start, min(start + most, num_sources)) for start in starts], min(roomy, room / most)


def _roomy(num_sources: int, num_targets: int) -> float:
    return CELL_WITH_VALUE if max(num_sources, num_targets) <= VALUES_UP_TO else CELL


def _num_columns(num_maps: int, aspect: float) -> int:
    """The columns that make a grid of maps a page a little wider than high, with few places left empty."""

    def fault(columns: int) -> float:
        rows = math.ceil(num_maps / columns)
        return abs(math.log(columns * aspect / rows / 1.3)) + 2 * (columns * rows - num_maps) / num_maps

    return min(range(1, num_maps + 1), key=fault)


def _rotation(sources: Sequence[str], cell: float, points: float) -> int:
    """Level where every label fits over its column, else slanted, else upright."""
    if text_size(sources, points)[0] < 0.92 * cell:
        return 0
    return 45 if cell >= SLANTED_FROM else 90


def copied() -> str:
    """The name of the strip."""
    return either("copied", "复制")


def every_nth(points: float, cell: float) -> int:
    """Of labels below each other: where neighbours would overlap, only every n-th has room."""
    return max(1, math.ceil(points * 1.1 / (cell * 72)))
