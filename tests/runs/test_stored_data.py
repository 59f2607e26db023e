"""Data that only a run's record names: told before it is read, and fetched from nowhere that only the record says."""

import logging
from pathlib import Path

import pytest

from attnlab.data.classification.sets import FASHION_ADDRESS
from attnlab.errors import UserError
from attnlab.runs import read_places
from attnlab.runs.stored_data import stored_data

IMAGES = {
    "_target_": "attnlab.data.ImageClassificationDataModule",
    "images": {"_target_": "attnlab.data.FashionMnist", "address": "https://elsewhere.example"},
    "root": "/home/her/pictures",
    "cache_dir": "/home/her/cache",
}


@pytest.fixture(autouse=True)
def _untold() -> None:
    read_places._tell_once.cache_clear()


def test_where_it_reads_is_told_and_what_it_fetches_is_this_projects_own(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        data = stored_data({"data": IMAGES}, folder=Path("run"))
    assert data.source.address == FASHION_ADDRESS
    assert "nothing is fetched from https://elsewhere.example" in caplog.text
    assert capsys.readouterr().err.startswith("reading /home/her/pictures, where this run's record says")
    assert "her" not in str(data.cache_dir)


def test_what_it_names_is_allowed_first() -> None:
    evil = {"data": IMAGES | {"images": {"_target_": "os.system", "command": "touch evil"}}}
    with pytest.raises(UserError, match=r"the checkpoint would run 'os\.system'"):
        stored_data(evil, folder=Path("run"))
    assert not Path("evil").exists()
