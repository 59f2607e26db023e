"""What of each model is exported: one pass, tensors in and tensors out, and which of their sizes may vary."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from attnlab.errors import UserError
from attnlab.models.adversarial.predictor import GeneratingPredictor
from attnlab.models.classifiers.predictor import ClassifyingPredictor
from attnlab.models.detectors.attention_object_detection import AttentionObjectDetection
from attnlab.models.detectors.detr import DETR
from attnlab.models.detectors.predictor import DetectingPredictor
from attnlab.models.encoder_decoders.predictor import WritingPredictor
from attnlab.models.language_models.predictor import LanguagePredictor
from attnlab.models.predictors import Predictor
from attnlab.models.special_tokens import PAD
from attnlab.models.taggers.predictor import TaggingPredictor

LONGEST_WORD = 64  # letters that a word is checked with; a graph takes longer ones, too
MOST_AT_ONCE = 2**16  # a bound of the batch, which torch asks for

Sizes = Mapping[str, int]
"""Of each axis that may vary, by its name."""


@dataclass(frozen=True, kw_only=True)
class Form:
    """A pass of a network.

    Attributes:
        network: called with one tensor an input.
        inputs: their dimensions: a number, or the name of an axis that may vary.
        most: the greatest size of each such axis; the least is 1.
        outputs: names.
        examples: makes inputs of given sizes, of a generator's draws.
    """

    network: nn.Module
    inputs: Mapping[str, tuple[int | str, ...]]
    most: Sizes
    outputs: tuple[str, ...]
    examples: Callable[[Sizes, torch.Generator], tuple[Tensor, ...]]


def form_of(predictor: Predictor) -> Form:
    """What is exported of a trained model.

    Raises:
        UserError: it is of a kind that has no such form.
    """
    match predictor:
        case WritingPredictor():
            return _of_writer(predictor)
        case LanguagePredictor():
            return _of_language_model(predictor)
        case TaggingPredictor():
            return _of_tagger(predictor)
        case ClassifyingPredictor():
            return _of_classifier(predictor)
        case DetectingPredictor():
            return _of_detector(predictor)
        case GeneratingPredictor():
            return _of_generator(predictor)
    raise UserError(f"models of the seven tasks are exported, got a {type(predictor).__name__} (give another run)")


def _of_writer(predictor: WritingPredictor) -> Form:
    model, sizes = predictor.model, _sizes(predictor)
    for switch in ("input_feeding", "coverage"):
        if getattr(model, switch, False):
            raise UserError(
                f"a graph has a fixed number of steps, and {type(model).__name__} with {switch} makes one a word, got "
                f"model.{switch}=true (train with model.{switch}=false)"
            )

    def examples(at: Sizes, draw: torch.Generator) -> tuple[Tensor, ...]:
        source = _ids(sizes["source_vocab_size"], (at["batch"], at["source_length"]), draw)
        return source, _ids(sizes["target_vocab_size"], (at["batch"], at["target_length"]), draw)

    return Form(
        network=_network(predictor),
        inputs={"source": ("batch", "source_length"), "target": ("batch", "target_length")},
        most={
            "batch": MOST_AT_ONCE,
            "source_length": model.max_source_length,
            "target_length": model.max_target_length + 1,
        },
        outputs=("logits",),
        examples=examples,
    )


def _of_language_model(predictor: LanguagePredictor) -> Form:
    num = _sizes(predictor)["vocab_size"]
    return Form(
        network=_network(predictor),
        inputs={"tokens": ("batch", "length")},
        most={"batch": MOST_AT_ONCE, "length": predictor.model.max_length},
        outputs=("logits",),
        examples=lambda at, draw: (_ids(num, (at["batch"], at["length"]), draw),),
    )


def _of_tagger(predictor: TaggingPredictor) -> Form:
    sizes = _sizes(predictor)

    def examples(at: Sizes, draw: torch.Generator) -> tuple[Tensor, ...]:
        words = _ids(sizes["vocab_size"], (at["batch"], at["words"]), draw)
        letters = _ids(sizes["num_characters"], (at["batch"] * at["words"], at["letters"]), draw)
        letters = letters.view(*words.shape, -1).masked_fill((words == PAD).unsqueeze(2), PAD)
        return words, letters

    return Form(
        network=_network(predictor),
        inputs={"words": ("batch", "words"), "characters": ("batch", "words", "letters")},
        most={"batch": MOST_AT_ONCE, "words": predictor.model.max_length, "letters": LONGEST_WORD},
        outputs=("emissions",),
        examples=examples,
    )


class _OfBytes(nn.Module):
    """A classifier behind its codec's normalisation."""

    def __init__(self, network: nn.Module, codec: Any) -> None:
        super().__init__()
        self.network, self.normalise = network, codec.normalise

    def forward(self, pixels: Tensor) -> Tensor:
        logits: Tensor = self.network(self.normalise(pixels))
        return logits


def _of_classifier(predictor: ClassifyingPredictor) -> Form:
    form = (predictor.codec.channels, *_size(predictor, "height", "width"))
    return Form(
        network=_OfBytes(_network(predictor), predictor.codec),
        inputs={"pixels": ("batch", *form)},
        most={"batch": MOST_AT_ONCE},
        outputs=("logits",),
        examples=lambda at, draw: (_pixels((at["batch"], *form), draw),),
    )


class _OfCanvases(nn.Module):
    """A detector's last answer for each query: logits, and boxes as centres in shares of the image."""

    def __init__(self, network: nn.Module, codec: Any) -> None:
        super().__init__()
        self.network, self.normalise = network, codec.normalise

    def forward(self, pixels: Tensor, extents: Tensor) -> tuple[Tensor, Tensor]:
        output = self.network(self.normalise(pixels), extents)
        if isinstance(self.network, DETR):
            return output.sets.logits[-1], output.sets.boxes[-1]
        return output.logits, output.boxes


def _of_detector(predictor: DetectingPredictor) -> Form:
    network, codec = _network(predictor), predictor.codec
    height, width = _size(predictor, "max_height", "max_width")
    form = (codec.channels, height, width)

    def examples(at: Sizes, draw: torch.Generator) -> tuple[Tensor, ...]:
        pixels = _pixels((at["batch"], *form), draw)
        extents = torch.tensor([[height - row % 3, width - row % 2] for row in range(at["batch"])])
        return pixels, extents

    if not isinstance(network, DETR | AttentionObjectDetection):
        raise UserError(
            f"of detectors detr and attention_object_detection are exported, got {type(network).__name__} (train with "
            "model=detr)"
        )
    return Form(
        network=_OfCanvases(network, codec),
        inputs={"pixels": ("batch", *form), "extents": ("batch", 2)},
        most={"batch": MOST_AT_ONCE},
        outputs=("logits", "boxes"),
        examples=examples,
    )


def _of_generator(predictor: GeneratingPredictor) -> Form:
    model = predictor.model
    inputs: dict[str, tuple[int | str, ...]] = {"latents": ("batch", model.latent_dim)}
    if model.conditional:
        inputs["labels"] = ("batch",)

    def examples(at: Sizes, draw: torch.Generator) -> tuple[Tensor, ...]:
        latents = torch.randn(at["batch"], model.latent_dim, generator=draw)
        labels = torch.randint(model.num_classes, (at["batch"],), generator=draw)
        return (latents, labels) if model.conditional else (latents,)

    return Form(
        network=predictor.averaged,
        inputs=inputs,
        most={"batch": MOST_AT_ONCE},
        outputs=("images",),
        examples=examples,
    )


def _network(predictor: Predictor) -> nn.Module:
    return predictor.modules["model"].eval()


def _sizes(predictor: Predictor) -> dict[str, int]:
    sizes: dict[str, int] = predictor.codec.sizes
    return sizes


def _size(predictor: Predictor, *names: str) -> tuple[int, ...]:
    return tuple(_sizes(predictor)[name] for name in names)


def _ids(num: int, form: tuple[int, int], draw: torch.Generator) -> Tensor:
    """Rows of ids, every other of them padded on the right by a third."""
    ids = torch.randint(PAD + 1, num, form, generator=draw)
    ids[1::2, form[1] - form[1] // 3 :] = PAD
    return ids


def _pixels(form: tuple[int, ...], draw: torch.Generator) -> Tensor:
    return torch.randint(256, form, generator=draw, dtype=torch.uint8)
