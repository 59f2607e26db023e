"""From texts to written texts, and where each of their tokens came from."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, cast, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from attnlab.attention import capture_attention
from attnlab.errors import at_least, between
from attnlab.models.encoder_decoders.decoding import Hypothesis, beam_search
from attnlab.models.encoder_decoders.encoder_decoder import EncoderDecoder, ReadingModel
from attnlab.models.predictors import Prediction, whereabouts
from attnlab.models.special_tokens import BOS, EOS, PAD
from attnlab.models.strange_inputs import num_strange, remark_on_strange
from attnlab.reading.shown import without_controls
from attnlab.reporting.pictures import AttentionPicture, merged, some_of
from attnlab.reporting.terminal.text import display_width

log = logging.getLogger(__name__)

READABLE = (12, 100)  # columns of a terminal: from a few words to about two dozen tokens


class WritingCodec(Protocol):
    """Between texts and ids."""

    def encode_source(self, text: str) -> list[int]: ...

    def encode_target(self, text: str) -> list[int]: ...

    def decode_target(self, ids: Sequence[int]) -> str: ...

    def source_tokens(self, ids: Sequence[int]) -> list[str]: ...

    def target_tokens(self, ids: Sequence[int]) -> list[str]: ...

    def source_letters(self, ids: Sequence[int]) -> list[tuple[str, int]]: ...

    def target_letters(self, ids: Sequence[int]) -> list[tuple[str, int]]: ...

    def source_words(self, pieces: Sequence[str]) -> list[tuple[str, int]]: ...

    def target_words(self, pieces: Sequence[str]) -> list[tuple[str, int]]: ...


@runtime_checkable
class _Placed(Protocol):
    """Attention that knows where it stands."""

    role: str


class WritingPredictor:
    """Writes a text of a text by beam search: a translation, a summary. A blank text is given a blank one.

    Args:
        beam_size: 1 is greedy.
        length_penalty, min_length, no_repeat_ngram_size: as in `attnlab.models.encoder_decoders.decoding`.

    Raises:
        ValueError: a count out of its range.
    """

    def __init__(
        self,
        model: EncoderDecoder,
        codec: WritingCodec,
        *,
        beam_size: int,
        length_penalty: float,
        min_length: int = 0,
        no_repeat_ngram_size: int = 0,
    ) -> None:
        between(1, 1000, "task", beam_size=beam_size)
        between(0, 10, "task", length_penalty=length_penalty)  # an exponent
        at_least(0, "task", no_repeat_ngram_size=no_repeat_ngram_size)
        if not 0 <= min_length <= model.max_target_length:
            raise ValueError(
                f"min_length must lie between 0 and max_target_length {model.max_target_length}, got {min_length} "
                "(set task.min_length or data.max_target_length)"
            )
        self.model, self.codec = model, codec
        self.beam_size, self.length_penalty = beam_size, length_penalty
        self.min_length, self.no_repeat_ngram_size = min_length, no_repeat_ngram_size
        self.modules: Mapping[str, nn.Module] = {"model": cast(nn.Module, model)}

    # Predictions

    @torch.inference_mode()
    def predict_texts(self, texts: Sequence[str], *, batch_size: int = 32) -> Iterator[Prediction]:
        """A prediction a text, in order; `details` holds tokens, the alignment (Tt, Ts) and the share of copying."""
        self.modules["model"].eval()
        cap = self.model.max_source_length
        if cut := sum(len(self.codec.encode_source(text)) > cap for text in texts):
            log.warning("cut %d of %d inputs to the %d tokens that the model reads", cut, len(texts), cap)
        pieces = [self.codec.source_tokens(self.codec.encode_source(text)[:-1]) for text in texts]
        remark_on_strange([(num_strange(each), len(each)) for each in pieces], units="tokens")
        for start in range(0, len(texts), batch_size):
            chunk = texts[start : start + batch_size]
            rows = [self._source(text) for text in chunk if text.strip()]
            source = pad_sequence(rows, batch_first=True, padding_value=PAD) if rows else None
            written = iter(self.search(source, beam_size=self.beam_size) if source is not None else [])
            read = iter(rows)
            for number, text in enumerate(chunk, start):
                if not text.strip():
                    yield _nothing(number, text)
                    continue
                best = next(written)
                found = self.prediction(number, text, best)
                found["details"] |= self._alignment_details(next(read), best.ids)
                yield found

    def search(self, source: Tensor, *, beam_size: int) -> list[Hypothesis]:
        """The best hypothesis for each of sources (B, Ts), read without columns of padding alone."""
        found = beam_search(
            self.model,
            source[:, : int((source != PAD).sum(dim=1).max())],
            beam_size=beam_size,
            max_length=self.model.max_target_length,
            min_length=self.min_length,
            no_repeat_ngram_size=self.no_repeat_ngram_size,
            length_penalty=self.length_penalty,
        )
        return [hypotheses[0] for hypotheses in found]

    def prediction(self, number: int, text: str, best: Hypothesis) -> Prediction:
        """What is recorded of a hypothesis for `text`."""
        return {
            "id": number,
            "input": text,
            "output": self.codec.decode_target(best.ids),
            "target": None,
            "score": round(best.score, 4),
            "details": {"log_prob": round(best.log_prob, 4), "ids": list(best.ids)},
        }

    @staticmethod
    def readable(given: str, output: Any) -> str:
        """The text itself."""
        return without_controls(str(output))

    def line(self, prediction: Prediction, *, colour: bool) -> str:
        """The text itself; there is nothing to colour."""
        return without_controls(prediction["output"])

    def _source(self, text: str) -> Tensor:
        """A text's ids (Ts,) as batches have them: cut where too long, and ending in EOS all the same."""
        ids = [*self.codec.encode_source(text)[:-1][: self.model.max_source_length - 1], EOS]
        return torch.tensor(ids, device=whereabouts(self.modules["model"])[0])

    # Where they came from

    def prediction_pictures(self, prediction: Prediction) -> list[AttentionPicture]:
        """The alignment of a prediction of `predict_texts`; none of a blank text.

        Raises:
            ValueError: the model has no attention.
        """
        details = prediction["details"]
        if not details["source_tokens"]:
            return []
        if "alignment" not in details:
            raise ValueError("this model has no attention to draw")
        by_token = AttentionPicture(
            name="",
            title=prediction["output"],
            weights=torch.tensor(details["alignment"]),
            query_labels=details["target_tokens"],
            key_labels=details["source_tokens"],
            copy_probabilities=details.get("copy_probabilities"),
        )
        return [self._by_letter(by_token, self._source(prediction["input"]), details["ids"])]

    def pictures_of_some(self, predictions: Sequence[Prediction], num: int) -> list[AttentionPicture]:
        """Pictures of `num` of the predictions, of targets of readable length where there are such, spread over all.

        What is given chooses, not what was written: all runs on one test set show the same examples.
        """
        readable = [p for p in predictions if READABLE[0] <= display_width(str(p["target"] or "")) <= READABLE[1]]
        return self.pictures_of_these(some_of(readable or predictions, num))

    def pictures_of_these(self, predictions: Sequence[Prediction]) -> list[AttentionPicture]:
        """A picture of each of the predictions; none without attention."""
        pictures = []
        for each in predictions:
            source, target = self._source(each["input"]), each["details"]["ids"]
            picture = self._picture(source, target, name=str(each["id"]))
            if picture is not None:
                pictures.append(self._by_letter(picture, source, target))
        return pictures

    def layer_pictures(self, text: str, target: str | Sequence[int]) -> list[AttentionPicture]:
        """Where each token of a target, given by its text or its ids, looks in a text, layer after layer.

        What is too long for the model is cut; none without attention.
        """
        source = self._source(text)
        ids = self.target_ids(target) if isinstance(target, str) else list(target)[: self.model.max_target_length]
        return [self._by_letter(picture, source, ids) for picture in self._pictures(source, ids, name="")]

    def target_ids(self, target: str) -> list[int]:
        """A target's ids as `details` has those of what was written; what is too long for the model is cut."""
        return self.codec.encode_target(target)[1:-1][: self.model.max_target_length]

    def _by_letter(self, picture: AttentionPicture, source: Tensor, target: Sequence[int]) -> AttentionPicture:
        """The picture with a row and a column for the tokens of one letter, which may be bytes of it."""
        rows = self.codec.target_letters([*target, EOS])
        columns = self.codec.source_letters(source.tolist())
        return replace(
            merged(picture, rows=rows, columns=columns),
            query_name="output",
            key_name="source",
            query_words=self.codec.target_words([piece for piece, _ in rows]),
            key_words=self.codec.source_words([piece for piece, _ in columns]),
            ended=True,
        )

    def _alignment_details(self, source: Tensor, target: Sequence[int]) -> dict[str, Any]:
        """Tokens; the alignment, the mean over heads, of a model that attends; copying, of one that copies."""
        details: dict[str, Any] = {
            "source_tokens": self.codec.source_tokens(source.tolist()),
            "target_tokens": self.codec.target_tokens([*target, EOS]),
        }
        picture = self._picture(source, target, name="")
        if picture is not None:
            details["alignment"] = [[round(w, 4) for w in row] for row in picture.weights.mean(dim=0).tolist()]
            if picture.copy_probabilities is not None:
                details["copy_probabilities"] = [round(p, 4) for p in picture.copy_probabilities]
        return details

    def _picture(self, source: Tensor, target: Sequence[int], *, name: str) -> AttentionPicture | None:
        """Of the last layer; None without attention."""
        pictures = self._pictures(source, target, name=name)
        return pictures[-1] if pictures else None

    @torch.no_grad()
    def _pictures(self, source: Tensor, target: Sequence[int], *, name: str) -> list[AttentionPicture]:
        """Where each target token looked in the source (Ts,) in each layer, from one teacher-forced pass."""
        previous = torch.tensor([[BOS, *target]], device=source.device)
        network = self.modules["model"]
        copying = None
        with capture_attention(network) as maps:
            if isinstance(self.model, ReadingModel):
                copying = self.model.read(source[None], previous).copying
            else:
                self.model(source[None], previous)
        return [
            AttentionPicture(
                name=f"{name}_{layer.replace('.', '_')}",
                title=self.codec.decode_target(target),
                weights=weights[0],
                query_labels=self.codec.target_tokens([*target, EOS]),
                key_labels=self.codec.source_tokens(source.tolist()),
                copy_probabilities=None if copying is None else copying[0].tolist(),
            )
            for layer, weights in maps.items()
            if _crosses(network.get_submodule(layer))
        ]


def _crosses(module: nn.Module) -> bool:
    return isinstance(module, _Placed) and module.role == "cross"


def _nothing(number: int, text: str) -> Prediction:
    """Of a blank text, of which a model would invent something."""
    details = {"log_prob": 0.0, "ids": [], "source_tokens": [], "target_tokens": []}
    return {"id": number, "input": text, "output": "", "target": None, "score": 0.0, "details": details}
