"""Scores of generated pictures: against plain loops, and the same however the pictures came."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
import torch
import torch.nn.functional as F
from torch import Tensor

from attnlab.errors import UserError
from attnlab.metrics.generation.manifolds import precision_and_recall
from attnlab.metrics.generation.scores import GenerationScores, frechet_distance, kernel_distance

CLASSES = ["bright above", "bright below"]


class Squares:
    """Features of a picture: its brightness in 3 by 3 squares."""

    name = "squares"
    signature = "squares|3"
    classes = tuple(CLASSES)

    def __init__(self) -> None:
        self.num_seen = 0

    def load(self) -> None:
        pass

    def features(self, pictures: Tensor) -> Tensor:
        self.num_seen += len(pictures)
        return F.adaptive_avg_pool2d(pictures.float() / 255, 3).flatten(1)

    def logits(self, features: Tensor) -> Tensor | None:
        return torch.stack([features[:, :3].sum(1), features[:, 6:].sum(1)], dim=1)


def _pictures(num: int, seed: int, *, brightness: int = 200) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    return torch.randint(0, brightness, (num, 1, 7, 5), generator=draw, dtype=torch.uint8)


def _scores(real: Tensor, generated: Tensor, *, batch: int = 23) -> dict[str, float]:
    scores = GenerationScores(Squares(), classes=None)
    for pictures in real.split(batch):
        scores.update_real(pictures)
    for pictures in generated.split(batch):
        scores.update_generated(pictures)
    return {name: float(value) for name, value in scores.compute().items()}


def _points(num: int, num_features: int, seed: int, *, shift: float = 0.0) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    mixing = torch.randn(num_features, num_features, generator=torch.Generator().manual_seed(7), dtype=torch.float64)
    return torch.randn(num, num_features, generator=draw, dtype=torch.float64) @ mixing + shift


# The arithmetic


def test_the_fid_is_the_distance_between_two_gaussians() -> None:
    real, generated = _points(211, 13, 1), 1.7 * _points(199, 13, 2, shift=0.3)
    a, b = real.numpy(), generated.numpy()
    covariances = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(covariances[0] + covariances[1] - 2 * root)
    assert float(frechet_distance(real, generated)) == pytest.approx(expected, rel=1e-9)


def test_the_fid_of_a_collapsed_generator_is_a_number() -> None:
    real = _points(101, 13, 1)
    one = real[:1].expand(97, -1)
    expected = ((real.mean(0) - one[0]) ** 2).sum() + real.T.cov().trace()
    assert float(frechet_distance(real, one)) == pytest.approx(float(expected), rel=1e-5)
    assert float(frechet_distance(real, real)) == pytest.approx(0, abs=1e-5)


def test_the_kid_is_the_mean_over_blocks_that_share_nothing_and_its_error_that_of_a_mean() -> None:
    real, generated = _points(107, 5, 1), _points(103, 5, 2, shift=0.2)  # ten blocks of ten; the rest is left
    blocks = []
    for start in range(0, 100, 10):
        x, y = (each[start : start + 10].tolist() for each in (real, generated))
        same, between = [], []
        for i in range(10):
            for j in range(10):
                if i != j:
                    same += [_kernel(x[i], x[j]), _kernel(y[i], y[j])]
                between.append(_kernel(x[i], y[j]))
        blocks.append(2 * np.mean(same) - 2 * np.mean(between))
    kid, error = kernel_distance(real, generated)
    assert float(kid) == pytest.approx(np.mean(blocks), rel=1e-9)
    assert float(error) == pytest.approx(np.std(blocks, ddof=1) / 10**0.5, rel=1e-9)


def _kernel(x: list[float], y: list[float]) -> float:
    return float((sum(a * b for a, b in zip(x, y, strict=True)) / len(x) + 1) ** 3)


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_the_kids_error_covers_repeated_draws(shift: float) -> None:
    draws = [
        torch.stack(kernel_distance(_points(307, 3, 2 * seed), _points(307, 3, 2 * seed + 1, shift=shift)))
        for seed in range(211)
    ]
    kids, errors = torch.stack(draws).T
    assert 0.8 < float(errors.square().mean().sqrt() / kids.std()) < 1.25
    # A long run tells the value that is estimated: without bias it is the mean.
    many = _points(20_000, 3, 1000), _points(20_000, 3, 1001, shift=shift)
    truth = float(kernel_distance(*many)[0]) if shift else 0.0
    assert float(kids.mean()) == pytest.approx(truth, abs=4 * float(kids.std()) / 211**0.5)
    covered = ((kids - truth).abs() <= 2 * errors).double().mean()
    assert float(covered) > 0.87  # 0.92 of Student's t with nine degrees of freedom; fewer for skewed blocks


def test_precision_and_recall_are_shares_within_the_balls_to_the_third_neighbours() -> None:
    real, generated = _points(53, 5, 1), _points(47, 5, 2, shift=3)

    def share(points: Tensor, others: Tensor) -> float:
        radii = [sorted(float((a - b).norm()) for b in others)[3] for a in others]  # 0, to itself, comes first
        within = [
            any(float((point - a).norm()) <= radius for a, radius in zip(others, radii, strict=True))
            for point in points
        ]
        return float(np.mean(within))

    precision, recall = precision_and_recall(real, generated, num_neighbours=3)
    assert float(precision) == pytest.approx(share(generated, real))
    assert float(recall) == pytest.approx(share(real, generated))
    assert 0 < float(recall) < float(precision) < 1


def test_a_set_covers_itself_and_nothing_far_away() -> None:
    points = _points(31, 5, 1)
    assert [float(each) for each in precision_and_recall(points, points, num_neighbours=3)] == [1, 1]
    assert [float(each) for each in precision_and_recall(points, points + 1e3, num_neighbours=3)] == [0, 0]


# The adding up


def test_neither_order_nor_batches_change_anything() -> None:
    real, generated = _pictures(211, 1), _pictures(211, 2, brightness=150)
    once = _scores(real, generated, batch=211)
    assert _scores(real.flip(0), generated.roll(31, 0), batch=7) == pytest.approx(once, rel=1e-6)
    assert once["kid_squares"] != 0


def test_the_same_pictures_in_another_order_are_still_compared_in_mixed_blocks() -> None:
    sorted_by_class = torch.cat([_pictures(101, 1, brightness=60), _pictures(101, 2)])
    other = torch.cat([_pictures(101, 4), _pictures(101, 3, brightness=60)])
    scores = _scores(sorted_by_class, other)
    assert abs(scores["kid_squares"]) < 4 * scores["kid_squares_error"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # later Pythons': of forks beside threads
@pytest.mark.parametrize("shares", [(slice(0, None, 2), slice(1, None, 2)), (slice(None), slice(0))])
def test_two_processes_find_what_one_does(tmp_path: Path, shares: tuple[slice, slice]) -> None:
    """Also where one of them has no picture."""
    children = [_fork(rank, tmp_path, share) for rank, share in enumerate(shares)]
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]
    alone = _labelled_scores(slice(None))
    for rank in (0, 1):
        assert json.loads((tmp_path / f"{rank}.json").read_text()) == pytest.approx(alone, rel=1e-6)


def _fork(rank: int, folder: Path, share: slice) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        meeting = f"file://{folder / 'meeting'}"
        torch.distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=2)
        (folder / f"{rank}.json").write_text(json.dumps(_labelled_scores(share)))
        status = 0
    finally:
        os._exit(status)


def _labelled_scores(mine: slice) -> dict[str, float]:
    scores = GenerationScores(Squares(), classes=CLASSES)
    real, generated, labels = (
        _pictures(103, 1)[mine],
        _pictures(101, 2)[mine],
        torch.zeros(101, dtype=torch.int64)[mine],
    )
    if len(generated):
        scores.update_real(real)
        scores.update_generated(generated, labels)
    return {name: float(value) for name, value in scores.compute().items()}


def test_real_pictures_are_looked_at_once_if_all_have_been_seen() -> None:
    extractor = Squares()
    scores = GenerationScores(extractor, classes=None)
    scores.update_real(_pictures(31, 5))  # an interrupted pass
    scores.reset()
    scores.update_real(_pictures(53, 1))
    scores.update_generated(_pictures(53, 2))
    first = scores.compute()
    assert extractor.num_seen == 31 + 53 + 53
    scores.reset()
    scores.update_real(_pictures(53, 1))
    scores.update_generated(_pictures(53, 2))
    assert extractor.num_seen == 31 + 53 + 53 + 53
    assert scores.compute() == first
    assert {name: float(value) for name, value in first.items()} == _scores(_pictures(53, 1), _pictures(53, 2))


def test_class_accuracy_is_measured_for_labels_that_the_extractor_knows() -> None:
    pictures, labels = _pictures(53, 1), torch.arange(53) % 2
    pictures[labels == 0, :, :2] = 255
    pictures[labels == 1, :, -2:] = 255
    for classes, expected in ((CLASSES, 1.0), (["cat", "dog"], None), (None, None)):
        scores = GenerationScores(Squares(), classes=classes)
        scores.update_real(pictures)
        scores.update_generated(pictures[:40], labels[:40])
        scores.update_generated(pictures[40:], labels[40:])
        assert scores.compute().get("class_accuracy") == expected
        assert ("class_accuracy" in scores.signatures()) == (expected is not None)
    scores = GenerationScores(Squares(), classes=CLASSES)
    scores.update_real(pictures)
    scores.update_generated(pictures, 1 - labels)
    assert scores.compute()["class_accuracy"] == 0


def test_too_few_pictures_are_one_clear_line() -> None:
    with pytest.raises(UserError, match="scores need 4 generated pictures or more, got 3"):
        _scores(_pictures(4, 1), _pictures(3, 2))
    with pytest.raises(UserError, match="scores need 4 real pictures or more, got 0"):
        _scores(_pictures(0, 1), _pictures(4, 2))
    with pytest.raises(UserError, match="scores need 4 real pictures or more, got 0"):
        GenerationScores(Squares(), classes=None).compute()  # not even a batch of none
    assert all(np.isfinite(list(_scores(_pictures(4, 1), _pictures(5, 2)).values())))


def test_scoring_draws_no_random_numbers() -> None:
    before = torch.get_rng_state(), np.random.get_state()[1].tolist()  # type: ignore[index]
    _scores(_pictures(53, 1), _pictures(53, 2))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.random.get_state()[1].tolist() == before[1]  # type: ignore[index]


def test_each_score_is_signed() -> None:
    signatures = GenerationScores(Squares(), classes=None).signatures()
    assert list(signatures) == ["fid_squares", "kid_squares", "precision", "recall"]
    assert all("squares|3" in each for each in signatures.values())
    assert signatures["fid_squares"].startswith("torchmetrics|version:1.")
