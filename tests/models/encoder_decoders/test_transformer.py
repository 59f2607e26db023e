"""The Transformer against torch's own layers, and its positions, cache and limits."""

import math

import pytest
import torch
from model_examples import FACTORIES, SIZES, batch, build
from torch import nn

from attnlab.models import Transformer
from attnlab.models.layers.positions import Positions, sinusoidal_table
from attnlab.models.layers.transformer_layers import DecoderLayer, EncoderLayer, FeedForward

pytestmark = pytest.mark.text

DIM, HEADS, HIDDEN = 14, 2, 23


def attention(role):
    return FACTORIES["scaled_dot"](DIM, num_heads=HEADS, role=role, max_length=19)


def randomised(module):
    """In float64, with no weight at a value, such as zero, that would hide a mistake."""
    torch.manual_seed(3)
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.3)
    return module.double().eval()


def copy_attention(ours, theirs):
    projections = (ours.query_projection, ours.key_projection, ours.value_projection)
    theirs.in_proj_weight.data = torch.cat([projection.weight.data for projection in projections])
    theirs.in_proj_bias.data = torch.cat([projection.bias.data for projection in projections])
    theirs.out_proj.load_state_dict(ours.output_projection.state_dict())


def copy_rest(ours, theirs, residuals):
    theirs.linear1.load_state_dict(ours.feed_forward.widen.state_dict())
    theirs.linear2.load_state_dict(ours.feed_forward.narrow.state_dict())
    for number, residual in enumerate(residuals, 1):
        getattr(theirs, f"norm{number}").load_state_dict(residual.norm.state_dict())


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_encoder_layer_equals_torchs(norm_first, activation):
    feed_forward = FeedForward(DIM, HIDDEN, activation=activation, dropout=0.0)
    ours = randomised(
        EncoderLayer(DIM, attention=attention("self"), feed_forward=feed_forward, dropout=0.0, norm_first=norm_first)
    )
    theirs = nn.TransformerEncoderLayer(
        DIM, HEADS, HIDDEN, 0.0, activation, batch_first=True, norm_first=norm_first, dtype=torch.float64
    )
    copy_attention(ours.attention, theirs.self_attn)
    copy_rest(ours, theirs, (ours.attention_residual, ours.feed_forward_residual))
    x = torch.randn(3, 7, DIM, dtype=torch.float64)
    mask = torch.arange(7) < torch.tensor([[7], [2], [5]])
    torch.testing.assert_close(ours(x, mask)[mask], theirs(x, src_key_padding_mask=~mask)[mask])


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_decoder_layer_equals_torchs(norm_first, activation):
    ours = randomised(
        DecoderLayer(
            DIM,
            self_attention=attention("causal"),
            cross_attention=attention("cross"),
            feed_forward=FeedForward(DIM, HIDDEN, activation=activation, dropout=0.0),
            dropout=0.0,
            norm_first=norm_first,
        )
    )
    theirs = nn.TransformerDecoderLayer(
        DIM, HEADS, HIDDEN, 0.0, activation, batch_first=True, norm_first=norm_first, dtype=torch.float64
    )
    copy_attention(ours.self_attention, theirs.self_attn)
    copy_attention(ours.cross_attention, theirs.multihead_attn)
    copy_rest(ours, theirs, (ours.self_residual, ours.cross_residual, ours.feed_forward_residual))
    x, memory = torch.randn(3, 5, DIM, dtype=torch.float64), torch.randn(3, 7, DIM, dtype=torch.float64)
    mask = torch.arange(7) < torch.tensor([[7], [2], [5]])
    causal = nn.Transformer.generate_square_subsequent_mask(5, dtype=torch.float64)
    expected = theirs(x, memory, tgt_mask=causal, tgt_is_causal=True, memory_key_padding_mask=~mask)
    output, _ = ours(x, past=None, memory=ours.cross_attention.project(memory), memory_mask=mask)
    torch.testing.assert_close(output, expected)


def test_sinusoids_are_the_papers():
    table = sinusoidal_table(11, 6)
    for time in range(11):
        for pair in range(3):
            angle = time / 10000 ** (2 * pair / 6)
            assert table[time, 2 * pair].item() == pytest.approx(math.sin(angle), abs=1e-6)
            assert table[time, 2 * pair + 1].item() == pytest.approx(math.cos(angle), abs=1e-6)


@pytest.mark.parametrize("learned", [False, True])
def test_positions_start_where_told_and_end_at_their_limit(learned):
    positions = Positions(7, 6, learned=learned, key="data.max_target_length")
    assert len(list(positions.parameters())) == learned
    zeros = torch.zeros(2, 3, 6)
    torch.testing.assert_close(positions(zeros, 4)[1], sinusoidal_table(7, 6)[4:])
    with pytest.raises(ValueError, match=r"at most 7 tokens long, got 8 \(set data.max_target_length\)"):
        positions(zeros, 5)


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
    message = rf"feed_forward_dim must be at least 1, got {width} \(set model\.feed_forward_dim\)"
    with pytest.raises(ValueError, match=message):
        build("transformer_pre_norm", feed_forward_dim=width)


def test_defaults_build_a_model_with_dropout_in_every_place():
    model = Transformer(attention=FACTORIES["scaled_dot"], **SIZES)
    rates = [module.p for module in model.modules() if isinstance(module, nn.Dropout)]
    assert len(rates) == 1 + 3 * 3 + 3 * 4  # embeddings; two sublayers and one hidden layer; three and one
    assert set(rates) == {0.1}
