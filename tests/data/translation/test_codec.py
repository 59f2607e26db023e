"""Between sentences and ids: one vocabulary or two, marks at the ends, restored from plain values."""

import json

import pytest

from attnlab.data import BPETokenizer, TranslationCodec
from attnlab.models.special_tokens import BOS, EOS, PAD


@pytest.fixture(params=[True, False], ids=["joint", "separate"])
def codec(request: pytest.FixtureRequest) -> TranslationCodec:
    states = []
    for texts in (["the old tree", "a tree"], ["el viejo árbol", "un árbol"]):
        tokenizer = BPETokenizer(vocab_size=280)
        tokenizer.train(texts)
        states.append(tokenizer.state())
    target = None if request.param else states[1]
    return TranslationCodec(source="en", target="es", source_tokenizer=states[0], target_tokenizer=target)


def test_ids_have_their_marks_and_decode_to_the_text(codec: TranslationCodec) -> None:
    source, target = codec.encode_source("the ¡tree! 猫"), codec.encode_target("un ¡árbol! 猫")
    assert (source[-1], target[0], target[-1]) == (EOS, BOS, EOS)
    assert not {PAD, BOS, EOS} & {*source[:-1], *target[1:-1]}
    assert codec.decode_target([*target, PAD, PAD]) == "un ¡árbol! 猫"
    assert len(codec.source_tokens(source)) == len(source)
    assert max(source) < codec.sizes["source_vocab_size"]
    assert max(target) < codec.sizes["target_vocab_size"]


def test_one_vocabulary_is_one_object(codec: TranslationCodec) -> None:
    assert (codec.source_tokenizer is codec.target_tokenizer) == codec.joint
    same = codec.encode_source("tree")[:-1] == codec.encode_target("tree")[1:-1]
    assert same == codec.joint


def test_it_is_restored_from_plain_values(codec: TranslationCodec) -> None:
    state = json.loads(json.dumps(codec.state()))
    again = TranslationCodec(**state)
    assert again.state() == state
    assert (again.joint, again.sizes) == (codec.joint, codec.sizes)
    assert again.encode_source("the tree 猫") == codec.encode_source("the tree 猫")
    ids = codec.encode_target("un árbol 猫")
    assert again.target_tokens(ids) == codec.target_tokens(ids)
