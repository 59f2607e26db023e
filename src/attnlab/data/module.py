"""What every data module is: examples in three splits, read once, and their batches in an order that can be resumed."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

from lightning.pytorch import LightningDataModule
from torch import Tensor

from attnlab.data.clusters import Clusters
from attnlab.data.files.cached_folder import default_cache_dir
from attnlab.data.loading.batching import Ints
from attnlab.data.loading.prefetched import Prefetched
from attnlab.data.loading.stream import TrainStream, Wanted, place
from attnlab.errors import at_least, between
from attnlab.reading.data_root import check_there

log = logging.getLogger(__name__)

WORKER_TIMEOUT = 600.0  # seconds, far above what a batch takes from the slowest disk
LONGEST_TIMEOUT = 1e6  # seconds, below what the system can wait for


class Codec(Protocol):
    """Between what users see and what models take; restorable from plain values."""

    @property
    def sizes(self) -> dict[str, int]:
        """Numbers of ids, pixels and classes, as a model's constructor takes them."""
        ...

    def state(self) -> dict[str, Any]:
        """Plain values, of which its class makes it again."""
        ...


@runtime_checkable
class _NamesClasses(Protocol):
    """Has the names of the classes that a model tells apart, in the order of their numbers."""

    classes: Sequence[str]


class Plans(Protocol):
    """Which examples stand together in each batch, by their rows in a split."""

    def num_examples(self, split: str) -> int: ...

    def train_plan(self, epoch: int, world_size: int) -> list[Ints]:
        """A pass over training data, of all processes in turn: a function of nothing but the seed and the pass."""
        ...

    def evaluation_plan(self, split: str, *, rank: int, world_size: int) -> list[Ints]:
        """One process's share; those of all processes together hold every example exactly once."""
        ...


Cast = Callable[[Tensor], Tensor]
"""To the precision in which the model computes."""


def as_it_is(batch: Any, cast: Cast) -> Any:
    """A batch to which nothing is left to do."""
    return batch


class DataModule(LightningDataModule):
    """Everything about a data module but what its data is.

    One that inherits from it names its `codec_type`, by which a task knows the data that fits it, sets `example_sizes`
    when it is made, and in `prepare_data` reads its data and calls `_hold`. Nothing of what is here is to be
    overridden.

    Args:
        root: folder of the data's files.
        cache_dir: where downloads and prepared data go (None: $ATTNLAB_CACHE, else ~/.cache/attnlab).
        seed: of the order of training batches, and of their augmentation.
        num_workers: processes that make batches ahead; 0 for none. Changes no result.
        worker_timeout: seconds that may pass until they have made the next batch, 0 for any number.

    Raises:
        ValueError: a number below 0, or no number of seconds.
    """

    codec_type: ClassVar[type[Any]] = Codec
    codec: Codec
    checksum: str  # the sha256 of the raw data
    summary: dict[str, Any]  # what was read, left out and cut; plain values
    example_sizes: dict[str, int]  # stand-ins for `sizes` before any data is there

    def __init__(
        self,
        *,
        root: str | None,
        cache_dir: str | None,
        seed: int,
        num_workers: int = 0,
        worker_timeout: float = WORKER_TIMEOUT,
    ) -> None:
        super().__init__()
        between(0, 1024, "data", num_workers=num_workers)
        at_least(0, "data", seed=seed)
        between(0, LONGEST_TIMEOUT, "data", worker_timeout=worker_timeout)
        self.root = Path(root).expanduser() if root is not None else None
        self.cache_dir = Path(cache_dir).expanduser() if cache_dir is not None else default_cache_dir()
        self.seed, self.num_workers, self.worker_timeout = seed, num_workers, worker_timeout
        self.signatures: dict[str, str] = {}  # by name, which baseline it is that the data brings
        self.warnings: list[dict[str, Any]] = []  # of the data, for the run's record: `kind` and `message`
        self.remedies: dict[str, str] = {}  # what the user can do to have more examples of a split
        self.start_batch = 0  # batches of training already taken, on resume
        self.clusters: Mapping[str, Clusters] = {}  # by split, once prepared; none where each example stands alone
        self.test_origin: str | None = None  # how much of the data test is, and why, where that isn't for files to say
        self.train_tokens: int | None = None  # of a pass over training, without padding; none of data that has none
        self.test_checksum: str | None = None  # of test alone, where it may be read without the other splits
        self.overfit_batches: int | None = None  # of each process, of the first pass: these alone, over and over
        self._adopted: Codec | None = None
        self._trained_on: str | None = None
        self._any_classes = False
        self._plans: Plans | None = None

    def adopt(self, codec: Codec, *, trained_on: str | None = None, any_classes: bool = False) -> None:
        """Use a trained model's codec instead of making one; before `prepare_data`, which refuses it if it can't be.

        `trained_on` is the checksum of the data that the model was trained on: of other data, all that isn't split may
        be test. With `any_classes` the model knows none, and those of the data needn't be the codec's.
        """
        self._adopted, self._trained_on, self._any_classes = codec, trained_on, any_classes

    def setup(self, stage: str) -> None:
        """As `prepare_data`: the other processes of a node find its results in the cache."""
        self.prepare_data()

    def warn(self, kind: str, message: str) -> None:
        """Say something of the data that makes its scores mean less than they seem to, on screen and on record."""
        self.warnings.append({"kind": kind, "message": message})
        log.warning("%s", message)

    def _root(self) -> Path | None:
        """`root`, which is there. Raises UserError."""
        if self.root is not None:
            check_there(self.root)
        return self.root

    def _hold(
        self,
        *,
        codec: Codec,
        checksum: str,
        summary: Mapping[str, Any],
        plans: Plans,
        make: Callable[[Wanted], Any],
        finish: Callable[[Any, Cast], Any] = as_it_is,
        train_tokens: int | None = None,
    ) -> None:
        """What `prepare_data` ends with; `summary` without the sizes, `train_tokens` of data that has tokens.

        `make` gives a batch, in a worker if there are any; `finish` what the model takes of it, on its device.
        """
        named = {"classes": list(codec.classes)} if isinstance(codec, _NamesClasses) else {}
        self.codec, self.checksum, self.summary = codec, checksum, {**summary, **codec.sizes, **named}
        self._plans, self._make, self._finish, self.train_tokens = plans, make, finish, train_tokens

    # What is known once prepared

    @property
    def prepared(self) -> bool:
        """Whether `prepare_data` is done."""
        return self._plans is not None

    @property
    def sizes(self) -> dict[str, int]:
        """What the model's constructor takes of the data."""
        return self.codec.sizes

    @property
    def plans(self) -> Plans:
        """The batches of each split."""
        assert self._plans is not None, "prepare_data comes first"
        return self._plans

    @property
    def maker(self) -> Callable[[Wanted], Any]:
        """What makes the batches, and so holds the examples themselves."""
        assert self._plans is not None, "prepare_data comes first"
        return self._make

    def num_examples(self, split: str) -> int:
        """Examples of a split that batches hold."""
        return self.plans.num_examples(split)

    def num_train_batches(self, epoch: int, world_size: int) -> int:
        """Batches each of `world_size` processes takes in a pass."""
        return len(self._train_plan(epoch, world_size)) // world_size

    def _train_plan(self, epoch: int, world_size: int) -> list[Ints]:
        if self.overfit_batches is None:
            return self.plans.train_plan(epoch, world_size)
        return self.plans.train_plan(0, world_size)[: self.overfit_batches * world_size]

    # Batches

    def batch_of(self, split: str, rows: Ints) -> Any:
        """Examples as a model takes them, on the CPU; those of training as its first batch would show them."""
        place = (0, 0) if split == "train" else None
        return self._finish(self._make(Wanted(split, rows, place)), lambda values: values)

    def train_dataloader(self) -> Prefetched:
        """Passes without end; order and augmentation depend on nothing but the seed, the pass and the batch."""
        rank, world_size = place(self.trainer)

        def batches(epoch: int, first: int) -> Iterator[Wanted]:
            plan = self._train_plan(epoch, world_size)
            for number in range(rank + first * world_size, len(plan), world_size):
                yield Wanted("train", plan[number], (epoch, number))

        order = TrainStream(lambda epoch: self.num_train_batches(epoch, world_size), batches, start=self.start_batch)
        return self._prefetched(order)

    def val_dataloader(self) -> Prefetched:
        return self._evaluation("val")

    def test_dataloader(self) -> Prefetched:
        return self._evaluation("test")

    def _evaluation(self, split: str) -> Prefetched:
        rank, world_size = place(self.trainer)
        plan = self.plans.evaluation_plan(split, rank=rank, world_size=world_size)
        return self._prefetched([Wanted(split, rows, None) for rows in plan])

    def _prefetched(self, order: Iterable[Wanted]) -> Prefetched:
        return Prefetched(order, self._make, num_workers=self.num_workers, timeout=self.worker_timeout)

    def on_after_batch_transfer(self, batch: Any, dataloader_idx: int) -> Any:
        """What the model takes of a batch: images come here as bytes, which Lightning casts to no half precision."""
        return self._finish(batch, self._cast)

    def _cast(self, values: Tensor) -> Tensor:
        cast: Tensor = values if self.trainer is None else self.trainer.precision_plugin.convert_input(values)
        return cast
