"""The nearest of many pictures, whatever batches they come in."""

import pytest
import torch

from attnlab.metrics.generation.nearest import nearest


def test_the_nearest_are_found_in_order_whatever_the_batches() -> None:
    draw = torch.Generator().manual_seed(5)
    images, others = (torch.randint(0, 256, (num, 3, 5, 7), generator=draw).byte() for num in (3, 41))
    others[29] = images[1]
    expected = (images[:, None].double() - others.double()).square().flatten(2).mean(2).sqrt()  # (3, 41)
    for size in (1, 7, 41):
        distances, numbers = nearest(images, others.split(size), num=4)
        assert torch.allclose(distances, expected.sort(dim=1).values[:, :4])
        assert torch.equal(numbers, expected.argsort(dim=1)[:, :4])
    assert (distances[1, 0], numbers[1, 0]) == (0, 29), "a copy is at no distance at all"


def test_of_equals_the_first_counts_and_of_few_all_do() -> None:
    image = torch.full((1, 1, 2, 3), 9, dtype=torch.uint8)
    distances, numbers = nearest(image, [image, image + 3, image], num=7)
    assert numbers.tolist() == [[0, 2, 1]]
    assert distances.tolist() == [pytest.approx([0, 0, 3])]
