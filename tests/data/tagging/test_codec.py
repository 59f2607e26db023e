"""Between labelled words and ids: pieces of sentences, characters, labels."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnlab.data import TaggingCodec, WordVocabulary
from attnlab.data.tagging.codec import cut, trained_codec
from attnlab.models.special_tokens import CHARACTER_UNKNOWN, UNK


@given(num_words=st.integers(0, 500), max_length=st.integers(1, 60))
def test_pieces_are_few_equal_and_join_up(num_words: int, max_length: int) -> None:
    pieces = cut(num_words, max_length)
    sizes = [end - start for start, end in pieces]
    assert [place for start, end in pieces for place in range(start, end)] == list(range(num_words))
    assert max(sizes) <= max_length
    assert max(sizes) - min(sizes) <= 1
    assert len(pieces) == max(1, (num_words + max_length - 1) // max_length)


@pytest.fixture
def codec() -> TaggingCodec:
    sentences = [["Ann", "saw", "émigré"], ["in", "Cairo", "Ann"]]
    return trained_codec(WordVocabulary(), sentences, types=["PER", "LOC"], max_characters=5)


def test_characters_are_those_of_training_composed_and_in_order(codec: TaggingCodec) -> None:
    assert codec.characters == "".join(sorted(set("AnnsawémigréinCairo")))
    assert trained_codec(WordVocabulary(), [["e\u0301"]], types=["A"], max_characters=5).characters == "é"


def test_labels_are_two_of_each_type_in_order(codec: TaggingCodec) -> None:
    assert codec.labels == ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]
    assert codec.decode_labels(codec.encode_labels(["B-PER", "I-PER", "O"])) == ["B-PER", "I-PER", "O"]


def test_a_word_keeps_its_id_when_its_characters_are_cut(codec: TaggingCodec) -> None:
    (known, unknown), (characters, more) = codec.encode(["émigré", "émigr"])
    assert known != unknown == UNK
    assert characters == more
    assert len(characters) == 5
    assert [codec.is_cut(word) for word in ("émigré", "émigr", "e\u0301migr")] == [True, False, False]


def test_an_unseen_character_is_unknown_and_none_is_padding(codec: TaggingCodec) -> None:
    ((one,), *_) = (codec.encode(["xAn"])[1],)
    assert one[0] == CHARACTER_UNKNOWN
    assert 0 not in one
    assert max(one) < codec.sizes["num_characters"]


def test_it_is_restored_from_plain_values(codec: TaggingCodec) -> None:
    again = TaggingCodec(**json.loads(json.dumps(codec.state())))
    assert again.state() == codec.state()
    assert again.sizes == codec.sizes
    assert again.encode(["Ann", "new", "émigré"]) == codec.encode(["Ann", "new", "émigré"])
