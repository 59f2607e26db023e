"""Which images of a folder belong to which split and class, by the names of the folders they lie in."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from attnlab.data.translation.corpora import SPLITS
from attnlab.errors import UserError

SPLIT_WORDS = {*SPLITS, "training", "validation", "valid", "dev", "testing"}  # as others call these folders

Labelled = dict[str, str]
"""The class of each image, by its name."""


def labelled_splits(names: Iterable[str], *, val_share: float, test_share: float) -> dict[str, Labelled]:
    """The splits train, val and test of images named `train/CLASS/...`, `val/...`, `test/...`, or just `CLASS/...`.

    Splits without a folder are held out of train: the share asked for of each class, at least one image, chosen by the
    images' names alone. Images may lie deeper; folders around all of them don't count.

    Raises:
        UserError: images outside of classes, other folders beside train, splits without train or by other names, a
            class that isn't in train, fewer than two classes, or a class too small to share.
    """
    paths = _without_outer_folders([PurePosixPath(name) for name in names])
    if not paths:
        raise UserError("there must be images, got none (set data.root)")
    if any(inner.parts[0] == "train" for inner in paths.values()):
        splits = _by_split(paths)
    else:
        _check_no_splits({inner.parts[0] for inner in paths.values()})
        splits = {"train": {str(path): _class_of(inner.parts, path) for path, inner in paths.items()}}
    shares = {"val": val_share, "test": test_share}
    missing = {split: share for split, share in shares.items() if split not in splits}
    if missing:
        splits |= _hold_out(splits["train"], missing)
    _check_classes(splits)
    return {split: splits[split] for split in SPLITS}


def _without_outer_folders(paths: list[PurePosixPath]) -> dict[PurePosixPath, PurePosixPath]:
    """Each path with what is left of it inside of the folders that hold everything."""
    inner = {path: path for path in paths}
    while paths and all(len(path.parts) > 2 for path in inner.values()):
        outer = {path.parts[0] for path in inner.values()}
        if len(outer) > 1 or _splits_by_name(outer):
            break
        inner = {path: PurePosixPath(*rest.parts[1:]) for path, rest in inner.items()}
    return inner


def _splits_by_name(folders: Iterable[str]) -> list[str]:
    """Those whose names say that they are a split, not a class."""
    return sorted(folder for folder in folders if folder.lower() in SPLIT_WORDS)


def _check_no_splits(folders: set[str]) -> None:
    named = _splits_by_name(folders)
    if len(named) > 1 or len(named) == len(folders):  # a single one beside classes may be a class: trains, say
        raise UserError(
            f"folders of splits are named train, val and test, and train must be there, got {', '.join(named)} (rename "
            "them, or set data.root)"
        )


def _by_split(paths: Mapping[PurePosixPath, PurePosixPath]) -> dict[str, Labelled]:
    splits: dict[str, Labelled] = {}
    for path, inner in paths.items():
        split = inner.parts[0]
        if split not in SPLITS:
            raise UserError(f"beside train there may only be the folders val and test, got {path} (set data.root)")
        splits.setdefault(split, {})[str(path)] = _class_of(inner.parts[1:], path)
    return splits


def _class_of(parts: tuple[str, ...], path: PurePosixPath) -> str:
    if len(parts) < 2:
        raise UserError(f"every image lies in the folder of its class, got {path}, which doesn't (set data.root)")
    return parts[0]


def _hold_out(train: Labelled, shares: Mapping[str, float]) -> dict[str, Labelled]:
    """Take these splits' shares of each class out of `train`, by the hash of the images' names."""
    by_class: dict[str, list[str]] = {}
    for name in sorted(train, key=lambda name: hashlib.sha256(name.encode()).digest()):
        by_class.setdefault(train[name], []).append(name)
    held: dict[str, Labelled] = {split: {} for split in shares}
    for label, names in by_class.items():
        counts = {split: max(1, round(share * len(names))) for split, share in shares.items()}
        if sum(counts.values()) >= len(names):
            raise UserError(
                f"each class needs images to hold out for {' and '.join(shares)} and some to train on, got "
                f"{len(names)} of {label!r} (add images, or folders of these splits, or set "
                f"{' and '.join(f'data.{split}_share' for split in shares)})"
            )
        for split, num in counts.items():
            held[split] |= {name: train.pop(name) for name in names[:num]}
            names = names[num:]
    return {split: dict(sorted(labelled.items())) for split, labelled in held.items()}


def _check_classes(splits: Mapping[str, Labelled]) -> None:
    classes = set(splits["train"].values())
    if len(classes) < 2:
        raise UserError(f"there must be two classes or more, got {sorted(classes)} (set data.root)")
    for split in ("val", "test"):
        for name, label in splits[split].items():
            if label not in classes:
                raise UserError(f"every class must have training images, got none of {label!r}, which {name} is of")
