"""What all readers of annotations in files let a user choose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from attnlab.data.detection.box_sanity import BoxSanity
from attnlab.data.detection.doubts import Doubts
from attnlab.data.detection.drawn import DrawnPicture, Handling, Place, boxed_splits, check_known, rows_checksum
from attnlab.data.detection.hold_out import check_shares, test_alone, with_held_out
from attnlab.data.detection.misread import Misreading
from attnlab.data.detection.sets import DetectionSplits


@dataclass(frozen=True, kw_only=True)
class FileRules:
    """How splits are held out, and what is done about what can't be.

    Raises:
        ValueError: a share that isn't one.
    """

    val_share: float
    test_share: float
    repair: bool
    skip_broken: bool

    def __post_init__(self) -> None:
        check_shares(val_share=self.val_share, test_share=self.test_share)

    def held_out(self, pictures: Mapping[str, Sequence[DrawnPicture]]) -> dict[str, list[DrawnPicture]]:
        """The splits, with those that aren't there held out of train."""
        shares = {"val": self.val_share, "test": self.test_share}
        return with_held_out(pictures, {split: share for split, share in shares.items() if split not in pictures})

    def test_of(
        self, pictures: Mapping[str, Sequence[DrawnPicture]], classes: Sequence[str], *, whole: bool
    ) -> tuple[dict[str, list[DrawnPicture]], int | None]:
        """As `test_alone`, for a model that knows these classes.

        Raises:
            UserError: there is none, or a box is of another class.
        """
        shares = {"val": self.val_share, "test": self.test_share}
        test, total = test_alone(pictures, shares, whole=whole)
        check_known([box for each in test for box in each.boxes], classes, repair=self.repair)
        return {"test": test}, total

    def splits(
        self,
        root: Path,
        pictures: Mapping[str, Sequence[DrawnPicture]],
        classes: Sequence[str],
        *,
        places: Mapping[str, Place],
        channels: int,
        cache_dir: Path,
        doubts: Doubts,
        misread: Misreading,
    ) -> DetectionSplits:
        """What `boxed_splits` makes of them under these rules."""
        sanity = BoxSanity(repair=self.repair, misread=misread)
        handling = Handling(sanity, self.skip_broken, channels, cache_dir, doubts)
        return boxed_splits(root, pictures, classes, places=places, handling=handling, checksum=rows_checksum)
