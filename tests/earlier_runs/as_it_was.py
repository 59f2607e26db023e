"""What tests of any run of before share: a copy of the folder in which it was begun, and equality but for rounding."""

import shutil
from pathlib import Path
from typing import Any

import pytest


def copied(here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of `here`'s workplace, to work in."""
    copy = tmp_path / "workplace"
    shutil.copytree(here / "workplace", copy)
    monkeypatch.chdir(copy)
    monkeypatch.setenv("ATTNLAB_CACHE", str(tmp_path / "prepared"))
    return copy


def close(found: Any, expected: Any) -> bool:
    """Equality of nested values, numbers within 1e-4."""
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(close(found[key], expected[key]) for key in expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(close(a, b) for a, b in zip(found, expected, strict=True))
    if isinstance(expected, float):
        return bool(found == pytest.approx(expected, rel=1e-4, abs=1.01e-4))  # printed to four places
    return bool(found == expected)
