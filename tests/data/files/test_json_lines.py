"""Objects, a line each, and the one line that a mistake gets."""

import json
import re
from pathlib import Path

import pytest

from attnlab.data.files.json_lines import read_json_lines
from attnlab.errors import UserError


@pytest.mark.parametrize(
    "line, name, where", [('{"a": "1", "b": 2, "a": "3"}', "a", ""), ('{"c": {"d": 1, "d": 1}}', "d", "c of ")]
)
def test_a_field_that_stands_twice_is_refused(line: str, name: str, where: str, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"a": "1"}\n' + line + "\n")
    read = read_json_lines(tmp_path / "x.jsonl", key="data.root")
    assert next(read)[1] == {"a": "1"}
    message = f"a field must stand once, got {name!r} twice in {where}line 2 of {tmp_path}/x.jsonl (set data.root)"
    with pytest.raises(UserError, match=re.escape(message)):
        next(read)


OBJECTS = [{"a": "1", "b": ["é\n"]}, {"a": "2"}]


@pytest.mark.parametrize("indent", [None, 1])
def test_one_list_of_objects_holds_what_lines_do(indent: int | None, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(OBJECTS, indent=indent))
    found = list(read_json_lines(path, key="data.root"))
    assert found == [(f"entry {number} of {path}", each) for number, each in enumerate(OBJECTS, start=1)]


@pytest.mark.parametrize(
    "content, message",
    [
        ('[{"a": 1},\n\n {"a" 2}]', r"each line must be a JSON object, got line 3 of \S+: .* at column \d+ \(.*key\)"),
        ('[{"a": 1}, 2]', r"each line must be a JSON object, got line 1 of .*"),
        ("[]", r"each line must be a JSON object, got line 1 of .*"),
        ('["a"]\n["b"]', r"each line must be a JSON object, got line 1 of .*"),
        ('[{"a": 1, "a": 2}]', r"a field must stand once, got 'a' twice in entry 1 of .*"),
        ('[{"a": "\\ud83d"}]', r"texts must be of whole characters, got .* in entry 1 of .*"),
        ("[" * 100_000, r"each line must be a JSON object, got \S+: nested too deeply .*"),
    ],
)
def test_what_is_no_list_of_objects_is_one_line(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_text(content)
    with pytest.raises(UserError) as caught:
        list(read_json_lines(tmp_path / "x", key="key"))
    assert re.fullmatch(message, str(caught.value))
