"""Where the standard data sets lie that are tested as they were published, which nothing here may download."""

import os
from pathlib import Path

import pytest

VARIABLE = "ATTNLAB_DATA"  # continuous integration sets it, so that none of these tests is skipped there


def standard(name: str) -> Path:
    """The folder of a data set; skips the test of whoever hasn't set the variable, and of nobody else."""
    if (place := os.environ.get(VARIABLE)) is None:
        pytest.skip(f"needs {name} as it was published (set {VARIABLE} to the folder that holds {name}/)")
    return Path(place) / name
