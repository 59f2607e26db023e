"""The bar is for who looks on: elsewhere it would be a line for each of its states."""

import io
import os
import pty
from pathlib import Path

import pytest

from attnlab.runs.progress_bar import somebody_looks_on


def test_only_a_terminal_and_a_notebook_have_a_bar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver, sender = os.pipe()
    with (tmp_path / "log").open("w") as file, open(receiver), open(sender, "w") as pipe:
        for stream in (file, pipe, io.StringIO()):
            monkeypatch.setattr("sys.stdout", stream)
            assert not somebody_looks_on()
    master, slave = pty.openpty()
    with open(master), open(slave, "w") as terminal:
        monkeypatch.setattr("sys.stdout", terminal)
        assert somebody_looks_on()
    notebook = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})
    monkeypatch.setattr("sys.stdout", notebook())
    assert somebody_looks_on()
