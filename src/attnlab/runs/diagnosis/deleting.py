"""How far a model's maps show what it uses: `attnlab.metrics.deletion` on the examples of a test."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from attnlab.attention import delete_keys
from attnlab.language import either
from attnlab.launch.pool_progress import clock_time
from attnlab.metrics import deletion
from attnlab.metrics.records.contract import DELETION, Score
from attnlab.metrics.records.kept import KeptStatistics
from attnlab.metrics.records.sums import ratio_of_means
from attnlab.reading.shown import tell
from attnlab.runs.diagnosis.readers import DeletingReader, network_of
from attnlab.tasks.task import Task

SCORE = Score("ratio_of_means", DELETION)
SIGNATURE = (
    f"fractions:{','.join(map(str, deletion.FRACTIONS))}|donors:{deletion.NUM_DONORS}|greedy:{deletion.NUM_GREEDY}"
    "|version:1"
)
AT_ONCE = 128  # deletions from one example
TOLD = 20  # examples of greedy deletion, which takes longest, between two words of it,
SILENCE = 30.0  # or seconds


class Mapped(NamedTuple):
    """The maps of an example, or of a piece of one that is read by itself: of its Q outputs over its n inputs."""

    key: tuple[int, int]  # the example's id, and which of its pieces
    weights: deletion.Floats  # (Q, n)
    chosen: deletion.Bools  # (Q, n) what can be deleted


@dataclass(frozen=True, kw_only=True)
class Deletion:
    """How faithful maps are.

    Attributes:
        score: 0 of maps that say no more than another example's, 1 of such as greedy deletion finds; None if unknown.
        why: it is.
        num_maps: of outputs that two inputs or more can be deleted from.
        num_flat: those of them that say nothing, so that they count 0.
        drop, donors_drop, greedy_drop: means over examples of their outputs' means, in nats; the latter over
            `num_greedy` examples.
        rows: what each example adds to the score, by its id.
    """

    score: float | None
    why: str | None
    num_maps: int
    num_flat: int
    num_greedy: int
    drop: float | None
    donors_drop: float | None
    greedy_drop: float | None
    rows: KeptStatistics = field(repr=False)

    def plain(self) -> dict[str, Any]:
        """Plain values, without the rows."""
        return {name: value for name, value in vars(self).items() if name != "rows"}


class Deleting:
    """Deletes from the examples of a test, whose maps are known.

    Args:
        mapped: all of them, in the order in which batches have them.
        clock: of seconds.
    """

    def __init__(
        self,
        task: Task[Any],
        reader: DeletingReader,
        mapped: list[Mapped],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.clock, self.began = clock, clock()
        self.told = self.began
        self.network, self.reader, self.mapped = network_of(task), reader, mapped
        self.rows = KeptStatistics()
        self.drops: dict[str, list[float]] = {"own": [], "donors": [], "greedy": []}
        ranked = [place for place, each in enumerate(mapped) if deletion.rankable(each.chosen).any()]
        ranked.sort(key=lambda place: mapped[place].key)  # whatever the batches
        self.ranked = np.array(ranked, dtype=np.int64)
        self.place_among = {place: among for among, place in enumerate(ranked)}
        self.greedy = {ranked[among] for among in deletion.greedily_deleted(len(ranked))}
        self.flat = {place: self._flat(mapped[place]) for place in ranked}
        self.num_maps = sum(int(deletion.rankable(mapped[place].chosen).sum()) for place in ranked)
        self.num_flat = sum(int(each.sum()) for each in self.flat.values())

    @staticmethod
    def _flat(mapped: Mapped) -> deletion.Bools:
        """Which outputs (Q,) can be ranked, but not by their maps."""
        even = [deletion.is_flat(row[able]) for row, able in zip(mapped.weights, mapped.chosen, strict=True)]
        return deletion.rankable(mapped.chosen) & np.array(even, dtype=np.bool_)

    @property
    def says_nothing(self) -> bool:
        """Whether no map ranks anything."""
        return self.num_flat == self.num_maps

    @cached_property
    def donors(self) -> list[deletion.Ints]:
        """The places of each ranked example's donors."""
        lengths = np.array([self.mapped[place].chosen.shape[1] for place in self.ranked], dtype=np.int64)
        return [
            self.ranked[deletion.donors(lengths, among, self.mapped[place].key)]
            for among, place in enumerate(self.ranked)
        ]

    def add(self, batch: Any, start: int) -> None:
        """Delete from a batch, whose first example, or piece, is at the place `start`."""
        places = range(start, start + len(batch.ids))
        if self.says_nothing:
            for place in places:
                self._note(place, [0.0, float(place in self.place_among), 0.0, 0.0])
            return
        deletable = self.reader.deletable(batch).cpu()
        whole = self._scores(batch, torch.ones_like(deletable))
        drops = [self._drops(batch, whole, deletable, places, slot) for slot in range(1 + deletion.NUM_DONORS)]
        for row, place in enumerate(places):
            if place not in self.place_among:
                self._note(place, [0.0] * 4)
                continue
            queries = deletable[row].any(1)
            own, *others = (each[row, queries].numpy() for each in drops)
            donors = np.mean(others[: len(self.donors[self.place_among[place]])] or [np.zeros(len(own))], axis=0)
            greedy = self._greedy(batch, row, deletable[row], whole[row]) if place in self.greedy else None
            self._conclude(place, own, donors, greedy)

    def _conclude(
        self, place: int, own: deletion.Floats, donors: deletion.Floats, greedy: deletion.Floats | None
    ) -> None:
        """Of an example's outputs (Q,): what they lose under their own maps, others' and, if tried, greedy deletion."""
        counts = deletion.rankable(self.mapped[place].chosen)
        gains = np.where(self.flat[place], 0.0, own - donors)[counts]
        numbers = [float(gains.mean()), 1.0, 0.0, 0.0]
        if greedy is not None:
            numbers[2:] = [float((greedy - donors)[counts].mean()), 1.0]
            self.drops["greedy"].append(float(greedy[counts].mean()))
            self._tell_of_greedy(len(self.drops["greedy"]), len(self.greedy))
        self.drops["own"].append(float(own[counts].mean()))
        self.drops["donors"].append(float(donors[counts].mean()))
        self._note(place, numbers)

    def _tell_of_greedy(self, done: int, whole: int) -> None:
        """How far it has come, and how long all takes: those of greedy deletion lie evenly among the examples."""
        now = self.clock()
        if done % TOLD and now - self.told < SILENCE:
            return
        self.told = now
        left = clock_time((now - self.began) * (whole - done) / done)
        tell(
            either(
                f"greedy deletion: {done} of {whole} examples" + (f", about {left} left" if done < whole else ""),
                f"贪心删除：{whole} 个样本中已完成 {done} 个" + (f"，约剩 {left}" if done < whole else ""),
            )
        )

    def _note(self, place: int, numbers: list[float]) -> None:
        self.rows.add(DELETION, torch.tensor([self.mapped[place].key[0]]), torch.tensor([numbers], dtype=torch.float64))

    def result(self) -> Deletion:
        """Once all batches are there."""
        means = {name: float(np.mean(each)) if each else None for name, each in self.drops.items()}
        why, score = None, None
        sums = np.sum([row[DELETION] for row in self.rows.values()], axis=0) if self.rows else np.zeros(4)
        if not len(self.ranked):
            why = "no example has two inputs that can be deleted"
        elif self.says_nothing:
            score, why = 0.0, "no ranking: every map is even"
        elif len(self.ranked) < 2:
            why = "there is no other example whose map could be compared"
        elif sums[2] <= 0:
            why = "greedy deletion finds nothing that the score hangs on more than on what any map points to"
        else:
            score = float(ratio_of_means(sums))
        return Deletion(
            score=score,
            why=why,
            num_maps=self.num_maps,
            num_flat=self.num_flat,
            num_greedy=len(self.drops["greedy"]),
            drop=means["own"],
            donors_drop=means["donors"],
            greedy_drop=means["greedy"],
            rows=self.rows,
        )

    def _drops(self, batch: Any, whole: Tensor, deletable: Tensor, places: Sequence[int], slot: int) -> Tensor:
        """The mean drops (B, Q) under the own maps, slot 0, or those of each example's donor of that number, if any."""
        ranked = {row: self._orders(place, slot) for row, place in enumerate(places) if place in self.place_among}
        falls = torch.zeros_like(whole)
        for fraction in range(len(deletion.FRACTIONS)):
            kept = torch.ones_like(deletable)
            for row, orders in ranked.items():
                left = deletion.kept_after(orders, int(deletable[row].any(0).sum()), fraction)
                kept[row] = _spread(torch.from_numpy(left), deletable[row])
            falls += whole - self._scores(batch, kept)
        return falls / len(deletion.FRACTIONS)

    def _orders(self, place: int, slot: int) -> list[deletion.Ints]:
        """The rankings of an example's inputs by its own maps or by another's; empty where there is no such other."""
        key, weights, chosen = self.mapped[place]
        if slot:
            donors = self.donors[self.place_among[place]]
            if slot > len(donors):
                return [np.zeros(0, dtype=np.int64)] * len(chosen)
            weights = deletion.fitted(self.mapped[donors[slot - 1]].weights, (chosen.shape[0], chosen.shape[1]))
        return deletion.orders(weights, chosen, np.random.default_rng([1, *key, slot]))

    def _greedy(self, batch: Any, row: int, deletable: Tensor, whole: Tensor) -> deletion.Floats:
        queries = deletable.any(1)

        def scores(left: deletion.Bools) -> deletion.Floats:
            found = []
            for start in range(0, len(left), AT_ONCE):
                some = torch.from_numpy(left[start : start + AT_ONCE])
                kept = torch.stack([_spread(each, deletable) for each in some])
                found.append(self._scores(_repeated(batch, row, len(some)), kept)[:, queries].numpy())
            return np.concatenate(found)

        place_chosen = deletable[queries][:, deletable.any(0)].numpy()
        return deletion.greedy_drops(place_chosen, whole[queries].numpy(), scores)

    def _scores(self, batch: Any, kept: Tensor) -> Tensor:
        device = next(self.network.parameters()).device
        with delete_keys(self.network, self.reader.kept(batch, kept.to(device))):
            return self.reader.run(batch)


def _spread(left: Tensor, deletable: Tensor) -> Tensor:
    """What is kept (Q', n') of a batch's row, padding and all, of what is left (Q, n) of its own outputs and inputs."""
    kept = torch.ones_like(deletable)
    queries, inputs = deletable.any(1).nonzero().squeeze(1), deletable.any(0).nonzero().squeeze(1)
    kept[queries[:, None], inputs] = left
    return kept


def _repeated(batch: Any, row: int, times: int) -> Any:
    """A batch (NamedTuple) of one of its rows over and over, without what only records need."""
    return type(batch)(
        *(each[row : row + 1].repeat_interleave(times, dim=0) if isinstance(each, Tensor) else None for each in batch)
    )


def records_of(found: Deletion) -> tuple[Mapping[int, dict[str, Any]], dict[str, Score], dict[str, str]]:
    """What examples add, the score, if there is one, and else why there is none."""
    if found.score is None:
        return found.rows, {}, {DELETION: found.why or ""}
    return found.rows, {DELETION: SCORE}, {}
