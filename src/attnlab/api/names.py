"""What a name of the package that isn't there was meant as. Nothing heavy is imported: what is looked in isn't run."""

import ast
from collections.abc import Sequence
from pathlib import Path

import attnlab
from attnlab.errors import closest


def meant(name: str, known: Sequence[str], parts: Sequence[str]) -> str:
    """In which of the package's parts a name is, or which of those that are `known` it is like; "" if neither tells."""
    for part in parts:
        file = Path(attnlab.__file__).with_name(part) / "__init__.py"
        for each in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(each, ast.ImportFrom) and name in [found.name for found in each.names]:
                return f": write attnlab.{part}.{name}"
    return closest(name, known)
