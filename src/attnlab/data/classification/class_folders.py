"""Which images of a folder belong to which split and class, by the names of the folders they lie in."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from attnlab.data.alike_names import written_like
from attnlab.data.translation.corpora import SPLITS
from attnlab.errors import UserError

SPLIT_WORDS = {
    "train": "train", "training": "train", "train_set": "train", "training_set": "train",
    "val": "val", "valid": "val", "validation": "val", "dev": "val", "eval": "val",
    "val_set": "val", "validation_set": "val",
    "test": "test", "testing": "test", "test_set": "test", "testing_set": "test",
}  # fmt: skip
"""The split that a folder is for, by what it is called in lower case."""

NO_CLASS = "images"  # of images that lie in no class's folder, all of one kind

Labelled = dict[str, str]
"""The class of each image, by its name."""


class Layout(NamedTuple):
    """Splits that are there, and which folders are theirs; images in none are train's."""

    splits: dict[str, Labelled]
    folders: dict[str, str]  # the folder of each split, by the split; none where images aren't split
    outer: str  # the folders around everything, ending in `/` if there are any


def labelled_splits(names: Iterable[str], *, val_share: float, test_share: float) -> dict[str, Labelled]:
    """The splits train, val and test of images named `train/CLASS/...`, `val/...`, `test/...`, or just `CLASS/...`.

    Splits without a folder are held out of train: the share asked for of each class, at least one image, chosen by the
    images' names alone. Images may lie deeper; folders around all of them don't count. Images of which none lies in a
    folder, but for a split's, are all of one kind, `NO_CLASS`.

    Raises:
        UserError: some images outside of classes, other folders beside train, splits without train or two of one kind,
            a class that isn't in train, or one too small to share.
    """
    return shared_out(laid_out(names).splits, val_share=val_share, test_share=test_share)


def laid_out(names: Iterable[str], *, lone: bool = False) -> Layout:
    """The images of the splits that there are, by their folders, as in `labelled_splits`; `lone` ones need no train."""
    paths = [PurePosixPath(name) for name in names]
    if not paths:
        raise UserError("there must be images, got none (set data.root)")
    inner = _without_outer_folders(paths)
    folders = split_folders({each.parts[0] for each in inner.values() if len(each.parts) > 1}, lone=lone)
    depth = len(paths[0].parts) - len(inner[paths[0]].parts)
    outer = "".join(f"{part}/" for part in paths[0].parts[:depth])
    if folders:
        return Layout(_by_split(inner, {folder: split for split, folder in folders.items()}), folders, outer)
    return Layout({"train": _by_class({str(path): each.parts for path, each in inner.items()})}, {}, outer)


def shared_out(splits: Mapping[str, Labelled], *, val_share: float, test_share: float) -> dict[str, Labelled]:
    """All three splits, of which those that aren't there are held out of train; as in `labelled_splits`."""
    shares = {"val": val_share, "test": test_share}
    missing = {split: share for split, share in shares.items() if split not in splits}
    train = dict(splits["train"])
    found = {**splits, "train": train, **(_hold_out(train, missing) if missing else {})}
    _check_classes(found)
    return {split: found[split] for split in SPLITS}


def _without_outer_folders(paths: list[PurePosixPath]) -> dict[PurePosixPath, PurePosixPath]:
    """Each path with what is left of it inside of the folders that hold everything.

    A single folder with images in it stays: it may be a class, if a lonely one.
    """
    inner = {path: path for path in paths}
    while all(len(path.parts) > 2 for path in inner.values()):
        outer = {path.parts[0] for path in inner.values()}
        if len(outer) > 1 or any(folder.lower() in SPLIT_WORDS for folder in outer):
            break
        inner = {path: PurePosixPath(*rest.parts[1:]) for path, rest in inner.items()}
    return inner


def split_folders(folders: Iterable[str], *, lone: bool = False) -> dict[str, str]:
    """The folder of each split, if these are of splits and not of classes; without train only if they may be `lone`.

    Raises:
        UserError: train isn't there, two are of one split, or others are beside them.
    """
    folders = sorted(folders)
    named = [folder for folder in folders if folder.lower() in SPLIT_WORDS]
    others = [folder for folder in folders if folder not in named]
    if not named or (len(named) == 1 and others and named != ["train"]):  # may be a class: Trains, say
        return {}
    found: dict[str, str] = {}
    for folder in named:
        split = SPLIT_WORDS[folder.lower()]
        if split in found:
            raise UserError(
                f"each split has one folder, got {found[split]} and {folder} for {split} (move one, or set data.root)"
            )
        found[split] = folder
    if "train" not in found and not lone:
        raise UserError(
            f"folders of splits are named train, val and test, and train must be there, got {', '.join(named)} (rename "
            "them, or set data.root)"
        )
    if others:
        raise UserError(
            f"beside {found.get('train', 'test')} there may only be the folders val and test, got "
            f"{', '.join(others[:5])} (move them, or set data.root; a class that is called "
            f"{' or '.join(named)} must be renamed)"
        )
    return found


def _by_split(inner: Mapping[PurePosixPath, PurePosixPath], split_of: Mapping[str, str]) -> dict[str, Labelled]:
    parts: dict[str, dict[str, tuple[str, ...]]] = {}
    for path, each in inner.items():
        if len(each.parts) < 2:
            raise UserError(f"beside folders of splits there may be no images, got {path} (set data.root)")
        parts.setdefault(split_of[each.parts[0]], {})[str(path)] = each.parts[1:]
    labelled = _by_class({name: each for split in parts.values() for name, each in split.items()})
    return {split: {name: labelled[name] for name in found} for split, found in parts.items()}


def _by_class(parts: Mapping[str, Sequence[str]]) -> Labelled:
    """The first folder of each image; none of them lies in one, or all do."""
    without = [name for name, each in parts.items() if len(each) < 2]
    if len(without) == len(parts):
        return dict.fromkeys(parts, NO_CLASS)
    if without:
        raise UserError(
            f"every image lies in the folder of its class, got {without[0]}, which doesn't (move it, or set data.root)"
        )
    return {name: each[0] for name, each in parts.items()}


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
    for split in ("val", "test"):
        for name, label in splits[split].items():
            if label not in classes:
                like = written_like(label, classes)
                cure = "add some to train, or take it away" if like is None else f"train has {like!r}: rename it"
                raise UserError(
                    f"every class must have training images, got none of {label!r}, which {name} is of ({cure})"
                )


def lacking_classes(folders: Iterable[str], layout: Layout) -> dict[str, list[str]]:
    """By split, the class folders in which no image was found, and of val and test the classes they have none of."""
    inside = [each.removeprefix(layout.outer) for each in folders if each.startswith(layout.outer)]
    lacking: dict[str, list[str]] = {}
    train = layout.folders.get("train")
    start = f"{train}/" if train else ""
    known = set(layout.splits.get("train", {}).values())
    if not known or known == {NO_CLASS}:
        return {}
    there = {each.removeprefix(start) for each in inside if each.startswith(start)}
    lacking["train"] = sorted(each for each in there if each and "/" not in each and each not in known)
    for split in ("val", "test"):
        if split in layout.splits:
            lacking[split] = sorted(known - set(layout.splits[split].values()))
    return {split: names for split, names in lacking.items() if names}


def shared_folders(layout: Layout) -> list[str]:
    """Where classes lie one folder too high: what all of these "classes" hold, if it is the same folders, two or more.

    Those of splits by names that aren't known, say.
    """
    inner: dict[str, set[str]] = {}
    for name, label in layout.splits.get("train", {}).items():
        below = PurePosixPath(name.removeprefix(layout.outer).removeprefix(f"{layout.folders.get('train', label)}/"))
        parts = below.parts[1:] if layout.folders else below.parts
        inner.setdefault(label, set()).add(parts[0] if len(parts) > 1 else "")
    first = next(iter(inner.values()), set())
    same = len(inner) > 1 and len(first) > 1 and "" not in first and all(each == first for each in inner.values())
    return sorted(first) if same else []


def all_labelled(splits: Mapping[str, Labelled]) -> Labelled:
    """The images of all splits."""
    return {name: label for labelled in splits.values() for name, label in labelled.items()}


def checksum_of(sha256: str, splits: Mapping[str, Labelled], *, table: bool) -> str:
    """The sha256 of images, and of what a table says of them if there is one."""
    if not table:
        return sha256
    return hashlib.sha256(f"{sha256} {json.dumps(splits, sort_keys=True)}".encode()).hexdigest()
