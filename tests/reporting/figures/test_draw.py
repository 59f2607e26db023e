"""Each kind of picture is drawn as what it is, in the language that is wanted."""

import re
from pathlib import Path

import pytest
import torch
from matplotlib.text import Text

from attnlab.reporting.figures.canvas import new_figure, save
from attnlab.reporting.figures.draw import draw
from attnlab.reporting.figures.style import CHINESE_FAMILY
from attnlab.reporting.look import Look, run_caption
from attnlab.reporting.pictures import (
    AttentionPicture,
    BoxesPicture,
    ChannelPicture,
    Confusion,
    Curves,
    ImagePicture,
    LabelledPicture,
    Picture,
    QueryPicture,
)


def _image(channels: int, height: int, width: int) -> torch.Tensor:
    return torch.randint(0, 256, (channels, height, width), generator=torch.Generator().manual_seed(3)).byte()


def test_each_kind_of_picture_is_drawn_as_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    kinds = ["attention_map", "image_map", "channel_weights", "query_maps", "boxed_image", "labelled_image"]
    kinds += ["confusion_matrix", "run_curves"]
    for name in kinds:
        monkeypatch.setattr(
            f"attnlab.reporting.figures.draw.{name}", lambda *_, name=name, **__: drawn.append(name) or new_figure(1, 1)
        )
    draw(AttentionPicture("n", "t", torch.zeros(1, 2, 3), ["a", "b"], ["c", "d", "e"]))
    draw(ImagePicture("n", "t", _image(1, 8, 8), {"a": torch.zeros(2, 2)}))
    draw(ChannelPicture("n", "t", {"a": torch.zeros(2)}))
    draw(QueryPicture("n", "t", _image(1, 8, 8)[None], torch.zeros(1, 1, 2, 2), [(0, 1)]))
    draw(BoxesPicture("n", "t", _image(3, 8, 8), ["a"], [], None))
    draw(LabelledPicture("n", "t", _image(3, 8, 8), [("a", 0.7)]))
    draw(Confusion("n", ["a", "b"], [[1, 2], [3, 4]]))
    draw(Curves("n", "t", {}))
    assert drawn == kinds


OF_TEXT = AttentionPicture(
    "N", "T", torch.rand(2, 11, 13), ["Q"] * 11, ["K"] * 13, [0.5] * 11, "token", "up to it", ended=True
)
OBJECT = {"label": "C", "score": 0.7, "box": (1.0, 1.0, 5.0, 5.0)}
PICTURES: list[Picture | Confusion | Curves] = [
    OF_TEXT,
    ImagePicture(
        "N", "T", _image(1, 8, 8), {"stages.0.1.feature_attention": torch.rand(2, 2), "head 3": torch.ones(1, 1)}
    ),
    ChannelPicture("N", "T", {"stages.0.1.feature_attention": torch.rand(5)}),
    QueryPicture("N", "T", _image(1, 8, 8)[None], torch.rand(1, 1, 2, 2), [(0, 1)]),
    BoxesPicture("N", "T", _image(3, 8, 8), ["C"], [OBJECT], [OBJECT]),
    LabelledPicture("N", "T", _image(3, 8, 8), [("C", 0.7)]),
    Confusion("N", ["A", "B"], [[1, 2], [3, 4]], "T"),
    Curves("N", "T", {"accuracy": {"train": [(1, 0.5)], "val": [(1, 0.7)]}}),
]


@pytest.mark.parametrize("picture", PICTURES, ids=lambda each: type(each).__name__)
@pytest.mark.usefixtures("in_chinese")
def test_in_chinese_no_word_is_english_and_each_has_a_font_that_can_draw_it(
    picture: Picture | Confusion | Curves, tmp_path: Path
) -> None:
    caption = run_caption("N", tmp_path / "7", {"encoder": "M"})
    look = Look(caption=caption, hide_special=True, strongest=7) if picture is OF_TEXT else Look(caption=caption)
    figure = draw(picture, look)
    figure.draw_without_rendering()
    written = [each for each in figure.findobj(Text) if each.get_text()]
    assert [each.get_text() for each in written if re.search("[a-z]{2}", each.get_text())] == []
    chinese = [each for each in written if re.search(r"[\u4e00-\u9fff]", each.get_text())]
    assert len(chinese) > 1
    assert all(CHINESE_FAMILY in each.get_fontfamily() for each in chinese)


@pytest.mark.parametrize("inches", [16 / 2.54, 3.3, 9.0])
@pytest.mark.parametrize("picture", PICTURES, ids=lambda each: type(each).__name__)
def test_a_width_is_the_files_to_the_point_and_nothing_leaves_the_page(
    picture: Picture | Confusion | Curves, inches: float, tmp_path: Path
) -> None:
    figure = draw(picture, Look(caption="C", width=inches))
    (box,) = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ", save(figure, tmp_path / "a.pdf").read_bytes())
    assert float(box) == pytest.approx(inches * 72, abs=0.01)
    assert figure.dpi == 300, "of a PNG, whatever it is of"
    drawn = figure.get_tightbbox()  # inches
    assert -0.02 <= drawn.x0 <= drawn.x1 <= inches + 0.02
