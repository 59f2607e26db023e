"""What the conformance suite can't know of sparse, linear-time and content-free mechanisms."""

import pytest
import references_efficient
import torch
from mechanisms import FACTORIES

from attnlab.attention.conformance.inputs import gradients
from attnlab.attention.mechanisms.nystrom import pseudo_inverse

BATCH, HEADS, HEAD_DIM, MAX_LENGTH = 2, 3, 10, 151
MINE = sorted(name for name in vars(references_efficient) if name in FACTORIES and name != "scaled_dot")
BY_LENGTH = ["block_sparse", "linformer", "position_only", "random_frozen", "synthesizer_dense", "synthesizer_random"]
WITHOUT_BIAS = ["identity", "linear", "linformer", "nystrom", "performer"]


def build(name, role="self", **arguments):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        given = {"num_heads": HEADS, "head_dim": HEAD_DIM, "role": role, "max_length": MAX_LENGTH, "dropout": 0.0}
        return FACTORIES[name].keywords["core"](**{**given, **arguments}).double().eval()


def normal(*shape, seed=0, std=1.0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64, generator=generator).mul_(std).requires_grad_()


def qkv(num_queries, num_keys, num_heads=HEADS, **arguments):
    return tuple(
        normal(BATCH, num_heads, length, HEAD_DIM, seed=seed, **arguments)
        for seed, length in enumerate((num_queries, num_keys, num_keys))
    )


@pytest.mark.parametrize(
    "role, num_queries", [("self", MAX_LENGTH), ("causal", MAX_LENGTH), ("causal", 83), ("causal", 1)]
)
@pytest.mark.parametrize(
    "name, arguments",
    [
        ("local", {}),
        ("local", {"window": 37}),
        ("dilated", {"dilation": 3}),
        ("dilated", {"dilation": 149}),
        ("block_sparse", {}),
        ("block_sparse", {"num_window_blocks": 5, "num_global_blocks": 2, "num_random_blocks": 3}),
        ("linear", {}),
        ("performer", {}),
    ],
    ids=str,
)
@pytest.mark.parametrize("masked", [False, True])
def test_many_blocks_give_the_values_and_gradients_of_the_weights(name, arguments, role, num_queries, masked):
    core, (q, k, v) = build(name, role, **arguments), qkv(num_queries, MAX_LENGTH)
    key_mask = torch.rand(BATCH, MAX_LENGTH, generator=torch.Generator().manual_seed(4)) < 0.5 if masked else None
    if masked:
        key_mask[1, 20:70] = False  # windows without a key
    bias = normal(1, HEADS, 1, MAX_LENGTH, seed=5) if core.properties.takes_bias else None
    output = core(q, k, v, key_mask=key_mask, bias=bias)
    expected = core.combine(core.weights(q, k, key_mask=key_mask, bias=bias), v)
    torch.testing.assert_close(output, expected)
    inputs = (q, k, v) if bias is None else (q, k, v, bias)
    torch.testing.assert_close(gradients(output, *inputs), gradients(expected, *inputs))


@pytest.mark.parametrize("name", ["local", "dilated", "block_sparse", "linear", "performer", "linformer", "nystrom"])
def test_dropout_keeps_the_mean(name):
    core, (q, k, v) = build(name, dropout=0.2).train(), qkv(13, 13)
    torch.manual_seed(0)
    with torch.no_grad():
        mean = torch.stack([core(q, k, v) for _ in range(2000)]).mean(0)
        plain = core.eval()(q, k, v)
    assert (mean - plain).square().mean().sqrt() < 0.03 * plain.square().mean().sqrt()


@pytest.mark.parametrize("name", MINE)
def test_key_mask_of_another_type_is_refused(name):
    core, (q, k, v) = build(name), qkv(5, 5)
    with pytest.raises(ValueError, match="key_mask must be bool"):
        core(q, k, v, key_mask=torch.ones(BATCH, 5))


@pytest.mark.parametrize("name", WITHOUT_BIAS)
def test_bias_is_refused_by_name(name):
    core, (q, k, v) = build(name), qkv(5, 5)
    with pytest.raises(ValueError, match=rf"^{name} attention has no scores.*, so it takes no bias$"):
        core(q, k, v, bias=torch.zeros(5, 5))


@pytest.mark.parametrize("name", BY_LENGTH)
def test_longer_input_than_max_length_is_refused(name):
    core = build(name, max_length=11)
    core(*qkv(11, 11))
    message = r"sequences must be at most 11 tokens long, got 13 \(set data\.max_source_length or data\.max_t"
    q, k, v = qkv(13, 13)
    with pytest.raises(ValueError, match=message):
        core(q, k, v)
    with pytest.raises(ValueError, match=message):
        core.weights(q, k)


@pytest.mark.parametrize("name", sorted(set(MINE) - set(BY_LENGTH)))
def test_other_mechanisms_have_no_greatest_length(name):
    q, k, v = qkv(13, 13)
    assert build(name, max_length=11)(q, k, v).isfinite().all()


@pytest.mark.parametrize(
    "name, arguments, message",
    [
        ("local", {"window": 4}, r"window must be odd, so that it has a centre, and at least 3, got 4 "),
        ("local", {"window": 1}, r"window must be odd, .* and at least 3, got 1 \(set attention\.core\.window\)"),
        ("dilated", {"window": -3}, r"window must be odd, .* got -3 \(set attention\.core\.window\)"),
        ("dilated", {"dilation": 0}, r"dilation must be 1 or more, got 0 \(set attention\.core\.dilation\)"),
        (
            "block_sparse",
            {"block_size": 0},
            r"block_size must be 1 or more, got 0 \(set attention\.core\.block_size\)",
        ),
        (
            "block_sparse",
            {"num_window_blocks": 2},
            r"num_window_blocks must be odd .*, got 2 \(set attention\.core\.num_window_blocks\)",
        ),
        (
            "block_sparse",
            {"num_global_blocks": -1},
            r"num_global_blocks must not be negative, got -1 \(set attention\.core\.num_global_blocks\)",
        ),
        (
            "block_sparse",
            {"num_random_blocks": -1},
            r"num_random_blocks must not be negative, got -1 \(set attention\.core\.num_random_blocks\)",
        ),
        (
            "performer",
            {"num_features": 0},
            r"num_features must be 1 or more, got 0 \(set attention\.core\.num_features",
        ),
        ("linformer", {"rank": 0}, r"rank must be 1 or more, got 0 \(set attention\.core\.rank\)"),
        ("nystrom", {"num_landmarks": 0}, r"num_landmarks must be 1 or more, got 0 \(set attention\.core\.num_landm"),
        ("nystrom", {"num_iterations": 0}, r"num_iterations must be 1 or more, got 0 \(set attention\.core\.num_iter"),
    ],
)
def test_a_bad_value_is_refused(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        build(name, **arguments)


@pytest.mark.parametrize("name", ["block_sparse", "performer", "random_frozen"])
def test_what_is_drawn_comes_from_the_seed_alone_and_is_saved(name):
    torch.manual_seed(1)
    first, same, other = build(name), build(name, seed=0), build(name, seed=1)
    ((buffer, drawn),) = first.state_dict().items()
    assert torch.equal(drawn, same.state_dict()[buffer])
    assert not torch.equal(drawn, other.state_dict()[buffer])
    assert not list(first.parameters())
    q, k, v = qkv(MAX_LENGTH, MAX_LENGTH)
    assert not torch.equal(other(q, k, v), first(q, k, v))
    other.load_state_dict(first.state_dict())
    assert torch.equal(other(q, k, v), first(q, k, v))


def test_sigmoid_starts_near_the_sum_of_softmax():
    core = build("sigmoid", "causal")
    q, k, _ = qkv(MAX_LENGTH, MAX_LENGTH, std=0.1)
    totals = core.weights(q, k).sum(-1)
    assert totals[..., 0].max() < 0.6  # σ(0) for a query that sees itself alone
    torch.testing.assert_close(totals[..., 10:], torch.ones_like(totals[..., 10:]), atol=0.1, rtol=0)


@pytest.mark.parametrize("role", ["self", "causal"])
def test_random_blocks_lie_outside_the_rest_of_the_pattern(role):
    drawn = build("block_sparse", role, num_random_blocks=3).random_blocks
    assert drawn.shape == (19, 3)
    for block, row in enumerate(drawn.tolist()):
        chosen = [other for other in row if other >= 0]
        assert len(set(chosen)) == len(chosen)
        assert all(other >= 1 and abs(other - block) > 1 and (role == "self" or other < block) for other in chosen)
    assert (drawn[10:] >= 0).all()


def test_performer_converges_to_softmax_attention_with_more_features():
    q, k, _ = (x.expand(-1, 100, -1, -1) for x in qkv(7, 11, num_heads=1, std=0.5))  # each head is another draw
    softmax = build("scaled_dot", num_heads=100).weights(q, k)

    def error(num_features):
        core = build("performer", num_heads=100, num_features=num_features)
        return (core.weights(q, k) - softmax).square().mean().sqrt().item()

    few, many = error(320), error(5120)
    assert many < 0.005
    assert 0.2 < many / few < 0.35  # sixteen times the features, a quarter of the error, but for heavy tails


def test_performer_features_estimate_the_exponential_without_bias_and_better_for_being_orthogonal():
    num_draws = 10_000
    core = build("performer", num_heads=num_draws, num_features=HEAD_DIM)
    x, y = (core.scale * normal(5, 1, 1, HEAD_DIM, seed=seed, std=0.5).detach() for seed in (1, 2))
    exact = (x * y).sum(-1).exp().flatten()

    def estimates(directions):
        features = [((a @ directions.mT) - a.square().sum(-1, keepdim=True) / 2).exp() for a in (x, y)]
        return (features[0] * features[1]).mean(-1).squeeze(-1)  # (5, num_draws)

    orthogonal = estimates(core.directions)
    independent = estimates(normal(*core.directions.shape).detach())
    deviation = orthogonal.std(-1) / num_draws**0.5
    assert ((orthogonal.mean(-1) - exact).abs() < 4 * deviation).all()
    assert (deviation < 0.02 * exact).all()
    assert (orthogonal.std(-1) < independent.std(-1)).all()


@pytest.mark.parametrize("name", ["linear", "performer"])
def test_features_survive_keys_of_any_length(name):
    core = build(name, "causal").float()
    for std in (0.0, 1e-3, 10.0, 30.0, 100.0, 1e4):
        q, k, v = qkv(11, 11, std=std)
        output = core(q.float(), k.float(), v.float())
        assert output.isfinite().all()
        assert all(gradient.isfinite().all() for gradient in gradients(output, q, k, v))


def test_nystrom_with_a_landmark_for_each_position_is_softmax_attention():
    q, k, _ = qkv(11, 11, std=1.5)
    core = build("nystrom", num_landmarks=13, num_iterations=30)
    for key_mask in (None, torch.arange(11) < torch.tensor([[11], [7]])):
        weights = core.weights(q, k, key_mask=key_mask)
        expected = build("scaled_dot").weights(q, k, key_mask=key_mask)
        rows = (
            torch.ones(BATCH, 11, dtype=torch.bool) if key_mask is None else key_mask
        )  # a padded query is no landmark
        rows = rows[:, None, :, None].expand_as(weights)
        torch.testing.assert_close(weights[rows], expected[rows], atol=1e-6, rtol=0)


def test_pseudo_inverse_converges_to_torchs():
    matrix = normal(5, 7, 7).softmax(-1)
    expected = torch.linalg.pinv(matrix)
    torch.testing.assert_close(pseudo_inverse(matrix, 30), expected)
    singular = torch.cat([matrix[..., :6], torch.zeros(5, 7, 1)], dim=-1)
    torch.testing.assert_close(pseudo_inverse(singular, 30), torch.linalg.pinv(singular))


def test_random_frozen_is_synthesizer_random_without_training():
    frozen, learned = build("random_frozen"), build("synthesizer_random")
    learned.load_state_dict(frozen.state_dict())
    q, k, v = qkv(7, 7)
    assert torch.equal(learned(q, k, v), frozen(q, k, v))
    assert learned.logits.std().item() == pytest.approx(1, abs=0.02)
    assert learned.logits.requires_grad
    assert not frozen.logits.requires_grad


def test_random_frozen_reads_another_line_of_positions_by_the_key_alone():
    core = build("random_frozen", "cross")
    q, k, v = qkv(5, 7)
    assert core.logits.shape[-2:] == (1, MAX_LENGTH)
    weights = core.weights(q, k)
    assert torch.equal(weights, weights[..., :1, :].expand_as(weights))
    word_by_word = torch.cat([core(q[:, :, [i]], k, v) for i in range(5)], dim=2)
    torch.testing.assert_close(word_by_word, core(q, k, v))


@pytest.mark.parametrize("role", ["self", "causal"])
@pytest.mark.parametrize("name", ["linear", "performer"])
def test_sums_of_features_keep_their_precision_under_autocast(name, role):
    core = build(name, role)
    q, k, v = qkv(11, 11)
    exact, weights = core(q, k, v), core.weights(q, k)
    core, (q, k, v) = core.float(), (each.float() for each in (q, k, v))
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(core(q, k, v).double(), exact, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(core.weights(q, k).double(), weights, rtol=1e-4, atol=1e-5)
