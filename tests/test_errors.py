"""Messages of mistakes: the rule, the value and the key, on one line."""

import copy
import math
import pickle
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnlab.errors import ByName, at_least, below_one, between, closest, closest_metric, naming_its_fields, one_line


def test_a_number_that_is_too_low_is_named_with_its_key() -> None:
    message = r"^num_val must be 1 or more, got 0 \(set data\.source\.num_val\)$"
    with pytest.raises(ValueError, match=message):
        at_least(1, "data.source", num_train=7, num_val=0, num_test=-3)
    message = r"^word_dropout must lie in \[0, 1\), got 1\.0 \(set model\.word_dropout\)$"
    with pytest.raises(ValueError, match=message):
        below_one("model", dropout=0.5, word_dropout=1.0)


@given(st.integers(-7, 7), st.integers(-7, 7) | st.floats())
def test_numbers_pass_from_the_least_up(least: int, value: float) -> None:
    if least <= value < math.inf:
        at_least(least, "model", dim=value)
        return
    with pytest.raises(ValueError, match=rf"^dim must be {least} or more, got .* \(set model.dim\)$"):
        at_least(least, "model", dim=value)


@given(st.integers(-7, 7), st.integers(0, 7), st.integers(-15, 15) | st.floats())
def test_numbers_pass_between_two_ends_and_at_them(least: int, width: int, value: float) -> None:
    most = least + width
    if least <= value <= most:
        between(least, most, "model", dim=value)
        return
    said = f"{most} or less" if most < value < math.inf else f"{least} or more"
    with pytest.raises(ValueError, match=rf"^dim must be {said}, got .* \(set model.dim\)$"):
        between(least, most, "model", dim=value)


@given(st.floats())
def test_a_share_that_leaves_something_passes(value: float) -> None:
    if 0 <= value < 1:
        below_one("model", dropout=value)
        return
    with pytest.raises(ValueError, match=r"^dropout must lie in \[0, 1\), got "):
        below_one("model", dropout=value)


def test_a_misspelt_name_is_told_its_nearest() -> None:
    assert closest("dmi", ["dim", "lr"], "model.") == " (did you mean model.dim?)"
    assert closest("nosuch", ["dim", "lr"]) == ""
    assert closest("nearest", ["linear"]) == ""
    assert closest("Base", ["se"]) == ""
    assert closest("Dim", ["dim", "lr"]) == " (did you mean dim?)"
    assert closest("AttentionGAN", ["attention", "attention_gan"]) == " (did you mean attention_gan?)"


def test_a_name_cut_short_is_told_all_that_it_may_be() -> None:
    known = ["ner_quickstart", "translation_quickstart", "AdditiveAttention"]
    assert closest("quickstart", known) == " (did you mean ner_quickstart or translation_quickstart?)"
    assert closest("Additive", known) == " (did you mean AdditiveAttention?)"


def test_none_of_more_names_than_can_be_told_is_guessed() -> None:
    known = [f"{task}_quickstart" for task in "abcdefghi"]
    assert closest("quickstart", known[:8]).count("quickstart") == 8
    assert closest("quickstart", known) == ""
    assert closest("a_quickstrat", known) == " (did you mean a_quickstart?)"


def test_an_error_and_its_cause_are_one_line() -> None:
    error = RuntimeError("one\n  two")
    assert one_line(error) == "one two"
    error.__cause__ = ValueError("three\n")
    assert one_line(error) == "one two three"


def test_a_field_that_a_dataclass_lacks_is_told_with_those_it_has() -> None:
    @naming_its_fields
    @dataclass(frozen=True, kw_only=True)
    class Sizes:
        width: int = 2
        height: int = 3

    assert Sizes(width=5) == Sizes(width=5, height=3)
    with pytest.raises(TypeError, match=r"^Sizes has no 'widht' \(did you mean width\?\); it has width, height$"):
        Sizes(widht=5)  # type: ignore[call-arg]  # the mistake


@pytest.mark.parametrize(
    "word, meant",
    [
        ("val_loss", "val/loss"),
        ("val-f1", "val/f1"),
        ("val/los", "val/loss"),
        ("f1", "val/f1"),
        ("loss", "train/loss or val/loss"),
        ("test/f1", "val/f1"),
        ("val/own", ""),
        ("own", ""),
    ],
)
def test_a_metric_is_meant_by_its_name_whatever_its_split(word: str, meant: str) -> None:
    assert closest_metric(word, ["train/loss", "val/loss", "val/f1"]) == (f" (did you mean {meant}?)" if meant else "")


def test_a_score_without_a_split_is_meant_by_a_misspelt_name_with_one() -> None:
    assert closest_metric("test/f1x", ["f1", "precision"]) == " (did you mean f1?)"


def test_a_name_that_isnt_there_is_told_those_that_are_and_all_else_is_a_dictionarys() -> None:
    values = ByName({"val/loss": 3, "val/f1": 5})
    with pytest.raises(KeyError) as told:
        values["val_loss"]
    assert told.value.args[0] == "no 'val_loss' (did you mean val/loss?); it has val/loss, val/f1"
    assert values == {"val/loss": 3, "val/f1": 5}
    assert values["val/f1"] == 5
    assert values.get("val_loss") is None
    assert "val_loss" not in values
    with pytest.raises(KeyError, match="no 'val/f1': it was never validated; it has train/loss"):
        ByName({"train/loss": 3}, without={"val/": "it was never validated"})["val/f1"]
    assert copy.deepcopy(values) == values == pickle.loads(pickle.dumps(values))
    with pytest.raises(KeyError, match="no 7; it has nothing"):
        ByName[int]()[7]  # type: ignore[index]  # the mistake
