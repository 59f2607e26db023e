"""Maps of a model that uses known inputs alone: right ones score as greedy deletion, others nothing."""

from itertools import count
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from attnlab.attention import Role
from attnlab.metrics.deletion import Floats
from attnlab.runs.diagnosis.deleting import DELETION, Deleting, Deletion, Mapped, records_of

NUM, LONGEST = 37, 13


class Batch(NamedTuple):
    ids: Tensor
    uses: Tensor  # (B, Q, n) what the score of each output loses with each input


class UsesKnownInputs:
    """Its score is minus the sum of what it has lost, of what it was last told to keep."""

    def __init__(self, lengths: Tensor) -> None:
        self.lengths = lengths

    def run(self, batch: Batch) -> Tensor:
        return -(batch.uses * ~self.told).sum(2)

    def real_queries(self, batch: Batch, look: object) -> None:
        return None

    def deletable(self, batch: Batch) -> Tensor:
        real = torch.arange(LONGEST) < self.lengths[batch.ids][:, None]
        return real.unsqueeze(1).expand(-1, batch.uses.size(1), -1)

    def maps(self, batch: Batch, looks: object) -> None:
        return None

    def kept(self, batch: Batch, kept: Tensor) -> dict[Role, Tensor]:
        self.told = kept
        return {}


@pytest.fixture
def examples() -> tuple[Tensor, Tensor]:
    """Lengths (N,) and uses (N, 2, n): three inputs matter for either output, one more than another."""
    random = np.random.default_rng(3)
    lengths = random.integers(7, LONGEST + 1, NUM)
    uses = np.zeros((NUM, 2, LONGEST))
    for outputs, length in zip(uses, lengths, strict=True):
        for row in outputs:
            row[random.permutation(length)[:3]] = [3.0, 2.0, 1.0]
    return torch.from_numpy(lengths), torch.from_numpy(uses)


def _deleted(examples: tuple[Tensor, Tensor], maps: list[Floats], *, batch_size: int = 17) -> Deletion:
    lengths, uses = examples
    task = SimpleNamespace(model=nn.Linear(1, 1))
    mapped = [Mapped((number, 0), weights, np.ones_like(weights, dtype=bool)) for number, weights in enumerate(maps)]
    deleting = Deleting(task, UsesKnownInputs(lengths), mapped)  # type: ignore[arg-type]
    for start in range(0, NUM, batch_size):
        ids = torch.arange(start, min(NUM, start + batch_size))
        deleting.add(Batch(ids, uses[ids]), start)
    return deleting.result()


def _of_each(examples: tuple[Tensor, Tensor], make) -> list[Floats]:  # type: ignore[no-untyped-def]
    return [make(number, int(length)) for number, length in enumerate(examples[0])]


def test_a_right_map_is_as_good_as_greedy_deletion(examples: tuple[Tensor, Tensor]) -> None:
    found = _deleted(examples, _of_each(examples, lambda number, length: examples[1][number, :, :length].numpy()))
    assert found.score == pytest.approx(1)
    assert (found.num_greedy, found.num_maps) == (NUM, 2 * NUM)
    assert found.drop == pytest.approx(found.greedy_drop)
    assert found.drop > 2 * found.donors_drop  # type: ignore[operator]


def test_batches_change_nothing(examples: tuple[Tensor, Tensor]) -> None:
    random = np.random.default_rng(5)
    maps = _of_each(examples, lambda number, length: random.random((2, length)).round(1))
    assert _deleted(examples, maps).score == pytest.approx(_deleted(examples, maps, batch_size=5).score)


def test_maps_of_chance_and_of_a_place_that_is_always_the_same_earn_nothing(examples: tuple[Tensor, Tensor]) -> None:
    random = np.random.default_rng(5)
    chance = _deleted(examples, _of_each(examples, lambda number, length: random.random((2, length))))
    assert chance.score == pytest.approx(0, abs=0.15)
    sink = _deleted(examples, _of_each(examples, lambda number, length: np.tile(-np.arange(length) / LONGEST, (2, 1))))
    assert sink.score == pytest.approx(0, abs=0.15)


def test_even_maps_rank_nothing(examples: tuple[Tensor, Tensor]) -> None:
    found = _deleted(examples, _of_each(examples, lambda number, length: np.full((2, length), 1 / length)))
    assert (found.score, found.num_flat) == (0, 2 * NUM)
    assert found.why is not None
    assert found.why.startswith("no ranking")
    half = _of_each(
        examples,
        lambda number, length: np.ones((2, length)) if number % 2 else examples[1][number, :, :length].numpy(),
    )
    some = _deleted(examples, half)
    assert some.rows[1][DELETION][0] == 0
    assert 0.3 < some.score < 0.8  # type: ignore[operator]


def test_an_example_of_one_input_counts_nothing(examples: tuple[Tensor, Tensor]) -> None:
    lengths, uses = examples
    lengths[4] = 1
    maps = _of_each(examples, lambda number, length: uses[number, :, :length].numpy())
    found = _deleted((lengths, uses), maps)
    assert found.num_maps == 2 * (NUM - 1)
    assert found.rows[4][DELETION] == [0, 0, 0, 0]
    assert found.rows.keys() == set(range(NUM))


def test_a_score_that_nothing_is_lost_of_has_none(examples: tuple[Tensor, Tensor]) -> None:
    lengths, uses = examples
    maps = _of_each(examples, lambda number, length: uses[number, :, :length].numpy())
    found = _deleted((lengths, torch.zeros_like(uses)), maps)
    assert found.score is None
    _, scores, without = records_of(found)
    assert (scores, list(without)) == ({}, [DELETION])


def test_what_takes_long_says_how_long_it_still_takes(
    examples: tuple[Tensor, Tensor], capsys: pytest.CaptureFixture[str]
) -> None:
    lengths, uses = examples
    maps = _of_each(examples, lambda number, length: examples[1][number, :, :length].numpy())
    mapped = [Mapped((number, 0), weights, np.ones_like(weights, dtype=bool)) for number, weights in enumerate(maps)]
    ticks = count()
    deleting = Deleting(
        SimpleNamespace(model=nn.Linear(1, 1)),  # type: ignore[arg-type]
        UsesKnownInputs(lengths),
        mapped,
        clock=lambda: 12.0 * next(ticks),
    )
    deleting.add(Batch(torch.arange(NUM), uses), 0)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"greedy deletion: 3 of {NUM} examples, about 7 min left"  # 36 s after it began
    assert lines[-1] == f"greedy deletion: 35 of {NUM} examples, about 24 s left"
