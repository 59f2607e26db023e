"""What can be asked of a predictor: a trained model with its codec, which answers and knows of no training.

Its constructor takes the model, the codec, and of the task's settings those that answers depend on.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar, Protocol, TypedDict, TypeVar, runtime_checkable

import torch
from torch import Tensor, nn

from attnlab.reporting.pictures import AttentionPicture, ChannelPicture, ImagePicture, Picture, QueryPicture

T = TypeVar("T")
# Which runs have a use for what isn't every predictor's; a class is an argument called label.
TAKEN_BY = {
    **dict.fromkeys(("num", "seed"), "generate images or continue texts"),
    **dict.fromkeys(("class", "label"), "generate images"),
}


class Prediction(TypedDict):
    """One line of `predictions.jsonl`, and of `attnlab predict --json` (which has no target)."""

    id: int
    input: str
    output: Any  # a text, or what is found in one
    target: Any
    score: float
    details: dict[str, Any]


class Predictor(Protocol):
    """What all of them have."""

    model: Any
    codec: Any
    modules: Mapping[str, nn.Module]  # its networks, by the names that checkpoints have for them

    @staticmethod
    def readable(given: str, output: Any) -> str:
        """An output, or a target, as a person reads it, beside the input that it is of."""
        ...


@runtime_checkable
class SaysWhatItTakes(Protocol):
    """What `attnlab predict RUN` is given, in the shell's words; of a predictor that doesn't say so, it is a text."""

    asked: ClassVar[str]


@runtime_checkable
class TextPredictor(Protocol):
    """Answers texts."""

    def predict_texts(self, texts: Sequence[str], *, batch_size: int = 32) -> Iterator[Prediction]:
        """A prediction a text, in order."""
        ...

    def prediction_pictures(self, prediction: Prediction) -> Sequence[AttentionPicture]:
        """What was attended to for a prediction of this model's; none where there was no word.

        Raises:
            ValueError: the model has no attention.
        """
        ...

    def line(self, prediction: Prediction, *, colour: bool) -> str:
        """A prediction as it is printed."""
        ...


@runtime_checkable
class EntityFinder(Protocol):
    """Marks spans of texts, of known types."""

    @property
    def types(self) -> Sequence[str]: ...

    def split(self, text: str) -> Sequence[tuple[int, int]]:
        """Where the words of a text stand: code points, end exclusive."""
        ...

    def predict_words(
        self, sentences: Sequence[tuple[str, Sequence[tuple[int, int]]]], *, batch_size: int = 32
    ) -> Iterator[Prediction]:
        """A prediction a text, in order, of texts and where their words stand."""
        ...

    def prediction_pictures(self, prediction: Prediction) -> Sequence[AttentionPicture]:
        """What each word of a prediction attended to, a picture for each piece that is read by itself."""
        ...


@runtime_checkable
class BeamSearcher(Protocol):
    """Searches for what it writes."""

    beam_size: int


@runtime_checkable
class TextContinuer(Protocol):
    """Goes on with texts, a token drawn after the other; what it gives follows from the seed."""

    sampling: Any  # how tokens are drawn: `models.language_models.sampling.Sampling`
    max_tokens: int
    seed: int


class PreparesImages(Protocol):
    """Between pictures and what a model takes."""

    channels: int

    def prepare(self, image: Any) -> Any:
        """What the predictor takes of a picture that was read for so many `channels`."""
        ...


@runtime_checkable
class ImagePredictor(Protocol):
    """Answers images, as its codec's `prepare` made them."""

    @property
    def codec(self) -> PreparesImages: ...

    def predict_images(self, images: Iterable[tuple[str, Any]], *, batch_size: int = 32) -> Iterator[Prediction]:
        """A prediction an image, in order, of names and images."""
        ...

    def image_pictures(self, image: Any, *, name: str, title: str) -> list[ImagePicture | ChannelPicture]:
        """What the model attends to in an image; none without attention."""
        ...

    def line(self, prediction: Prediction) -> str:
        """A prediction as it is printed."""
        ...

    def title(self, prediction: Prediction, *, name: str) -> str:
        """What stands above pictures of the image."""
        ...

    def answer_picture(self, prediction: Prediction, image: Tensor, *, title: str) -> Picture:
        """The original image (C, H, W) of bytes with the answer."""
        ...


@runtime_checkable
class MapsWhatIsFound(Protocol):
    """Attends for each object that it finds, and so to nothing where it finds none."""

    score_threshold: float

    def unseen(self) -> str | None:
        """Why an image in which nothing is found has no map; None where finding an object would give none either."""
        ...


@runtime_checkable
class ImageGenerator(Protocol):
    """Makes images of nothing but chance, and of a class where it knows classes."""

    @property
    def classes(self) -> Sequence[str] | None:
        """Those that can be asked for; None where none can."""
        ...

    def latents(self, num: int, seed: int) -> Tensor:
        """(num, L), on the CPU; the first ones are the same for any `num`."""
        ...

    def draw(self, latents: Tensor, labels: Tensor | None) -> Tensor:
        """Pictures (B, C, H, W) uint8 of latents, and of labels (B,) where there are classes."""
        ...

    def generate(
        self, num: int, *, seed: int, labels: Tensor | None = None, batch_size: int = ...
    ) -> Iterator[tuple[Tensor, Tensor | None]]:
        """Pictures (b, C, H, W) uint8 in order, at most `batch_size` at a time, and their labels (b,), if any."""
        ...

    def sample_pictures(
        self, num: int, *, seed: int, labels: Tensor | None = None
    ) -> Sequence[QueryPicture | ImagePicture | ChannelPicture]:
        """What the networks attend to in the first samples of a seed."""
        ...


def whereabouts(network: nn.Module) -> tuple[torch.device, torch.dtype]:
    """The device and the type of a network's weights."""
    weights = next(network.parameters())
    return weights.device, weights.dtype


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """So many at a time, in order."""
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk
