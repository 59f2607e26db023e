"""Values are of the kinds that annotations name, or not."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pytest

from attnlab.reading.kinds import check_kinds, is_of


@pytest.mark.parametrize(
    "value, hint, fits",
    [
        (3, int, True),
        (True, int, False),
        (3, float, True),
        (float("nan"), float, False),
        (float("inf"), float, False),
        (10**400, float, False),
        ("a", str, True),
        (None, str, False),
        (None, int | None, True),
        (["a"], Sequence[str], True),
        ("a", Sequence[str], False),
        (["a", 3], list[str], False),
        ({"a": 1}, dict[str, int], True),
        ({"a": "1"}, Mapping[str, int], False),
        ({"a": object()}, dict[str, Any], True),
        ("x", Literal["x"], True),
        (1, Literal[True], False),
    ],
)
def test_a_value_is_of_a_kind_or_not(value: Any, hint: Any, fits: bool) -> None:
    assert is_of(value, hint) == fits


class _Part:
    def __init__(self, *, names: Sequence[str], size: int = 3) -> None: ...


@pytest.mark.parametrize(
    "given, said",
    [
        ({}, "names is lacking"),
        ({"names": ["a"], "more": 1}, "more isn't known"),
        ({"names": [3]}, r"names is \[3\]"),
        ({"names": [], "size": "3"}, "size is '3'"),
    ],
)
def test_what_a_constructor_cannot_take_is_named(given: dict[str, Any], said: str) -> None:
    check_kinds(_Part, {"names": ["a"]})
    with pytest.raises(ValueError, match=said):
        check_kinds(_Part, given)
