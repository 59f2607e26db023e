"""Pictures with boxes around their objects, wherever they come from."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SPLITS = ("train", "val", "test")


class BoxedObjects(NamedTuple):
    """The objects of one picture."""

    boxes: NDArray[np.float32]  # (N, 4) left, top, right, bottom in its pixels; 0 is its left or upper edge
    labels: NDArray[np.int64]  # (N,)
    ignored: NDArray[np.bool_]  # (N,) crowds and what is too difficult: background in training, neither right nor wrong
    areas: NDArray[np.float32]  # (N,) of outlines, by which scores tell small from large; 0 where the box's own counts


class DetectionSplit(Protocol):
    """Numbered pictures; may be sent to another process."""

    def __len__(self) -> int: ...

    def name(self, number: int) -> str:
        """Where the picture is: a file's path, say."""
        ...

    def size(self, number: int) -> tuple[int, int]:
        """The picture's height and width."""
        ...

    def image(self, number: int) -> Image.Image:
        """The picture, upright and of 8 bits.

        Raises:
            UserError: it can't be read, or isn't of the size that its boxes were drawn for.
        """
        ...

    def objects(self, number: int) -> BoxedObjects:
        """What is in it."""
        ...


class DetectionSplits(NamedTuple):
    """A data set that has been read."""

    classes: Sequence[str]
    splits: Mapping[str, DetectionSplit]  # train, val and test, or what was asked for
    checksum: str  # sha256 of pictures and boxes
    summary: Mapping[str, Any]  # what was left out or mended
    most_objects: Mapping[str, int] = MappingProxyType({})  # in a picture of each split; none where nobody counted
    held_out_of: int | None = None  # of a lone test that isn't a split of its own: how many pictures there are
    warnings: Sequence[dict[str, Any]] = ()  # `kind` and `message` of what may be wrong, for the run's record


class DetectionSet(Protocol):
    """Where pictures with boxes come from."""

    num_classes: int | None  # where it is known beforehand
    channels: int | None  # where its pictures can't be had otherwise

    def read(self, *, channels: int, root: Path | None, cache_dir: Path) -> DetectionSplits:
        """All splits, grey for one channel, else RGB.

        `root` is the user's folder (None: bundled, or downloaded below `cache_dir`).

        Raises:
            UserError: files are missing or broken, or a box can't be.
        """
        ...


@runtime_checkable
class LoneTest(Protocol):
    """A set whose test split can be read alone, for a model that knows the classes already."""

    def read_test(
        self, classes: Sequence[str], *, whole: bool, channels: int, root: Path | None, cache_dir: Path
    ) -> DetectionSplits:
        """As `read`, with `test` for its only split; `classes` are those of the model, in its order.

        Where test isn't a split of its own it is what training would have held out, or with `whole` all there is.
        """
        ...


def boxed_objects(
    boxes: Sequence[Sequence[float]],
    labels: Sequence[int],
    ignored: Sequence[bool] | None = None,
    areas: Sequence[float] | None = None,
) -> BoxedObjects:
    """Arrays of the right types and shapes, also where there is no object."""
    return BoxedObjects(
        np.asarray(boxes, dtype=np.float32).reshape(-1, 4),
        np.asarray(labels, dtype=np.int64),
        np.zeros(len(labels), dtype=np.bool_) if ignored is None else np.asarray(ignored, dtype=np.bool_),
        np.zeros(len(labels), dtype=np.float32) if areas is None else np.asarray(areas, dtype=np.float32),
    )
