"""Texts packed one after another, each told apart."""

import pytest
import torch

from attnlab.attention import (
    DeltanetAttention,
    MultiHeadAttention,
    ScaledDotAttention,
    Segments,
    attend_apart,
    capture_attention,
)

LENGTHS = [[1, 1, 9, 2], [13], [4, 5, 4]]  # of each row's segments


def numbered() -> torch.Tensor:
    return torch.tensor([[3 * number for number, length in enumerate(row) for _ in range(length)] for row in LENGTHS])


def test_a_step_knows_its_segment_and_its_place_in_it() -> None:
    found = Segments(numbered())
    assert found.numbers.tolist() == [[n for n, length in enumerate(row) for _ in range(length)] for row in LENGTHS]
    assert found.places.tolist() == [[place for length in row for place in range(length)] for row in LENGTHS]


def test_what_is_taken_apart_is_put_together_again_with_its_gradient() -> None:
    x = torch.randn(3, 13, 5, requires_grad=True)
    found = Segments(numbered())
    parts = found.apart(x)
    assert [tuple(part.shape) for part in parts] == [(2, 1, 5), (1, 2, 5), (2, 4, 5), (1, 5, 5), (2, 13, 5)]
    whole = found.together(parts)
    assert torch.equal(whole, x)
    (gradient,) = torch.autograd.grad(whole.sum(), x)
    assert torch.equal(gradient, torch.ones_like(x))


def test_no_more_than_half_of_what_stands_apart_is_padding() -> None:
    lengths = torch.tensor([1, 2, 3, 5, 7, 11, 31, 32, 33, 125])
    found = Segments(torch.repeat_interleave(torch.arange(len(lengths)), lengths)[None])
    steps = sum(part.shape[0] * part.shape[1] for part in found.apart(torch.zeros(1, int(lengths.sum()))))
    assert int(lengths.sum()) <= steps < 2 * int(lengths.sum())


@pytest.mark.parametrize("wrong", [torch.zeros(3), torch.zeros(2, 3), torch.zeros(2, 3, dtype=torch.bool)])
def test_numbers_that_arent_are_refused(wrong: torch.Tensor) -> None:
    with pytest.raises(ValueError, match=r"segments must be whole numbers \(B, T\), got torch"):
        Segments(wrong)


def _built(core: object) -> MultiHeadAttention:
    torch.manual_seed(3)
    return MultiHeadAttention(14, num_heads=2, core=core, role="causal", max_length=13).double().eval()


def test_a_recurrence_whose_weights_are_looked_at_still_keeps_texts_apart() -> None:
    attention, x = _built(DeltanetAttention), torch.randn(1, 13, 14, dtype=torch.float64)
    segments = Segments(torch.tensor([[0] * 6 + [1] * 7]))
    expected = attend_apart(attention, x, segments)
    with capture_attention(attention) as maps:
        torch.testing.assert_close(attend_apart(attention, x, segments), expected)
    assert [each.shape for each in maps.values()] == [(2, 2, 7, 7)]  # a row for each text


def test_keys_that_are_kept_arent_parted() -> None:
    x, numbers = torch.zeros(2, 5, 14, dtype=torch.float64), torch.zeros(2, 5, dtype=torch.long)
    with pytest.raises(ValueError, match=r"ScaledDotAttention keeps keys, which aren't parted by segments"):
        _built(ScaledDotAttention).advance(x, segments=numbers)
    with pytest.raises(ValueError, match=r"whole numbers \(B, T\), here \(2, 5\), got torch.int64 of \(2, 4\)"):
        _built(DeltanetAttention).advance(x, segments=numbers[:, 1:])
