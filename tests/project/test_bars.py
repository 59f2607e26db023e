"""Bars of progress are for those who watch: a log or a pipe has none of them."""

import ast
from pathlib import Path

import attnlab

PACKAGE = Path(attnlab.__file__).parent


def _bars() -> dict[str, set[str | None]]:
    """The arguments that each of the package's bars is given by name, by where it is made."""
    return {
        f"{path.relative_to(PACKAGE)}:{node.lineno}": {keyword.arg for keyword in node.keywords}
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tqdm"
    }


def test_every_bar_says_when_it_is_not_shown() -> None:
    bars = _bars()
    assert len(bars) >= 5
    assert not [place for place, given in bars.items() if "disable" not in given]
