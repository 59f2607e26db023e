"""A value of another kind than its key takes is one line that says what to write; what fits passes."""

import inspect
from collections.abc import Sequence
from typing import Any, get_args, get_type_hints

import pytest
from omegaconf import DictConfig, ListConfig, OmegaConf

from attnlab import data
from attnlab.config.compose import compose_run
from attnlab.config.kinds import TEXT_OR_LIST, check_kind, check_value, value_at
from attnlab.errors import UserError


@pytest.mark.parametrize(
    "default, value, typed, said",
    [
        (3, "1..3", "1..3", r"whole number, got '1..3' \(write key=1,2,3 with -m for each from 1 to 3\)"),
        (3, "1-30", "1-30", r"\(write key=range\(1,31\) with -m for each from 1 to 30\)"),
        (3, "007", "007", r"got '007' \(write key=7, without zeros before it\)"),
        (
            0.5,
            "001",
            "001",
            r"got '001' \(write key=1, without zeros before it, or key=0.001 where that is a decimal com",
        ),
        (3, 2.0, "2.0", r"got 2.0 \(write key=2\)"),
        (3, True, "true", r"got True \(the default is 3\)"),
        (0.5, "0.1", "'0.1'", r"a number, got '0.1' \(write key=0.1, without quotes\)"),
        (True, 1, "1", r"true or false, got 1 \(the default is True\)"),
        ("a", 100000.0, "1e5", r"""text, got 1e5 \(write key="'1e5'"\)"""),
        ("a", 3, None, r"""text, got 3 \(write key="'3'"\)"""),
        ("a", 3, "${b}", r"\(write key='as_\$\{b\}', with text around it\)"),
        ("a", ListConfig(["b"]), "[b]", r"text, got \['b'\] \(the default is 'a'\)"),
        (ListConfig([1, 2]), 3, "3", r"a list, got 3 \(write key=\[1,2\], its default, or other values\)"),
        (DictConfig({"a": 1}), 3, "3", r"a group of values, got 3 \(set key.\*\)"),
    ],
)
def test_another_kind_is_told_with_what_to_write(default: Any, value: Any, typed: str | None, said: str) -> None:
    with pytest.raises(UserError, match=said):
        check_kind("key", default, value, typed=typed)


@pytest.mark.parametrize("default, value", [(None, "x"), (3, None), (0.5, 1), (ListConfig([]), ListConfig(["x"]))])
def test_what_fits_passes(default: Any, value: Any) -> None:
    check_kind("key", default, value)


def test_what_refers_to_what_is_yet_to_be_given_has_no_value() -> None:
    assert value_at(OmegaConf.create({"a": "${b}", "b": "???"}), "a") is None


def test_a_whole_number_will_do_for_a_number_and_anything_for_null() -> None:
    config = compose_run(["model.dropout=0", "init_from=elsewhere", "+model.own=3"])
    assert (config.model.dropout, config.init_from, config.model.own) == (0, "elsewhere", 3)


@pytest.mark.parametrize("key, given", [("train", "[a.txt,'books/*.txt']"), ("train", "a.txt"), ("val", "[a.txt]")])
def test_one_file_or_a_list_of_them_is_named(key: str, given: str) -> None:
    found = compose_run(["task=language_modelling", "data=text_files", f"data.corpus.{key}={given}"])
    assert found.data.corpus[key] == OmegaConf.from_dotlist([f"value={given}"]).value


def test_a_text_or_a_list_takes_the_others_place_where_its_class_takes_both() -> None:
    corpus = {
        "_target_": "attnlab.data.ParallelText",
        "val_target": ["a", "b"],
        "test_target": "a",
        "train_source": "a",
    }
    config, several = OmegaConf.create({"data": {"corpus": corpus}}), OmegaConf.create(["c", "d"])
    check_value(config, "data.corpus.val_target", "c")
    check_value(config, "data.corpus.test_target", several)
    with pytest.raises(UserError, match=r"data\.corpus\.train_source must be text, got \['c', 'd'\]"):
        check_value(config, "data.corpus.train_source", several)
    for key, message in (("val_target", "must be a list, got 7"), ("test_target", "must be text, got 7")):
        with pytest.raises(UserError, match=message):
            check_value(config, f"data.corpus.{key}", 7)


def test_what_may_be_text_or_a_list_is_what_constructors_of_data_say() -> None:
    found = {}
    for name in data.__all__:
        made = getattr(data, name)
        hints = get_type_hints(made.__init__) if inspect.isclass(made) else {}
        either = tuple(
            key for key, hint in hints.items() if all(each in get_args(hint) for each in (str, Sequence[str]))
        )
        if either:
            found[f"attnlab.data.{name}"] = either
    assert found == TEXT_OR_LIST
