"""A trained model's attention over its test: its statistics, its faithfulness, its agreement with what is known."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from lightning.pytorch import Trainer
from torch import Tensor

from attnlab.attention import Look, Role, watch_attention
from attnlab.data.module import DataModule
from attnlab.errors import UserError
from attnlab.language import either
from attnlab.metrics.attention_maps import MapStatistics, MapSums
from attnlab.metrics.planted import Found
from attnlab.metrics.records.contract import DELETION, Records, Score, Statistics, joined
from attnlab.metrics.records.kept import KeptStatistics
from attnlab.models.layers.slots import HasSlots
from attnlab.models.predictors import ImageGenerator
from attnlab.reading.shown import tell
from attnlab.runs.diagnosis.deleting import SIGNATURE, Deleting, Deletion, Mapped, records_of
from attnlab.runs.diagnosis.readers import DeletingReader, Reader, network_of, reader_of
from attnlab.runs.diagnosis.truths import Truth, scores_of, statistics_of, truth_of
from attnlab.tasks.task import Task

NO_MAP = "its attention has no one map over the parts of its input"


@dataclass(frozen=True)
class Place:
    """One mechanism in its place."""

    path: str
    role: Role
    statistics: MapStatistics


@dataclass(frozen=True)
class Known:
    """How far maps agree with what is known, and what chance would give."""

    name: str
    share: float
    accuracy: float
    chance_share: float
    chance_accuracy: float


@dataclass(frozen=True)
class Diagnosis:
    """What was found.

    Attributes:
        slots: which mechanism stands where, as the model calls its places.
        deletion: None where it can't be measured, for the reason `without`.
        records: what each example adds to the scores.
    """

    num_examples: int
    slots: Mapping[str, str]
    places: tuple[Place, ...]
    deletion: Deletion | None
    without: str | None
    known: Known | None
    records: Records

    @property
    def signatures(self) -> dict[str, str]:
        """Of its scores."""
        return {DELETION: SIGNATURE} if DELETION in self.records.scores else {}

    @property
    def scores(self) -> dict[str, float]:
        """By the names that records have for them."""
        known = self.known
        found = {} if known is None else {f"{known.name}_share": known.share, f"{known.name}_accuracy": known.accuracy}
        if self.deletion is not None and self.deletion.score is not None:
            found[DELETION] = self.deletion.score
        return found

    def plain(self) -> dict[str, Any]:
        """Plain values, without what is of single examples."""
        return {
            "num_examples": self.num_examples,
            "slots": dict(self.slots),
            "attention": [{"path": each.path, "role": each.role, **each.statistics.plain()} for each in self.places],
            "deletion": None if self.deletion is None else self.deletion.plain(),
            "without": self.without,
            "known": None if self.known is None else vars(self.known),
            "scores": self.scores,
        }


def check_diagnosed(task: Task[Any]) -> None:
    """UserError for a model that can't be diagnosed, as far as it is known before its test."""
    if isinstance(task.predictor, ImageGenerator):
        raise _answers_nothing(task)
    with watch_attention(network_of(task), lambda look: None) as paths:
        if not paths:
            raise UserError(
                f"only attention over keys can be diagnosed, got {type(task.model).__name__}, which has none here "
                "(drop --diagnose)"
            )


def _answers_nothing(task: Task[Any]) -> UserError:
    return UserError(
        f"attention is diagnosed of models that answer examples, got {type(task.model).__name__} (drop --diagnose)"
    )


def diagnose(trainer: Trainer, task: Task[Any], data: DataModule) -> Diagnosis:
    """Of the test that `trainer` has run, whose batches are read again: once, and once more to delete from them.

    Raises:
        UserError: several processes share the test, or the model answers no examples.
    """
    if trainer.world_size > 1:
        raise UserError(f"attention is diagnosed by one process, got {trainer.world_size} (set trainer.devices=1)")
    task.to(trainer.strategy.root_device).eval()
    batches = _batches(trainer, data)
    with trainer.precision_plugin.forward_context(), torch.no_grad():
        reader = reader_of(task, next(batches()))
        if reader is None:
            raise _answers_nothing(task)
        survey = _Survey(task, reader, truth_of(data, reader, task))
        for batch in batches():
            survey.add(batch)
        deleting = survey.deleting()
        if deleting is not None and not deleting.says_nothing:
            num = len(deleting.mapped)
            tell(either(f"deleting inputs from {num} examples", f"正在从 {num} 个样本中逐个删除输入"))
        if deleting is not None:
            start = 0
            for batch in batches():
                deleting.add(batch, start)
                start += len(batch.ids)
    return survey.diagnosis(None if deleting is None else deleting.result())


def _batches(trainer: Trainer, data: DataModule) -> Callable[[], Iterator[Any]]:
    """The test's batches as the model takes them, as many as `trainer` tests."""
    limit = sum(trainer.num_test_batches)

    def read() -> Iterator[Any]:
        for number, batch in enumerate(data.test_dataloader()):
            if number >= limit:
                return
            yield trainer.strategy.batch_to_device(batch)  # and what is to be done to it there

    return read


class _Survey:
    """The first pass: what is seen of each batch."""

    def __init__(self, task: Task[Any], reader: Reader, truth: Truth | None) -> None:
        self.task, self.reader, self.truth = task, reader, truth
        self.sums: dict[str, MapSums] = {}
        self.roles: dict[str, Role] = {}
        self.mapped: list[Mapped] | None = [] if isinstance(reader, DeletingReader) else None
        self.pieces: dict[int, int] = {}
        self.found: list[Found] = []
        self.known = KeptStatistics()

    def add(self, batch: Any) -> None:
        looks: list[Look] = []
        with watch_attention(network_of(self.task), looks.append):
            self.reader.run(batch)
        for look in _whole(looks):
            self.roles[look.path] = look.role
            real = self.reader.real_queries(batch, look)
            fits = real is not None and real.shape == look.weights.shape[::2]
            self.sums.setdefault(look.path, MapSums()).add(look.weights, look.allowed, real if fits else None)
        for number in batch.ids.tolist():
            self.pieces[number] = self.pieces.get(number, 0) + 1
        if self.mapped is None or not isinstance(self.reader, DeletingReader):
            return
        maps = self.reader.maps(batch, _whole(looks))
        if maps is None:
            self.mapped = None
            return
        self._keep(batch, maps, self.reader.deletable(batch).cpu())
        if self.truth is not None:
            for number, found in zip(batch.ids.tolist(), self.truth.found(batch, maps), strict=True):
                self.found.append(found)
                for name, row in statistics_of(self.truth.name, found).items():
                    self.known.add(name, torch.tensor([number]), row)

    def _keep(self, batch: Any, maps: Tensor, deletable: Tensor) -> None:
        assert self.mapped is not None
        seen: dict[int, int] = {}
        for number, weights, chosen in zip(batch.ids.tolist(), maps.numpy(), deletable.numpy(), strict=True):
            seen[number] = seen.get(number, -1) + 1
            real = chosen.any(axis=0)  # without columns and rows of padding
            queries = chosen.any(axis=1)
            self.mapped.append(Mapped((number, seen[number]), weights[queries][:, real], chosen[queries][:, real]))

    @property
    def places(self) -> tuple[Place, ...]:
        """Those whose queries have something to choose from."""
        results = {path: sums.result() for path, sums in self.sums.items()}
        return tuple(Place(path, self.roles[path], found) for path, found in results.items() if found is not None)

    def deleting(self) -> Deleting | None:
        """What deletes from the examples seen; None where there is no map."""
        if self.mapped is None or not isinstance(self.reader, DeletingReader):
            return None
        return Deleting(self.task, self.reader, self.mapped)

    def diagnosis(self, deletion: Deletion | None) -> Diagnosis:
        """All of it."""
        columns: list[Mapping[int, Statistics]] = []
        scores: dict[str, Score] = {}
        without = {DELETION: NO_MAP} if deletion is None else {}
        if deletion is not None:
            rows, given, without = records_of(deletion)
            columns.append(rows)
            scores |= given
        if self.found and self.truth is not None:
            columns.append(self.known)
            scores |= scores_of(self.truth.name)
        examples = dict(sorted(joined(*columns).items())) if scores else {}
        return Diagnosis(
            num_examples=len(self.pieces),
            slots=self.task.model.slots if isinstance(self.task.model, HasSlots) else {},
            places=self.places,
            deletion=deletion,
            without=without.get(DELETION),
            known=self._known(),
            records=Records(examples, scores, without),
        )

    def _known(self) -> Known | None:
        if not self.found or self.truth is None:
            return None
        num = max(1, sum(each.num for each in self.found))
        shares, hits, _, even_shares, even_hits = (sum(values) / num for values in zip(*self.found, strict=True))
        return Known(self.truth.name, shares, hits, even_shares, even_hits)


def _whole(looks: Sequence[Look]) -> list[Look]:
    """Those of one mechanism that was asked step after step, as one: cross-attention of a decoder that reads so."""
    by_path: dict[str, list[Look]] = {}
    for look in looks:
        by_path.setdefault(look.path, []).append(look)
    return [_joined(each) for each in by_path.values() if _is_one(each)] + [
        look for each in by_path.values() if not _is_one(each) for look in each
    ]


def _is_one(looks: Sequence[Look]) -> bool:
    shapes = {(look.role, look.weights.size(0), look.weights.size(3)) for look in looks}
    return len(looks) == 1 or (len(shapes) == 1 and looks[0].role == "cross")


def _joined(looks: Sequence[Look]) -> Look:
    first = looks[0]
    if len(looks) == 1:
        return first
    weights = torch.cat([look.weights for look in looks], dim=2)
    return first._replace(weights=weights, allowed=torch.cat([look.allowed for look in looks], dim=2))
