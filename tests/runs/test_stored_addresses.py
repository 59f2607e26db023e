"""An address of a stranger's is never asked, whatever a stored configuration says."""

import logging
from pathlib import Path

import pytest

from attnlab.data.classification.sets import CIFAR_ADDRESS
from attnlab.data.files.download import fetch
from attnlab.runs.stored_addresses import with_own_addresses

CIFAR = {"_target_": "attnlab.data.Cifar10", "address": "https://elsewhere.example"}


def test_an_address_is_the_classs_own_wherever_it_stands(caplog: pytest.LogCaptureFixture) -> None:
    stored = {"_target_": "attnlab.data.ImageDataModule", "source": CIFAR, "others": [CIFAR, 3]}
    found = with_own_addresses(stored, "data")
    assert found["source"]["address"] == found["others"][0]["address"] == CIFAR_ADDRESS
    assert "nothing is fetched from https://elsewhere.example" in caplog.text
    assert "set data.source.address to" in caplog.text
    assert stored["source"]["address"] == "https://elsewhere.example"


def test_what_says_nothing_of_an_address_stays(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for node in ({"a": [1, {"b": None}]}, CIFAR | {"address": CIFAR_ADDRESS}, {"address": "x"}):
            assert with_own_addresses(node, "data") == node
    assert not caplog.text


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://somewhere", "/etc/passwd", "data:,x"])
def test_only_the_web_is_asked(tmp_path: Path, address: str) -> None:
    with pytest.raises(OSError, match="must begin with https:// or http://"):
        fetch(address, tmp_path / "a", sha256="0")
    assert not list(tmp_path.iterdir())
