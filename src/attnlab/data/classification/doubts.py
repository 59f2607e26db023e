"""What may be wrong with images to classify though they can be read: kinds of warnings, and what they say."""

from collections.abc import Iterator, Mapping, Sequence

from attnlab.data.alike_names import alike, shown
from attnlab.data.classification.class_folders import Labelled

FIRST = 5  # names that a warning shows

Doubt = tuple[str, str]
"""A kind, and a message."""


def doubts_of_copies(splits: Mapping[str, Labelled], copies: Mapping[str, str]) -> Iterator[Doubt]:
    """Which images are the same, by their bytes, in two splits or two classes; `copies` has the first such."""
    holders: dict[str, set[str]] = {}
    labels: dict[str, set[str]] = {}
    for split, labelled in splits.items():
        for name, label in labelled.items():
            holders.setdefault(copies.get(name, name), set()).add(split)
            labels.setdefault(copies.get(name, name), set()).add(label)
    for one, other in (("train", "val"), ("train", "test"), ("val", "test")):
        if both := [name for name, each in holders.items() if {one, other} <= each]:
            yield (
                "shared_images",
                f"{one} and {other} share {len(both)} images, {first_of(both)}: scores on {other} aren't those on "
                "unseen images (remove the copies)",
            )
    if torn := [f"{name} ({', '.join(sorted(labels[name]))})" for name in labels if len(labels[name]) > 1]:
        yield (
            "images_in_two_classes",
            f"{len(torn)} images are there in two classes or more: {first_of(torn)} (remove the wrong ones)",
        )


def doubts_of_names(classes: Sequence[str], *, place: object) -> Iterator[Doubt]:
    """Classes that are hardly meant to be two; `place` is where they are written."""
    if groups := alike(classes):
        yield (
            "alike_classes",
            f"classes that differ only in case, blanks or hyphens are learnt as different ones: {shown(groups)} "
            f"(write each in one way in {place})",
        )


def first_of(names: Sequence[str]) -> str:
    """The first few, for a message."""
    return ", ".join(names[:FIRST]) + (", ..." if len(names) > FIRST else "")
