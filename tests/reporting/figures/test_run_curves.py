"""A run's scores, each in a panel of its own."""

import pytest

from attnlab.reporting.figures import run_curves

SCORES = {
    "loss": {"train": [(50.0, 6.0), (100.0, 5.0)], "val": [(100.0, 5.5)]},
    "bleu": {"val": [(100.0, 2.0), (200.0, float("nan"))]},
    "empty": {"val": []},
    "$f_1": {"train": [(50.0, 0.1)]},
}


def test_each_score_has_a_panel_with_its_splits_and_its_name() -> None:
    figure = run_curves(SCORES, title="标题", notes=["run 0123456789"])
    figure.canvas.draw()
    panels = {axes.get_title(loc="left"): axes for axes in figure.axes if axes.axison}
    assert list(panels) == ["loss", "BLEU", "$f_1"]
    labels = {name: [line.get_label() for line in axes.lines] for name, axes in panels.items()}
    assert labels == {"loss": ["training", "validation"], "BLEU": ["validation"], "$f_1": ["training"]}
    assert [list(line.get_xdata()) for line in panels["loss"].lines] == [[50.0, 100.0], [100.0]]
    colours = {line.get_label(): line.get_color() for axes in panels.values() for line in axes.lines}
    assert len(set(colours.values())) == 2, "a split has one colour in all panels"


def test_without_a_point_there_is_no_picture() -> None:
    with pytest.raises(ValueError, match="at least one score must have a point"):
        run_curves({"loss": {"train": []}})


def test_updates_are_whole_however_few_there_are() -> None:
    figure = run_curves({"loss": {"val": [(8.0, 7.5)]}})
    figure.canvas.draw()
    assert all(float(tick).is_integer() for tick in figure.axes[0].get_xticks())
