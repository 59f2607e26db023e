"""Of files of one's own the one of an odd form is named, first of those that were chosen."""

from pathlib import Path

import pytest

from attnlab.config.odd_files import odd_file


@pytest.mark.parametrize(
    "text, said",
    [
        ("5\n", "a configuration file must hold KEY: VALUE, got 5 alone in own/data/odd.yaml"),
        ("defaults: files\n", "defaults must be a list, got 'files' in own/data/odd.yaml (write - NAME, a line each)"),
        ("defaults: [true]\n", "each of the defaults must be NAME or GROUP: NAME, got true in own/data/odd.yaml"),
    ],
)
def test_an_odd_file_is_named(text: str, said: str) -> None:
    Path("own/data").mkdir(parents=True)
    Path("own/data/odd.yaml").write_text(text)
    Path("own/data/aside.yaml").write_text("7\n")
    found = odd_file(["own"], ["data='odd'"])
    assert found is not None
    assert said in str(found)


def test_what_hydra_reads_is_not_odd() -> None:
    Path("own/data").mkdir(parents=True)
    for name, text in {"a": "", "b": "defaults: [x, y: z]\n", "c": "- a\n", "d": "word\n", "e": "a: [\n"}.items():
        Path(f"own/data/{name}.yaml").write_text(text)
    assert odd_file(["own"], []) is None
