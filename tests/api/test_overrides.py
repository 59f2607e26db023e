"""What stands on a command line alone is said in Python's words, with what was written as it was written."""

import re

import pytest

import attnlab


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        ("--config-dir my_configs", "config_dirs=['my_configs']"),
        ("--config-dir=my_configs", "config_dirs=['my_configs']"),
        ("--trust my_package", "trust=['my_package']"),
        ("-m", "KEY=VALUE alone"),
    ],
)
def test_an_option_is_told_its_argument(given: str, remedy: str) -> None:
    with pytest.raises(attnlab.UserError, match=re.escape(f"got {given!r} (write {remedy})")):
        attnlab.train(given)


def test_a_run_is_gone_on_with_by_its_overrides() -> None:
    with pytest.raises(attnlab.UserError, match="a run goes on by the overrides that it began with, got resume=last"):
        attnlab.train("task=ner", "resume=last")


def test_a_run_is_named_by_a_text_or_a_path() -> None:
    with pytest.raises(attnlab.UserError, match="a run is named by a text or a path, got None"):
        attnlab.load(None)  # type: ignore[arg-type]
