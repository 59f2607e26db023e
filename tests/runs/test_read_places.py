"""Whose run it is has any file read as its data; which is said before."""

from pathlib import Path
from typing import Any

import pytest

from attnlab.runs import read_places
from attnlab.runs.read_places import say_places


@pytest.fixture(autouse=True)
def _untold() -> None:
    read_places._tell_once.cache_clear()


@pytest.mark.parametrize(
    "data, told",
    [
        ({"root": "/home/her/letters"}, "/home/her/letters"),
        ({"root": "corpus", "corpus": {"train": "/etc/passwd", "val": "val.txt"}}, "corpus, /etc/passwd"),
        ({"root": "run/files", "source": {"test": ["../../keys/a.json"]}}, "../../keys/a.json"),
        ({"root": None, "corpus": {"train": "here.txt", "val": "nowhere.txt"}}, "here.txt"),
        ({"root": "run/../secret"}, "run/../secret"),
        ({"root": "run/link"}, "run/link"),
    ],
)
def test_what_a_record_has_read_beyond_its_folder_is_told_once(
    data: dict[str, Any], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("here.txt").touch()
    Path("run").mkdir()
    Path("run/link").symlink_to("../secret")
    say_places(data, folder=Path("run"))
    say_places(data, folder=Path("run"))
    assert capsys.readouterr().err == (
        f"reading {told}, where this run's record says that its data lies (set data.root to read elsewhere)\n"
    )


@pytest.mark.parametrize(
    "data",
    [
        {"root": None, "corpus": {"_target_": "attnlab.data.BibleNames", "address": "https://x/y"}, "cache_dir": "/c"},
        {"root": "run/files", "corpus": {"train": "a.txt", "separator": "|"}, "source": "en"},
    ],
)
def test_of_bundled_data_and_of_the_runs_own_nothing_is_told(
    data: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    say_places(data, folder=Path("run"))
    assert capsys.readouterr().err == ""
