"""Texts in blocks and made-up sequences, for language models, in numbers, and their batches piece by piece."""

from collections.abc import Hashable, Sequence

import numpy as np

from attnlab.data.description.description import (
    Description,
    SplitNumbers,
    doubles_of,
    lengths,
    pieces_of,
)
from attnlab.data.description.text_pairs import pieces_shown
from attnlab.data.language.batch import LanguageBatch
from attnlab.data.language.blocks import StoredBlocks, Stream
from attnlab.data.language.codec import LanguageCodec
from attnlab.data.language.recall import RecallBatches
from attnlab.data.loading.batching import Ints
from attnlab.reporting.pages.data_page import Line, ShownExample


def described(maker: StoredBlocks, codec: LanguageCodec) -> Description:
    """In numbers."""
    return Description(
        splits={split: _numbers(stream, maker.lengths[split], codec) for split, stream in maker.streams.items()},
        vocabularies={"text": len(codec.tokenizer)},
        doubles=doubles_of({split: _texts(stream) for split, stream in maker.streams.items()}),
    )


def described_questions(maker: RecallBatches, codec: LanguageCodec) -> Description:
    """Sequences that are made up, in numbers; an answer is a piece of its sequence."""
    numbers = {}
    for split, sequences in maker.sequences.items():
        of_sequences = np.full(len(sequences), sequences.shape[1])
        counts = {"examples": len(sequences), "text pieces": int(of_sequences.sum())}
        numbers[split] = SplitNumbers(counts=counts, lengths=lengths("text", "pieces", of_sequences))
    return Description(
        splits=numbers,
        vocabularies={"text": len(codec.tokenizer)},
        doubles=doubles_of({split: [each.tobytes() for each in rows] for split, rows in maker.sequences.items()}),
    )


def _numbers(stream: Stream, length: int, codec: LanguageCodec) -> SplitNumbers:
    pieces = pieces_of(stream.ids[1:], codec.tokenizer)
    counts = {"texts": len(stream.starts), "blocks": stream.num_blocks(length), "text pieces": pieces.total}
    of_texts = np.diff(np.append(stream.starts, len(stream))) - 1
    return SplitNumbers(counts=counts, lengths=lengths("text", "pieces", of_texts), pieces={"text": pieces})


def _texts(stream: Stream) -> Sequence[Hashable]:
    ends = [*stream.starts[1:].tolist(), len(stream)]
    return [stream.ids[start + 1 : end].tobytes() for start, end in zip(stream.starts.tolist(), ends, strict=True)]


def shown(batch: LanguageBatch, places: Ints, codec: LanguageCodec) -> list[ShownExample]:
    """The blocks in some places of a batch."""
    return [
        ShownExample(
            number=int(batch.ids[place]), lines=[Line("text", pieces_shown(batch.tokens[place], codec.tokenizer), 0)]
        )
        for place in places.tolist()
    ]
