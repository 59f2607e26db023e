"""What a run that goes on by its folder's values may reach: that folder, and what the user names himself."""

import os
import re
import stat
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from attnlab.errors import UserError
from attnlab.reading.bounds import KINDS
from attnlab.runs import run_folder

WRITERS = ("logger", "callbacks")
FETCHERS = ("task", "model", "data", "trainer")
# Loggers that send what they are given to whoever their values say.
SENDERS = re.compile(r"lightning\.pytorch\.loggers\..*(Wandb|Comet|Neptune|MLFlow|LitLogger|LightningLogger)")
# Of WandbRun, what says to whom; on its own it sends to the account that is logged in here.
SENT_TO = {"entity": None, "mode": "auto"}

# wandb leaves a link to its own process's log in every run; whatever it leads to, only a log has such a name.
WANDBS_LINK = re.compile(r"/wandb/[^/]+/logs/debug-core\.log$")
WANDBS_LOG = re.compile(r"/core-debug-\w+\.log$")

SCHEME = re.compile(r"[A-Za-z][\w+.-]+:")
# Hydra's `_args_` are values without a key, any of which may be one.
PLACE = re.compile(r"(dir|path|root|folder|file|directory|location|ur[il]|address|host|_args_)$")
# Below another place, and no place at all.
NAMES = ("name", "version", "sub_dir", "filename", "prefix", "group", "project")
WORDS = ("monitor", "notes", "tags", "job_type")


def check_reach(directory: Path, config: dict[str, Any], *, given: Collection[str]) -> None:
    """Raise UserError for an address, or a place out of the folder, that only the folder asks for.

    `given` are the groups and the keys of single values that the user has named beside it.
    """
    for group in WRITERS:
        if group not in given:
            _check_writers(directory, config[group], group, given)
    own_data = "data.root" in given and bool(config["data"].get("root"))
    for group in FETCHERS:
        for key, value in run_folder.leaves(config[group], group):
            fetches = key.endswith(".address") or any("://" in each for each in _texts(value))
            if fetches and key not in given and not own_data:
                raise UserError(
                    f"the run would fetch from where its folder says, got {key}={value} (give data.root, a folder of "
                    "yours with the data)"
                )


def check_beginning(directory: Path, config: dict[str, Any]) -> None:
    """Raise UserError where a run of no checkpoint yet would begin with weights that its folder says are elsewhere."""
    if any((directory / "checkpoints").glob("*.ckpt")):
        return
    for key in ("continue_from", "init_from"):
        if config.get(key):
            raise UserError(
                f"a run without a checkpoint yet begins where its folder says, got {key}={config[key]} in "
                f"{directory}/config.json (give the command that it was begun with)"
            )


def check_names(directory: Path, config: dict[str, Any]) -> None:
    """Raise UserError where a run's name or its place among all runs leads elsewhere."""
    for key, rule in (("run_path", "a run lies within the folder of all runs"), ("name", "a run's name is no path")):
        text = str(config[key])
        if not Path(text).parts or _leads_out(text):
            raise UserError(f"{rule}, got {key} {text} in {directory}/config.json (set resume to another run's folder)")


def check_files(directory: Path) -> None:
    """Raise UserError for a link in a folder that leads out of it, where what is written would be written elsewhere,
    and for a pipe or a device, whose writer waits for a reader.
    """
    root = os.path.realpath(directory)
    for folder, folders, files in os.walk(directory):
        for path in (os.path.join(folder, name) for name in (*folders, *files)):
            kind = stat.S_IFMT(os.lstat(path).st_mode)
            if kind == stat.S_IFLNK:
                _check_link(path, root)
            elif kind not in (stat.S_IFREG, stat.S_IFDIR, stat.S_IFSOCK):
                raise UserError(f"a resumed folder holds files and folders, got {KINDS[kind]} at {path} (remove it)")


def _check_link(path: str, root: str) -> None:
    if WANDBS_LINK.search(path) and WANDBS_LOG.search(os.readlink(path)):
        return
    if not os.path.realpath(path).startswith(root + os.sep):
        raise UserError(
            f"a link in a resumed folder may not lead out of it, got {path} -> {os.readlink(path)} (put what it leads "
            "to in its place)"
        )


def _check_writers(directory: Path, nodes: dict[str, Any], group: str, given: Collection[str]) -> None:
    for part, node in nodes.items():
        target = str(node.get("_target_")) if isinstance(node, dict) else ""
        for key, value in run_folder.leaves(node, f"{group}.{part}"):
            name = key.rpartition(".")[2]
            if key in given:
                continue
            sends = SENDERS.match(target) is not None or (
                target.endswith(".WandbRun")
                and name in SENT_TO
                and value not in (SENT_TO[name], _here(name), "offline")
            )
            if sends:
                raise UserError(
                    f"the run would send what it records to where its folder says, got {key}={value} (give {key} "
                    f"yourself, or ~{group}.{part})"
                )
            if any(_is_elsewhere(each, name, directory) for each in _texts(value)):
                raise UserError(f"the run would reach beyond its folder, got {key}={value} (give {key} yourself)")


def _here(name: str) -> str | None:
    """What this machine's own environment says of where wandb sends to."""
    return os.environ.get("WANDB_ENTITY") if name == "entity" else None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, str):
        yield value


def _is_elsewhere(text: str, name: str, directory: Path) -> bool:
    if name in WORDS or name == "_target_":
        return False
    if text == str(directory):
        return False
    inside = text.startswith(f"{directory}{os.sep}")
    if _leads_out(text.removeprefix(f"{directory}{os.sep}") if inside else text):
        return True
    return not inside and name not in NAMES and bool(text and ("/" in text or "\\" in text or PLACE.search(name)))


def _leads_out(text: str) -> bool:
    return (
        text.startswith(("/", "~", "\\"))
        or ".." in re.split(r"[/\\]", text)
        or "::" in text
        or SCHEME.match(text) is not None
    )
