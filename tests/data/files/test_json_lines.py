"""Objects, a line each, and the one line that a mistake gets."""

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
