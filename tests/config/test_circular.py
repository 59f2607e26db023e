"""Defaults that lead back to where they began are one line, and name the files."""

from pathlib import Path

import pytest

from attnlab.config.compose import compose_run, load_group
from attnlab.errors import UserError


@pytest.mark.parametrize(
    "files, chosen, got",
    [
        ({"attention/own": ["own", "_self_"]}, "own", r"among its own defaults, got \S+/attention/own.yaml "),
        ({"attention/a": ["b"], "attention/b": ["_shell", "a"], "attention/c": ["c"]}, "a",
         r"lead back .*, got \S+/a.yaml -> \S+/b.yaml -> \S+/a.yaml "),
        ({"attention/d": [{"/feature_attention@core": "e"}], "feature_attention/e": [{"/attention@x": "d"}]}, "d",
         r"got \S+/attention/d.yaml -> \S+/feature_attention/e.yaml -> \S+/attention/d.yaml "),
    ],
)  # fmt: skip
def test_a_ring_is_told_by_its_files(tmp_path: Path, files: dict[str, list[object]], chosen: str, got: str) -> None:
    for name, defaults in files.items():
        path = tmp_path / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"defaults: {defaults}\n")
    with pytest.raises(UserError, match=got):
        load_group("attention", chosen, config_dirs=[str(tmp_path)])
    with pytest.raises(UserError, match=got):
        compose_run([f"attention={chosen}"], config_dirs=[str(tmp_path)])
