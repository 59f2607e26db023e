"""Data that is made up, so that it is known what a model must look at."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class KnowsAlignment(Protocol):
    """A corpus of sentence pairs that knows which word translates which."""

    def alignment(self, split: str, number: int) -> Sequence[int]:
        """For each word of a target the place of the source's word that it translates; words stand between spaces."""
        ...


@runtime_checkable
class KnowsPlace(Protocol):
    """A set of images that knows what in each of them decides its class."""

    def deciding(self, split: str, number: int) -> Tensor:
        """The pixels (H, W) that do, bool, of an image of test."""
        ...
