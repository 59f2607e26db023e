"""From texts to written texts and pictures of where each token came from: what translating and summarizing share."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from attnlab.attention import capture_attention
from attnlab.decoding import Hypothesis
from attnlab.models import EncoderDecoder, ReadingModel
from attnlab.special_tokens import BOS, EOS, PAD
from attnlab.tasks.results import AttentionPicture, Prediction

log = logging.getLogger(__name__)

Search = Callable[[Tensor], list[Hypothesis]]
"""The best hypothesis for each of sources (B, Ts)."""


class WritingCodec(Protocol):
    """Between texts and ids."""

    def encode_source(self, text: str) -> list[int]: ...

    def decode_target(self, ids: Sequence[int]) -> str: ...

    def source_tokens(self, ids: Sequence[int]) -> list[str]: ...

    def target_tokens(self, ids: Sequence[int]) -> list[str]: ...


def prediction(number: int, text: str, output: str, best: Hypothesis, target: Any) -> Prediction:
    """What is recorded of a hypothesis for `text`."""
    return {
        "id": number,
        "input": text,
        "output": output,
        "target": target,
        "score": round(best.score, 4),
        "details": {"log_prob": round(best.log_prob, 4), "ids": list(best.ids)},
    }


def trimmed(source: Tensor) -> Tensor:
    """Sources (B, Ts) without columns of padding alone."""
    return source[:, : int((source != PAD).sum(dim=1).max())]


def source_ids(codec: WritingCodec, text: str, *, max_length: int) -> Tensor:
    """A text's ids (Ts,) as batches have them: cut where too long, and ending in EOS all the same."""
    return torch.tensor([*codec.encode_source(text)[:-1][: max_length - 1], EOS])


def write_texts(
    model: EncoderDecoder, codec: WritingCodec, texts: Sequence[str], *, search: Search, device: Any, batch_size: int
) -> Iterator[Prediction]:
    """A prediction a text, in order, with tokens and alignment in its details; of a blank text, an empty one."""
    cap = model.max_source_length
    if cut := sum(len(codec.encode_source(text)) > cap for text in texts):
        log.warning("cut %d of %d inputs to the %d tokens that the model reads", cut, len(texts), cap)
    for start in range(0, len(texts), batch_size):
        chunk = texts[start : start + batch_size]
        rows = [source_ids(codec, text, max_length=cap) for text in chunk if text.strip()]
        written = iter(search(pad_sequence(rows, batch_first=True, padding_value=PAD).to(device)) if rows else [])
        read = iter(rows)
        for number, text in enumerate(chunk, start):
            if not text.strip():
                yield _nothing(number, text)
                continue
            best = next(written)
            found = prediction(number, text, codec.decode_target(best.ids), best, None)
            found["details"] |= alignment_details(model, codec, next(read).to(device), best.ids)
            yield found


def _nothing(number: int, text: str) -> Prediction:
    """Of a blank text, of which a model would invent something."""
    details = {"log_prob": 0.0, "ids": [], "source_tokens": [], "target_tokens": []}
    return {"id": number, "input": text, "output": "", "target": None, "score": 0.0, "details": details}


def alignment_details(
    model: EncoderDecoder, codec: WritingCodec, source: Tensor, target: Sequence[int]
) -> dict[str, Any]:
    """The tokens; the alignment (Tt, Ts), the mean over heads, of a model that attends; copying, of one that copies."""
    details: dict[str, Any] = {
        "source_tokens": codec.source_tokens(source.tolist()),
        "target_tokens": codec.target_tokens([*target, EOS]),
    }
    picture = source_picture(model, codec, source, target, name="")
    if picture is not None:
        details["alignment"] = [[round(w, 4) for w in row] for row in picture.weights.mean(dim=0).tolist()]
        if picture.copy_probabilities is not None:
            details["copy_probabilities"] = [round(p, 4) for p in picture.copy_probabilities]
    return details


@torch.no_grad()
def source_picture(
    model: EncoderDecoder, codec: WritingCodec, source: Tensor, target: Sequence[int], *, name: str
) -> AttentionPicture | None:
    """Where each target token looked in the source (Ts,), from one teacher-forced pass; None without attention."""
    source = source[source != PAD]
    previous = torch.tensor([[BOS, *target]], device=source.device)
    network = cast(nn.Module, model)
    copying = None
    with capture_attention(network) as maps:
        if isinstance(model, ReadingModel):
            copying = model.read(source[None], previous).copying
        else:
            model(source[None], previous)
    crossing = [key for key in maps if getattr(network.get_submodule(key), "role", "") == "cross"]
    if not crossing:
        return None
    last = crossing[-1]
    return AttentionPicture(
        name=f"{name}_{last.replace('.', '_')}",
        title=codec.decode_target(target),
        weights=maps[last][0],
        query_labels=codec.target_tokens([*target, EOS]),
        key_labels=codec.source_tokens(source.tolist()),
        copy_probabilities=None if copying is None else copying[0].tolist(),
    )


def source_pictures(
    model: EncoderDecoder, codec: WritingCodec, predictions: Iterable[Prediction], num: int, *, device: Any
) -> list[AttentionPicture]:
    """Pictures of `num` of the predictions, of readable length where there are such, spread over all."""
    predictions = list(predictions)
    readable = [p for p in predictions if 4 <= len(p["details"]["ids"]) <= 24] or predictions
    pictures = []
    for each in readable[:: max(1, len(readable) // max(1, num))][:num]:
        source = source_ids(codec, each["input"], max_length=model.max_source_length).to(device)
        picture = source_picture(model, codec, source, each["details"]["ids"], name=str(each["id"]))
        if picture is not None:
            pictures.append(picture)
    return pictures
