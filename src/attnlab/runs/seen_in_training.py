"""How many images of a test on other data a model was trained on, told by their bytes."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from attnlab.data.images.files import FolderFiles, ImageFiles
from attnlab.data.images.reading import BrokenImage
from attnlab.data.module import DataModule
from attnlab.errors import UserError
from attnlab.reading.shown import warnings_said_before
from attnlab.runs import build


@runtime_checkable
class HoldsImageFiles(Protocol):
    """A data module, prepared, of pictures in files."""

    def image_files(self, split: str) -> tuple[ImageFiles, Sequence[str]] | None:
        """Where a split's pictures are, and their names there; None where they are in no files."""
        ...


def warn_of_seen(data: DataModule, trained: Mapping[str, Any]) -> None:
    """Say how many images of test are in training's train or val, as far as that data is still there.

    Args:
        data: what is tested, prepared.
        trained: the configuration of the run.
    """
    tested = data.image_files("test") if isinstance(data, HoldsImageFiles) else None
    before = None if tested is None else _training(trained)
    if tested is None or before is None:
        return
    files, names = tested
    sizes = {_size(files, name) for name in names}
    seen = {
        digest
        for split in ("train", "val")
        if (held := before.image_files(split)) is not None
        for name in held[1]
        # Files of other sizes can't be the same: most needn't be read.
        if None in sizes or _size(held[0], name) in (None, *sizes)
        if (digest := _digest(held[0], name)) is not None
    }
    count = sum(_digest(files, name) in seen for name in names)
    if count:
        data.warn(
            "test_in_training",
            f"{count:,} of {len(names):,} images of test are in train or val of {_place(trained)}, byte for byte: "
            "these scores aren't of unseen images (remove them, or set data.root to other images)",
        )


def _place(trained: Mapping[str, Any]) -> str:
    return str(Path(trained["data"]["root"]).expanduser().absolute())


def _training(trained: Mapping[str, Any]) -> HoldsImageFiles | None:
    """The data that a run was trained on; None where it is no longer there, or of no files."""
    data: DataModule = build.build_data(dict(trained))
    try:
        with warnings_said_before():
            data.prepare_data()
    except UserError:
        return None
    return data if isinstance(data, HoldsImageFiles) else None


def _size(files: ImageFiles, name: str) -> int | None:
    """Bytes of a file; None within an archive, which knows only its own."""
    stamp = files.stamp(name) if isinstance(files, FolderFiles) else []
    return stamp[0] if stamp else None


def _digest(files: ImageFiles, name: str) -> bytes | None:
    try:
        return hashlib.sha256(files.read(name)).digest()
    except BrokenImage:
        return None
