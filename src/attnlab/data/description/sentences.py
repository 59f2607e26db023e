"""Sentences of labelled words in numbers, and their batches word by word."""

import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np

from attnlab.data.description.description import Description, Limit, Pieces, SplitNumbers, doubles_of, lengths
from attnlab.data.tagging.codec import TaggingCodec
from attnlab.data.tagging.corpora import TaggedText
from attnlab.data.tagging.label_schemes import OUTSIDE, entities
from attnlab.data.tagging.sentences import IGNORED, TaggingBatch, TaggingBatches
from attnlab.models.special_tokens import PAD, SPECIAL_TOKENS, UNK
from attnlab.reporting.pages.data_page import Line, Piece, ShownExample


def described(maker: TaggingBatches, codec: TaggingCodec) -> Description:
    """In numbers."""
    return Description(
        splits={split: _numbers(split, maker, codec) for split in maker.sentences},
        vocabularies={"words": codec.sizes["vocab_size"], "characters": codec.sizes["num_characters"]},
        doubles=doubles_of({split: [tuple(each.words) for each in texts] for split, texts in maker.texts.items()}),
    )


def _numbers(split: str, maker: TaggingBatches, codec: TaggingCodec) -> SplitNumbers:
    sentences, texts = maker.sentences[split], maker.texts[split]
    types = Counter(entity.type for each in texts for entity in entities(each.labels))
    labels = Counter(label for each in texts for label in each.labels)
    characters = [len(unicodedata.normalize("NFC", word)) for each in texts for word in each.words]
    most = codec.max_characters
    too_many = int((np.asarray(characters) > most).sum())
    in_parts = Limit("data.max_length", sentences.max_length, sentences.num_cut, "read in parts")
    return SplitNumbers(
        counts={"sentences": len(sentences), "words": sentences.num_words, "entities": types.total()},
        lengths=[
            *lengths("sentence", "words", sentences.encoded.words.lengths, in_parts),
            *lengths("word", "characters", characters, Limit("data.max_characters", most, too_many, "cut")),
        ],
        shares={
            "entities": {each: types[each] for each in codec.types},
            "labels": {each: labels[each] for each in codec.labels},
        },
        pieces={"words": Pieces(sentences.num_words, sentences.count_words(UNK), 0)},
    )


def shown(
    batch: TaggingBatch, numbers: Sequence[int], texts: Sequence[TaggedText], codec: TaggingCodec
) -> list[ShownExample]:
    """The sentences of a batch that have these numbers in `texts`, all of the split; one in parts is several lines."""
    lines: dict[int, list[Line]] = {number: [] for number in numbers}
    read: Counter[int] = Counter()
    for number, words, labels in zip(batch.ids.tolist(), batch.words.tolist(), batch.labels.tolist(), strict=True):
        if number not in lines:
            continue
        pieces = []
        for word, label in zip(words, labels, strict=True):
            if label == IGNORED:
                pieces.append(Piece(SPECIAL_TOKENS[PAD], "padding"))
                continue
            text = texts[number].words[read[number]]
            read[number] += 1
            said = None if codec.labels[label] == OUTSIDE else codec.labels[label]
            pieces.append(Piece(text, "unknown" if word == UNK else "text", said))
        lines[number].append(Line("sentence", pieces))
    return [ShownExample(number=number, lines=each) for number, each in lines.items()]
