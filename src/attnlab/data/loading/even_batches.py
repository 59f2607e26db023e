"""Batches of equally many items, for data whose items are all of one size."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from attnlab.data.loading.batching import Ints


@dataclass(frozen=True, kw_only=True)
class EvenPlans:
    """Batches of at most `batch_size` of the `num_items[split]` items."""

    num_items: Mapping[str, int]
    batch_size: int
    seed: int

    def num_examples(self, split: str) -> int:
        return self.num_items[split]

    def train_plan(self, epoch: int, world_size: int) -> list[Ints]:
        return shuffled_batches(
            self.num_items["train"], batch_size=self.batch_size, seed=self.seed, epoch=epoch, world_size=world_size
        )

    def evaluation_plan(self, split: str, *, rank: int, world_size: int) -> list[Ints]:
        return evaluation_batches(self.num_items[split], batch_size=self.batch_size, rank=rank, world_size=world_size)


def shuffled_batches(num_items: int, *, batch_size: int, seed: int, epoch: int, world_size: int = 1) -> list[Ints]:
    """The rows of each batch of one pass; process r of `world_size` takes every `world_size`-th from the r-th on.

    Every row is in exactly one batch, unless there are fewer rows than batches: then some are repeated. Batches have
    `batch_size` rows or a few less, and one batch at most one row more than another: none is so small that its
    statistics would mean nothing.
    """
    order = np.random.default_rng([seed, epoch]).permutation(num_items)
    num_batches = -(-num_items // (batch_size * world_size)) * world_size
    return np.array_split(np.resize(order, max(num_items, num_batches)), num_batches)


def evaluation_batches(num_items: int, *, batch_size: int, rank: int = 0, world_size: int = 1) -> list[Ints]:
    """The batches of one process; those of all processes together hold every row exactly once.

    Always in the same mixed order, so that the first few are a fair sample.
    """
    num_batches = max(-(-num_items // batch_size), min(world_size, num_items))
    return np.array_split(np.random.default_rng(0).permutation(num_items), num_batches)[rank::world_size]


def take_turns(labels: Ints, num_items: int) -> Ints:
    """The first `num_items` rows if the classes took turns, each with its own rows in order; the rows ascend."""
    by_class = np.argsort(labels, kind="stable")
    counts = np.bincount(labels)
    turns = np.empty(len(labels), dtype=np.int64)
    turns[by_class] = np.concatenate([np.arange(count) for count in counts])
    return np.sort(np.lexsort([labels, turns])[:num_items])
