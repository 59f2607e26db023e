"""Symbols as tokens."""

import json

import pytest

from attnlab.data import SymbolTokenizer
from attnlab.data.text.tokenizers import restore_tokenizer
from attnlab.models.special_tokens import UNK


def test_a_symbol_has_the_id_of_its_place_and_comes_back() -> None:
    tokenizer = SymbolTokenizer(symbols=["k1", "v1", "?"])
    assert tokenizer.encode(["k1 ? v2"]) == [[4, 6, UNK]]
    assert tokenizer.decode([4, 6]) == "k1 ?"
    assert restore_tokenizer(json.loads(json.dumps(tokenizer.state()))).encode(["v1"]) == [[5]]


@pytest.mark.parametrize("symbols", [[], ["a", "a"], ["a b"], ["<pad>"], [""]])
def test_what_is_no_symbol_is_refused(symbols: list[str]) -> None:
    with pytest.raises(ValueError, match="symbols must be different words"):
        SymbolTokenizer(symbols=symbols)
