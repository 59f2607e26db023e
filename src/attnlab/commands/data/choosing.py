"""Which data set of which task is meant, and its configuration as a run would have it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attnlab.commands.data.readers import reader_of
from attnlab.commands.list import fits
from attnlab.commands.list.catalogue import catalogue
from attnlab.config import fitting
from attnlab.config.conf_path import conf_dir
from attnlab.errors import UserError, closest
from attnlab.language import Language

CHOOSES = re.compile(r"(data|task|experiment)=(.+)")


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What to compose a run of: `overrides` of it, and the user's own folders."""

    overrides: Sequence[str]
    folders: Sequence[str]

    def load(self) -> tuple[str, dict[str, Any]]:
        """The data set's name, and the run's configuration. Raises UserError where an override doesn't fit.

        Its files aren't read, only their folder is looked for.
        """
        from hydra.core.hydra_config import HydraConfig
        from omegaconf import OmegaConf

        from attnlab.config.compose import compose_run, parse, sugar
        from attnlab.runs.sources import check_data

        overrides = [sugar(each) for each in self.overrides]
        for each in parse(overrides):
            if each.is_sweep_override():
                raise UserError(f"one data set is shown at a time, got {each.input_line!r} (give one value)")
        config = compose_run(overrides, config_dirs=self.folders)
        plain = OmegaConf.to_container(config, resolve=True)
        assert isinstance(plain, dict)
        check_data(plain["data"])
        return str(HydraConfig.get().runtime.choices["data"]), {str(key): value for key, value in plain.items()}


def chosen(words: Sequence[str], task: str | None, folders: Sequence[Path]) -> Chosen:
    """What a command line names: a data set's name, or overrides that choose one. Raises UserError."""
    if lies := next((word for word in words if _lies_there(word, folders)), None):
        raise _needs_reader(Path(lies))
    names = [word for word in words if re.fullmatch(r"[\w-]+", word)]
    overrides = [word for word in words if word not in names]
    if len(names) > 1:
        raise UserError(f"one data set is shown at a time, got {' '.join(names)} (drop one)")
    given = {match[1]: match[2] for each in overrides if (match := CHOOSES.fullmatch(each))}
    if names and "data" in given:
        raise UserError(f"one data set is shown at a time, got {names[0]} and data={given['data']} (drop one)")
    if task is not None and "task" in given:
        raise UserError(f"the task is chosen once, got --task {task} and task={given['task']} (drop one)")
    overrides = [*(f"data={name}" for name in names), *overrides]
    if task is None and not given.keys() & {"task", "experiment"}:
        task = _task_of(names[0] if names else given.get("data", ""), folders)
    first = [f"task={task}"] if task is not None else []
    return Chosen(overrides=[*first, *overrides], folders=[str(each) for each in folders])


def _lies_there(word: str, folders: Sequence[Path]) -> bool:
    """Whether this is a path and not the name of a data set, beside which a folder may be called so."""
    return "=" not in word and Path(word).exists() and word not in sets(folders, "en")


def _needs_reader(path: Path) -> UserError:
    """What to say of a file or folder in the place of a data set's name."""
    folder = path if path.is_dir() else path.parent
    kind = "folder" if path.is_dir() else "file"
    name = reader_of(folder)
    see = "; see attnlab data" if name is None else ""
    return UserError(
        f"a data set is named by how its files are read, got the {kind} {path} (write attnlab data {name or 'NAME'} "
        f"data.root={folder}{see})"
    )


def sets(folders: Sequence[Path], language: Language) -> dict[str, tuple[str, list[str]]]:
    """What each data set's file says first, and of which tasks it is, as far as that is known."""
    where = [conf_dir(), *folders]
    groups = catalogue(where, language=language)
    tasks = fits.tasks_of(groups, fitting.read(), where)["data"]
    return {name: (said, list(tasks.get(name, ()))) for name, said in groups["data"].items()}


def _task_of(name: str, folders: Sequence[Path]) -> str:
    """The first of its tasks."""
    known = sets(folders, "en")
    if not name:
        raise UserError("which data set is to be shown, got no name (see attnlab data)")
    if name not in known:
        own = "" if folders else "; a file of your own needs --config-dir"
        raise UserError(f"no data is named {name!r}{closest(name, list(known))}{own} (see attnlab data)")
    tasks = known[name][1]
    if not tasks:
        raise UserError(f"a class of your own doesn't say which task it is for, got data={name} (set --task)")
    return tasks[0]
