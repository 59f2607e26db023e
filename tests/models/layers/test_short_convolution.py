"""A filter over the last few inputs."""

import pytest
import torch
from torch import nn

from attnlab.models.layers.short_convolution import ShortConvolution


def test_it_is_torchs_depthwise_convolution_with_zeros_in_front() -> None:
    ours = ShortConvolution(5, kernel_size=3)
    theirs = nn.Conv1d(5, 5, 3, groups=5, bias=False, padding=2)
    assert ours.filter is not None
    theirs.weight.data = ours.filter.detach().T.unsqueeze(1)
    x = torch.randn(2, 7, 5)
    torch.testing.assert_close(ours(x, None)[0], theirs(x.mT)[..., :7].mT)


def test_piece_by_piece_is_the_whole() -> None:
    convolution, x, before, outputs = ShortConvolution(5, kernel_size=4), torch.randn(2, 7, 5), None, []
    for piece in x.split([1, 2, 1, 3], dim=1):
        y, before = convolution(piece, before)
        outputs.append(y)
    torch.testing.assert_close(torch.cat(outputs, dim=1), convolution(x, None)[0])


def test_of_one_input_there_is_none() -> None:
    x = torch.randn(2, 7, 5)
    y, before = ShortConvolution(5, kernel_size=1)(x, None)
    assert y is x
    assert before.shape == (2, 0, 5)
    with pytest.raises(ValueError, match=r"kernel_size must be .*got 0 \(set model\.kernel_size\)"):
        ShortConvolution(5, kernel_size=0)


def test_it_doesnt_look_across_texts_that_follow_one_another() -> None:
    convolution, x = ShortConvolution(5, kernel_size=4), torch.randn(2, 7, 5)
    places = torch.tensor([[0, 1, 2, 3, 4, 0, 1], [0, 0, 1, 2, 0, 1, 2]])
    y, _ = convolution(x, None, places=places)
    for row, lengths in enumerate([[5, 2], [1, 3, 3]]):
        alone = [convolution(part[None], None)[0][0] for part in x[row].split(lengths)]
        torch.testing.assert_close(y[row], torch.cat(alone))
