"""Files of the user's own that are YAML, but of a form that Hydra breaks over without naming them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]  # OmegaConf's reader

from attnlab.errors import UserError

SHELL = " (write defaults: [_shell, _self_])"


def odd_file(folders: Sequence[str], overrides: Sequence[str]) -> UserError | None:
    """What to say of the first file DIR/GROUP/NAME.yaml of such a form, of one that was chosen first; None without."""
    chosen = {each.rpartition("=")[2].strip("'") for each in overrides}
    paths = [path for folder in folders for path in sorted(Path(folder).glob("**/*.yaml"))]
    for path in sorted(paths, key=lambda path: path.stem not in chosen):
        if (said := next(_odd(path), None)) is not None:
            return UserError(said)
    return None


def _odd(path: Path) -> Iterator[str]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, ValueError, OSError):  # whose own words are said elsewhere
        return
    if content is None or isinstance(content, str | list):  # in Hydra's eyes values, too
        return
    if not isinstance(content, dict):
        yield f"a configuration file must hold KEY: VALUE, got {content!r} alone in {path} (correct it)"
        return
    if "defaults" not in content:
        return
    defaults, how = content["defaults"], SHELL if path.parent.name == "attention" else " (write - NAME, a line each)"
    if not isinstance(defaults, list):
        yield f"defaults must be a list, got {_got(defaults)} in {path}{how}"
        return
    for entry in defaults:
        if not isinstance(entry, str) and not (isinstance(entry, dict) and len(entry) == 1):
            yield f"each of the defaults must be NAME or GROUP: NAME, got {_got(entry)} in {path}{how}"


def _got(value: Any) -> str:
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
