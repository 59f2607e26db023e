"""Text pairs in numbers, and their batches piece by piece: translations, and summaries of documents."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
from torch import Tensor

from attnlab.data.description.description import (
    Description,
    Doubles,
    Fate,
    Lengths,
    Limit,
    SplitNumbers,
    bytes_among,
    doubles_of,
    lengths,
    pieces_of,
)
from attnlab.data.loading.batching import Ints
from attnlab.data.summarization.codec import SummarizationCodec
from attnlab.data.summarization.module import SummaryTruth
from attnlab.data.text.text_pairs import TextPairBatch, TextPairBatches, TextPairs
from attnlab.data.text.tokenizers import Tokenizer
from attnlab.data.translation.codec import TranslationCodec
from attnlab.data.translation.module import ParallelTruth
from attnlab.models.special_tokens import PAD, SPECIAL_TOKENS, UNK
from attnlab.reporting.pages.data_page import Kind, Line, Piece, ShownExample

KEYS = ("data.max_source_length", "data.max_target_length")


class Side(NamedTuple):
    """Which of both texts, and what its ids mean."""

    name: str
    tokenizer: Tokenizer


def sides_of(codec: TranslationCodec | SummarizationCodec) -> tuple[Side, Side]:
    """Those of a codec."""
    if isinstance(codec, TranslationCodec):
        return Side("source", codec.source_tokenizer), Side("target", codec.target_tokenizer)
    return Side("document", codec.tokenizer), Side("summary", codec.tokenizer)


def described(maker: TextPairBatches, codec: TranslationCodec | SummarizationCodec) -> Description:
    """In numbers."""
    sides = sides_of(codec)
    joint = isinstance(codec, SummarizationCodec) or codec.joint
    names = [f"{sides[0].name} and {sides[1].name}"] if joint else [side.name for side in sides]
    return Description(
        splits={split: _numbers(split, maker, sides) for split in maker.pairs},
        vocabularies={name: len(side.tokenizer) for name, side in zip(names, sides, strict=False)},
        doubles=_doubles(maker),
    )


def _numbers(split: str, maker: TextPairBatches, sides: tuple[Side, Side]) -> SplitNumbers:
    pairs = maker.pairs[split]
    uncut = _uncut(maker, pairs)
    counts = {"pairs": len(pairs)}
    if isinstance(maker.truth, SummaryTruth):
        counts = {"documents": len(maker.truth.splits[split].documents), "examples": len(pairs)}
    pieces = {}
    for side, texts in zip(sides, (pairs.source, pairs.target), strict=True):
        pieces[side.name] = pieces_of(texts.ids, side.tokenizer)
        counts[f"{side.name} pieces"] = pieces[side.name].total
    if split == "train":
        counts["left out"] = _given(maker, pairs) - len(pairs)
    # In training a pair that is too long isn't translated at all.
    fate: Fate = "left out" if split == "train" and isinstance(maker.truth, ParallelTruth) else "cut"
    found: list[Lengths] = []
    for place, side in enumerate(sides):
        over = int((uncut[:, place] > pairs.caps[place]).sum())
        found += lengths(side.name, "pieces", uncut[:, place], Limit(KEYS[place], pairs.caps[place], over, fate))
    whole = uncut[(uncut > 1).all(axis=1)] - 1
    found += lengths(f"{sides[1].name} / {sides[0].name}", "ratio", whole[:, 1] / whole[:, 0])
    return SplitNumbers(counts=counts, lengths=found, pieces=pieces)


def _uncut(maker: TextPairBatches, pairs: TextPairs) -> Ints:
    """(pairs, 2) lengths with the mark at the end, those of training pairs that are left out as too long as well."""
    if isinstance(maker.truth, ParallelTruth):
        return np.stack([pairs.source.lengths, pairs.target.lengths], axis=1) + 1
    return pairs.uncut_lengths


def _given(maker: TextPairBatches, pairs: TextPairs) -> int:
    """Training pairs before any is left out: a summary each."""
    return len(pairs.target) if isinstance(maker.truth, (ParallelTruth, SummaryTruth)) else len(pairs)


def _doubles(maker: TextPairBatches) -> list[Doubles] | None:
    examples: dict[str, Sequence[Hashable]] = {}
    if isinstance(maker.truth, ParallelTruth):
        for split, each in maker.truth.splits.items():
            examples[split] = list(zip(each.source, each.target, strict=True))
    elif isinstance(maker.truth, SummaryTruth):
        for split, texts in maker.truth.splits.items():
            examples[split] = texts.documents
    else:
        return None
    return doubles_of(examples)


def shown(
    batch: TextPairBatch, rows: Ints, places: Ints, pairs: TextPairs, codec: TranslationCodec | SummarizationCodec
) -> list[ShownExample]:
    """The examples in some places of a batch, which is made of these `rows` of the split's pairs."""
    over = np.maximum(0, pairs.uncut_lengths[rows] - np.asarray(pairs.caps))
    examples = []
    for place in places.tolist():
        lines = []
        for which, (side, ids) in enumerate(
            zip(sides_of(codec), (batch.source[place], batch.target[place]), strict=True)
        ):
            lines.append(Line(side.name, pieces_shown(ids, side.tokenizer), int(over[place, which])))
        examples.append(ShownExample(number=int(batch.ids[place]), lines=lines))
    return examples


def pieces_shown(ids: Tensor, tokenizer: Tokenizer) -> list[Piece]:
    """Each id as a page shows it."""
    numbers = ids.tolist()
    is_byte = bytes_among(tokenizer)

    def kind(each: int) -> Kind:
        if each == PAD:
            return "padding"
        if each == UNK:
            return "unknown"
        if each < len(SPECIAL_TOKENS):
            return "special"
        return "byte" if is_byte(each) else "text"

    return [Piece(text, kind(each)) for text, each in zip(tokenizer.tokens(numbers), numbers, strict=True)]
