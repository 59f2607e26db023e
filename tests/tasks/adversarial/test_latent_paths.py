"""A way between two latents turns evenly and keeps to their distance from the origin."""

import pytest
import torch

from attnlab.tasks.adversarial.latent_paths import spherical_path


@pytest.mark.parametrize("num", [2, 5, 11])
def test_a_path_has_its_ends_and_equal_angles(num: int) -> None:
    start, end = torch.randn(2, 13, dtype=torch.float64, generator=torch.Generator().manual_seed(7))
    end *= start.norm() / end.norm()
    path = spherical_path(start, end, num=num)
    assert torch.allclose(path[0], start)
    assert torch.allclose(path[-1], end)
    assert torch.allclose(path.norm(dim=1), start.norm().expand(num))
    angles = torch.arccos(torch.cosine_similarity(path[:-1], path[1:]))
    assert torch.allclose(angles, angles[:1].expand(num - 1))


def test_a_path_along_one_line_is_straight() -> None:
    start = torch.tensor([3.0, 4.0])
    assert torch.allclose(spherical_path(start, 2 * start, num=3), start * torch.tensor([[1.0], [1.5], [2.0]]))
    assert torch.isfinite(spherical_path(start, -start, num=3)).all()
    assert torch.isfinite(spherical_path(start, start, num=3)).all()
