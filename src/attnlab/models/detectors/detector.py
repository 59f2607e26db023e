"""What every object detector offers: one pass over images, a loss to train, and the objects it found."""

from typing import Any, NamedTuple, Protocol, runtime_checkable

from torch import Tensor

from attnlab.models.classifiers.image_classifier import ImageMaps


class Objects(NamedTuple):
    """The objects of a batch of images, padded: an image's own come first."""

    boxes: Tensor  # (B, M, 4) corners in pixels
    labels: Tensor  # (B, M) int64, -1 where there is no object

    @property
    def counts(self) -> Tensor:
        """How many each image has, (B,)."""
        return (self.labels >= 0).sum(dim=1)


class Detections(NamedTuple):
    """What was found in one image, the best first."""

    boxes: Tensor  # (N, 4) corners in pixels, within the image
    scores: Tensor  # (N,) from 0 to 1
    labels: Tensor  # (N,) int64
    sources: Tensor  # (N,) int64: which of the model's queries, or places, found it


class ObjectLimit(NamedTuple):
    """The most objects of an image that a detector can find."""

    num: int
    remedy: str  # what gives more


MAX_DETECTIONS = 100  # of an image, as COCO counts them
AS_COCO = "COCO's scores count no more"


@runtime_checkable
class LimitsObjects(Protocol):
    """A detector that can't find more than so many objects of an image."""

    limit: ObjectLimit


class Detector(Protocol):
    """An nn.Module, built from `num_classes`, `in_channels`, `max_height` and `max_width`, which come from the data.

    Images (B, in_channels, max_height, max_width) lie in the upper left corner of their canvas; `extents` (B, 2) says
    how high and wide they are.
    """

    slots: dict[str, str]  # which mechanism stands where, as {"cross": "additive"}

    def __call__(self, images: Tensor, extents: Tensor, objects: Objects | None = None) -> Any:
        """What `losses` and `detections` need; in training, `objects` may shape the pass."""
        ...

    def losses(self, output: Any, extents: Tensor, objects: Objects) -> dict[str, Tensor]:
        """The parts of the loss, weighted, of a pass; their sum is what is trained."""
        ...

    def detections(self, output: Any, extents: Tensor) -> list[Detections]:
        """What was found in each image."""
        ...

    def query_maps(self, images: Tensor, extents: Tensor) -> Tensor | None:
        """(B, Q, h, w): how much each query, as `sources` numbers them, takes from each place of the canvas.

        Place j of a row lies over pixel stride * j. None without such queries.
        """
        ...

    def image_maps(self, images: Tensor) -> ImageMaps:
        """The weights of the mechanisms on feature maps."""
        ...
