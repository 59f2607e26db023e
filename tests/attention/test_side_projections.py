"""What the shell projects besides q, k and v."""

import pytest
import torch

from attnlab.attention import Side
from attnlab.attention.side_projections import SideProjections


def test_each_source_has_those_that_come_from_it():
    sides = {"gate": Side(3, "query"), "decay": Side(2, "key", rank=5)}
    of_keys = SideProjections(sides, "key", in_dim=7, num_heads=4)
    assert [tuple(each.shape) for each in of_keys.parameters()] == [(5, 7), (8, 5)]
    assert {name: tuple(x.shape) for name, x in of_keys(torch.randn(2, 6, 7)).items()} == {"decay": (2, 4, 6, 2)}


@pytest.mark.parametrize("width", [1, 64])
def test_gates_begin_near_their_bias_whatever_the_width(width):
    torch.manual_seed(0)
    projections = SideProjections({"gate": Side(width, "query")}, "query", in_dim=256, num_heads=8)
    assert projections(torch.randn(1, 512, 256))["gate"].std().item() == pytest.approx(0.577, abs=0.03)


def test_what_is_no_side_is_refused():
    with pytest.raises(ValueError, match="a side's width and rank must be 1 or more, got 0 and None"):
        Side(0, "query")
    with pytest.raises(ValueError, match="a side is projected from query or key, got 'value'"):
        Side(1, "value")
    with pytest.raises(ValueError, match="must be an identifier that is no method of modules, got 'keys'"):
        SideProjections({"keys": Side(1, "key")}, "key", in_dim=3, num_heads=1)
