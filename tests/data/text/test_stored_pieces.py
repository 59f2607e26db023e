"""Of a stored tokenizer only what training makes is taken, and all else refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from attnlab.data import BPETokenizer
from attnlab.data.text.tokenizers import restore_tokenizer

TOKENIZER = BPETokenizer(vocab_size=300)
TOKENIZER.train(["the cat sees the dog", "the dog sees the cat"] * 3)


def test_merges_as_earlier_libraries_wrote_them_are_the_same_tokenizer() -> None:
    state = TOKENIZER.state()
    model = json.loads(state["model"])
    model["model"]["merges"] = [" ".join(pair) for pair in model["model"]["merges"]]
    assert restore_tokenizer(state | {"model": json.dumps(model)}).state() == state


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda m: m["model"]["vocab"].update({"Ġt": 4294967295}), "numbered from 0 on"),
        (lambda m: m["model"]["vocab"].update({"<pad>": 1, "<s>": 0}), "special tokens first"),
        (lambda m: m["model"]["vocab"].update({"猫": len(m["model"]["vocab"])}), "must be of bytes"),
        (lambda m: m["model"]["vocab"].pop("a"), "numbered from 0 on"),
        (lambda m: m["model"].update(vocab={}, merges=[]), "special tokens first"),
        (lambda m: m["model"].update(vocab=[1]), "aren't numbered"),
        (lambda m: m["model"]["merges"].append(["zz", "yy"]), "must merge two of its pieces"),
        (lambda m: m["model"]["merges"].append(3), "must merge two of its pieces"),
        (lambda m: m["model"].update(dropout=0.5), "dropout is 0.5"),
        (lambda m: m.update(normalizer={"type": "Precompiled", "precompiled_charsmap": "AAAA"}), "normalizer is"),
        (lambda m: m.update(pre_tokenizer={"type": "Split", "pattern": {"Regex": "(a*)*b"}}), "pre_tokenizer is"),
        (lambda m: m.update(post_processor={"type": "ByteLevel"}), "post_processor is"),
        (lambda m: m.update(model=3), "isn't one"),
    ],
)
def test_what_training_does_not_make_is_refused(change: Callable[[dict[str, Any]], Any], said: str) -> None:
    state = TOKENIZER.state()
    model = json.loads(state["model"])
    change(model)
    with pytest.raises(ValueError, match=said):
        restore_tokenizer(state | {"model": json.dumps(model)})


@pytest.mark.parametrize(
    "change, said",
    [
        ({"model": "[" * 200_000}, "nested too deeply"),
        ({"model": ""}, "Expecting value"),
        ({"model": 3}, "model is 3"),
        ({"vocab_size": "300"}, "vocab_size is '300'"),
        ({"family": None}, "family must be one of bpe, letters, symbols, torchtext, got None"),
        ({"more": 1}, "more isn't known"),
    ],
)
def test_a_state_of_another_form_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        restore_tokenizer(TOKENIZER.state() | change)
