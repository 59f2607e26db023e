"""From texts to their classes, and what each word attended to."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from attnlab.attention import capture_attention
from attnlab.errors import UserError
from attnlab.models.predictors import Prediction, whereabouts
from attnlab.models.text_classifiers.text_classifier import TextClassifier
from attnlab.reporting.pictures import AttentionPicture, some_of


class TextClassCodec(Protocol):
    """Between texts and the ids of their words, and between classes and their numbers."""

    classes: list[str]

    def split(self, text: str) -> list[str]: ...

    def encode(self, text: str) -> list[int]: ...


class TextClassifyingPredictor:
    """Names the most probable class of a text; the score is its probability."""

    def __init__(self, model: TextClassifier, codec: TextClassCodec) -> None:
        self.model, self.codec = model, codec
        self.modules: Mapping[str, nn.Module] = {"model": model}

    @torch.inference_mode()
    def predict_texts(self, texts: Sequence[str], *, batch_size: int = 32) -> Iterator[Prediction]:
        """Classify texts, in order.

        Raises:
            UserError: a text has no word, or more than the model reads.
        """
        self.model.eval()
        for text in texts:
            self._check(text)
        for start in range(0, len(texts), batch_size):
            chunk = texts[start : start + batch_size]
            probabilities = self.model(self._inputs(chunk)).float().softmax(dim=1)
            yield from self.predictions(range(start, start + len(chunk)), chunk, probabilities)

    def predictions(self, ids: Sequence[int], texts: Sequence[str], probabilities: Tensor) -> list[Prediction]:
        """What is recorded of probabilities (B, K)."""
        found: list[Prediction] = []
        scores, places = probabilities.max(dim=1)
        for number, text, place, score in zip(ids, texts, places.tolist(), scores.tolist(), strict=True):
            output = self.codec.classes[place]
            score = round(score, 4)
            found.append({"id": number, "input": text, "output": output, "target": None, "score": score, "details": {}})
        return found

    @staticmethod
    def readable(given: str, output: Any) -> str:
        """The class."""
        return str(output)

    def line(self, prediction: Prediction, *, colour: bool) -> str:
        """The class and its probability."""
        return f"{prediction['output']}\t{prediction['score']:.4f}"

    def prediction_pictures(self, prediction: Prediction) -> list[AttentionPicture]:
        """What each word of the text attended to in the last layer."""
        return [self._picture(prediction["input"], "")]

    def pictures_of_some(self, predictions: Sequence[Prediction], num: int) -> list[AttentionPicture]:
        """Pictures of `num` of the predictions, spread over all."""
        return [self._picture(each["input"], str(each["id"])) for each in some_of(predictions, num)]

    @torch.no_grad()
    def _picture(self, text: str, name: str) -> AttentionPicture:
        with capture_attention(self.model.eval()) as maps:
            self.model(self._inputs([text]))
        layer, weights = list(maps.items())[-1]
        words = self.codec.split(text)
        name = f"{name}_{layer.replace('.', '_')}"
        return AttentionPicture(name=name, title=text, weights=weights[0], query_labels=words, key_labels=words)

    def _inputs(self, texts: Sequence[str]) -> Tensor:
        """Word ids (B, T) on the model's device."""
        device, _ = whereabouts(self.model)
        return pad_sequence([torch.tensor(self.codec.encode(text)) for text in texts], batch_first=True).to(device)

    def _check(self, text: str) -> None:
        num_words = len(self.codec.split(text))
        if not 1 <= num_words <= self.model.max_length:
            raise UserError(f"a text must have 1 to {self.model.max_length} words, got {num_words} in {text[:40]!r}")
