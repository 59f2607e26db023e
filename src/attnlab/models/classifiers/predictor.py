"""From images to their classes, and where the model looked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Protocol, cast, runtime_checkable

import torch
from torch import Tensor, nn

from attnlab.language import either
from attnlab.models.classifiers.image_classifier import ImageClassifier, ImageMaps
from attnlab.models.classifiers.map_pictures import map_pictures
from attnlab.models.predictors import Prediction, chunks, whereabouts
from attnlab.reading.shown import without_controls
from attnlab.reporting.pictures import ChannelPicture, ImagePicture, LabelledPicture

MOST_NAMED = 5  # classes of a prediction


class ClassCodec(Protocol):
    """Between pictures and what a classifier reads and says."""

    classes: list[str]
    channels: int

    def prepare(self, image: Any) -> Tensor: ...

    def normalise(self, images: Tensor) -> Tensor: ...


@runtime_checkable
class _Mapped(Protocol):
    """A model that says where it looks; one of the user's own may not."""

    def image_maps(self, images: Tensor) -> ImageMaps: ...


class ClassifyingPredictor:
    """Names the most probable class of an image; the score is its probability."""

    asked: ClassVar[str] = "PICTURE.png --out marked"

    def __init__(self, model: ImageClassifier, codec: ClassCodec) -> None:
        self.model, self.codec = model, codec
        self.modules: Mapping[str, nn.Module] = {"model": cast(nn.Module, model)}

    @torch.inference_mode()
    def predict_images(self, images: Iterable[tuple[str, Tensor]], *, batch_size: int = 32) -> Iterator[Prediction]:
        """Classify images, in order: their names, and what the codec's `prepare` made of them."""
        self.modules["model"].eval()
        start = 0
        for chunk in chunks(images, batch_size):
            names, pixels = zip(*chunk, strict=True)
            probabilities = self.model(self._inputs(torch.stack(pixels))).float().softmax(dim=1)
            yield from self.predictions(range(start, start + len(chunk)), names, probabilities)
            start += len(chunk)

    def predictions(self, ids: Iterable[int], names: Sequence[str], probabilities: Tensor) -> list[Prediction]:
        """What is recorded of probabilities (B, K)."""
        found: list[Prediction] = []
        for number, name, top in zip(ids, names, top_classes(probabilities, self.codec.classes), strict=True):
            output, score = top[0]
            details = {"top": [{"output": each, "score": probability} for each, probability in top]}
            found.append(
                {"id": number, "input": name, "output": output, "target": None, "score": score, "details": details}
            )
        return found

    @staticmethod
    def readable(given: str, output: Any) -> str:
        """The class."""
        return without_controls(str(output))

    def line(self, prediction: Prediction) -> str:
        """The image's name, its class and the probability."""
        name, label = (without_controls(prediction[key]) for key in ("input", "output"))
        return f"{name}\t{label}\t{prediction['score']:.4f}"

    def title(self, prediction: Prediction, *, name: str) -> str:
        """The class and its probability."""
        return f"{prediction['output']} {prediction['score']:.0%}"

    def answer_picture(self, prediction: Prediction, image: Tensor, *, title: str) -> LabelledPicture:
        """The image beside the classes most likely on it."""
        top = [(each["output"], each["score"]) for each in prediction["details"]["top"]]
        return LabelledPicture(name="", title=title, image=image, top=top)

    def image_pictures(self, image: Tensor, *, name: str, title: str) -> list[ImagePicture | ChannelPicture]:
        """What the model attends to in an image (C, H, W) of bytes: over the image, over channels; none without."""
        return map_pictures(self.maps(image), image, name=name, title=title)

    def tested_pictures(self, prediction: Prediction, image: Tensor) -> list[ImagePicture | ChannelPicture]:
        """Likewise, of a prediction with its target."""
        output, score, target = prediction["output"], f"{prediction['score']:.0%}", prediction["target"]
        title = either(f"predicted {output} {score}, actual {target}", f"预测为 {output}（{score}），实为 {target}")
        return self.image_pictures(image, name=str(prediction["id"]), title=title)

    def maps(self, image: Tensor) -> ImageMaps:
        """All that the model attends to in an image (C, H, W) of bytes, in a batch of one."""
        if not isinstance(self.model, _Mapped):
            return ImageMaps({}, {})
        self.modules["model"].eval()
        return self.model.image_maps(self._inputs(image.unsqueeze(0)))

    def _inputs(self, pixels: Tensor) -> Tensor:
        """Bytes (B, C, H, W) as the model takes them."""
        device, dtype = whereabouts(self.modules["model"])
        return self.codec.normalise(pixels.to(device)).to(dtype)


def top_classes(probabilities: Tensor, classes: Sequence[str]) -> list[list[tuple[str, float]]]:
    """The up to five most probable classes of each row of probabilities (B, K), with their probabilities."""
    values, places = torch.topk(probabilities, min(MOST_NAMED, len(classes)), dim=1)
    return [
        [(classes[place], round(value, 4)) for place, value in zip(*row, strict=True)]
        for row in zip(places.tolist(), values.tolist(), strict=True)
    ]
