"""Letters as tokens."""

import json

import pytest

from attnlab.data import LetterTokenizer
from attnlab.data.text.tokenizers import ExactTokenizer, restore_tokenizer
from attnlab.models.special_tokens import EOS, UNK


def trained(text: str = "To be,\nor né", **arguments: bool | int) -> LetterTokenizer:
    tokenizer = LetterTokenizer(**arguments)  # type: ignore[arg-type]  # a count and a bool
    tokenizer.train([text])
    return tokenizer


def test_a_text_of_known_letters_is_the_text_again_byte_for_byte() -> None:
    tokenizer = trained()
    [ids] = tokenizer.encode(["né or\nTo"])
    assert tokenizer.decode([EOS, *ids, EOS]) == "né or\nTo"
    assert sum(tokenizer.byte_lengths(ids)) == len("né or\nTo".encode())
    assert isinstance(tokenizer, ExactTokenizer)


def test_a_letter_typed_in_two_parts_is_one() -> None:
    assert trained().encode(["ne\u0301"]) == trained().encode(["né"])


def test_what_the_vocabulary_lacks_is_unknown_and_has_no_bytes() -> None:
    tokenizer = trained(min_frequency=2)
    [ids] = tokenizer.encode(["Tx"])
    assert ids == [UNK, UNK]
    assert tokenizer.byte_lengths(ids) == [0, 0]
    assert len(tokenizer) == 4 + len({"o", " "})


def test_small_letters_only() -> None:
    assert trained(lowercase=True).decode(trained(lowercase=True).encode(["TO"])[0]) == "to"


def test_words_are_made_of_letters() -> None:
    tokenizer = trained()
    [ids] = tokenizer.encode(["To be, or"])
    pieces = [piece for piece, _ in tokenizer.letters([EOS, *ids])]
    words = tokenizer.words(pieces)
    assert [word for word, _ in words] == ["</s>", "To", "be", ",", "or"]
    assert sum(count for _, count in words) == len(pieces)


def test_it_comes_back_from_its_state_and_not_from_another() -> None:
    tokenizer = trained()
    state = json.loads(json.dumps(tokenizer.state()))
    again = restore_tokenizer(state)
    assert again.encode(["To né"]) == tokenizer.encode(["To né"])
    for letters in (["a", "a"], ["ab"]):
        with pytest.raises(ValueError, match="letters must be of one character each, and different"):
            restore_tokenizer(state | {"letters": letters})
