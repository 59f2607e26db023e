"""Every score that a task is judged by has a line."""

from pathlib import Path

import pytest
import yaml

from attnlab.config.conf_path import conf_dir
from attnlab.metrics.described import SCORES, at_best, best_of, said_of


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


def test_the_best_of_a_score_is_known_wherever_its_line_tells_its_range() -> None:
    for name, said in SCORES.items():
        if said.en.endswith(("0 to 1", "0 to 100")):
            ends = {0.0, 100.0 if said.en.endswith("100") else 1.0}
            assert best_of(name) in ends, name
    assert (best_of("f1_person"), best_of("unseen_f1"), best_of("perplexity")) == (1.0, 1.0, 1.0)
    assert best_of("my_own") is None


def test_only_scores_that_all_are_the_best_as_far_as_shown_are_at_it() -> None:
    assert at_best([100.00000000000004, 100.0], "chrf")
    assert at_best([1.00001], "perplexity")
    assert not at_best([100.0, 99.9], "chrf")
    assert not at_best([], "chrf")
    assert not at_best([1.0], "my_own")
