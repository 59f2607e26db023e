"""A field stands once in an object, wherever it is; messages say where."""

import json
import re

import pytest

from attnlab.data.files.json_values import parse_json
from attnlab.errors import UserError


@pytest.mark.parametrize(
    "text, field, where",
    [
        ('{"a": 1, "a": 1}', "a", ""),
        ('{"": 1, "": 2}', "", ""),
        ('[{"a": 1}, {"b": {"a": 1, "a": 2}}]', "a", "entry 2.b of "),
        ('{"images": [], "annotations": [{"id": 1}, {"id": 2, "bbox": 3, "bbox": 4}]}', "bbox", "annotations[1] of "),
        ('{"a": {"b": 1, "b": 2}, "a": 3}', "a", ""),
    ],
)
def test_a_field_that_stands_twice_is_refused_with_its_place(text: str, field: str, where: str) -> None:
    message = f"a field must stand once, got {field!r} twice in {where}FILE (set data.root)"
    with pytest.raises(UserError, match=f"^{re.escape(message)}$"):
        parse_json(text, place="FILE", key="data.root")


def test_else_it_is_what_the_library_gives() -> None:
    for value in ({"a": [{"a": 1}, {"a": 2}]}, [1.5, None], "a"):
        assert parse_json(json.dumps(value), place="FILE") == value
    with pytest.raises(json.JSONDecodeError):
        parse_json("{", place="FILE")
