"""Where pieces stand in their text, whatever tokenizer made them."""

import pytest

from attnlab.data import BPETokenizer
from attnlab.reporting.pages.linked_maps.offsets import as_read, units

TEXT = "Die Straße, ein  Café; “Öl” und 東京!"


@pytest.mark.parametrize("lowercase", [False, True])
def test_pieces_of_bytes_cover_the_text_in_order(lowercase: bool) -> None:
    tokenizer = BPETokenizer(vocab_size=320, lowercase=lowercase)
    tokenizer.train([TEXT, "Café und Straße"] * 3)
    text = as_read(TEXT)
    labels = [label for label, _ in tokenizer.letters(tokenizer.encode([text])[0])]
    found = units([*labels, "</s>"], text)
    for label, start, end in found[:-1]:
        piece = label.replace("▁", "")
        assert text[start:end].lower() == piece.lower()
    starts = [start for _, start, _ in found]
    assert starts == sorted(starts)
    assert "".join(text[start:end] for _, start, end in found) == "".join(text.split())
    assert found[-1] == ("</s>", len(text), len(text))


def test_words_meet_at_the_same_place_whatever_was_dropped_or_made_small_between() -> None:
    text = as_read('He said: "Go!" Twice, go.')
    assert units(["he", "said", "go", "!", "twice", ",", "go", "."], text) == [
        ("he", 0, 2),
        ("said", 3, 7),
        ("go", 10, 12),
        ("!", 12, 13),
        ("twice", 15, 20),
        (",", 20, 21),
        ("go", 22, 24),
        (".", 24, 25),
    ]


def test_what_stands_nowhere_has_no_length_and_what_follows_is_found_all_the_same() -> None:
    assert units(["<unk>", "b", "\\xe4"], "a b") == [("<unk>", 0, 0), ("b", 2, 3), ("\\xe4", 3, 3)]
    assert units(["İ", "i"], "İi") == [("İ", 0, 1), ("i", 1, 2)]
    assert as_read("e\u0301") == "é"
