"""Every score that a task is judged by has a line."""

from pathlib import Path

import pytest
import yaml

from attnlab.config.conf_path import conf_dir
from attnlab.metrics.described import SCORES, said_of


@pytest.mark.parametrize("path", sorted((conf_dir() / "task").glob("*.yaml")), ids=lambda path: path.stem)
def test_what_tasks_and_studies_are_judged_by_is_told(path: Path) -> None:
    verdict = yaml.safe_load(path.read_text(encoding="utf-8")).get("verdict") or {}
    for metric in filter(None, [verdict.get("metric"), *(verdict.get("margins") or {})]):
        assert said_of(metric) is not None, metric


@pytest.mark.parametrize("path", sorted((conf_dir() / "study").glob("*.yaml")), ids=lambda path: path.stem)
def test_so_are_the_studies_own(path: Path) -> None:
    metric = yaml.safe_load(path.read_text(encoding="utf-8")).get("metric")
    assert metric is None or said_of(metric) is not None


def test_distances_are_told_whatever_features_they_are_of() -> None:
    assert said_of("fid_fashion_mnist_cnn") == said_of("fid")
    assert said_of("my_own") is None


def test_both_languages_say_it() -> None:
    for said in SCORES.values():
        assert said.en.isascii()
        assert not said.zh.isascii()
        assert not said.en.endswith(".")
