"""What each paper promises of its mechanism, and what is said to a mistake."""

import pytest
import torch
from feature_mechanisms import FACTORIES
from torch import nn

from attnlab.feature_attention.conformance.inputs import build, feature_map
from attnlab.feature_attention.parts.gates import gate

SIZE = (5, 7)
CHANNELS, REDUCTION = 128, 16


def fresh(name, channels=CHANNELS, **arguments):
    """As a model begins with it, in float64."""
    torch.manual_seed(0)
    return FACTORIES[name](channels, max_size=SIZE, **arguments).double().eval()


def image(channels=CHANNELS):
    return torch.randn(2, channels, *SIZE, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def attention_parameters(channels):
    return 4 * (channels**2 + channels)


@pytest.mark.parametrize(
    "name, count",
    [
        ("none", 0),
        ("simam", 0),
        ("spatial_softmax", CHANNELS),
        ("eca", 5),
        # Two layers, 2 C² / r, and their biases.
        ("se", 2 * CHANNELS**2 // REDUCTION + CHANNELS // REDUCTION + CHANNELS),
        # Two layers without, a convolution of 7 × 7 over two planes, and the scale and shift of its norm.
        ("cbam", 2 * CHANNELS**2 // REDUCTION + 2 * 7 * 7 + 2),
        ("triplet", 3 * (2 * 7 * 7 + 2)),
        # Equation 5: a vector, two layers, a norm.
        ("global_context", CHANNELS + 2 * CHANNELS**2 // REDUCTION + CHANNELS // REDUCTION * 3 + CHANNELS),
        # Channels: two layers, one bias, a norm. Positions: 1 × 1, twice 3 × 3, 1 × 1, a norm.
        (
            "bam",
            (2 * CHANNELS * 8 + 8 + 2 * CHANNELS) + (CHANNELS * 8 + 8) + 2 * (9 * 8 * 8 + 8) + (8 + 2),
        ),
        # C / 32 would be 4, the least is 8; a norm; two layers back.
        ("coordinate", CHANNELS * 8 + 2 * 8 + 2 * (8 * CHANNELS + CHANNELS)),
        ("wider", 3 * (2 * CHANNELS + 1) + CHANNELS),
        ("non_local", attention_parameters(CHANNELS) + 1),
        ("axial", 2 * (attention_parameters(CHANNELS) + 1)),
    ],
)
def test_number_of_parameters(name, count):
    assert sum(parameter.numel() for parameter in fresh(name).parameters()) == count


@pytest.mark.parametrize("shape", [(2, 3), (2, 1, 5, 7), (2, 3, 5, 7)])
def test_a_gate_multiplies_and_keeps_the_type(shape):
    """On a GPU autocast widens what a softmax gives, which the conformance checks, on a CPU, don't see."""
    weights, x = torch.rand(shape), torch.randn(2, 3, 5, 7)
    expected = x * weights.view(*shape, *[1] * (4 - len(shape)))
    assert torch.equal(gate(weights, x), expected)
    assert gate(weights, x.bfloat16()).dtype == torch.bfloat16


@pytest.mark.parametrize(
    "channels, kernel_size", [(1, 1), (8, 3), (64, 3), (127, 3), (128, 5), (256, 5), (512, 5), (1024, 5), (2048, 7)]
)
def test_eca_takes_its_kernel_from_the_channels_and_has_no_bias(channels, kernel_size):
    ((name, weight),) = fresh("eca", channels).named_parameters()
    assert name == "convolution.weight"
    assert weight.shape == (1, 1, kernel_size)


def test_eca_takes_gamma_and_offset():
    assert fresh("eca", 256, gamma=1.0).convolution.kernel_size == (9,)
    assert fresh("eca", 256, gamma=1.0, offset=3.0).convolution.kernel_size == (11,)


def test_cbam_has_no_residual_and_no_large_kernel():
    cbam = build(FACTORIES["cbam"])
    assert [tuple(p.shape) for p in cbam.spatial_gate.convolution.parameters()] == [(1, 2, 7, 7)]
    x = feature_map(SIZE)
    with torch.no_grad():
        cbam.spatial_gate.norm.bias.fill_(-1e3)
    assert (cbam(x) == 0).all()  # closed, nothing passes


def test_cbam_judges_positions_after_channels():
    cbam, x = build(FACTORIES["cbam"]), feature_map(SIZE)
    channel, spatial = cbam.channel_and_spatial(x)
    assert channel.shape == (3, 53)
    assert spatial.shape == (3, 1, *SIZE)
    refined = x * channel[:, :, None, None]
    torch.testing.assert_close(spatial, cbam.spatial_gate(refined, dim=1))
    torch.testing.assert_close(cbam(x), refined * spatial)


def test_bam_comes_on_top_of_its_input():
    bam, x = build(FACTORIES["bam"]), feature_map(SIZE)
    channel, spatial = bam.channel_and_spatial(x)
    assert channel.shape == (3, 53)
    assert spatial.shape == (3, 1, *SIZE)
    torch.testing.assert_close(bam(x), x * (1 + torch.sigmoid(channel[:, :, None, None] + spatial)))
    ratio = bam(x) / x
    assert (ratio >= 1).all()
    assert (ratio <= 2).all()
    with torch.no_grad():
        bam.spatial_branch[-1].bias.fill_(-1e3)
    torch.testing.assert_close(bam(x), x)  # closed, the input passes


def test_bam_asks_for_two_images_in_training():
    bam = fresh("bam").train()
    assert bam(image()).shape == (2, CHANNELS, *SIZE)
    with pytest.raises(ValueError, match="Expected more than 1 value per channel"):
        bam(image()[:1])


def test_coordinate_gates_are_of_rows_and_of_columns():
    coordinate, x = build(FACTORIES["coordinate"]), feature_map(SIZE)
    rows, columns = coordinate.row_and_column(x)
    assert rows.shape == (3, 53, 5)
    assert columns.shape == (3, 53, 7)
    torch.testing.assert_close(coordinate(x), x * rows.unsqueeze(3) * columns.unsqueeze(2))


@pytest.mark.parametrize("channels, hidden", [(16, 8), (256, 8), (512, 16)])
def test_coordinate_keeps_eight_hidden_channels(channels, hidden):
    assert fresh("coordinate", channels).reduce[0].out_channels == hidden


@pytest.mark.parametrize("channels, hidden", [(16, 2), (31, 2), (48, 3)])
def test_global_context_keeps_two_hidden_channels(channels, hidden):
    assert fresh("global_context", channels).network[0].out_features == hidden


def test_simam_opens_what_stands_out():
    x = torch.zeros(1, 1, *SIZE, dtype=torch.float64)
    x[..., 2, 3] = 1
    weights = fresh("simam", 1).weights(x)
    assert weights.argmax() == 2 * 7 + 3
    assert weights.flatten().sort().values[-2] < 0.63  # σ(1/2), the least there is, and hardly more
    constant = fresh("simam", 1).weights(torch.full_like(x, 3.0))
    torch.testing.assert_close(constant, torch.full_like(x, 0.5).sigmoid())


@pytest.mark.parametrize("name", ["none", "spatial_softmax", "global_context", "wider", "non_local", "axial"])
def test_starts_as_the_identity(name):
    torch.testing.assert_close(fresh(name)(image()), image())


@pytest.mark.parametrize("name", ["spatial_softmax", "global_context", "wider", "non_local", "axial"])
def test_leaves_the_identity_by_training(name):
    mechanism = fresh(name).train()
    optimizer = torch.optim.SGD(mechanism.parameters(), lr=0.1)
    for _ in range(2):  # after one step of the gain all else has a gradient, too
        optimizer.zero_grad()
        mechanism(image()).pow(3).mean().backward()
        optimizer.step()
    assert (mechanism(image()) - image()).abs().max() > 1e-6
    idle = [key for key, parameter in mechanism.named_parameters() if not parameter.grad.any()]
    # What is added to all keys alike, a bias, never changes a softmax.
    assert [key for key in idle if not key.endswith("key_projection.bias")] == []


def test_spatial_softmax_runs_over_positions_alone():
    mechanism = build(FACTORIES["spatial_softmax"])
    x = feature_map(SIZE)
    scores = torch.einsum("c,bchw->bhw", mechanism.score.weight.flatten(), x)
    for b in range(3):
        alone = scores[b].exp() / scores[b].exp().sum() * 35
        torch.testing.assert_close(mechanism.weights(x)[b, 0], alone)
    x = x.detach()
    x[:, :, 1, 2] += 100 * mechanism.score.weight.flatten().sign()
    weights = mechanism.weights(x)[:, 0]
    assert (weights[:, 1, 2] > 34.99).all()  # one position takes all, in every image


def test_spatial_softmax_pools_by_its_weights():
    mechanism, x = build(FACTORIES["spatial_softmax"]), feature_map(SIZE)
    shares = mechanism.weights(x)[:, 0] / 35
    torch.testing.assert_close(mechanism.pool(x), torch.einsum("bhw,bchw->bc", shares, x))
    torch.testing.assert_close(fresh("spatial_softmax").pool(image()), image().mean((2, 3)))


def test_wider_has_as_many_parameters_as_se_of_the_same_hidden_width():
    wider, se = fresh("wider", hidden_dim=CHANNELS // REDUCTION), fresh("se", reduction=REDUCTION)
    assert sum(p.numel() for p in wider.parameters()) == sum(p.numel() for p in se.parameters())


def test_global_context_adds_the_same_to_every_position():
    added = build(FACTORIES["global_context"])(feature_map(SIZE)) - feature_map(SIZE)
    torch.testing.assert_close(added, added[:, :, :1, :1].expand_as(added))


def test_axial_reaches_every_position_in_two_steps_and_only_its_lines_in_one():
    mechanism, x = build(FACTORIES["axial"]), feature_map(SIZE)

    def reached():
        (gradient,) = torch.autograd.grad(mechanism(x)[0, :, 2, 3].sum(), x)
        return gradient[0].abs().sum(0) > 0

    assert reached().all()
    nn.init.zeros_(mechanism.column_gain)
    row = torch.zeros(SIZE, dtype=torch.bool)
    row[2] = True
    assert torch.equal(reached(), row)


@pytest.mark.parametrize(
    "name, channels, arguments, message",
    [
        (
            "se",
            8,
            {},
            r"the reduction must leave at least 1 of the channels, got 8 channels and a reduction of 16 "
            r"\(set feature_attention\.reduction\)",
        ),
        ("cbam", 8, {}, "must leave at least 1 of the channels, got 8 channels and a reduction of 16"),
        ("bam", 8, {}, "must leave at least 1 of the channels, got 8 channels and a reduction of 16"),
        ("global_context", 31, {"reduction": 0}, "reduction must be 1 or more, got 0"),
        ("se", 32, {"reduction": 0}, r"reduction must be 1 or more, got 0 \(set feature_attention\.reduction\)"),
        ("coordinate", 32, {"reduction": -1}, "reduction must be 1 or more, got -1"),
        ("eca", 32, {"gamma": 0.0}, r"gamma must be above 0, got 0\.0 \(set feature_attention\.gamma\)"),
        (
            "cbam",
            32,
            {"kernel_size": 6},
            r"kernel_size must be odd so that it has a centre, got 6 \(set feature_attention\.kernel_size\)",
        ),
        ("triplet", 32, {"kernel_size": -1}, "kernel_size must be odd so that it has a centre, got -1"),
        ("wider", 32, {"hidden_dim": 0}, r"hidden_dim must be 1 or more, got 0 \(set feature_attention\.hidden_dim\)"),
        ("bam", 32, {"dilation": 0}, r"dilation must be 1 or more, got 0 \(set feature_attention\.dilation\)"),
        (
            "simam",
            32,
            {"regularisation": 0.0},
            r"regularisation must be above 0, got 0\.0 \(set feature_attention\.regularisation\)",
        ),
        (
            "non_local",
            32,
            {"num_heads": 3},
            r"the channels must be divisible by the heads, got 32 channels and 3 heads "
            r"\(set feature_attention\.num_heads\)",
        ),
        ("axial", 32, {"num_heads": 0}, "num_heads must be 1 or more, got 0"),
    ],
)
def test_a_bad_value_is_refused(name, channels, arguments, message):
    with pytest.raises(ValueError, match=message):
        FACTORIES[name](channels, max_size=SIZE, **arguments)
