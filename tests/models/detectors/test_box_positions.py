"""Where places of a map lie, how they are told apart, and the bias towards a box."""

import torch

from attnlab.models.detectors.box_positions import NearBox, places, sine_of_shares


def test_the_bias_towards_a_box_is_the_formula() -> None:
    torch.manual_seed(3)
    near = NearBox(12, num_heads=3).double()
    content, boxes = torch.randn(2, 5, 12).double(), 0.2 + 0.5 * torch.rand(2, 5, 4).double()
    where = torch.rand(2, 11, 2).double()
    aim = near.aim(content).view(2, 5, 3, 3)
    found = near(content, boxes, where)
    assert found.shape == (2, 3, 5, 11)
    for image in range(2):
        for head in range(3):
            for query in range(5):
                right, down, reach = aim[image, query, head]
                size = boxes[image, query, 2:]
                centre = boxes[image, query, :2] + torch.stack([right, down]) * size
                away = (where[image] - centre) / (reach.exp() * size)
                expected = -away.square().sum(-1) / 2
                assert torch.allclose(found[image, head, query].double(), expected, atol=1e-3)


def test_places_lie_where_convolutions_put_them() -> None:
    shares, mask = places(2, 3, stride=8, extents=torch.tensor([[16, 24], [8, 17]]))
    assert torch.allclose(shares[0] * torch.tensor([24.0, 16]), torch.tensor(PLACES))
    assert torch.allclose(shares[1] * torch.tensor([17.0, 8]), torch.tensor(PLACES))
    assert mask.tolist() == [[True] * 6, [True, True, True, False, False, False]]


PLACES = [[0.5, 0.5], [8.5, 0.5], [16.5, 0.5], [0.5, 8.5], [8.5, 8.5], [16.5, 8.5]]


def test_waves_tell_places_apart() -> None:
    waves = sine_of_shares(torch.linspace(0, 1, 41), 12)
    assert waves.shape == (41, 12)
    assert torch.allclose(waves.square().sum(1), torch.full((41,), 6.0), atol=1e-4)
    distances = torch.cdist(waves, waves) + 9 * torch.eye(41)
    assert distances.min() > 0.1
