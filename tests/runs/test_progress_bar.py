"""The bar is for who looks on: in a file it would be a line for each of its states."""

import io
import os
from pathlib import Path

import pytest

from attnlab.runs.progress_bar import printed_to_a_file


def test_only_a_file_has_no_bar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "log").open("w") as file:
        monkeypatch.setattr("sys.stdout", file)
        assert printed_to_a_file()
    receiver, sender = os.pipe()
    with open(receiver), open(sender, "w") as pipe:
        monkeypatch.setattr("sys.stdout", pipe)
        assert not printed_to_a_file()
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert not printed_to_a_file()
