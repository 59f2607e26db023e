"""How much of one set of points lies where another one does."""

import torch
from torch import Tensor

AT_ONCE = 1000  # rows of a table of distances


def precision_and_recall(real: Tensor, generated: Tensor, *, num_neighbours: int) -> tuple[Tensor, Tensor]:
    """Shares, from 0 to 1: of generated points that are like real ones, and of real points that were covered.

    A point is within a set's manifold if it is no farther from one of its points than that point's k-th neighbour in
    the set: min_i |x - y_i| - r_k(y_i) <= 0        (Kynkäänniemi et al., 2019, eq. 1 and 2)

    Args:
        real, generated: (N, F) and (M, F), float64; only shares at equal N and M can be compared.
        num_neighbours: k, less than N and M.
    """
    return _share_within(generated, real, num_neighbours), _share_within(real, generated, num_neighbours)


def _share_within(points: Tensor, others: Tensor, num_neighbours: int) -> Tensor:
    # The first neighbour of a point is itself.
    radii = torch.cat(
        [_distances(few, others).kthvalue(num_neighbours + 1, dim=1).values for few in torch.split(others, AT_ONCE)]
    )  # (M,)
    within = [(_distances(few, others) <= radii).any(dim=1) for few in torch.split(points, AT_ONCE)]
    return torch.cat(within).double().mean()


def _distances(a: Tensor, b: Tensor) -> Tensor:
    # By a matrix product, which is several times faster; in float64 it can tell neighbours apart.
    return torch.cdist(a, b, compute_mode="use_mm_for_euclid_dist")
