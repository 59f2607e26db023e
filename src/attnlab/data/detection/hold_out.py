"""Splits for which there is no annotation of their own, held out of train."""

import hashlib
import logging
from collections.abc import Mapping, Sequence

from attnlab.data.detection.drawn import DrawnPicture
from attnlab.data.detection.sets import SPLITS
from attnlab.errors import UserError

log = logging.getLogger(__name__)


def check_shares(*, val_share: float, test_share: float) -> None:
    """ValueError for a share that leaves nothing, or takes nothing."""
    for key, share in (("val_share", val_share), ("test_share", test_share)):
        if not 0 < share < 1:
            raise ValueError(f"{key} must lie between 0 and 1, got {share} (set data.source.{key})")


def test_alone(
    pictures: Mapping[str, Sequence[DrawnPicture]], shares: Mapping[str, float], *, whole: bool
) -> tuple[list[DrawnPicture], int | None]:
    """Those to test a trained model on; and of how many, where they don't make up a split of their own.

    Args:
        whole: then all of them count; else those that training, on the same pictures, would have held out.

    Raises:
        UserError: there are none.
    """
    if "test" in pictures:
        return list(pictures["test"]), None
    if "train" not in pictures:
        raise UserError(f"there must be images to test on, got only {', '.join(pictures)} (set data.root)")
    if whole:
        every = [each for drawn in pictures.values() for each in drawn]
        return every, len(every)
    missing = {split: share for split, share in shares.items() if split not in pictures}
    return with_held_out(pictures, missing)["test"], len(pictures["train"])


def with_held_out(
    pictures: Mapping[str, Sequence[DrawnPicture]], shares: Mapping[str, float]
) -> dict[str, list[DrawnPicture]]:
    """The splits, and of train's pictures the `shares` of those that have no pictures of their own, at least one each.

    Which ones depends on their paths alone. A picture that is there twice isn't torn apart.

    Raises:
        UserError: none would be left to train on.
    """
    if not shares:
        return {split: list(each) for split, each in pictures.items()}
    paths = sorted({each.path for each in pictures["train"]}, key=lambda path: hashlib.sha256(path.encode()).digest())
    counts = {split: max(1, round(share * len(paths))) for split, share in shares.items()}
    if sum(counts.values()) >= len(paths):
        raise UserError(
            f"there must be images to hold out for {' and '.join(shares)} and some to train on, got {len(paths)} (add "
            f"images, or set {' and '.join(f'data.source.{split}_share' for split in shares)})"
        )
    parts = ", ".join(f"{count} for {split}" for split, count in counts.items())
    log.info("of the %d images of train, %s are held out", len(paths), parts)
    place, owner = 0, dict.fromkeys(paths, "train")
    for split, count in counts.items():
        owner |= dict.fromkeys(paths[place : place + count], split)
        place += count
    held = {split: [each for each in pictures["train"] if owner[each.path] == split] for split in ("train", *shares)}
    return {split: held.get(split) or list(pictures[split]) for split in SPLITS if split in held or split in pictures}
