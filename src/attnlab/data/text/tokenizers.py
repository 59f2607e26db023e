"""Vocabularies: text to ids and back."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, runtime_checkable

import tokenizers
from tokenizers import Tokenizer as HuggingFaceTokenizer
from tokenizers import decoders, models, normalizers, pre_tokenizers, trainers

from attnlab.data.text.letters import LetterTokenizer
from attnlab.data.text.stored_pieces import stored_pieces
from attnlab.data.text.symbols import SymbolTokenizer
from attnlab.data.text.torchtext_tokenizer import TorchtextTokenizer
from attnlab.data.text.word_splitting import split_words
from attnlab.errors import at_least, between
from attnlab.models.special_tokens import SPECIAL_TOKENS
from attnlab.reading.kinds import check_kinds


@runtime_checkable
class Tokenizer(Protocol):
    """What a family of tokenizers provides.

    Ids 0-3 are those of `special_tokens`; of these `encode` gives UNK at most, for what the vocabulary lacks.
    """

    @property
    def settings(self) -> dict[str, Any]:
        """Plain values that, with the training text, decide the vocabulary."""
        ...

    @property
    def lowercase(self) -> bool:
        """Whether all that it encodes, and so all that is written, is in small letters."""
        ...

    def __len__(self) -> int: ...

    def train(self, texts: Iterable[str]) -> None: ...

    def encode(self, texts: Sequence[str]) -> list[list[int]]: ...

    def decode(self, ids: Sequence[int]) -> str:
        """The text, without padding and the marks of its beginning and end."""
        ...

    def tokens(self, ids: Sequence[int]) -> list[str]:
        """A readable piece for each id."""
        ...

    def letters(self, ids: Sequence[int]) -> list[tuple[str, int]]:
        """As `tokens`, but ids that only together are whole characters have one piece; and how many ids each has."""
        ...

    def words(self, pieces: Sequence[str]) -> list[tuple[str, int]]:
        """The words that pieces of `letters` make, in order, and how many pieces each has."""
        ...

    def state(self) -> dict[str, Any]:
        """Plain values that `restore_tokenizer` takes."""
        ...


@runtime_checkable
class ExactTokenizer(Tokenizer, Protocol):
    """A tokenizer whose ids are the text again, character by character."""

    def byte_lengths(self, ids: Sequence[int]) -> list[int]:
        """How many bytes of the text, in UTF-8, each id of a whole encoded text stands for; 0 for special tokens."""
        ...


def check_exact(tokenizer: object) -> None:
    """ValueError for a tokenizer whose ids aren't the text again, so that bytes of it can't be counted."""
    if not isinstance(tokenizer, ExactTokenizer):
        raise ValueError(
            "a language model's tokens must be the text again, character by character, got "
            f"{type(tokenizer).__name__} (set tokenizer to one of bpe, bytes, letters)"
        )


def check_writes_text(tokenizer: object) -> None:
    """ValueError for a tokenizer whose ids can't be made text again."""
    if not isinstance(tokenizer, Tokenizer):
        raise ValueError(
            "a text must be encoded and decoded, which this tokenizer of words doesn't do, got "
            f"{type(tokenizer).__name__} (set tokenizer=bpe)"
        )


def restore_tokenizer(state: dict[str, Any]) -> Tokenizer:
    """The tokenizer whose `state()` this is.

    Raises:
        ValueError: the state is of a family that this version doesn't know, or isn't such a state.
    """
    arguments = {key: value for key, value in state.items() if key != "family"}
    family = state.get("family")
    families: dict[Any, Callable[..., Tokenizer]] = {
        "bpe": BPETokenizer.restore,
        "letters": LetterTokenizer.restore,
        "symbols": SymbolTokenizer.restore,
        "torchtext": TorchtextTokenizer.restore,
    }
    if family not in families:
        raise ValueError(f"a tokenizer's family must be one of {', '.join(families)}, got {family!r}")
    check_kinds(families[family], arguments)
    return families[family](**arguments)


class BPETokenizer:
    """Byte-pair encoding (Sennrich et al., 2016) over the bytes of UTF-8, trained by Hugging Face's tokenizers.

    Bytes rather than characters: any Unicode text is encoded without an unknown token, and decoded to what it was
    (after NFC, so that é is one thing however it was typed). A space belongs to the word after it, and one is put
    before the first word, so that a word has the same pieces wherever it stands.

    Args:
        vocab_size: ids in all, of which 260 are the bytes and the special tokens; a small text may yield fewer.
        min_frequency: how often two pieces must meet to be merged.
        lowercase: whether to encode, and so to generate, small letters only.

    Raises:
        ValueError: vocab_size below 260, or min_frequency below 1.
    """

    def __init__(self, *, vocab_size: int, min_frequency: int = 2, lowercase: bool = False) -> None:
        smallest = len(SPECIAL_TOKENS) + len(_BYTE_OF)
        if vocab_size < smallest:
            raise ValueError(
                f"vocab_size must be {smallest} or more so that every byte has an id, got {vocab_size} "
                "(set tokenizer.vocab_size)"
            )
        between(smallest, 2**20, "tokenizer", vocab_size=vocab_size)  # room for all is made at once
        at_least(1, "tokenizer", min_frequency=min_frequency)
        self.vocab_size, self.min_frequency, self.lowercase = vocab_size, min_frequency, lowercase
        self._model = HuggingFaceTokenizer(models.BPE())
        steps: list[normalizers.Normalizer] = [normalizers.NFC(), normalizers.Prepend(" ")]
        if lowercase:
            # NFC once more: some letters fall apart when they become small.
            steps = [normalizers.NFC(), normalizers.Lowercase(), *steps]
        self._model.normalizer = normalizers.Sequence(steps)
        self._model.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        self._model.decoder = decoders.ByteLevel()

    @classmethod
    def restore(cls, *, vocab_size: int, min_frequency: int, lowercase: bool, model: str) -> "BPETokenizer":
        """A trained tokenizer from what its `state()` holds.

        Only its pieces are taken from there. The library's own reader makes whatever a text describes, some of which
        ends the process.

        Raises:
            ValueError: it isn't what `state()` writes.
        """
        restored = cls(vocab_size=vocab_size, min_frequency=min_frequency, lowercase=lowercase)
        stored = stored_pieces(model, json.loads(restored._model.to_str()), alphabet=_BYTE_OF.keys())
        restored._model.model = models.BPE(vocab=stored.ids, merges=stored.merges)
        restored._model.add_special_tokens(list(SPECIAL_TOKENS))
        restored._read_markers_as_text()
        return restored

    @property
    def settings(self) -> dict[str, Any]:
        # Another version of the library may merge otherwise.
        return {"family": "bpe", "library": f"tokenizers {tokenizers.__version__}", **self._arguments()}

    def _arguments(self) -> dict[str, Any]:
        return {"vocab_size": self.vocab_size, "min_frequency": self.min_frequency, "lowercase": self.lowercase}

    def __len__(self) -> int:
        return self._model.get_vocab_size()

    def train(self, texts: Iterable[str]) -> None:
        trainer = trainers.BpeTrainer(
            vocab_size=self.vocab_size,
            min_frequency=self.min_frequency,
            special_tokens=list(SPECIAL_TOKENS),
            initial_alphabet=sorted(_BYTE_OF),
            show_progress=False,
        )
        self._model.train_from_iterator(texts, trainer)
        self._read_markers_as_text()

    def _read_markers_as_text(self) -> None:
        # A "<pad>" that somebody wrote is five characters, not the padding. The library doesn't store this.
        self._model.encode_special_tokens = True

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self._model.encode_batch_fast(list(texts))]

    def decode(self, ids: Sequence[int]) -> str:
        return self._model.decode(list(ids), skip_special_tokens=True).removeprefix(" ")

    def tokens(self, ids: Sequence[int]) -> list[str]:
        """Pieces with a low line for the space before a word; bytes that make no character alone as `\\xe4`."""
        return [SPECIAL_TOKENS[each] if each < len(SPECIAL_TOKENS) else self._piece(each) for each in ids]

    def letters(self, ids: Sequence[int]) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        start = 0
        while start < len(ids):
            end = start + 1
            if ids[start] >= len(SPECIAL_TOKENS):
                end = self._end_of_letter(ids, start)
            pieces = self.tokens(ids[start:end]) if end == start + 1 else [_shown(self._bytes(ids[start:end]))]
            found.append((pieces[0], end - start))
            start = end
        return found

    def words(self, pieces: Sequence[str]) -> list[tuple[str, int]]:
        """Words as `split_words` tells them; a piece that is of several is one with all of them."""
        text = "".join(pieces).replace("▁", " ")
        ends = {end for _, end in split_words(text)}
        found: list[tuple[str, int]] = []
        start = first = at = 0
        for number, piece in enumerate(pieces, 1):
            at += len(piece)
            if at in ends or number == len(pieces) or piece in SPECIAL_TOKENS:
                found.append((text[start:at].strip() or pieces[first], number - first))
                start, first = at, number
        return found

    def byte_lengths(self, ids: Sequence[int]) -> list[int]:
        """As asked of `ExactTokenizer`; the space before the first word isn't the text's."""
        known = {each: 0 if each < len(SPECIAL_TOKENS) else len(self._bytes([each])) for each in set(ids)}
        lengths = [known[each] for each in ids]
        first = next((place for place, length in enumerate(lengths) if length), None)
        if first is not None:
            lengths[first] -= 1
        return lengths

    def _end_of_letter(self, ids: Sequence[int], start: int) -> int:
        """Where the ids that are whole characters together end; after the first if there are no such."""
        for end in range(start + 1, len(ids) + 1):
            if ids[end - 1] < len(SPECIAL_TOKENS):
                break
            data = self._bytes(ids[start:end])
            try:
                data.decode()
            except UnicodeDecodeError as error:
                if error.end < len(data) or error.reason != "unexpected end of data":
                    break
            else:
                return end
        return start + 1

    def _piece(self, token_id: int) -> str:
        return _shown(self._bytes([token_id]))

    def _bytes(self, ids: Sequence[int]) -> bytes:
        found = bytearray()
        for each in ids:
            piece = self._model.id_to_token(each)
            if piece is None:
                raise ValueError(f"a token id must be below {len(self)}, got {each}")
            found += bytes(map(_BYTE_OF.__getitem__, piece))
        return bytes(found)

    def state(self) -> dict[str, Any]:
        return {"family": "bpe", **self._arguments(), "model": self._model.to_str()}


def _shown(data: bytes) -> str:
    return data.decode(errors="backslashreplace").replace(" ", "▁")


def _byte_alphabet() -> dict[str, int]:
    """The character by which byte-level BPE writes each byte: itself where printable, else one from U+0100 on."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}


_BYTE_OF = _byte_alphabet()
