"""From texts to the entities in them, and what each of their words attended to."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from attnlab.attention import capture_attention
from attnlab.models.predictors import Prediction, whereabouts
from attnlab.models.special_tokens import CHARACTER_UNKNOWN
from attnlab.models.strange_inputs import remark_on_strange
from attnlab.models.taggers.tagger import Tagger, word_mask
from attnlab.reporting.pictures import AttentionPicture, some_of
from attnlab.reporting.terminal.marks import marked

log = logging.getLogger(__name__)

Labelled = tuple[list[int], float]
"""A piece's label ids and their log-probability."""


class LabelCodec(Protocol):
    """Between sentences of words with labels and ids; spans are code points, end exclusive."""

    @property
    def types(self) -> Sequence[str]: ...

    @property
    def untrained_labels(self) -> Sequence[int]: ...

    def split(self, text: str) -> list[tuple[int, int]]: ...

    def cut(self, num_words: int, max_length: int) -> list[tuple[int, int]]: ...

    def encode(self, words: Sequence[str]) -> tuple[list[int], list[list[int]]]: ...

    def decode_labels(self, ids: Iterable[int]) -> list[str]: ...

    def spans(self, labels: Sequence[str], offsets: Sequence[tuple[int, int]], text: str) -> Sequence[Any]: ...


class _Sentence(NamedTuple):
    """A text and where its words stand."""

    text: str
    offsets: Sequence[tuple[int, int]]

    @property
    def words(self) -> list[str]:
        return [self.text[start:end] for start, end in self.offsets]


class TaggingPredictor:
    """Finds entities: the model's most probable valid IOB2 labels, of those that training showed.

    A text longer than the model reads is read in pieces.
    """

    def __init__(self, model: Tagger, codec: LabelCodec) -> None:
        self.model, self.codec = model, codec
        self.modules: Mapping[str, nn.Module] = {"model": cast(nn.Module, model)}

    @property
    def types(self) -> Sequence[str]:
        """Of entities."""
        return self.codec.types

    # Predictions

    def predict_texts(self, texts: Sequence[str], *, batch_size: int = 32) -> Iterator[Prediction]:
        """Find the entities of texts, in order; the output is a list of spans, code points, end exclusive."""
        yield from self.predict_words([(text, self.split(text)) for text in texts], batch_size=batch_size)

    def split(self, text: str) -> Sequence[tuple[int, int]]:
        """Where the words of a text stand, as the codec splits it."""
        return self.codec.split(text)

    @torch.inference_mode()
    def predict_words(
        self, sentences: Sequence[tuple[str, Sequence[tuple[int, int]]]], *, batch_size: int = 32
    ) -> Iterator[Prediction]:
        """As `predict_texts`, of texts whose words stand where it is said."""
        self.modules["model"].eval()
        cap, everything = self.model.max_length, [_Sentence(*each) for each in sentences]
        if longer := sum(len(each.offsets) > cap for each in everything):
            log.warning(
                "cut %d of %d inputs into pieces of the %d words that the model reads", longer, len(everything), cap
            )
        letters = [[letter for word in self.codec.encode(each.words)[1] for letter in word] for each in everything]
        remark_on_strange([(each.count(CHARACTER_UNKNOWN), len(each)) for each in letters], units="letters")
        for start in range(0, len(everything), batch_size):
            chosen = everything[start : start + batch_size]
            pieces = [(row, piece) for row, sentence in enumerate(chosen) for piece in self._pieces(sentence)]
            found: list[list[Labelled]] = [[] for _ in chosen]
            for first in range(0, len(pieces), batch_size):
                chunk = pieces[first : first + batch_size]
                words, characters = self._inputs([piece for _, piece in chunk])
                decoded = self.decode(self.model(words, characters), word_mask(words))
                for (row, _), labels in zip(chunk, decoded, strict=True):
                    found[row].append(labels)
            for row, sentence in enumerate(chosen):
                yield self.prediction(start + row, *sentence, found[row])

    def decode(self, emissions: Tensor, mask: Tensor) -> Iterator[Labelled]:
        """The best labels of each row of emissions (B, T, C), whose real words `mask` (B, T) shows."""
        shown = emissions
        if untrained := list(self.codec.untrained_labels):
            shown = emissions.index_fill(2, torch.tensor(untrained, device=emissions.device), float("-inf"))
        labels = self.model.label_scores.decode(shown, mask)
        losses = self.model.label_scores(emissions, labels, mask)
        for row, length, loss in zip(labels.tolist(), mask.sum(1).tolist(), losses.tolist(), strict=True):
            yield row[:length], -loss

    def prediction(
        self, number: int, text: str, offsets: Sequence[tuple[int, int]], pieces: Sequence[Labelled]
    ) -> Prediction:
        """What is recorded of a text whose words stand at `offsets`, and were labelled in pieces."""
        labels = self.codec.decode_labels(label for ids, _ in pieces for label in ids)
        log_prob = sum(log_prob for _, log_prob in pieces)
        return {
            "id": number,
            "input": text,
            "output": self.codec.spans(labels, offsets, text),
            "target": None,
            "score": round(log_prob / max(1, len(labels)), 4),
            "details": {"words": [list(each) for each in offsets], "labels": labels},
        }

    @staticmethod
    def readable(given: str, output: Any) -> str:
        """The entities marked in their text."""
        return marked(given, output)

    def line(self, prediction: Prediction, *, colour: bool) -> str:
        """The entities marked in their text, each type in a colour of its own."""
        return marked(prediction["input"], prediction["output"], types=self.types if colour else None)

    def _pieces(self, sentence: _Sentence) -> list[list[str]]:
        words, bounds = sentence.words, self.codec.cut(len(sentence.offsets), self.model.max_length)
        return [words[start:end] for start, end in bounds if end > start]

    def _inputs(self, pieces: Sequence[Sequence[str]]) -> tuple[Tensor, Tensor]:
        """Word ids (B, T) and character ids (B, T, Lc) on the model's device."""
        encoded = [self.codec.encode(piece) for piece in pieces]
        words = pad_sequence([torch.tensor(ids) for ids, _ in encoded], batch_first=True)
        letters = [torch.tensor(each) for _, characters in encoded for each in characters]
        lengths = [len(piece) for piece in pieces]
        characters = pad_sequence([*torch.split(pad_sequence(letters, batch_first=True), lengths)], batch_first=True)
        device, _ = whereabouts(self.modules["model"])
        return words.to(device), characters.to(device)

    # What was attended to

    def text_pictures(self, text: str, *, name: str) -> list[AttentionPicture]:
        """What each word of a text attended to in the last layer of attention, a picture for each piece read."""
        return self._pictures(_Sentence(text, self.split(text)), name)

    def prediction_pictures(self, prediction: Prediction) -> list[AttentionPicture]:
        """As `text_pictures`, of the words that were labelled, which a corpus may have split otherwise."""
        return self._pictures(_sentence_of(prediction), "")

    def pictures_of_some(self, predictions: Sequence[Prediction], num: int) -> list[AttentionPicture]:
        """Pictures of `num` of the predictions, with entities and of readable length, spread over all."""
        readable = [p for p in predictions if p["target"] and 4 <= len(p["details"]["words"]) <= 24] or predictions
        return self.pictures_of_these(some_of(readable, num))

    def pictures_of_these(self, predictions: Sequence[Prediction]) -> list[AttentionPicture]:
        """A picture of each of the predictions; none without attention."""
        return [each for p in predictions for each in self._pictures(_sentence_of(p), str(p["id"]))[:1]]

    def layer_pictures(self, prediction: Prediction) -> list[AttentionPicture]:
        """As `prediction_pictures`, of the first piece that is read, from the first layer of attention to the last."""
        sentence = _sentence_of(prediction)
        pieces = self._pieces(sentence)
        return self._piece_pictures(sentence.text, pieces[0], "") if pieces else []

    def _pictures(self, sentence: _Sentence, name: str) -> list[AttentionPicture]:
        return [self._piece_pictures(sentence.text, piece, name)[-1] for piece in self._pieces(sentence)]

    @torch.no_grad()
    def _piece_pictures(self, text: str, piece: Sequence[str], name: str) -> list[AttentionPicture]:
        network = self.modules["model"].eval()
        with capture_attention(network) as maps:
            self.model(*self._inputs([piece]))
        return [
            AttentionPicture(
                name=f"{name}_{layer.replace('.', '_')}",
                title=text,
                weights=self.model.reading.arrange_map(weights[0]),
                query_labels=piece,
                key_labels=piece,
                query_name="word",
                key_name="attends to",
            )
            for layer, weights in maps.items()
        ]


def _sentence_of(prediction: Prediction) -> _Sentence:
    """The words that were labelled."""
    return _Sentence(prediction["input"], [(start, end) for start, end in prediction["details"]["words"]])
