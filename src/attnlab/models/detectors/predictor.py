"""From images to the objects in them, and what was looked at to find them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Protocol, cast, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from attnlab.attention.ablation import shells
from attnlab.language import either
from attnlab.models.classifiers.image_classifier import ImageMaps
from attnlab.models.classifiers.map_pictures import map_pictures
from attnlab.models.detectors.detector import Detections, Detector
from attnlab.models.predictors import Prediction, chunks, whereabouts
from attnlab.reporting.picture_names import example_name
from attnlab.reporting.pictures import BoxesPicture, ChannelPicture, ImagePicture
from attnlab.reporting.terminal.marks import boxes_line

MOST_OBJECT_MAPS = 9  # beside an image


class FittedPicture(Protocol):
    """A picture scaled to fit the canvas; sizes are height and width."""

    @property
    def pixels(self) -> Tensor: ...

    @property
    def size(self) -> tuple[int, int]: ...

    @property
    def extent(self) -> tuple[int, int]: ...

    def scale(self) -> Tensor: ...


class BoxCodec(Protocol):
    """Between pictures and the canvases that a detector reads."""

    classes: list[str]
    channels: int

    def prepare(self, image: Any) -> FittedPicture: ...

    def canvases(self, pictures: Sequence[Tensor]) -> tuple[Tensor, Tensor]: ...

    def normalise(self, images: Tensor) -> Tensor: ...


class FoundObjects(NamedTuple):
    """What was found in a picture, the best first; boxes are corners in the original's pixels."""

    boxes: NDArray[np.float32]  # (N, 4)
    scores: NDArray[np.float32]  # (N,)
    labels: NDArray[np.int64]  # (N,)


class SeenObject(NamedTuple):
    """An object found on a canvas, corners in its pixels, and what its query looked at, (h, w) over all of it.

    The latter is of the best `MOST_OBJECT_MAPS` alone.
    """

    label: str
    score: float
    box: list[float]
    looked: Tensor | None


class Seen(NamedTuple):
    """A canvas (C, H, W) of bytes, what was found on it, the best first, and what the net's blocks attended to.

    `whole` (h, w) is what a detector's query looked at that has one for all of the image, whatever it found.
    """

    canvas: Tensor
    objects: list[SeenObject]
    maps: ImageMaps
    whole: Tensor | None = None


@runtime_checkable
class _Mapped(Protocol):
    """A detector that says where it looks; one of the user's own may not."""

    def query_maps(self, images: Tensor, extents: Tensor) -> Tensor | None: ...

    def image_maps(self, images: Tensor) -> ImageMaps: ...


class DetectingPredictor:
    """Lists what is found with at least `score_threshold`, the best first, as `label`, `score` and `box`.

    A box is left, top, right, bottom in pixels of the original image.

    Raises:
        ValueError: the threshold isn't a share.
    """

    asked: ClassVar[str] = "PICTURE.png --out marked"

    def __init__(self, model: Detector, codec: BoxCodec, *, score_threshold: float) -> None:
        if not 0 <= score_threshold <= 1:
            raise ValueError(f"score_threshold must lie from 0 to 1, got {score_threshold} (set task.score_threshold)")
        self.model, self.codec, self.score_threshold = model, codec, score_threshold
        self.modules: Mapping[str, nn.Module] = {"model": cast(nn.Module, model)}

    # Predictions

    @torch.inference_mode()
    def predict_images(
        self, images: Iterable[tuple[str, FittedPicture]], *, batch_size: int = 32
    ) -> Iterator[Prediction]:
        """Find the objects of images, in order: their names, and what the codec's `prepare` made of them."""
        self.modules["model"].eval()
        start = 0
        for chunk in chunks(images, batch_size):
            names, fitted = zip(*chunk, strict=True)
            canvases, extents = self._inputs(fitted)
            detections = self.model.detections(self.model(canvases, extents), extents)
            for row, (name, each, found) in enumerate(zip(names, fitted, detections, strict=True)):
                yield self.prediction(start + row, name, in_original(found, each.extent, each.size), each.size)
            start += len(chunk)

    def prediction(self, number: int, name: str, found: FoundObjects, size: tuple[int, int]) -> Prediction:
        """The objects found with at least the threshold's score; the score is that of the best."""
        objects = [
            {"label": self.codec.classes[label], "score": round(float(score), 4), "box": rounded(box)}
            for box, score, label in zip(*found, strict=True)
            if score >= self.score_threshold
        ]
        return {
            "id": number,
            "input": name,
            "output": objects,
            "target": None,
            "score": objects[0]["score"] if objects else 0.0,
            "details": {"height": size[0], "width": size[1]},
        }

    @staticmethod
    def readable(given: str, output: Any) -> str:
        """The image's name and the objects, or that there are none."""
        return boxes_line(given, output or [])

    def line(self, prediction: Prediction) -> str:
        """The image's name and the objects, or that there are none, and by which threshold."""
        nothing = either(
            f"nothing with a score of {self.score_threshold:g} or more (--score-threshold)",
            f"没有检出分数不低于 {self.score_threshold:g}（--score-threshold）的目标",
        )
        return boxes_line(prediction["input"], prediction["output"], nothing=nothing)

    def title(self, prediction: Prediction, *, name: str) -> str:
        """The name, and how many objects there are."""
        num, named = len(prediction["output"]), example_name(name)
        return either(f"{named.en}: {num} found", f"{named.zh}：检出 {num} 个")

    def answer_picture(self, prediction: Prediction, image: Tensor, *, title: str) -> BoxesPicture:
        """The image with boxes around the objects."""
        return BoxesPicture("", title, image, self.codec.classes, prediction["output"], None)

    # What was looked at

    def unseen(self) -> str | None:
        """Why an image in which nothing is found has no map; None where finding an object would give none either."""
        model = self.modules["model"]
        if not isinstance(model, _Mapped) or not any(True for _ in shells(model)):
            return None
        return (
            f"nothing was found with a score of {self.score_threshold:g} or more (task.score_threshold), "
            "and maps are of what is found"
        )

    @torch.no_grad()
    def seen(self, image: FittedPicture) -> Seen:
        """What is found in an image, with at least the threshold's score, and what was attended to."""
        self.modules["model"].eval()
        canvases, extents = self._inputs([image])
        [detections] = self.model.detections(self.model(canvases, extents), extents)
        looked, maps = None, ImageMaps({}, {})
        if isinstance(self.model, _Mapped):
            looked, maps = self.model.query_maps(canvases, extents), self.model.image_maps(canvases)
        objects: list[SeenObject] = []
        for box, score, label, source in zip(*(part.tolist() for part in detections), strict=True):
            if score < self.score_threshold:
                break
            own = None
            if looked is not None and len(objects) < MOST_OBJECT_MAPS:
                own = looked[0, source].float().cpu()
            objects.append(SeenObject(self.codec.classes[label], score, box, own))
        whole = looked[0, 0].float().cpu() if looked is not None and looked.size(1) == 1 else None
        return Seen(self.codec.canvases([image.pixels])[0][0], objects, maps, whole)

    def image_pictures(self, image: FittedPicture, *, name: str, title: str) -> list[ImagePicture | ChannelPicture]:
        """What the query of each object found, or the only one, looked at; what the net's blocks attended to."""
        if not isinstance(self.model, _Mapped):
            return []
        seen = self.seen(image)
        pictures: list[ImagePicture | ChannelPicture] = []
        looked = {
            f"{number} {each.label} {each.score:.0%}": each.looked
            for number, each in enumerate(seen.objects, 1)
            if each.looked is not None
        }
        if seen.whole is not None and not seen.objects:
            looked = {either("the one query", "唯一的查询"): seen.whole}
        if looked:
            pictures.append(ImagePicture(f"{name}_objects", title, seen.canvas, looked, strided=True))
        return pictures + map_pictures(seen.maps, seen.canvas, name=name, title=title)

    def compared_pictures(
        self, prediction: Prediction, image: FittedPicture
    ) -> list[BoxesPicture | ImagePicture | ChannelPicture]:
        """Boxes found and true, of a prediction with its target, and what was attended to."""
        found, target = (_scaled(prediction[side], image.scale()) for side in ("output", "target"))
        name, given = str(prediction["id"]), example_name(prediction["input"])
        title = either(
            f"{given.en}: {len(found)} found, {len(target)} there",
            f"{given.zh}：检出 {len(found)} 个，实有 {len(target)} 个",
        )
        boxes = BoxesPicture(f"{name}_boxes", title, image.pixels, self.codec.classes, found, target)
        return [boxes, *self.image_pictures(image, name=name, title=title)]

    def _inputs(self, fitted: Sequence[FittedPicture]) -> tuple[Tensor, Tensor]:
        """Canvases and extents as the model takes them."""
        canvases, extents = self.codec.canvases([each.pixels for each in fitted])
        device, dtype = whereabouts(self.modules["model"])
        return self.codec.normalise(canvases.to(device)).to(dtype), extents.to(device)


def in_original(found: Detections, extent: tuple[int, ...], size: tuple[int, int]) -> FoundObjects:
    """What was found on a canvas of which the picture takes `extent`, in pixels of the original of `size`."""
    scale = np.array([size[1] / extent[1], size[0] / extent[0]] * 2, dtype=np.float32)
    boxes, scores, labels, _ = (part.detach().cpu() for part in found)
    return FoundObjects(boxes.float().numpy() * scale, scores.float().numpy(), labels.numpy())


def rounded(box: Any) -> list[float]:
    """Corners as they are recorded."""
    return [round(float(each), 2) for each in box]


def _scaled(objects: Sequence[dict[str, Any]], scale: Tensor) -> list[dict[str, Any]]:
    return [each | {"box": (torch.tensor(each["box"]) * scale).tolist()} for each in objects]
