"""What is odd about a file that isn't YAML is said with its line, whichever of YAML's two readers met it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from attnlab.config.odd_yaml import not_yaml

LOADERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if hasattr(yaml, "CSafeLoader") else [])]


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(
    "text, said",
    [
        ("a: 1\nb:\n\tc: 2\n", r".*a tab.* at line 3 of odd.yaml, 'c: 2'"),
        ("a: 1\nb: c: 2\n", r"a second colon, .* at line 2 of odd.yaml, 'b: c: 2'"),
        ("a: [1, 2\nb: 3\n", r"(a bracket or a brace that isn't closed|a second colon.*) at line 2 of odd.yaml"),
        ("a: 'b\n", r"a quote that isn't closed at line 1 of odd.yaml, \"a: 'b\""),
        ("a:\n    b: 1\n  c: 2\n", r"a line that is further left or right than .* at line 3 of odd.yaml, 'c: 2'"),
    ],
)
def test_a_slip_is_named_with_its_line(loader: Any, text: str, said: str) -> None:
    path = Path("odd.yaml")
    path.write_text(text)
    with pytest.raises(yaml.YAMLError) as caught:
        yaml.load(text, Loader=loader)
    with pytest.raises(
        type(not_yaml(caught.value)), match=rf"^a configuration file must be YAML, got {said}.* \(correct"
    ):
        raise not_yaml(caught.value, path)


def test_another_encoding_is_named_as_such() -> None:
    with pytest.raises(UnicodeDecodeError) as caught:
        b"caf\xe9".decode()
    said = str(not_yaml(caught.value, Path("odd.yaml")))
    assert said == "a configuration file must be UTF-8, got the byte 0xe9 in odd.yaml (save it as UTF-8)"
