"""The layers of the Transformer against torch's own."""

import pytest
import torch
from model_examples import FACTORIES
from torch import nn

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
