"""The mechanisms of conf/, and what `--only` leaves of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from omegaconf import OmegaConf

from attnlab.config.conf_path import conf_dir


class Mechanism(NamedTuple):
    """A mechanism's name, and what Hydra makes it from."""

    name: str
    config: dict[str, Any]


def configurations(group: str) -> Iterator[Mechanism]:
    """Every file of a group, as it stands."""
    for path in sorted((conf_dir() / group).glob("[!_]*.yaml")):
        config: Any = OmegaConf.to_container(OmegaConf.load(path))
        yield Mechanism(path.stem, config)


def selected(known: Mapping[str, Mechanism], only: Sequence[str] | None) -> list[Mechanism]:
    """Those of these names, or all; exits with a line for a name there isn't."""
    if unknown := sorted(set(only or ()) - set(known)):
        raise SystemExit(f"error: no mechanism is named {unknown[0]!r} (set --only to some of {', '.join(known)})")
    return [mechanism for name, mechanism in known.items() if only is None or name in only]
