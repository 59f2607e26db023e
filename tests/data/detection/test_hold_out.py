"""Splits held out of train by the paths of its images alone."""

from boxed_files import message_of

from attnlab.data.detection.drawn import DrawnPicture
from attnlab.data.detection.hold_out import with_held_out


def _pictures(num: int) -> list[DrawnPicture]:
    return [DrawnPicture(f"{number}.png", None, []) for number in range(num)]


def test_shares_are_taken_in_any_order_and_what_is_there_twice_stays_together() -> None:
    pictures = _pictures(50) + _pictures(50)
    found = with_held_out({"train": pictures}, {"val": 0.1, "test": 0.3})
    paths = {split: {each.path for each in drawn} for split, drawn in found.items()}
    assert {split: (len(found[split]), len(paths[split])) for split in found} == {
        "train": (60, 30),
        "val": (10, 5),
        "test": (30, 15),
    }
    assert len(set.union(*paths.values())) == 50
    again = with_held_out({"train": pictures[::-1]}, {"val": 0.1, "test": 0.3})
    assert {split: {each.path for each in drawn} for split, drawn in again.items()} == paths


def test_splits_that_are_there_stay_and_something_is_left_to_train_on() -> None:
    given = {"train": _pictures(3), "test": _pictures(2)}
    found = with_held_out(given, {"val": 0.1})
    assert (len(found["train"]), len(found["val"]), found["test"]) == (2, 1, given["test"])
    assert with_held_out(given, {}) == given
    message = message_of(lambda: with_held_out({"train": _pictures(2)}, {"val": 0.1, "test": 0.1}))
    assert message.startswith("there must be images to hold out for val and test and some to train on, got 2 (add")
