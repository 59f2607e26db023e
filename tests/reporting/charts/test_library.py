"""The script that charts take."""

import subprocess
import sys
from pathlib import Path

import pytest

from attnlab.errors import UserError
from attnlab.reporting.charts import library


def test_a_script_cannot_end_the_element_that_it_stands_in() -> None:
    assert library.escaped('a = "</script>"; b = "</SCRIPT"; c = "<!--"; d = 1 < 2;') == (
        'a = "<\\/script>"; b = "<\\/SCRIPT"; c = "<\\!--"; d = 1 < 2;'
    )


def test_both_parts_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert library.installed()
    monkeypatch.setattr(library, "find_spec", lambda name: None if name == "vl_convert" else object())
    assert not library.installed()


def test_a_script_that_cannot_be_made_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([sys.executable], 1, b"", b"Traceback\nno such version\n")
    monkeypatch.setattr(library.subprocess, "run", lambda *_, **__: failed)
    library.script.cache_clear()
    with pytest.raises(UserError, match="that works, got: no such version"):
        library.script()


def test_a_stand_in_where_one_works_is_not_run() -> None:
    Path("vl_convert.py").write_text("open('ran', 'w')\ndef javascript_bundle(): return 'evil()'\n")
    library.script.cache_clear()
    try:
        assert len(library.script()) > 100_000
    finally:
        library.script.cache_clear()
    assert not Path("ran").exists()
