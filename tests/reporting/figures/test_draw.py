"""Each kind of picture is drawn as what it is."""

import pytest
import torch

from attnlab.reporting.figures.canvas import new_figure
from attnlab.reporting.figures.draw import draw
from attnlab.reporting.pictures import (
    AttentionPicture,
    BoxesPicture,
    ChannelPicture,
    Confusion,
    Curves,
    ImagePicture,
    LabelledPicture,
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
