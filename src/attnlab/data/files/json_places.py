"""Where an entry of a list stands in a JSON file, for messages: the parser itself doesn't say."""

import json
import re

SPACE = re.compile(r"\s*")


def line_of_entry(text: str, key: str, index: int) -> int:
    """The line in which entry `index` of the list `key` of the object that is `text` begins; 1 if there is no such."""
    decoder, position = json.JSONDecoder(), _after_space(text, text.find("{") + 1)
    while text[position : position + 1] == '"':
        name, position = decoder.raw_decode(text, position)
        position = _after_space(text, _after_space(text, position) + 1)  # the colon
        if name == key:
            return text.count("\n", 0, _entry(decoder, text, position, index)) + 1
        _, position = decoder.raw_decode(text, position)
        position = _after_space(text, _after_space(text, position) + 1)  # the comma
    return 1


def _entry(decoder: json.JSONDecoder, text: str, position: int, index: int) -> int:
    """Where the entry of the list at `position` begins."""
    position = _after_space(text, position + 1)
    for _ in range(index):
        _, position = decoder.raw_decode(text, position)
        position = _after_space(text, _after_space(text, position) + 1)
    return position


def _after_space(text: str, position: int) -> int:
    found = SPACE.match(text, position)
    assert found is not None  # it matches nothing, too
    return found.end()
