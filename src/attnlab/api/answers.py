"""What a trained model gives back: its answers, and what it attended to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from torch import Tensor

from attnlab.api.drawing import Drawing
from attnlab.api.wording import in_python
from attnlab.errors import UserError
from attnlab.files import writing
from attnlab.models.predictors import Prediction
from attnlab.reporting.pictures import AttentionPicture, ChannelPicture, ImagePicture, QueryPicture

if TYPE_CHECKING:
    from matplotlib.figure import Figure


Seen = AttentionPicture | ImagePicture | ChannelPicture | QueryPicture

SHOWN = 8  # labels in a map's repr


class Answer(NamedTuple):
    """One answer, with what `attnlab predict --json` says of it."""

    input: str  # the text, or what the image is called
    output: Any  # a text, a class, entities, objects, or a picture
    score: float | None  # None of what nothing scores
    details: Mapping[str, Any]

    @classmethod
    def of(cls, prediction: Prediction) -> "Answer":
        return cls(prediction["input"], prediction["output"], prediction["score"], prediction["details"])


@dataclass(frozen=True, repr=False)
class AttentionMap:
    """What was attended to in one place of a model, as numbers and as a figure; a notebook shows the latter.

    Attributes:
        picture: the numbers with their labels.
    """

    picture: Seen

    @property
    def name(self) -> str:
        """Of the layer or layers."""
        return self.picture.name.strip("_")

    @property
    def weights(self) -> Tensor | Mapping[str, Tensor]:
        """Of a text, (H, Tq, Tk) of its heads or (Tq, Tk) of their mean; by name, over an image (h, w) or of channels
        (C,); between the places of images that were made, (N, Q, h, w)."""
        match self.picture:
            case AttentionPicture() | ChannelPicture():
                return self.picture.weights
            case ImagePicture() | QueryPicture():
                return self.picture.maps

    def figure(self) -> "Figure":
        """matplotlib's, drawn anew at each call."""
        from attnlab.reporting.figures.draw import draw

        return draw(self.picture)

    @in_python()
    def save(self, path: Path | str) -> Path:
        """Write the figure as a PNG, PDF or SVG, by the ending of the name.

        Raises:
            UserError: it ends otherwise, or can't be written.
        """
        from attnlab.reporting.figures import save

        try:
            with writing(path, remedy="set path"):
                return save(self.figure(), path)
        except ValueError as error:
            raise UserError(f"{error} (set path)") from error

    def __repr__(self) -> str:
        return f"AttentionMap({self.name!r}, {_form(self.picture)})"

    def _repr_png_(self) -> bytes:
        return Drawing.of(self.name, self.figure()).png


def _form(picture: Seen) -> str:
    """What it weighs, and of how many: `heads 4, output 7, source 9: one two ...`."""
    match picture:
        case AttentionPicture():
            names = ("heads", picture.query_name or "queries", picture.key_name or "keys")
            axes = zip(names[-picture.weights.dim() :], picture.weights.shape, strict=True)
            return f"{', '.join(f'{name} {size}' for name, size in axes)}: {_some(picture.key_labels)}"
        case ImagePicture():
            maps = (f"{name} {' x '.join(map(str, each.shape))}" for name, each in picture.maps.items())
            return f"over an image of {' x '.join(map(str, picture.image.shape[-2:]))}: {', '.join(maps)}"
        case ChannelPicture():
            return f"over channels: {', '.join(f'{name} {len(each)}' for name, each in picture.weights.items())}"
        case QueryPicture():
            images, places, *grid = picture.maps.shape
            return f"{images} images x {places} places x {' x '.join(map(str, grid))}"


def _some(labels: Sequence[str]) -> str:
    return " ".join(labels[:SHOWN]) + (" ..." if len(labels) > SHOWN else "")
