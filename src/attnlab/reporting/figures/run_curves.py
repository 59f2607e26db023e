"""How a run's scores moved: a panel a score, training and validation in each."""

import math
from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator

from attnlab.language import Words, either, wanted
from attnlab.reporting.figures.canvas import new_panelled_figure, put_notes, put_title
from attnlab.reporting.figures.labels import readable
from attnlab.reporting.figures.learning_curve import Points, draw_curve
from attnlab.reporting.figures.style import LABEL, NOTE, PAGE, plain_axes, text_style
from attnlab.reporting.glossary import score_in_chinese, score_in_english

MOST_COLUMNS = 2
PANEL_WIDTH, PANEL_HEIGHT = PAGE / MOST_COLUMNS, 1.9  # inches
SPLITS = {"train": Words("training", "训练"), "val": Words("validation", "验证")}


def run_curves(
    scores: Mapping[str, Mapping[str, Points]],
    *,
    title: str = "",
    notes: Sequence[str] = (),
    width: float | None = None,
) -> Figure:
    """Draw the points (updates, value) of each score by split, `train` and `val`, as wide as a page or so many inches.

    Raises ValueError where no score has a point.
    """
    shown = {name: splits for name, splits in scores.items() if any(splits.values())}
    if not shown:
        raise ValueError(f"at least one score must have a point, got {dict(scores)}")
    columns = min(len(shown), MOST_COLUMNS if width is None else max(1, round(width / PANEL_WIDTH)))
    rows = math.ceil(len(shown) / columns)
    figure = new_panelled_figure(columns * PANEL_WIDTH if width is None else width, rows * PANEL_HEIGHT + 0.3)
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True).ravel()
    for axes in panels[len(shown) :]:
        axes.set_axis_off()
    for number, (axes, (name, splits)) in enumerate(zip(panels, shown.items(), strict=False)):
        for index, split in enumerate(SPLITS):
            if points := splits.get(split):
                draw_curve(axes, SPLITS[split].said(wanted()), points, index=index)
        axes.set_title(
            readable(either(score_in_english(name), score_in_chinese(name))), loc="left", fontsize=LABEL, **text_style()
        )
        plain_axes(axes, grid=True)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
        axes.xaxis.set_major_formatter(EngFormatter(sep=""))
        if number + columns >= len(shown):
            axes.set_xlabel(either("updates", "更新次数"), fontsize=LABEL, **text_style())
            axes.tick_params(labelbottom=True)
        for text in axes.legend(frameon=False, fontsize=NOTE).get_texts():
            text.set(**text_style())
    put_title(figure, title)
    put_notes(figure, notes)
    return figure
