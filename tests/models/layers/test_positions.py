"""Absolute positions: the paper's waves, where they start and where they end."""

import math

import pytest
import torch

from attnlab.models.layers.positions import Positions, sinusoidal_table

pytestmark = pytest.mark.text


def test_sinusoids_are_the_papers():
    table = sinusoidal_table(11, 6)
    for time in range(11):
        for pair in range(3):
            angle = time / 10000 ** (2 * pair / 6)
            assert table[time, 2 * pair].item() == pytest.approx(math.sin(angle), abs=1e-6)
            assert table[time, 2 * pair + 1].item() == pytest.approx(math.cos(angle), abs=1e-6)


@pytest.mark.parametrize("learned", [False, True])
def test_positions_start_where_told_and_end_at_their_limit(learned):
    positions = Positions(7, 6, learned=learned, key="data.max_target_length")
    assert len(list(positions.parameters())) == learned
    zeros = torch.zeros(2, 3, 6)
    torch.testing.assert_close(positions(zeros, 4)[1], sinusoidal_table(7, 6)[4:])
    with pytest.raises(ValueError, match=r"at most 7 tokens long, got 8 \(set data.max_target_length\)"):
        positions(zeros, 5)


@pytest.mark.parametrize("learned", [False, True])
def test_positions_begin_anew_where_they_are_told_to(learned):
    positions = Positions(7, 6, learned=learned, key="data.context_length")
    found = positions.at(torch.zeros(1, 5, 6), torch.tensor([[2, 3, 0, 1, 2]]))
    torch.testing.assert_close(found[0], sinusoidal_table(7, 6)[[2, 3, 0, 1, 2]])
    with pytest.raises(ValueError, match=r"at most 7 tokens long, got 8"):
        positions.at(torch.zeros(1, 8, 6), torch.zeros(1, 8, dtype=torch.long))
