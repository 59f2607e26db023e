"""Boxes drawn where they are, in a colour for each class; and in a line of text."""

import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from attnlab.models.detectors.predictor import DetectingPredictor
from attnlab.reporting.figures import boxed_image
from attnlab.reporting.figures.boxed_image import COLOURS
from attnlab.reporting.figures.draw import draw
from attnlab.reporting.pictures import BoxesPicture
from attnlab.reporting.terminal.marks import boxes_line

CLASSES = ["cat", "狗", "emu"]
FOUND = [
    {"label": "狗", "score": 0.873, "box": [3.0, 5.0, 20.0, 17.5]},
    {"label": "cat", "score": 0.31, "box": [0.0, 0.0, 28.0, 19.0]},
]
TARGET = [{"label": "cat", "box": [1.0, 1.0, 27.0, 18.0]}]


def _image(channels: int) -> torch.Tensor:
    return torch.randint(0, 256, (channels, 19, 28), generator=torch.Generator().manual_seed(3)).byte()


@pytest.mark.parametrize("channels", [1, 3])
def test_found_boxes_are_whole_lines_true_ones_dashed_each_where_it_is(channels: int) -> None:
    image = _image(channels)
    figure = draw(BoxesPicture("name", "一 title", image, CLASSES, FOUND, TARGET))
    [axes] = figure.axes
    shown = np.asarray(axes.images[0].get_array())
    assert np.array_equal(shown if channels == 3 else shown[..., None], image.permute(1, 2, 0).numpy())
    boxes = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    corners = [
        [
            box.get_x() + 0.5,
            box.get_y() + 0.5,
            box.get_x() + box.get_width() + 0.5,
            box.get_y() + box.get_height() + 0.5,
        ]
        for box in boxes
    ]
    assert corners == [each["box"] for each in [*TARGET, *FOUND]]
    assert [box.get_linestyle() != "-" for box in boxes] == [True, False, False]
    assert [to_hex(box.get_edgecolor()).upper() for box in boxes] == [COLOURS[0], COLOURS[1], COLOURS[0]]
    assert [text.get_text() for text in axes.texts] == ["cat", "狗 87%", "cat 31%"], "true ones are named, too"
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["cat", "狗", "found", "truth"]
    assert [line.get_color() for line in legend.get_lines()[:2]] == list(COLOURS[:2])
    figure.canvas.draw()


def test_without_known_truth_nothing_is_said_of_it_and_nothing_found_is_fine() -> None:
    figure = boxed_image(_image(3), [], classes=CLASSES)
    [axes] = figure.axes
    assert not axes.patches
    assert axes.get_legend() is None
    figure.canvas.draw()


def test_another_shape_is_no_image() -> None:
    with pytest.raises(ValueError, match=r"an image is \(1 or 3, H, W\), got \(19, 28\)"):
        boxed_image(_image(1)[0], [], classes=CLASSES)


def test_a_line_names_the_image_and_its_objects_in_whole_pixels() -> None:
    assert boxes_line("a.png", FOUND) == "a.png: 狗 87% at 3, 5, 20, 18; cat 31% at 0, 0, 28, 19"
    assert boxes_line("a.png", TARGET) == "a.png: cat at 1, 1, 27, 18"
    assert boxes_line("a.png", []) == "a.png: nothing"
    assert boxes_line("a.png", TARGET * 7).endswith("; and 2 more")
    assert DetectingPredictor.readable("a.png", FOUND) == boxes_line("a.png", FOUND)
    assert DetectingPredictor.readable("a.png", []) == "a.png: nothing"


def test_the_legend_of_long_names_is_not_cut_off() -> None:
    found = [{"label": name, "score": 0.9, "box": [3.0, 5.0, 20.0, 17.5]} for name in ("Ankle boot", "t" * 40)]
    figure = boxed_image(_image(1), found, classes=["Ankle boot", "t" * 40], target=[])
    figure.canvas.draw()
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert all(text.get_window_extent().x1 <= figure.bbox.x1 for text in legend.get_texts())


def test_in_chinese_a_line_of_boxes_has_no_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert boxes_line("scene 41", []) == "场景 41：无"
    assert boxes_line("a.png", TARGET) == "a.png：cat，位于 1, 1, 27, 18"
    assert boxes_line("a.png", TARGET * 7).endswith("；另有 2 个")
