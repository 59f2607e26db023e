"""A call of the shell with what doesn't fit it is one ValueError that names the argument, what it is and what fits."""

import pytest
import torch
from mechanisms import FACTORIES
from torch import nn

BATCH, LENGTH, OTHER, DIM = 2, 50, 7, 64
X = torch.zeros(BATCH, LENGTH, DIM)
MASK = torch.ones(BATCH, LENGTH, dtype=torch.bool)


def build(name="additive", role="self", **arguments):
    return FACTORIES[name](DIM, num_heads=4, role=role, max_length=128, **arguments)


def said(attention, *inputs, **arguments):
    """What both ways of calling it say, which is the same."""
    messages = set()
    for call in (attention, attention.attend):
        with pytest.raises(ValueError, match=r"got|can't") as caught:
            call(*inputs, **arguments)
        assert not caught.value.__cause__
        assert caught.value.__suppress_context__ or not caught.value.__context__
        messages.add(str(caught.value))
    (message,) = messages
    return message


def test_an_array_is_refused():
    assert said(build(role="cross"), X.numpy(), X) == (
        "query must be a tensor of torch, got numpy.ndarray (write torch.as_tensor(query))"
    )


@pytest.mark.parametrize("shape", [(2, 1, 1, 50), (50, 50), (3, 50), (1, 50), (2, 49), (50,), (2, 50, 50)])
@pytest.mark.parametrize("name", ["additive", "scaled_dot", "uniform", "latent"])
def test_a_mask_of_another_shape_is_refused(name, shape):
    message = said(build(name), X, key_mask=torch.ones(shape, dtype=torch.bool))
    assert message.startswith(f"key_mask must be (B, Tk), here (2, 50), True where a key may be attended, got {shape}")
    assert ("a mask of pairs goes in as a bias" in message) == (shape[-2:] == (50, 50))


@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.uint8])
@pytest.mark.parametrize("name", ["additive", "scaled_dot", "uniform", "latent"])
def test_a_mask_of_another_kind_is_refused(name, dtype):
    message = said(build(name), X, key_mask=MASK.to(dtype))
    assert message.startswith(f"key_mask must be bool, True where a key may be attended, got {dtype}")


@pytest.mark.parametrize("name", ["additive", "uniform", "latent"])
def test_another_width_is_refused(name):
    narrow = torch.zeros(BATCH, LENGTH, 32)
    assert said(build(name), narrow) == ("query must be (B, T, 64), as wide as what projects it, got (2, 50, 32)")
    assert said(build(name, "cross"), X, narrow).startswith("key must be (B, T, 64), as wide")
    assert said(build(name, "cross"), X, X, narrow).startswith("value must be (B, T, 64), as wide")
    assert said(build(name, "cross", key_dim=32, value_dim=32), X, X).startswith("key must be (B, T, 32), as wide")


def test_values_of_a_width_of_their_own_are_asked_for():
    attention = build("additive", "cross", key_dim=32, value_dim=16)
    keys = torch.zeros(BATCH, OTHER, 32)
    assert said(attention, X, keys) == "values of width 16 can't be made from keys of width 32 (give value, too)"
    assert attention(X, keys, torch.zeros(BATCH, OTHER, 16)).shape == X.shape


@pytest.mark.parametrize("name", ["additive", "scaled_dot", "uniform", "latent"])
def test_query_key_and_value_are_of_one_batch(name):
    attention, three = build(name, "cross"), torch.zeros(3, OTHER, DIM)
    assert said(attention, X, three) == (
        "query and key must be of one batch, got 2 of a query (2, 50, 64) and 3 of a key with 7 places"
    )
    assert said(attention, X, kv=attention.project(three)).startswith("query and key must be of one batch, got 2")
    assert said(attention, X[:1], X).startswith("query and key must be of one batch, got 1")
    assert said(attention, X, X, three) == ("there is a value to each key, got key (2, 50, 64) and value (3, 7, 64)")


def test_lengths_that_a_role_has_no_meaning_for_are_refused():
    shorter = X[:, :OTHER]
    assert said(build(role="self"), X, shorter).startswith("in the role self there are as many queries as keys, got 50")
    assert said(build(role="causal"), X, shorter).startswith("in the role causal the queries are the last of the keys")
    assert build(role="causal")(shorter, X).shape == shorter.shape
    assert build(role="cross")(X, shorter).shape == X.shape


@pytest.mark.parametrize("shape", [(2, 3, 50, 50), (2, 4, 50, 49), (1, 2, 4, 50, 50)])
def test_a_bias_that_does_not_broadcast_is_refused(shape):
    message = said(build(), X, bias=torch.zeros(shape))
    assert message == f"bias must broadcast to (B, H, Tq, Tk), here (2, 4, 50, 50), got {shape}"


def test_a_bias_that_may_be_of_examples_or_of_heads_must_say_which():
    own = torch.zeros(4, LENGTH, LENGTH)
    own[0, :, 1:] = -torch.inf  # of the first example, or of each one's first head
    four = torch.randn(4, LENGTH, DIM)
    for shape in ((2, 50, 50), (4, 50, 50), (4, 1, 1)):
        assert "(write bias[:, None] where it is the example, bias[None] where it is the head)" in said(
            build(), four, bias=torch.zeros(shape)
        )
    _, by_example = build().eval().attend(four, bias=own[:, None])
    _, by_head = build().eval().attend(four, bias=own[None])
    assert [(each[:, :, 1:] == 0).all().item() for each in by_example] == [True, False, False, False]
    assert [(each[:, :, 1:] == 0).all().item() for each in by_head.transpose(0, 1)] == [True, False, False, False]


def test_a_bias_of_truth_values_is_refused_and_one_that_broadcasts_taken():
    pairs = torch.ones(LENGTH, LENGTH)
    assert said(build(), X, bias=pairs.bool()).startswith("bias must be of floats, which are added to the scores, got")
    for bias in (pairs, pairs[None], torch.zeros(4, 1, 1)[None], torch.zeros(2, 1, 50, 50), torch.zeros(())):
        assert build()(X, bias=bias).shape == X.shape


@pytest.mark.parametrize("name", ["additive", "uniform", "latent"])
def test_another_dtype_or_device_is_told_by_the_name_of_the_argument(name):
    cross = build(name, "cross")
    assert said(cross, X, X.double()) == (
        "key (the query, where none is given) must be torch.float32, as the attention's weights are, got torch.float64 "
        "(convert one by .to)"
    )
    assert "must be torch.float32, as the attention's weights are, got torch.int64" in said(cross, X, X.long())
    assert said(cross, X, X, X.half()).startswith("value must be torch.float32")
    if name != "latent":  # whose projection without a bias takes what isn't anywhere
        assert said(cross, X, X.to("meta")) == (
            "key (the query, where none is given) must be where the attention is, on cpu, got it on meta (move one by "
            ".to)"
        )
    elsewhere = build(name).to("meta")
    assert said(elsewhere, X.to("meta"), key_mask=MASK) == (
        "key_mask must be where the query is, on meta, got it on cpu"
    )


def test_autocast_may_convert():
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert build()(X.bfloat16()).dtype == torch.bfloat16


def test_a_compiled_shell_is_whole_and_refuses_likewise():
    attention = build("scaled_dot")
    compiled = torch.compile(attention, backend="eager", fullgraph=True, dynamic=True)
    for length in (50, 7, 1):
        x, mask = torch.randn(BATCH, length, DIM), torch.ones(BATCH, length, dtype=torch.bool)
        torch.testing.assert_close(compiled(x, key_mask=mask), attention(x, key_mask=mask))
    with torch.no_grad(), pytest.raises(ValueError, match="key_mask must be"):
        torch.compile(attention, backend="eager")(X, key_mask=MASK[:1])


def test_a_graph_of_any_length_is_exported_of_a_shell_with_its_checks():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.causal, self.cross = build("scaled_dot", "causal"), build("additive", "cross")

        def forward(self, x, source, mask):
            return self.cross(self.causal(x), source, key_mask=mask)

    batch, length, source = (torch.export.Dim(name, min=2, max=64) for name in ("batch", "length", "source"))
    model, mask = Two().eval(), torch.ones(3, 11, dtype=torch.bool)
    inputs = torch.randn(3, 5, DIM), torch.randn(3, 11, DIM), mask
    shapes = ({0: batch, 1: length}, {0: batch, 1: source}, {0: batch, 1: source})
    graph = torch.export.export(model, inputs, dynamic_shapes=shapes).module()
    longer = torch.randn(2, 13, DIM), torch.randn(2, 4, DIM), mask[:2, :4]
    torch.testing.assert_close(graph(*longer), model(*longer))


@pytest.mark.parametrize(
    ("mask", "remedy"),
    [
        (MASK[:, None, None], "(write key_mask.reshape(2, 50))"),
        (MASK[0], "(one for the whole batch: write key_mask.expand(2, -1))"),
        (MASK[:1], "(one for the whole batch: write key_mask.expand(2, -1))"),
        (MASK.T, "(write key_mask.T)"),
    ],
)
def test_a_mask_that_only_lies_otherwise_is_told_how_to_lie(mask, remedy):
    assert said(build(), X, key_mask=mask).endswith(remedy)


def test_a_mask_in_the_place_of_the_key_is_told_its_own():
    assert said(build(), X, MASK) == "key must be of floats, got torch.bool (2, 50) (a mask goes in as key_mask=)"


def test_a_mask_that_is_added_to_scores_isnt_told_to_be_turned_into_its_opposite() -> None:
    mask = torch.arange(LENGTH) < torch.tensor([[7], [LENGTH]])
    added = torch.zeros(mask.shape).masked_fill(~mask, -torch.inf)
    message = said(build(), X, key_mask=added)
    assert message.endswith("got torch.float32 of 0 and values below, to be added to scores (write key_mask == 0)")
    torch.testing.assert_close(added == 0, mask)
    assert said(build(), X, key_mask=mask.float()).endswith("got torch.float32 (write key_mask.bool(), if 1 means so)")
    assert "write key_mask.bool()" in said(build().to("meta"), X.to("meta"), key_mask=added.to("meta"))


@pytest.mark.parametrize("name", ["query", "key", "key_mask", "bias"])
def test_what_is_no_tensor_is_refused(name):
    arguments = {"query": X, "key": X, name: [1.0, 2.0]}
    assert said(build(), **arguments) == f"{name} must be a tensor of torch, got list (write torch.as_tensor({name}))"


def test_lengths_in_the_place_of_a_mask_are_told_how_they_make_one():
    lengths = torch.tensor([LENGTH, 3])
    assert said(build(), X, key_mask=lengths) == (
        "key_mask must be bool (2, 50), True where a key may be attended, got torch.int64 (2,) (of lengths: write "
        "torch.arange(50) < lengths[:, None], where these are)"
    )
    assert build()(X, key_mask=torch.arange(LENGTH) < lengths[:, None]).shape == X.shape


def test_segments_that_are_no_tensor_are_refused():
    with pytest.raises(ValueError, match=r"^segments must be a tensor of torch, got list"):
        build("scaled_dot", role="causal").advance(X, segments=[0, 1])


@pytest.mark.parametrize("kv", [5, "a", (X, X), X])
@pytest.mark.parametrize("name", ["additive", "latent"])
def test_a_source_that_project_did_not_give_is_refused(name, kv):
    kind = type(kv).__name__ + (" of (2, 50, 64)" if kv is X else "")
    assert said(build(name, role="cross"), X, kv=kv) == (
        f"kv must be what project gives, an attnlab.attention.KeyValue, got {kind} (write kv=attention.project(key))"
    )


def test_a_source_of_other_heads_is_refused():
    others = FACTORIES["additive"](DIM, num_heads=8, role="cross", max_length=128).project(X)
    assert said(build(role="cross"), X, kv=others).startswith(
        "kv must be what this attention's own project gives, values (B, 4, Tk, 16), got (2, 8, 50, 8)"
    )


def test_places_of_another_kind_are_refused():
    assert said(build(), X, places=5) == (
        "places must be an attnlab.attention.Places, got 5 (write places=attnlab.attention.Places(((height, width),)))"
    )


@pytest.mark.parametrize("name", ["additive", "gla"])
@pytest.mark.parametrize("past", [5, (X,), X])
def test_a_past_that_advance_did_not_give_is_refused(name, past):
    with pytest.raises(ValueError, match=r"^past must be what advance gave before, or None at the start, got "):
        build(name, role="causal").advance(X, past)


@pytest.mark.parametrize("name", ["additive", "gla"])
def test_a_mask_of_other_steps_is_refused_while_advancing(name):
    with pytest.raises(ValueError, match=r"^key_mask must be \(B, Tk\), here \(2, 50\), .* got \(2, 49\)"):
        build(name, role="causal").advance(X, key_mask=MASK[:, 1:])


def test_a_mask_of_pairs_becomes_a_bias_as_the_message_says():
    allowed = torch.rand(LENGTH, LENGTH, generator=torch.Generator().manual_seed(5)) < 0.5
    message = said(build(), X, bias=allowed)
    assert (
        "(write torch.zeros(mask.shape).masked_fill(~mask, -math.inf) for a mask that is True where a key may be "
        in (message)
    )
    bias = torch.zeros(allowed.shape).masked_fill(~allowed, -torch.inf)
    _, weights = build().eval().attend(torch.randn(X.shape), bias=bias)
    assert torch.equal(weights[0, 0] > 0, allowed)
