"""mask_keys puts keys out of reach as padding is, and leaves nothing."""

import pytest
import torch
from mechanisms import FACTORIES, SERVED, SIBLINGS_SERVED

from attnlab.attention import mask_keys

BATCH, LENGTH, DIM, NUM_HEADS = 2, 5, 30, 3
KEPT = torch.tensor([[True, True, False, True, True], [False, True, True, True, False]])


@pytest.mark.parametrize("name, role", SERVED + SIBLINGS_SERVED)
def test_a_masked_key_is_as_one_of_padding_and_the_model_stays_as_it_was(name, role):
    torch.manual_seed(3)
    attention = FACTORIES[name](DIM, num_heads=NUM_HEADS, role=role, max_length=11).eval()
    x = torch.randn(BATCH, LENGTH, DIM)
    given = {"key": x} if role == "cross" else {}
    padded = attention(x, **given, key_mask=KEPT)
    whole = attention(x, **given)
    with mask_keys(attention, {role: KEPT}):
        torch.testing.assert_close(attention(x, **given), padded)
        first = torch.tensor([[True, False, True, True, True]] * BATCH)
        both = attention(x, **given, key_mask=first)
    torch.testing.assert_close(both, attention(x, **given, key_mask=KEPT & first))
    torch.testing.assert_close(attention(x, **given), whole)
    assert not any({"weights", "forward"} & vars(module).keys() for module in attention.modules())


def test_other_roles_see_all():
    attention = FACTORIES["scaled_dot"](DIM, num_heads=NUM_HEADS, role="causal", max_length=11).eval()
    x = torch.randn(BATCH, LENGTH, DIM)
    with mask_keys(attention, {"self": KEPT, "cross": KEPT}):
        masked = attention(x)
    assert torch.equal(masked, attention(x))
