"""What holds of mechanisms that mind places, on grids that are larger than the conformance checks'."""

import pytest
import torch
import torch.nn.functional as F
from timm.layers.pos_embed_sincos import apply_rot_embed_cat, build_rotary_pos_embed, get_mixed_freqs
from torchvision.models.swin_transformer import shifted_window_attention

from attnlab.attention import (
    AxialRotaryAttention,
    MixedRotaryAttention,
    NeighbourhoodAttention,
    Places,
    RoleError,
    SwinAttention,
)

HEADS, HEAD_DIM, GRID = 3, 8, (5, 7)
NUM_PLACES = GRID[0] * GRID[1]
ON_GRIDS = [AxialRotaryAttention, MixedRotaryAttention, NeighbourhoodAttention, SwinAttention]
FLOAT32 = {"rtol": 0, "atol": 2e-5}  # in which their angles are


def build(core_class, **arguments):
    torch.manual_seed(0)
    core = core_class(num_heads=HEADS, head_dim=HEAD_DIM, role="self", max_length=99, dropout=0.0, **arguments)
    for parameter in core.parameters():
        parameter.data += 0.5 * torch.randn_like(parameter)
    return core.double().eval()


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(shape)))


def inputs(length):
    return (normal(2 + n, HEADS, length, HEAD_DIM)[:2] for n in range(3))


def rows_and_columns(grid=GRID):
    return torch.cartesian_prod(*map(torch.arange, grid)).unbind(1)


@pytest.mark.parametrize("core_class", ON_GRIDS)
@pytest.mark.parametrize("grid, num_extra", [(GRID, 0), (GRID, 2), ((1, 11), 1), ((13, 2), 0)])
def test_the_fast_way_is_the_definition(core_class, grid, num_extra):
    core, length = build(core_class), num_extra + grid[0] * grid[1]
    q, k, v = inputs(length)
    key_mask = torch.arange(length).expand(2, -1) < torch.tensor([[length], [length - 3]])
    places = Places((grid,))
    for bias in (None, normal(1, HEADS, 1, length)):
        told = {"places": places, "key_mask": key_mask, "bias": bias}
        torch.testing.assert_close(core(q, k, v, **told), core.combine(core.weights(q, k, **told), v))


def test_axial_rotary_equals_timms():
    """Whose channels are of rows first, then of columns."""
    core, (q, k, _) = build(AxialRotaryAttention), inputs(NUM_PLACES)
    embedding = torch.cat(build_rotary_pos_embed(GRID, dim=HEAD_DIM, temperature=100.0, in_pixels=False), dim=-1)
    by_row_first = [2, 3, 6, 7, 0, 1, 4, 5]
    theirs = [apply_rot_embed_cat(x[..., by_row_first].float(), embedding) for x in (q, k)]
    expected = (theirs[0] @ theirs[1].mT / HEAD_DIM**0.5).softmax(-1).double()
    torch.testing.assert_close(core.weights(q, k, places=Places((GRID,))), expected, **FLOAT32)


def test_mixed_rotary_equals_timms():
    core, (q, k, _) = build(MixedRotaryAttention), inputs(NUM_PLACES)
    rows, columns = rows_and_columns()
    embedding = get_mixed_freqs(core.frequencies.detach().squeeze(2), rows, columns)  # (H, P, 2 Dh)
    theirs = [apply_rot_embed_cat(x, embedding) for x in (q, k)]
    expected = (theirs[0] @ theirs[1].mT / HEAD_DIM**0.5).softmax(-1)
    torch.testing.assert_close(core.weights(q, k, places=Places((GRID,))), expected, **FLOAT32)


@pytest.mark.parametrize("core_class", [AxialRotaryAttention, MixedRotaryAttention])
def test_only_distances_matter(core_class):
    core, (q, k, _) = build(core_class), inputs(NUM_PLACES)
    alike = [x[:, :, :1].expand_as(x) for x in (q, k)]
    scores = core.weights(*alike, places=Places((GRID,))).log().unflatten(-1, GRID).unflatten(2, GRID)
    here = scores[:, :, 0, 0, 2, 3] - scores[:, :, 0, 0, 1, 1]
    torch.testing.assert_close(here, scores[:, :, 1, 2, 3, 5] - scores[:, :, 1, 2, 2, 3])
    assert (here - scores[:, :, 0, 0, 3, 2] + scores[:, :, 0, 0, 1, 1]).abs().max() > 0.01


@pytest.mark.parametrize("core_class", [AxialRotaryAttention, MixedRotaryAttention])
def test_what_has_no_place_does_not_turn(core_class):
    core, (q, k, _) = build(core_class), inputs(2 + NUM_PLACES)
    scores = core.weights(q, k, places=Places((GRID,))).log()[:, :, 1]
    plain = (q[:, :, 1:2] @ k.mT).squeeze(2) / HEAD_DIM**0.5
    torch.testing.assert_close(scores[..., 1] - scores[..., 0], plain[..., 1] - plain[..., 0])


@pytest.mark.parametrize("grid", [(8, 12), (4, 12)])
def test_swin_equals_torchvisions_by_turns_of_heads(grid):
    window, dim, num_places = 4, HEADS * HEAD_DIM, grid[0] * grid[1]
    core, x = build(SwinAttention, window=window), normal(2, num_places, dim)
    weight = normal(3 * dim, dim) / dim**0.5
    q, k, v = (x @ weight.T).view(2, num_places, 3, HEADS, HEAD_DIM).permute(2, 0, 3, 1, 4)
    actual = core(q, k, v, places=Places((grid,))).transpose(1, 2).reshape(2, *grid, HEADS, HEAD_DIM)
    place = torch.cartesian_prod(torch.arange(window), torch.arange(window))
    distance = place - place[:, None] + window - 1  # (M², M², 2), of key behind query
    bias = core.table[:, distance[..., 0], distance[..., 1]].unsqueeze(0)
    for shift, heads in ((0, [0, 2]), (window // 2, [1])):
        expected = shifted_window_attention(
            x.view(2, *grid, dim),
            weight,
            torch.eye(dim, dtype=torch.float64),
            bias,
            [window, window],
            HEADS,
            [shift, shift],
        )
        expected = expected.view(2, *grid, HEADS, HEAD_DIM)
        torch.testing.assert_close(actual[..., heads, :], expected[..., heads, :])


def test_neighbourhood_equals_patches_that_are_unfolded_away_from_the_border():
    window, reach = 3, 1
    core, (q, k, v) = build(NeighbourhoodAttention, window=window), inputs(NUM_PLACES)

    def patches(x):  # (B, H, P, window², Dh), from a map with zeros around
        maps = x.flatten(0, 1).mT.unflatten(-1, GRID)
        return (
            F.unfold(maps, window, padding=reach).view(2, HEADS, HEAD_DIM, window**2, NUM_PLACES).permute(0, 1, 4, 3, 2)
        )

    scores = (patches(k) @ q.unsqueeze(-1)).squeeze(-1) / HEAD_DIM**0.5
    scores = scores + core.table[:, 1:-1, 1:-1].reshape(HEADS, 1, -1)
    expected = (scores.softmax(-1).unsqueeze(-2) @ patches(v)).squeeze(-2)  # (B, H, P, Dh)
    rows, columns = rows_and_columns()
    inside = (rows > 0) & (rows < GRID[0] - 1) & (columns > 0) & (columns < GRID[1] - 1)
    torch.testing.assert_close(core(q, k, v, places=Places((GRID,)))[:, :, inside], expected[:, :, inside])


def test_a_neighbourhood_is_as_large_at_the_border():
    core, (q, k, _) = build(NeighbourhoodAttention, window=5), inputs(1 + NUM_PLACES)
    seen = core.weights(q, k, places=Places((GRID,))) > 0
    assert seen[:, :, 0].all()  # what has no place sees all
    assert seen[..., 0].all()  # and is seen
    assert (seen[:, :, 1:, 1:].sum(-1) == 25).all()
    corner = seen[0, 0, 1, 1:].view(GRID)
    assert corner[:5, :5].all()


def test_windows_of_odd_heads_lie_half_a_window_before():
    core, (q, k, _) = build(SwinAttention, window=4), inputs(NUM_PLACES)
    seen = core.weights(q, k, places=Places((GRID,)))[0] > 0  # a map of 5 rows by 7 columns
    assert seen[0, 0].view(GRID).nonzero().max(0).values.tolist() == [3, 3]
    assert seen[1, 0].view(GRID).nonzero().max(0).values.tolist() == [1, 1]
    assert seen[1, -1].view(GRID).nonzero().min(0).values.tolist() == [2, 6]


def test_a_map_no_larger_than_a_window_is_not_cut():
    core, (q, k, _) = build(SwinAttention, window=7), inputs(NUM_PLACES)
    assert (core.weights(q, k, places=Places((GRID,))) > 0).all()


@pytest.mark.parametrize("core_class", [NeighbourhoodAttention, SwinAttention])
def test_windows_stay_within_one_map(core_class):
    core, (q, k, v) = build(core_class), inputs(8)
    with pytest.raises(ValueError, match="stays within one map, got 2"):
        core(q, k, v, places=Places(((2, 2), (2, 2))))


@pytest.mark.parametrize("core_class", ON_GRIDS)
@pytest.mark.parametrize("role", ["causal", "cross"])
def test_queries_are_the_places(core_class, role):
    with pytest.raises(RoleError, match=f"the places of one grid, got role {role}"):
        core_class(num_heads=2, head_dim=4, role=role, max_length=9, dropout=0.0)


@pytest.mark.parametrize(
    "core_class, arguments, message",
    [
        (AxialRotaryAttention, {"base": 1.0}, r"base must be greater than 1, got 1\.0 \(set attention\.core\.base\)"),
        (MixedRotaryAttention, {"base": 0.5}, r"base must be greater than 1, got 0\.5 \(set attention\.core\.base\)"),
        (NeighbourhoodAttention, {"window": 4}, r"window must be odd.*got 4 \(set attention\.core\.window\)"),
        (NeighbourhoodAttention, {"window": 1025}, r"window must be 1023 or less, got 1025"),
        (SwinAttention, {"window": 1}, r"window must be 2 or more, got 1 \(set attention\.core\.window\)"),
    ],
)
def test_a_bad_value_is_refused(core_class, arguments, message):
    with pytest.raises(ValueError, match=message):
        build(core_class, **arguments)


@pytest.mark.parametrize("core_class, head_dim", [(AxialRotaryAttention, 2), (MixedRotaryAttention, 3)])
def test_a_head_that_has_no_pairs_is_refused(core_class, head_dim):
    with pytest.raises(ValueError, match=rf"the head width must be even.*got {head_dim} \(set model\.dim"):
        core_class(num_heads=2, head_dim=head_dim, role="self", max_length=9, dropout=0.0)
