"""The Transformer against torch's own layers, and its positions, cache and limits."""

import pytest
import torch
from model_examples import FACTORIES, SIZES, batch, build
from torch import nn

from attnlab.models import Transformer

pytestmark = pytest.mark.text


def test_sequences_beyond_the_caps_are_refused_and_those_at_them_taken():
    model = build("transformer_pre_norm")
    source, target = torch.full((1, 17), 5), torch.full((1, 20), 6)
    assert model(source, target).shape == (1, 20, 31)  # BOS and the 19 tokens of the longest target
    with pytest.raises(ValueError, match=r"at most 17 tokens long, got 18 \(set data.max_source_length\)"):
        model(torch.full((1, 18), 5), target)
    with pytest.raises(ValueError, match=r"at most 20 tokens long, got 21 \(set data.max_target_length\)"):
        model(source, torch.full((1, 21), 6))


def test_order_of_source_and_target_matters():
    model = build("transformer_pre_norm")
    source, target = batch()
    logits = model(source, target)[:1, -1]
    assert not torch.allclose(model(source[:, [1, 0, 2, 3, 4, 5, 6]], target)[:1, -1], logits)
    assert not torch.allclose(model(source, target[:, [0, 2, 1, 3, 4]])[:1, -1], logits)


def test_past_grows_by_one_token_a_step():
    model = build("transformer_pre_norm")
    source, target = batch()
    state = model.start(source)
    for length, token in enumerate(target.unbind(1), 1):
        _, state = model.step(token, state)
        assert state.length == length
        assert [layer.v.shape for layer in state.past] == [(3, 2, length, 6)] * 2


def test_odd_width_is_refused_by_sinusoids():
    with pytest.raises(ValueError, match=r"even width, got 7 \(set model.dim\)"):
        build("transformer_pre_norm", dim=7, num_heads=1)


def test_unknown_activation_is_refused():
    with pytest.raises(ValueError, match=r"activation must be gelu or relu, got 'tanh' \(set model.activation\)"):
        build("transformer_pre_norm", activation="tanh")


@pytest.mark.parametrize("width", [0, -3])
def test_feed_forward_nets_without_width_are_refused(width):
    message = rf"feed_forward_dim must be 1 or more, got {width} \(set model\.feed_forward_dim\)"
    with pytest.raises(ValueError, match=message):
        build("transformer_pre_norm", feed_forward_dim=width)


def test_defaults_build_a_model_with_dropout_in_every_place():
    model = Transformer(attention=FACTORIES["scaled_dot"], **SIZES)
    rates = [module.p for module in model.modules() if isinstance(module, nn.Dropout)]
    assert len(rates) == 1 + 3 * 3 + 3 * 4  # embeddings; two sublayers and one hidden layer; three and one
    assert set(rates) == {0.1}
