"""How far a model's maps show what it uses: `attnlab.metrics.deletion` on the examples of a test."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from attnlab.attention import mask_keys
from attnlab.metrics import deletion
from attnlab.metrics.records.contract import DELETION, Score
from attnlab.metrics.records.kept import KeptStatistics
from attnlab.metrics.records.sums import ratio_of_means
from attnlab.runs.diagnosis.readers import DeletingReader, network_of
from attnlab.tasks.task import Task

SCORE = Score("ratio_of_means", DELETION)
SIGNATURE = (
    f"fractions:{','.join(map(str, deletion.FRACTIONS))}|donors:{deletion.NUM_DONORS}|greedy:{deletion.NUM_GREEDY}"
    "|version:1"
)
AT_ONCE = 128  # deletions from one example


class Mapped(NamedTuple):
    """What a map of an example says, or of a piece of one that is read by itself."""

    key: tuple[int, int]  # the example's id, and which of its pieces
    weights: deletion.Floats  # (n,) of the inputs that can be deleted


@dataclass(frozen=True, kw_only=True)
class Deletion:
    """How faithful maps are.

    Attributes:
        score: 0 of maps that say no more than another example's, 1 of such as greedy deletion finds; None if unknown.
        why: it is.
        num_examples: examples, or pieces, of two inputs or more.
        num_flat: those of them whose map says nothing, so that they count 0.
        drop, donors_drop, greedy_drop: means, in nats a token, word or image; the latter of `num_greedy` examples.
        rows: what each example adds to the score, by its id.
    """

    score: float | None
    why: str | None
    num_examples: int
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
    """

    def __init__(self, task: Task[Any], reader: DeletingReader, mapped: list[Mapped]) -> None:
        self.network, self.reader, self.mapped = network_of(task), reader, mapped
        self.rows = KeptStatistics()
        self.drops: dict[str, list[float]] = {"own": [], "donors": [], "greedy": []}
        ranked = sorted(
            (place for place, each in enumerate(mapped) if len(each.weights) >= deletion.LEAST_INPUTS),
            key=lambda place: mapped[place].key,
        )
        self.ranked = np.array(ranked, dtype=np.int64)  # places, by ids, whatever the batches
        self.lengths = np.array([len(mapped[place].weights) for place in ranked], dtype=np.int64)
        self.place_among = {place: among for among, place in enumerate(ranked)}
        self.flat = {place for place in ranked if deletion.is_flat(mapped[place].weights)}
        self.greedy = {ranked[among] for among in deletion.greedily_deleted(len(ranked))}

    @property
    def says_nothing(self) -> bool:
        """Whether no map ranks anything."""
        return len(self.flat) == len(self.ranked)

    def add(self, batch: Any, start: int) -> None:
        """Delete from a batch, whose first example, or piece, is at the place `start`."""
        deletable = self.reader.deletable(batch).cpu()
        whole = self.reader.run(batch)
        places = range(start, start + len(deletable))
        falls = [self._drops(batch, whole, deletable, places, slot) for slot in range(1 + deletion.NUM_DONORS)]
        own, others = falls[0], falls[1:]
        for row, place in enumerate(places):
            if place not in self.place_among:
                self.rows.add(DELETION, torch.tensor([self.mapped[place].key[0]]), torch.zeros(1, 4))
                continue
            of_donors = [fall[row] for fall in others if not np.isnan(fall[row])]
            donors = float(np.mean(of_donors)) if of_donors else 0.0
            gain = 0.0 if place in self.flat else own[row] - donors
            numbers = [gain, 1.0, 0.0, 0.0]
            if place in self.greedy:
                greedy = self._greedy(batch, row, deletable[row], float(whole[row]))
                numbers[2:] = [greedy - donors, 1.0]
                self.drops["greedy"].append(greedy)
            self.drops["own"].append(own[row])
            self.drops["donors"].append(donors)
            self.rows.add(
                DELETION, torch.tensor([self.mapped[place].key[0]]), torch.tensor([numbers], dtype=torch.float64)
            )

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
            why = "greedy deletion finds no input that the score hangs on more than on those that any map points to"
        else:
            score = float(ratio_of_means(sums))
        return Deletion(
            score=score,
            why=why,
            num_examples=len(self.ranked),
            num_flat=len(self.flat),
            num_greedy=len(self.drops["greedy"]),
            drop=means["own"],
            donors_drop=means["donors"],
            greedy_drop=means["greedy"],
            rows=self.rows,
        )

    def _drops(self, batch: Any, whole: Tensor, deletable: Tensor, places: Iterable[int], slot: int) -> deletion.Floats:
        """The mean drops (B,) under the own maps, slot 0, or those of each example's donor `slot`; NaN without one."""
        orders = [self._order(place, slot) for place in places]
        falls = np.zeros((len(deletion.FRACTIONS), len(deletable)))
        for number in range(len(deletion.FRACTIONS)):
            kept = torch.ones_like(deletable)
            for row, order in enumerate(orders):
                if order is not None:
                    left = deletion.kept_after(order, deletion.counts_of(len(order))[number])
                    kept[row, deletable[row]] = torch.from_numpy(left)
            falls[number] = (whole - self._scores(batch, kept)).numpy()
        mean: deletion.Floats = falls.mean(axis=0)
        mean[[row for row, order in enumerate(orders) if order is None]] = np.nan
        return mean

    def _order(self, place: int, slot: int) -> deletion.Ints | None:
        """The ranking of an example's inputs by its own map or by another's."""
        among = self.place_among.get(place)
        if among is None:
            return None
        key, weights = self.mapped[place]
        if slot:
            donors = self.donors[among]
            if slot > len(donors):
                return None
            weights = deletion.fitted(self.mapped[donors[slot - 1]].weights, len(weights))
        return deletion.ranking(weights, np.random.default_rng([1, *key, slot]))

    @cached_property
    def donors(self) -> list[deletion.Ints]:
        """The places of each ranked example's donors."""
        return [
            self.ranked[deletion.donors(self.lengths, among, self.mapped[place].key)]
            for among, place in enumerate(self.ranked)
        ]

    def _greedy(self, batch: Any, row: int, deletable: Tensor, whole: float) -> float:
        def scores(left: deletion.Bools) -> deletion.Floats:
            found = []
            for start in range(0, len(left), AT_ONCE):
                some = torch.from_numpy(left[start : start + AT_ONCE])
                kept = torch.ones(len(some), len(deletable), dtype=torch.bool)
                kept[:, deletable] = some
                found.append(self._scores(_repeated(batch, row, len(some)), kept).numpy())
            return np.concatenate(found)

        return deletion.greedy_drop(int(deletable.sum()), whole, scores)

    def _scores(self, batch: Any, kept: Tensor) -> Tensor:
        device = next(self.network.parameters()).device
        with mask_keys(self.network, self.reader.masks(batch, kept.to(device))):
            return self.reader.run(batch)


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
