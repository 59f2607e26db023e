"""Between texts and ids, over one vocabulary: a document is one line, a summary keeps its own."""

import json

import pytest

from attnlab.data import BPETokenizer, SummarizationCodec
from attnlab.data.summarization.codec import one_line
from attnlab.models.special_tokens import BOS, EOS, PAD


@pytest.fixture
def codec() -> SummarizationCodec:
    tokenizer = BPETokenizer(vocab_size=280)
    tokenizer.train(["a cat and a dog", "the tree"])
    return SummarizationCodec(tokenizer=tokenizer.state())


@pytest.mark.parametrize("text", [" cat\n\n- dog  tree\n", "cat\t- dog\r\ntree", "cat - dog tree"])
def test_a_document_reads_the_same_in_one_line_and_in_many(codec: SummarizationCodec, text: str) -> None:
    assert one_line(text) == "cat - dog tree"
    assert codec.encode_source(text) == codec.encode_source("cat - dog tree")


def test_a_summarys_lines_stay_its_sentences(codec: SummarizationCodec) -> None:
    ids = codec.encode_target(" cat\ndog 猫 ")
    assert (ids[0], ids[-1]) == (BOS, EOS)
    assert codec.decode_target([*ids, PAD]) == "cat\ndog 猫"


def test_both_sides_share_one_vocabulary(codec: SummarizationCodec) -> None:
    assert codec.sizes["source_vocab_size"] == codec.sizes["target_vocab_size"]
    assert codec.encode_source("the dog")[:-1] == codec.encode_target("the dog")[1:-1]


def test_it_is_restored_from_plain_values(codec: SummarizationCodec) -> None:
    again = SummarizationCodec(**json.loads(json.dumps(codec.state())))
    assert (again.state(), again.sizes) == (codec.state(), codec.sizes)
    ids = codec.encode_source("the ¡dog! 猫")
    assert again.encode_source("the ¡dog! 猫") == ids
    assert again.target_tokens(ids) == codec.source_tokens(ids)
