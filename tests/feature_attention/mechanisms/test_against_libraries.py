"""The same numbers as other libraries' modules, with the same weights, where those do what the paper says."""

import math

import pytest
import torch
from feature_mechanisms import FACTORIES
from timm.layers import create_attn
from torch import nn
from torchvision.ops import SqueezeExcitation

from attnlab.feature_attention.conformance.inputs import CHANNELS, build, feature_map

SIZES = [(5, 7), (11, 2)]
HIDDEN = CHANNELS // 16


def copy(source, target):
    """A layer's parameters and statistics into one that may be a linear layer here and a 1 × 1 convolution there."""
    theirs = target.state_dict()
    target.load_state_dict({key: value.view(theirs[key].shape) for key, value in source.state_dict().items()})


def agree(mechanism, library):
    library = library.double().eval()
    for size in SIZES:
        x = feature_map(size)
        ours, theirs = mechanism(x), library(x)
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-9)
        torch.testing.assert_close(
            torch.autograd.grad(ours.square().sum(), x),
            torch.autograd.grad(theirs.square().sum(), x),
            rtol=0,
            atol=1e-9,
        )


@pytest.mark.parametrize(
    "library",
    [
        lambda: SqueezeExcitation(CHANNELS, HIDDEN),
        lambda: create_attn("se", CHANNELS, rd_channels=HIDDEN),
    ],
    ids=["torchvision", "timm"],
)
def test_se(library):
    mechanism, library = build(FACTORIES["se"]), library().double()
    copy(mechanism.network[0], library.fc1)
    copy(mechanism.network[2], library.fc2)
    agree(mechanism, library)


def test_eca_of_timm():
    mechanism, library = build(FACTORIES["eca"]), create_attn("eca", CHANNELS).double()
    copy(mechanism.convolution, library.conv)
    agree(mechanism, library)


def test_cbam_of_timm():
    mechanism, library = build(FACTORIES["cbam"]), create_attn("cbam", CHANNELS, rd_channels=HIDDEN).double()
    copy(mechanism.network[0], library.channel.fc1)
    copy(mechanism.network[2], library.channel.fc2)
    copy(mechanism.spatial_gate.convolution, library.spatial.conv.conv)
    copy(mechanism.spatial_gate.norm, library.spatial.conv.bn)
    agree(mechanism, library)


def test_coordinate_of_timm():
    mechanism = build(FACTORIES["coordinate"])
    library = create_attn("coord", CHANNELS, rd_channels=8, bias=True).double()
    nn.init.zeros_(library.conv1.bias)
    copy(mechanism.reduce[1], library.bn1)
    copy(mechanism.row_gate, library.conv_h)
    copy(mechanism.column_gate, library.conv_w)
    with torch.no_grad():
        library.conv1.weight.copy_(mechanism.reduce[0].weight.unsqueeze(-1))
    agree(mechanism, library)


def test_global_context_of_timm():
    mechanism = build(FACTORIES["global_context"])
    library = create_attn("gca", CHANNELS, rd_channels=HIDDEN).double()
    first, norm, _, second = mechanism.network
    library.mlp_add.norm.eps = norm.eps
    with torch.no_grad():
        library.conv_attn.weight.copy_(mechanism.score.weight)
    copy(first, library.mlp_add.fc1)
    copy(norm, library.mlp_add.norm)
    copy(second, library.mlp_add.fc2)
    agree(mechanism, library)


def test_non_local_of_timm():
    mechanism = build(FACTORIES["non_local"])
    library = create_attn("nl", CHANNELS, rd_channels=CHANNELS).double()
    copy(mechanism.attention.query_projection, library.t)
    copy(mechanism.attention.key_projection, library.p)
    copy(mechanism.attention.value_projection, library.g)
    copy(mechanism.attention.output_projection, library.z)
    # Its batch normalisation, of mean zero and variance one, becomes the gain.
    nn.init.constant_(library.norm.weight, mechanism.gain.item() * math.sqrt(1 + library.norm.eps))
    agree(mechanism, library)


def test_axial_is_torchs_attention_over_each_line():
    mechanism = build(FACTORIES["axial"])

    def twin(attention):
        module = nn.MultiheadAttention(CHANNELS, 1, batch_first=True).double()
        projections = (attention.query_projection, attention.key_projection, attention.value_projection)
        with torch.no_grad():
            module.in_proj_weight.copy_(torch.cat([projection.weight for projection in projections]))
            module.in_proj_bias.copy_(torch.cat([projection.bias for projection in projections]))
        module.out_proj.load_state_dict(attention.output_projection.state_dict())
        return module

    along_rows, along_columns = twin(mechanism.row_attention), twin(mechanism.column_attention)
    x = feature_map((5, 7))
    y = x.clone()
    for i in range(5):
        line = x[:, :, i].mT
        y[:, :, i] += mechanism.row_gain * along_rows(line, line, line)[0].mT
    expected = y.clone()
    for j in range(7):
        line = y[:, :, :, j].mT
        expected[:, :, :, j] += mechanism.column_gain * along_columns(line, line, line)[0].mT
    torch.testing.assert_close(mechanism(x), expected)
