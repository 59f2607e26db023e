"""Embeddings have unit variance, and may share their table with each other and with the output."""

import pytest
import torch

from attnlab.models.layers.embedding import TokenEmbedding, build_vocabulary_layers
from attnlab.models.special_tokens import PAD

pytestmark = pytest.mark.text


def test_embeddings_have_unit_variance_and_padding_none() -> None:
    torch.manual_seed(3)
    embedding = TokenEmbedding(1009, 53)
    embedded = embedding(torch.arange(1009).view(1, -1))
    assert embedded.shape == (1, 1009, 53)
    assert not embedded[0, PAD].any()
    assert embedded.var().item() == pytest.approx(1, abs=0.02)
    assert torch.allclose(embedded[0, 7], 53**0.5 * embedding.table.weight[7])


@pytest.mark.parametrize("tie", [True, False])
@pytest.mark.parametrize("share", [True, False])
def test_tied_and_shared_tables_are_one_parameter(tie: bool, share: bool) -> None:
    source, target, output = build_vocabulary_layers(31, 31, 7, tie_embeddings=tie, share_embeddings=share)
    assert (source.table.weight is target.table.weight) is share
    assert (output.weight is target.table.weight) is tie
    distinct = {id(parameter) for layer in (source, target, output) for parameter in layer.parameters()}
    assert len(distinct) == 1 + (not share) + (not tie) + 1  # the output's bias is its own
    assert output(torch.randn(2, 3, 7)).shape == (2, 3, 31)


def test_tied_logits_are_of_the_scale_of_chance() -> None:
    torch.manual_seed(3)
    *_, output = build_vocabulary_layers(11, 1009, 53, tie_embeddings=True, share_embeddings=False)
    assert output(torch.randn(97, 53)).std().item() == pytest.approx(1, abs=0.05)


def test_vocabularies_of_other_sizes_are_not_shared() -> None:
    message = r"one vocabulary for source and target, got 31 and 37 tokens \(set model.share_embeddings\)$"
    with pytest.raises(ValueError, match=message):
        build_vocabulary_layers(31, 37, 7, tie_embeddings=True, share_embeddings=True)


def test_a_width_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^dim must be 1 or more, got 0 \(set model.dim\)$"):
        TokenEmbedding(31, 0)
