"""Whole words by torchtext, for tasks that write text and for those that label words."""

import unicodedata
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from attnlab.data.text.torchtext_library import load_torchtext
from attnlab.data.text.word_splitting import RULE, split_words
from attnlab.errors import at_least
from attnlab.models.special_tokens import BOS, EOS, PAD, SPECIAL_TOKENS, UNK


class TorchtextTokenizer:
    """torchtext's tokenizer takes a text apart, its `Vocab` numbers the words, its `VocabTransform` encodes them.

    What its other transforms do (AddToken, Truncate, PadTransform) is done here by codecs and data modules, for any
    tokenizer. Words are compared after NFC, so that é is one thing however it was typed. A text is decoded to its words
    with spaces between them; a word that the vocabulary lacks is read, and may be written, as `<unk>`.

    Words that have labels are those of the corpus, and of other text those of `split_words`, which splits it as corpora
    do; torchtext's tokenizer only gives each its form. A `Vocab` takes 115 MB of memory, whatever it holds.

    Args:
        splitter: `basic_english` makes letters small, parts words from . , ( ) ! ? and apostrophes, and drops quotation
            marks, semicolons and colons; None parts words at white space and changes nothing.
        vocab_size: most ids, special tokens included (None: as many as there are words).
        min_frequency: how often a word must occur. Above 1, the words left out are what training learns UNK from.

    Raises:
        ValueError: vocab_size that leaves no word, or min_frequency below 1.
        UserError: torchtext isn't there.
    """

    def __init__(
        self, *, splitter: Literal["basic_english"] | None, vocab_size: int | None, min_frequency: int = 1
    ) -> None:
        if vocab_size is not None and vocab_size <= len(SPECIAL_TOKENS):
            raise ValueError(
                f"vocab_size must be {len(SPECIAL_TOKENS) + 1} or more, or null, so that a word has an id besides the "
                f"special tokens, got {vocab_size} (set tokenizer.vocab_size)"
            )
        at_least(1, "tokenizer", min_frequency=min_frequency)
        self.splitter, self.vocab_size, self.min_frequency = splitter, vocab_size, min_frequency
        self._tokenize = load_torchtext().data.utils.get_tokenizer(splitter)

    @classmethod
    def restore(
        cls,
        *,
        splitter: Literal["basic_english"] | None,
        vocab_size: int | None,
        min_frequency: int,
        splitting: str,
        words: list[str],
    ) -> "TorchtextTokenizer":
        """A trained tokenizer from what its `state()` holds.

        Raises:
            ValueError: it splits labelled text by a rule that this version doesn't know.
        """
        if splitting != RULE:
            raise ValueError(f"a vocabulary's splitting rule must be {RULE}, got {splitting!r}")
        restored = cls(splitter=splitter, vocab_size=vocab_size, min_frequency=min_frequency)
        vocabulary = load_torchtext().vocab.vocab(OrderedDict.fromkeys(words, 1), specials=list(SPECIAL_TOKENS))
        restored._use(vocabulary)
        return restored

    def _use(self, vocabulary: Any) -> None:
        vocabulary.set_default_index(UNK)
        self._vocabulary = vocabulary
        transforms = load_torchtext().transforms
        self._transform = transforms.Sequential(transforms.VocabTransform(vocabulary))

    @property
    def settings(self) -> dict[str, Any]:
        return {"family": "torchtext", "library": f"torchtext {load_torchtext().__version__}", **self._arguments()}

    def _arguments(self) -> dict[str, Any]:
        arguments = {"splitter": self.splitter, "vocab_size": self.vocab_size, "min_frequency": self.min_frequency}
        return {**arguments, "splitting": RULE}

    @property
    def lowercase(self) -> bool:
        return self.splitter is not None

    def __len__(self) -> int:
        return len(self._vocabulary)

    # Texts

    def train(self, texts: Iterable[str]) -> None:
        self._train(map(self._words, texts))

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        return [self._ids(self._words(text)) for text in texts]

    def decode(self, ids: Sequence[int]) -> str:
        return " ".join(self.tokens([each for each in ids if each not in (PAD, BOS, EOS)]))

    def tokens(self, ids: Sequence[int]) -> list[str]:
        for each in ids:
            if not 0 <= each < len(self):
                raise ValueError(f"a token id must be below {len(self)}, got {each}")
        return list(self._vocabulary.lookup_tokens(list(ids)))

    def letters(self, ids: Sequence[int]) -> list[tuple[str, int]]:
        return [(word, 1) for word in self.tokens(ids)]  # of whole characters already

    def words(self, pieces: Sequence[str]) -> list[tuple[str, int]]:
        return [(piece, 1) for piece in pieces]  # they are words

    def _words(self, text: str) -> list[str]:
        return list(self._tokenize(unicodedata.normalize("NFC", text)))

    # Words that are given, each of which has one id

    def train_words(self, sentences: Iterable[Sequence[str]]) -> None:
        self._train([self._whole(word) for word in words] for words in sentences)

    def encode_words(self, words: Sequence[str]) -> list[int]:
        return self._ids([self._whole(word) for word in words])

    def split(self, text: str) -> list[tuple[int, int]]:
        return split_words(text)

    def _whole(self, word: str) -> str:
        """A word as its vocabulary has it; a mark that torchtext would drop stays."""
        return "".join(self._words(word)) or word

    # Both

    def _train(self, sentences: Iterable[list[str]]) -> None:
        vocabulary = load_torchtext().vocab.build_vocab_from_iterator(
            sentences, min_freq=self.min_frequency, specials=list(SPECIAL_TOKENS), max_tokens=self.vocab_size
        )
        self._use(vocabulary)

    def _ids(self, words: list[str]) -> list[int]:
        # A "<pad>" that somebody wrote is an unknown word, not the padding.
        known = [SPECIAL_TOKENS[UNK] if word in SPECIAL_TOKENS else word for word in words]
        # torchtext can't tell what an empty list is of.
        return list(self._transform(known)) if known else []

    def state(self) -> dict[str, Any]:
        """Plain values that `restore_tokenizer` takes."""
        words = self._vocabulary.get_itos()[len(SPECIAL_TOKENS) :]
        return {"family": "torchtext", **self._arguments(), "words": list(words)}
