"""delete_keys takes keys away and shares out among those that are left, and leaves nothing."""

import pytest
import torch
from mechanisms import FACTORIES, SERVED, SIBLINGS_SERVED

from attnlab.attention import capture_attention, delete_keys

BATCH, LENGTH, DIM, NUM_HEADS = 2, 5, 30, 3
KEPT = torch.tensor([[True, True, False, True, True], [True, False, True, True, False]])


@pytest.fixture
def x():
    return torch.randn(BATCH, LENGTH, DIM, generator=torch.Generator().manual_seed(0))


def _attention(name, role):
    torch.manual_seed(3)
    return FACTORIES[name](DIM, num_heads=NUM_HEADS, role=role, max_length=11).eval()


def _maps(attention, x, **given):
    with capture_attention(attention) as maps:
        output = attention(x, **given)
    return output, next(iter(maps.values()))


@pytest.mark.parametrize("name, role", SERVED + SIBLINGS_SERVED)
def test_every_mechanism_gives_a_deleted_key_nothing_and_keeps_its_totals(name, role, x):
    attention = _attention(name, role)
    given = {"key": x} if role == "cross" else {}
    before, own = _maps(attention, x, **given)
    with delete_keys(attention, {role: KEPT[:, None]}):
        after, left = _maps(attention, x, **given)
    deleted = ~KEPT[:, None, None].expand_as(left)
    assert (left[deleted] == 0).all()
    torch.testing.assert_close(left.abs().sum(-1), own.abs().sum(-1), atol=1e-5, rtol=1e-4)
    assert torch.isfinite(after).all()
    assert torch.equal(attention(x, **given), before)
    assert not any({"weights", "forward"} & vars(module).keys() for module in attention.modules())


@pytest.mark.parametrize("role", ["self", "causal"])
def test_of_softmax_it_is_as_if_they_were_padding(role, x):
    attention = _attention("scaled_dot", role)
    with delete_keys(attention, {role: KEPT[:, None]}):
        deleted = attention(x)
    torch.testing.assert_close(deleted, attention(x, key_mask=KEPT), atol=1e-5, rtol=1e-4)


def test_each_query_can_lose_its_own(x):
    attention = _attention("scaled_dot", "cross")
    kept = torch.rand(BATCH, LENGTH, LENGTH, generator=torch.Generator().manual_seed(1)) < 0.6
    kept[..., 0] = True
    with delete_keys(attention, {"cross": kept}):
        whole = attention(x, x)
        with pytest.raises(AssertionError):
            torch.testing.assert_close(whole, attention(x, x, key_mask=KEPT))
    with delete_keys(attention, {"cross": kept}):
        steps = torch.cat([attention(x[:, step : step + 1], x) for step in range(LENGTH)], dim=1)
    torch.testing.assert_close(steps, whole)
    for query in range(LENGTH):
        alone = attention(x[:, query : query + 1], x, key_mask=kept[:, query])
        torch.testing.assert_close(whole[:, query : query + 1], alone, atol=1e-5, rtol=1e-4)


def test_a_query_that_looked_at_one_key_alone_looks_at_all_that_are_left(x):
    attention = _attention("hard", "self")
    _, own = _maps(attention, x)
    mask = torch.tensor([[True] * 5, [True, True, True, True, False]])
    kept = ~(own[:, 0] > 0)  # of the first head
    with delete_keys(attention, {"self": kept}):
        _, left = _maps(attention, x, key_mask=mask)
    for row in range(LENGTH):
        first = left[0, 0, row]
        assert first.sum() == pytest.approx(1)
        assert (first > 0).sum() == 4
    assert (left[1, :, :, 4] == 0).all()


def test_other_roles_keep_all(x):
    attention = _attention("scaled_dot", "causal")
    with delete_keys(attention, {"self": KEPT[:, None], "cross": KEPT[:, None]}):
        kept = attention(x)
    assert torch.equal(kept, attention(x))
