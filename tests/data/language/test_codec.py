"""Between texts and a language model's ids."""

import json

from attnlab.data import BPETokenizer, LanguageCodec, LetterTokenizer, SymbolTokenizer
from attnlab.models.special_tokens import EOS


def test_a_codec_comes_back_from_its_plain_values() -> None:
    letters = LetterTokenizer()
    letters.train(["a cat"])
    for codec in (
        LanguageCodec(tokenizer=letters.state()),
        LanguageCodec(tokenizer=SymbolTokenizer(symbols=["a", "cat"]).state(), marked=False),
    ):
        again = LanguageCodec(**json.loads(json.dumps(codec.state())))
        assert again.encode("a cat") == codec.encode("a cat")
        assert again.sizes == codec.sizes
    assert codec.encode("a cat") == [4, 5]
    assert LanguageCodec(tokenizer=letters.state()).encode("a")[0] == EOS


def test_a_continuation_is_the_text_after_what_was_given() -> None:
    tokenizer = BPETokenizer(vocab_size=260)
    tokenizer.train(["x"])
    codec = LanguageCodec(tokenizer=tokenizer.state())
    ids = codec.encode("né in")
    assert codec.continuation([*ids, *codec.tokenizer.encode(["deed"])[0]], len(ids)) == " deed"
    assert codec.continuation(ids, 3) == "é in"
