"""An entry a line, or all in a list: read alike, each with its place."""

import json
import re
from pathlib import Path

import pytest

from attnlab.data.tagging.json_entries import read_json_entries
from attnlab.errors import UserError

ENTRIES = [{"text": "a", "label": []}, {"text": "b\n", "label": []}]
PAIRS = [["a", {"entities": []}], ["b", {"entities": []}]]


@pytest.mark.parametrize("entries", [ENTRIES, PAIRS])
def test_a_list_and_lines_hold_the_same(tmp_path: Path, entries: list[object]) -> None:
    path = tmp_path / "x.json"
    lines = "\n".join(map(json.dumps, entries)) + "\n"
    for content in (json.dumps(entries), json.dumps(entries, indent=1), json.dumps({"annotations": entries}), lines):
        path.write_text(content)
        found = list(read_json_entries(path, key="key"))
        assert [entry for _, entry in found] == entries
        kind = "line" if content is lines else "entry"
        assert [place for place, _ in found] == [f"{kind} 1 of {path}", f"{kind} 2 of {path}"]


@pytest.mark.parametrize("entry", [ENTRIES[0], PAIRS[0]])
def test_one_line_is_one_entry(tmp_path: Path, entry: object) -> None:
    (tmp_path / "x").write_text(json.dumps(entry))
    assert [each for _, each in read_json_entries(tmp_path / "x", key="key")] == [entry]


@pytest.mark.parametrize(
    "content, message",
    [
        (
            '[{"text": "a"},\n{"text"',
            r"each line must be a JSON object, got line 1 of \S+: .+ at column \d+ \(correct it, or set key\)",
        ),
        ('[{"text": "\\ud83d"}]', r"texts must be of whole characters, got '\\ud83d' in \S+ \(set key\)"),
        (
            '[["a", {"entities": [], "entities": []}]]',
            r".+ got 'entities' twice in .*x \(set key\)",
        ),
        (
            '["a", {"b": 1, "b": 2}]\n["a", {}]',
            r".+ got 'b' twice in .*line 1 of \S+x \(set key\)",
        ),
        (
            "[" * 100_000,
            r"each line must be a JSON object, got line 1 of \S+: nested too deeply \(correct it, or set key\)",
        ),
    ],
)
def test_a_broken_file_is_one_line(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "x").write_text(content)
    with pytest.raises(UserError) as caught:
        list(read_json_entries(tmp_path / "x", key="key"))
    assert re.fullmatch(message, str(caught.value))
