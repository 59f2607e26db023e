"""What only some tasks can do; commands, callbacks and runs ask by `isinstance`."""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from lightning.pytorch import Trainer

from attnlab.data.module import DataModule
from attnlab.metrics.extractors.contract import Extractor
from attnlab.metrics.records.contract import Records
from attnlab.reporting.pictures import Confusion, Picture


@runtime_checkable
class ShowsAttention(Protocol):
    """A task with pictures of what its model attended to in the test."""

    def attention_pictures(self, num: int, data: Any) -> Sequence[Picture]:
        """Of `num` examples, which are read again from the data module where a prediction doesn't hold them."""
        ...


@runtime_checkable
class CountsConfusions(Protocol):
    """A task with classes."""

    def confusion(self) -> Confusion:
        """What was taken for what in the test."""
        ...


@runtime_checkable
class RecordsExamples(Protocol):
    """A task whose test scores can be had again from what each example adds to them."""

    def records(self) -> Records:
        """Of the test that is over."""
        ...


class ComparesFeatures(Protocol):
    """A task whose model generates images: it compares them with others by what a network sees in them."""

    extractor: Extractor


@runtime_checkable
class ReadsFiles(Protocol):
    """A task that needs files of its own to score."""

    def read_files(self) -> None:
        """Read them, unless that is done.

        Raises:
            UserError: they are missing or damaged.
        """
        ...


@runtime_checkable
class ChoosesTrainers(Protocol):
    """A task that not every trainer can train."""

    def check_trainer(self, trainer: Trainer) -> None:
        """ValueError for one that can't."""
        ...


@runtime_checkable
class ChecksData(Protocol):
    """A task that not all data of its kind can train or test."""

    def check_data(self, data: DataModule, trainer: Trainer) -> None:
        """Called once data, model and trainer are there, before training.

        Raises:
            UserError: this data can't.
        """
        ...
