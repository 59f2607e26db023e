"""What readers of files have in common."""

import pytest
from boxed_files import message_of

from attnlab.data.detection.box_sanity import DrawnBox
from attnlab.data.detection.drawn import DrawnPicture
from attnlab.data.detection.rules import FileRules


def _rules(*, test_share: float = 0.2, repair: bool = False) -> FileRules:
    return FileRules(val_share=0.2, test_share=test_share, repair=repair, skip_broken=False)


def _pictures(label: str, num: int = 10) -> list[DrawnPicture]:
    box = DrawnBox((1, 2, 3, 4), (1, 2, 3, 4), label, False, "a line")
    return [DrawnPicture(f"{label}{number}.png", None, [box]) for number in range(num)]


def test_test_is_what_training_held_out_where_there_is_no_other() -> None:
    trained = _rules().held_out({"train": _pictures("cat")})
    given = {"train": _pictures("cat")}
    assert _rules().test_of(given, ["cat"], whole=False) == ({"test": trained["test"]}, 10)
    assert _rules().test_of(given, ["cat"], whole=True) == ({"test": given["train"]}, 10)
    assert _rules().test_of({"test": _pictures("dog", 3)}, ["dog"], whole=True) == ({"test": _pictures("dog", 3)}, None)
    message = message_of(lambda: _rules().test_of({"val": _pictures("cat")}, ["cat"], whole=True))
    assert message == "there must be images to test on, got only val (set data.root)"


def test_a_class_that_the_model_doesnt_know_is_refused_or_left_to_be_dropped() -> None:
    message = message_of(lambda: _rules().test_of({"test": _pictures("emu")}, ["cat", "dog"], whole=False))
    assert message.startswith("the model knows the classes cat, dog, got also emu (set data.source.repair=true")
    assert len(_rules(repair=True).test_of({"test": _pictures("emu")}, ["cat"], whole=False)[0]["test"]) == 10


@pytest.mark.parametrize("share", [0, 1, -0.5, float("nan")])
def test_a_share_leaves_something_and_takes_something(share: float) -> None:
    with pytest.raises(ValueError, match=r"test_share must lie between 0 and 1, got .* \(set data.source.test_share\)"):
        _rules(test_share=share)
