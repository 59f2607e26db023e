"""Batches in order: of training without end, from any batch on; of evaluation once."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from attnlab.data.loading.batching import Ints

if TYPE_CHECKING:  # slow to import, and not needed by what only makes batches
    from lightning.pytorch import Trainer


class Wanted(NamedTuple):
    """A batch, by all that it depends on."""

    split: str
    rows: Ints  # (B,)
    place: tuple[int, int] | None  # of a training batch: the pass, and its number therein; None: without augmentation


def place(trainer: "Trainer | None") -> tuple[int, int]:
    """This process's rank among how many that share the batches; without a trainer it is alone."""
    return (0, 1) if trainer is None else (trainer.global_rank, trainer.world_size)


class TrainStream:
    """Passes over the training data, one after another, beginning at any batch.

    Lightning sees a single long epoch and stops at `max_steps`, so that a run interrupted anywhere goes on at the very
    next batch: its position is one number, and the order is a function of the seed and the pass.

    Args:
        num_batches: pass -> number of batches a process takes in it.
        batches: (pass, first batch) -> the batches of that pass from there on.
        start: batches already taken since the beginning of training.
    """

    def __init__(
        self, num_batches: Callable[[int], int], batches: Callable[[int, int], Iterable[Any]], *, start: int = 0
    ) -> None:
        self.num_batches, self.batches, self.start = num_batches, batches, start

    def __iter__(self) -> Iterator[Any]:
        epoch, first = self.position(self.start)
        while True:
            yield from self.batches(epoch, first)
            epoch, first = epoch + 1, 0

    def position(self, taken: int) -> tuple[int, int]:
        """The pass, and the batch within it, that comes after `taken` batches."""
        epoch = 0
        while taken >= (size := self.num_batches(epoch)):
            taken, epoch = taken - size, epoch + 1
        return epoch, taken
