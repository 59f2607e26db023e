"""What a class or function can't take is one line that names the key, and a value of a form that fits passes."""

import re
from collections.abc import Sequence
from typing import Any, Literal

import pytest
import torch

from attnlab.errors import UserError
from attnlab.runs.signatures import check_arguments, check_takes, fits, parameters_of


class Part:
    def __init__(self, size: int) -> None:
        self.size = size


def test_a_librarys_signature_is_not_held_against_values() -> None:
    check_arguments(re.compile, {"nosuch": 1}, "part")
    with pytest.raises(UserError, match=r"^part takes no 'nosuch'"):
        check_arguments(Part, {"nosuch": 1}, "part")


@pytest.mark.parametrize(
    "given, said",
    [
        ({"betas": [0.9]}, r"optimizer.betas must be 2 numbers in a list, as \[0.9,0.999\], got \[0.9\] \(set opt"),
        ({"betas": [0.9, "hot"]}, r"optimizer.betas must be 2 numbers"),
        ({"betas": 0.9}, r"optimizer.betas must be 2 numbers"),
        ({"amsgrad": "hot"}, r"optimizer.amsgrad must be true or false, got 'hot' \(set optimizer.amsgrad\)"),
        ({"eps": "hot"}, r"optimizer.eps must be a number, got 'hot'"),
    ],
)
def test_an_optimizers_argument_of_another_form_is_named(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        check_arguments(torch.optim.Adam, given, "optimizer")
    check_arguments(torch.optim.Adam, {"betas": [0.9, 1], "eps": 0, "amsgrad": True, "fused": None}, "optimizer")


def test_a_text_is_no_number_where_only_a_default_says_so() -> None:
    def untyped(*, width=3, share=0.5, switch=False, name="a"):  # type: ignore[no-untyped-def]  # as users write it
        pass

    check_arguments(untyped, {"width": 0.5, "share": 1, "switch": True, "name": 3}, "part")
    for name in ("width", "share"):
        with pytest.raises(UserError, match=rf"part.{name} must be a number, got 'hot' \(set part.{name}\)"):
            check_arguments(untyped, {name: "hot"}, "part")
    with pytest.raises(UserError, match=r"switch must be true or false, got 'hot' \(set --set switch=...\)"):
        check_arguments(untyped, {"switch": "hot"}, "part", option="--set")


@pytest.mark.parametrize(
    "hint, fitting, unfit",
    [
        (int, [0, -3], [True, 1.0, "3", None]),
        (float, [0.5, 3], [True, "0.5"]),
        (bool, [True], [1, "true"]),
        (Literal["a", "b"], ["a"], ["c", 1]),
        (int | None, [None, 4], ["4"]),
        (Sequence[int], [[], [1, 2]], [[1, "2"], 3]),
        (Part, [{}, []], []),
    ],
)
def test_plain_values_fit_their_annotation_alone(hint: Any, fitting: list[Any], unfit: list[Any]) -> None:
    assert all(fits(value, hint) for value in fitting)
    assert not any(fits(value, hint) for value in unfit)


def test_what_takes_anything_names_nothing() -> None:
    assert parameters_of(Part) == {"size"}
    assert parameters_of(type) == frozenset()


def _narrow(*, vocab_size: int) -> int:
    return vocab_size


def _wide(**sizes: int) -> int:
    return len(sizes)


def test_a_model_that_lacks_what_the_data_gives_is_told_how_to_take_it() -> None:
    said = r"my.Model doesn't take num_labels, which my.Data gives \(let it take num_labels, even if it does nothing w"
    with pytest.raises(UserError, match=said):
        check_takes(_narrow, "my.Model", ["vocab_size", "num_labels"], "my.Data")
    with pytest.raises(UserError, match=r"linear doesn't take num_labels, .* \(set model=... or data=...\)"):
        check_takes(torch.nn.Linear, "linear", ["num_labels"], "my.Data")
    check_takes(_wide, "my.Model", ["vocab_size", "num_labels"], "my.Data")
