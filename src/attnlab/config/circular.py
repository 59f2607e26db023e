"""Files whose defaults lead back to themselves, which Hydra follows until the stack is full."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from omegaconf import OmegaConf

from attnlab.errors import UserError


def leads_back(folders: Sequence[str], overrides: Sequence[str]) -> UserError:
    """What to say of a ring of defaults among the user's own files, DIR/GROUP/NAME.yaml: of one chosen first."""
    chosen = {each.rpartition("=")[2] for each in overrides}
    below = {
        path: list(_defaults(path, folders))
        for folder in folders
        for path in sorted(Path(folder).absolute().glob("**/*.yaml"))
    }
    for start in sorted(below, key=lambda path: path.stem not in chosen):
        if ring := _ring(start, below):
            names = [str(each) for each in ring]
            if len(names) == 1:
                return UserError(f"a file can't be among its own defaults, got {names[0]} (take it out of them)")
            return UserError(
                f"defaults must not lead back to where they began, got {' -> '.join([*names, names[0]])} (take one out)"
            )
    return UserError("defaults must not lead back to where they began, got a file that does (see its defaults)")


def _ring(start: Path, below: dict[Path, list[Path]]) -> list[Path]:
    """The shortest way from a file by defaults to itself; empty where there is none."""
    ways, met = [[start]], {start}
    for way in ways:
        for each in below[way[-1]]:
            if each == start:
                return way
            if each not in met and each in below:
                met.add(each)
                ways.append([*way, each])
    return []


def _defaults(path: Path, folders: Sequence[str]) -> Iterator[Path]:
    """The user's own files that one names in its defaults, beside it or as GROUP: NAME."""
    listed = OmegaConf.to_container(OmegaConf.load(path), resolve=False)
    listed = listed.get("defaults", []) if isinstance(listed, dict) else []
    for entry in listed if isinstance(listed, list) else ():
        for group, name in entry.items() if isinstance(entry, dict) else [("", entry)]:
            words = str(group).removeprefix("override ").partition("@")[0]
            roots = [path.parent] if not words.startswith("/") else [Path(folder).absolute() for folder in folders]
            yield from (root / words.strip("/") / f"{name}.yaml" for root in roots)
