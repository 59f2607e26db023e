"""What a field of JSON lacks is one line with its place; a null is no wrong name."""

from typing import Any

import pytest

from attnlab.data.files.json_fields import text_of, texts_of
from attnlab.errors import UserError


@pytest.mark.parametrize("read", [text_of, texts_of])
@pytest.mark.parametrize(
    "value, said",
    [
        (None, r"the field 'a' must hold a text.*, got null in line 7 \(fill it in, or take it out\)$"),
        (5, r"the field 'a' must hold a text.*, got '5' in line 7 \(set data.corpus.a\)$"),
        ({"b": 1}, r"the field 'a' must hold a text.* in line 7 \(set data.corpus.a\)$"),
    ],
)
def test_what_is_no_text_is_named_with_what_mends_it(read: Any, value: Any, said: str) -> None:
    with pytest.raises(UserError, match=said):
        read({"a": value}, "a", "line 7", "data.corpus.a")


def test_one_text_and_several_are_read() -> None:
    assert text_of({"a": "one"}, "a", "line 1", "data.corpus.a") == "one"
    assert texts_of({"a": "one"}, "a", "line 1", "data.corpus.a") == ["one"]
    assert texts_of({"a": ["one", "two"]}, "a", "line 1", "data.corpus.a") == ["one", "two"]
    for wrong in ([], ["one", None]):
        with pytest.raises(UserError, match="must hold a text or a list of texts"):
            texts_of({"a": wrong}, "a", "line 1", "data.corpus.a")
