"""Any text survives the tokenizer, and the tokenizer survives its plain state."""

import hashlib
import json
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from attnlab.data import BPETokenizer
from attnlab.data.text.tokenizers import restore_tokenizer
from attnlab.models.special_tokens import BOS, EOS, PAD, SPECIAL_TOKENS, UNK

TEXTS = ["the cat sees the dog", "the dog sees the cat", "el niño ve al gato", "el gato ve al niño"] * 3


def _trained(**settings: int | bool) -> BPETokenizer:
    tokenizer = BPETokenizer(**{"vocab_size": 300, **settings})  # type: ignore[arg-type]
    tokenizer.train(TEXTS)
    return tokenizer


TOKENIZER = _trained()


@given(st.text())
@example("")
@example(" the cat ")
@example("<pad><s></s><unk> <s>")
@example("猫坐在 ▁ Ġ 🐈‍⬛ \x00\n\r\t\u2028")
@example("e\N{COMBINING ACUTE ACCENT}")
def test_any_text_is_decoded_to_what_it_was(text: str) -> None:
    (ids,) = TOKENIZER.encode([text])
    assert not {PAD, BOS, EOS, UNK} & set(ids)
    assert TOKENIZER.decode(ids) == unicodedata.normalize("NFC", text)


@given(st.lists(st.integers(0, len(TOKENIZER) - 1)))
def test_any_ids_decode_to_some_text(ids: list[int]) -> None:
    assert "</s>" not in TOKENIZER.decode([*ids, EOS, PAD])
    assert len(TOKENIZER.tokens(ids)) == len(ids)


def test_special_tokens_have_the_ids_that_all_vocabularies_share() -> None:
    assert TOKENIZER.tokens([PAD, BOS, EOS, UNK]) == list(SPECIAL_TOKENS)
    assert TOKENIZER.decode([BOS, *TOKENIZER.encode(["el niño"])[0], EOS, PAD]) == "el niño"


def test_pieces_are_readable_and_mark_the_space_before_a_word() -> None:
    (ids,) = TOKENIZER.encode(["el niño"])
    assert "".join(TOKENIZER.tokens(ids)) == "▁el▁niño"
    (ids,) = TOKENIZER.encode(["猫"])  # never seen: its bytes, one by one
    assert TOKENIZER.tokens(ids) == ["▁", r"\xe7", r"\x8c", r"\xab"]


def test_a_word_has_the_same_pieces_wherever_it_stands() -> None:
    first, later = TOKENIZER.encode(["cat dog"])[0], TOKENIZER.encode(["dog cat"])[0]
    assert sorted(first) == sorted(later)


def test_lowercase_makes_letters_small() -> None:
    tokenizer = _trained(lowercase=True)
    assert tokenizer.decode(tokenizer.encode(["The NIÑO"])[0]) == "the niño"
    assert restore_tokenizer(tokenizer.state()).encode(["The NIÑO"]) == tokenizer.encode(["the niño"])


def test_the_vocabulary_holds_no_more_than_asked_and_only_frequent_pieces() -> None:
    assert len(TOKENIZER) <= 300
    assert len(_trained(vocab_size=260)) == 260
    assert len(_trained(vocab_size=1000, min_frequency=10**6)) == 260


def test_the_state_is_plain_and_restores_the_tokenizer() -> None:
    state = json.loads(json.dumps(TOKENIZER.state()))
    restored = restore_tokenizer(state)
    text = "the niño sees <s> 🐈"
    assert restored.encode([text]) == TOKENIZER.encode([text])
    assert restored.decode(restored.encode([text])[0]) == text
    assert restored.state() == state
    assert restored.settings == TOKENIZER.settings


def test_training_gives_the_same_vocabulary_in_every_process() -> None:
    code = (
        "import hashlib; from attnlab.data.text.tokenizers import BPETokenizer;"
        f"t = BPETokenizer(vocab_size=300); t.train({TEXTS!r});"
        "print(hashlib.sha256(t.state()['model'].encode()).hexdigest())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hashlib.sha256(TOKENIZER.state()["model"].encode()).hexdigest()


@pytest.mark.parametrize(
    "settings, message",
    [
        (
            {"vocab_size": 259},
            r"vocab_size must be 260 or more so that every byte has an id, got 259 \(set tokenizer.vocab_size\)",
        ),
        (
            {"vocab_size": 300, "min_frequency": 0},
            r"min_frequency must be 1 or more, got 0 \(set tokenizer.min_frequency\)",
        ),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        BPETokenizer(**settings)  # type: ignore[arg-type]


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"^a tokenizer's family must be one of bpe, letters, symbols, torchtext, got 'runes'$"
    ):
        restore_tokenizer({"family": "runes"})


@given(st.lists(st.integers(0, 299), max_size=13), st.text(max_size=7))
@example([4 + 0xE7], "a 猫é🐈")
@example([], " a")  # whose own space stands behind that which every text gets
def test_letters_are_tokens_of_which_bytes_of_one_character_are_one(garbage: list[int], text: str) -> None:
    """Whatever a model writes; of a text, every letter is whole."""
    ids = [each % len(TOKENIZER) for each in garbage]
    for given_ids in (ids, TOKENIZER.encode([text])[0]):
        letters = TOKENIZER.letters(given_ids)
        assert sum(count for _, count in letters) == len(given_ids)
        start = 0
        for piece, count in letters:
            pieces = TOKENIZER.tokens(given_ids[start : start + count])
            start += count
            if count == 1:
                assert pieces == [piece]
            else:
                assert all("\\x" in each for each in pieces)
    whole = "".join(piece for piece, _ in TOKENIZER.letters(TOKENIZER.encode([text])[0]))
    assert whole.removeprefix("▁") == unicodedata.normalize("NFC", text).replace(" ", "▁")


def test_an_id_beyond_the_vocabulary_has_no_piece() -> None:
    with pytest.raises(ValueError, match=r"^a token id must be below 3\d\d|2\d\d, got 9999$"):
        TOKENIZER.tokens([9999])


@given(st.lists(st.integers(0, len(TOKENIZER) - 1), max_size=30))
def test_words_have_every_piece_once_in_order(ids: list[int]) -> None:
    pieces = [piece for piece, _ in TOKENIZER.letters(ids)]
    words = TOKENIZER.words(pieces)
    assert sum(count for _, count in words) == len(pieces)
    assert all(count > 0 and label for label, count in words)


@pytest.mark.parametrize(
    "text, words",
    [
        ("the dog's niño, 猫坐在!", ["the", "dog", "'s", "niño", ",", "猫", "坐", "在", "!", "</s>"]),
        ("Obed-Edom ", ["Obed-Edom", "</s>"]),
        ("", ["</s>"]),
    ],
)
def test_words_are_those_of_the_text_and_the_end_is_none_of_them(text: str, words: list[str]) -> None:
    pieces = [piece for piece, _ in TOKENIZER.letters([*TOKENIZER.encode([text])[0], EOS])]
    labels = [label for label, _ in TOKENIZER.words(pieces)]
    assert [label for label in labels if label.strip("▁")] == words
