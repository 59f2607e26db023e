"""watch_attention tells of each call what was attended to and what might have been."""

import pytest
import torch
from mechanisms import FACTORIES, SERVED, SIBLINGS_SERVED

from attnlab.attention import capture_attention, watch_attention

BATCH, LENGTH, DIM, NUM_HEADS = 2, 5, 30, 3
KEY_MASK = torch.tensor([[True] * 5, [True, False, True, True, False]])


@pytest.mark.parametrize("name, role", SERVED + SIBLINGS_SERVED)
def test_every_mechanism_is_heard_once_a_call_with_what_it_may_attend(name, role):
    torch.manual_seed(3)
    attention = FACTORIES[name](DIM, num_heads=NUM_HEADS, role=role, max_length=11).eval()
    x = torch.randn(BATCH, LENGTH, DIM)
    given = {"key": x} if role == "cross" else {}
    before = attention(x, **given, key_mask=KEY_MASK)
    looks = []
    with capture_attention(attention) as maps:
        attention(x, **given, key_mask=KEY_MASK)
    with watch_attention(attention, looks.append) as paths:
        watched = attention(x, **given, key_mask=KEY_MASK)
        attention.attend(x, **given, key_mask=KEY_MASK)
    assert torch.equal(watched, before)
    assert [look.path for look in looks] == 2 * paths
    first, second = looks
    assert first.role == role
    torch.testing.assert_close(first.weights, second.weights)
    torch.testing.assert_close(first.weights.float(), next(iter(maps.values())))
    allowed = KEY_MASK[:, None, None, :].expand(BATCH, 1, LENGTH, LENGTH)
    if role == "causal":
        allowed = allowed & torch.ones(LENGTH, LENGTH, dtype=torch.bool).tril()
    assert torch.equal(first.allowed, allowed)
    assert (first.weights.masked_select(~allowed.expand_as(first.weights)) == 0).all()
    assert not any({"weights", "forward"} & vars(module).keys() for module in attention.modules())


def test_without_a_mask_everything_may_be_attended():
    attention = FACTORIES["scaled_dot"](DIM, num_heads=NUM_HEADS, role="cross", max_length=11).eval()
    looks = []
    with watch_attention(attention, looks.append):
        attention(torch.randn(BATCH, 3, DIM), torch.randn(BATCH, LENGTH, DIM))
    [look] = looks
    assert look.key_mask is None
    assert look.allowed.all()
    assert look.allowed.shape == (BATCH, 1, 3, LENGTH)
