"""YAML of anybody's takes no longer than it is, and nothing is made of its texts."""

import time

import pytest
import yaml

from attnlab.reading.plain_yaml import NotPlain, check_plain, plain_texts


def test_texts_are_as_they_are_written() -> None:
    text = "a: 007\nb: {c: yes, d: null}\ne: [1:30, 2026-01-01, '*x']\nf: ${oc.env:HOME}\n"
    assert plain_texts(text) == {
        "a": "007",
        "b": {"c": "yes", "d": "null"},
        "e": ["1:30", "2026-01-01", "*x"],
        "f": "${oc.env:HOME}",
    }
    assert plain_texts("") is None


MERGED = "a0: &a0 {k: v}\n" + "".join(
    f"a{each}: &a{each}\n  <<: [{', '.join([f'*a{each - 1}'] * 10)}]\n" for each in range(1, 12)
)


@pytest.mark.parametrize(
    "text, said",
    [
        (MERGED, r"aliases aren't read, got \*a0 \(write it out\)"),
        ("a: &a [*a]", r"aliases aren't read, got \*a"),
        ("a: 1" + ":1" * 200_000, r"a number must be short, got 1:1:1:1:1:1:1:1:1:1:... \(quote it if it is a text\)"),
        ("[" * 5000, "nested too deeply"),
        ("[" * 70 + "]" * 70, "nested too deeply"),
        ("a: [", "expected the node content"),
    ],
)
def test_what_grows_is_refused_at_once(text: str, said: str) -> None:
    began = time.process_time()
    with pytest.raises(NotPlain, match=said):
        plain_texts(text)
    with pytest.raises((NotPlain, yaml.YAMLError), match=said):
        check_plain(text)
    assert time.process_time() - began < 5
