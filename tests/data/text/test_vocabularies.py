"""Vocabularies and encoded texts are made once, and anew where what they follow from has changed."""

from itertools import pairwise
from pathlib import Path

import pytest

from attnlab.data import BPETokenizer
from attnlab.data.text.encoded import EncodedTexts
from attnlab.data.text.tokenizers import restore_tokenizer
from attnlab.data.text.vocabularies import CHUNK, cached_encoding, cached_tokenizers

PARTS = [["a cat", "the cat"], ["un perro", "el perro"]]


def _tokenizer() -> BPETokenizer:
    return BPETokenizer(vocab_size=270)


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was trained or encoded from now on."""
    calls: list[str] = []
    train, encode = BPETokenizer.train, BPETokenizer.encode
    monkeypatch.setattr(BPETokenizer, "train", lambda *given: calls.append("train") or train(*given))
    monkeypatch.setattr(BPETokenizer, "encode", lambda *given: calls.append("encode") or encode(*given))
    return calls


def test_a_tokenizer_is_trained_on_each_part_once(worked: list[str]) -> None:
    states = cached_tokenizers(Path("cache"), _tokenizer, PARTS, key=["bible", 270])
    assert worked == ["train", "train"]
    assert cached_tokenizers(Path("cache"), _tokenizer, PARTS, key=["bible", 270]) == states
    assert worked == ["train", "train"]
    for texts, state in zip(PARTS, states, strict=True):
        own = _tokenizer()
        own.train(texts)
        assert restore_tokenizer(state).state() == own.state()
    cached_tokenizers(Path("cache"), _tokenizer, PARTS, key=["bible", 271])
    assert worked == ["train"] * 6


def test_texts_are_encoded_by_the_tokenizer_of_their_side(worked: list[str]) -> None:
    one, other = (restore_tokenizer(each) for each in cached_tokenizers(Path("c"), _tokenizer, PARTS, key=[]))
    sides = {"source": one, "target": other}
    texts = {split: {"source": PARTS[0] * number, "target": PARTS[1]} for split, number in (("train", 601), ("val", 1))}

    def ids(encoded: EncodedTexts) -> list[list[int]]:
        return [encoded.ids[start:end].tolist() for start, end in pairwise(encoded.offsets)]

    del worked[:]
    found = cached_encoding(Path("c"), sides, texts, checksum="1")
    assert len(PARTS[0] * 601) > CHUNK  # in more than one piece
    assert worked == ["encode"] * 5
    for split, parts in texts.items():
        for side, tokenizer in sides.items():
            assert ids(found[split][side]) == tokenizer.encode(parts[side])
    del worked[:]
    again = cached_encoding(Path("c"), sides, texts, checksum="1")
    assert not worked
    assert ids(again["val"]["target"]) == ids(found["val"]["target"])
    cached_encoding(Path("c"), sides, texts, checksum="2")
    assert worked == ["encode"] * 5
    cached_encoding(Path("c"), {"source": other, "target": one}, texts, checksum="2")
    assert worked == ["encode"] * 10
