"""From the beginnings of texts to their continuations, and where each token looked."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, Protocol, cast

import torch
from torch import nn

from attnlab.attention import capture_attention
from attnlab.errors import UserError, between
from attnlab.models.language_models.language_model import LanguageModel
from attnlab.models.language_models.sampling import Drawn, Sampling, draw
from attnlab.models.predictors import Prediction, whereabouts
from attnlab.models.special_tokens import UNK
from attnlab.reading.shown import without_controls
from attnlab.reporting.pictures import AttentionPicture, merged, some_of

log = logging.getLogger(__name__)

MOST_DRAWN = 64  # tokens of a picture in `maps/`, which is to be read


class ContinuingCodec(Protocol):
    """Between texts and ids."""

    def encode(self, text: str) -> list[int]: ...

    def continuation(self, ids: Sequence[int], num_given: int) -> str: ...

    def tokens(self, ids: Sequence[int]) -> list[str]: ...

    def letters(self, ids: Sequence[int]) -> list[tuple[str, int]]: ...

    def words(self, pieces: Sequence[str]) -> list[tuple[str, int]]: ...


class LanguagePredictor:
    """Goes on with a text, a token drawn after the other.

    Args:
        temperature, top_k, top_p: how they are drawn, as `Sampling` says.
        max_tokens: most of a continuation.

    Raises:
        ValueError: a number out of its range.
    """

    def __init__(
        self,
        model: LanguageModel,
        codec: ContinuingCodec,
        *,
        temperature: float,
        top_k: int | None,
        top_p: float | None,
        max_tokens: int,
    ) -> None:
        between(1, 2**20, "task", max_tokens=max_tokens)
        self.model, self.codec = model, codec
        self.sampling = Sampling(temperature=temperature, top_k=top_k, top_p=top_p)
        self.max_tokens, self.seed = max_tokens, 0
        self.modules: Mapping[str, nn.Module] = {"model": cast(nn.Module, model)}

    def predict_texts(self, texts: Sequence[str], *, batch_size: int = 32) -> Iterator[Prediction]:
        """A continuation a text, in order, each of a seed of its own; the same texts in a row are read once.

        `details` holds ids, tokens and their log-probabilities, of what was given, too; `score` is the mean of those of
        what was written.
        """
        self.modules["model"].eval()
        for _, group in groupby(enumerate(texts), key=lambda each: each[1]):
            numbered = list(group)
            for start in range(0, len(numbered), batch_size):
                yield from self._continued(numbered[start : start + batch_size])

    def _continued(self, numbered: Sequence[tuple[int, str]]) -> list[Prediction]:
        text = numbered[0][1]
        given = self._given(text)
        drawn = self.draw(given, [number for number, _ in numbered], max_tokens=self.max_tokens)
        return [self.prediction(number, text, given, each) for (number, _), each in zip(numbered, drawn, strict=True)]

    def _given(self, text: str) -> list[int]:
        """The ids of a text, the last that a block holds; UserError where there are none."""
        given = self.codec.encode(text)
        if not given:
            raise UserError(f"a text to go on with must hold a token, got {text!r} (give it a beginning)")
        if len(given) > self.model.context_length:
            log.warning("read the last %d of %d tokens of an input", self.model.context_length, len(given))
            given = given[-self.model.context_length :]
        if unknown := given.count(UNK):
            log.warning("%d of %d tokens of an input are none that the model was trained on", unknown, len(given))
        return given

    def draw(self, given: Sequence[int], numbers: Sequence[int], *, max_tokens: int) -> list[Drawn]:
        """A continuation of ids for each number."""
        seeds = [(self.seed, number) for number in numbers]
        return draw(self.model, given, sampling=self.sampling, max_tokens=max_tokens, seeds=seeds)

    def prediction(self, number: int, text: str, given: Sequence[int], drawn: Drawn) -> Prediction:
        """What is recorded of a continuation."""
        ids = [*given, *drawn.ids]
        mean = sum(drawn.log_probs) / max(1, len(drawn.log_probs))
        return {
            "id": number,
            "input": text,
            "output": self.codec.continuation(ids, len(given)),
            "target": None,
            "score": round(mean, 4),
            "details": {
                "ids": ids,
                "num_given": len(given),
                "tokens": self.codec.tokens(ids),
                "log_probs": [round(each, 4) for each in drawn.log_probs],
                "given_log_probs": [round(each, 4) for each in drawn.given_log_probs],
                "ended": drawn.ended,
                "seed": self.seed,
            },
        }

    @staticmethod
    def readable(given: str, output: Any) -> str:
        """The continuation itself."""
        return without_controls(str(output))

    def line(self, prediction: Prediction, *, colour: bool) -> str:
        """The text and its continuation."""
        return without_controls(prediction["input"] + prediction["output"])

    # Where tokens looked

    def prediction_pictures(self, prediction: Prediction) -> list[AttentionPicture]:
        """Where each token of the text and of its continuation looked in the last layer.

        Raises:
            ValueError: the model has no attention.
        """
        pictures = self.layer_pictures(prediction["details"]["ids"])
        if not pictures:
            raise ValueError("this model has no attention to draw")
        return pictures[-1:]

    def pictures_of_some(self, predictions: Sequence[Prediction], num: int) -> list[AttentionPicture]:
        """Pictures of the beginnings of `num` of the predictions, spread over all; none without attention."""
        return self.pictures_of_these(some_of(predictions, num))

    def pictures_of_these(self, predictions: Sequence[Prediction]) -> list[AttentionPicture]:
        """A picture of the beginning of each of the predictions; none without attention."""
        found = []
        for each in predictions:
            pictures = self.layer_pictures(each["details"]["ids"][:MOST_DRAWN], name=str(each["id"]))
            found += pictures[-1:]
        return found

    @torch.no_grad()
    def layer_pictures(self, ids: Sequence[int], *, name: str = "") -> list[AttentionPicture]:
        """Where each token looked, layer after layer, from one pass over the last ids that a block holds."""
        ids = list(ids)[-self.model.context_length :]
        network = self.modules["model"].eval()
        with capture_attention(network) as maps:
            self.model(torch.tensor([ids], device=whereabouts(network)[0]))
        tokens, pieces = self.codec.tokens(ids), self.codec.letters(ids)
        words = self.codec.words([piece for piece, _ in pieces])
        found = []
        for layer, weights in maps.items():
            title = without_controls(self.codec.continuation(ids, 0))
            picture = AttentionPicture(f"{name}_{layer.replace('.', '_')}", title, weights[0], tokens, tokens)
            whole = merged(picture, rows=pieces, columns=pieces)
            found.append(replace(whole, query_name="token", key_name="up to it", query_words=words, key_words=words))
        return found
