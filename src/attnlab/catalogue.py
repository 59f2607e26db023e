"""`attnlab list`: what can be chosen, read from the configuration itself."""

import json
from pathlib import Path

from attnlab import arguments as arguments_of
from attnlab.conf_path import conf_dir
from attnlab.errors import UserError

GROUPS = (
    "task", "model", "data", "attention", "tokenizer", "optimizer", "scheduler", "trainer", "callbacks", "logger",
    "experiment",
)  # fmt: skip


def run(arguments: list[str]) -> int:
    """Print every group's names, each with the first line of its file; returns the exit status."""
    parser = arguments_of.parser("list", "What `attnlab train GROUP=NAME` can choose.")
    parser.add_argument("group", nargs="?", help="one group only, e.g. attention")
    parser.add_argument("--config-dir", type=Path, action="append", default=[], help="a folder of your own configs")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    if options.group is not None and options.group not in GROUPS:
        raise UserError(f"no such group, got {options.group!r} (choose from {', '.join(GROUPS)})")

    found = catalogue([conf_dir(), *options.config_dir])
    chosen = {group: found[group] for group in GROUPS if options.group in (None, group)}
    if options.json:
        print(json.dumps(chosen, ensure_ascii=False, indent=1))
        return 0
    for group, names in chosen.items():
        print(group)
        for name, what in names.items():
            print(f"  {name:<26}{what}")
    return 0


def catalogue(folders: list[Path]) -> dict[str, dict[str, str]]:
    """group -> name -> what the first comment of its file says."""
    return {
        group: {
            path.stem: _headline(path)
            for folder in folders
            for path in sorted((folder / group).glob("*.yaml"))
            if not path.stem.startswith("_")
        }
        for group in GROUPS
    }


def _headline(path: Path) -> str:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") and "@package" not in line:
            return line.lstrip("# ").strip()
    return ""
