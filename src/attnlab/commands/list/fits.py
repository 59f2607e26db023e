"""Of which tasks each name is: by the grid, by the files' own defaults, and of one's own data by its class."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attnlab.config.choices import choice, file_of, read
from attnlab.config.fitting import Grid

Names = Mapping[str, Mapping[str, str]]
Tasks = Mapping[str, Mapping[str, Sequence[str]]]
"""group -> name -> its tasks; a name, or a group, that isn't there is of any task, or nobody knows of which."""

IN_A_STUDY = re.compile(r"\b(task|experiment)=(\w+)")


def tasks_of(groups: Names, grid: Grid, folders: Sequence[Path]) -> dict[str, dict[str, list[str]]]:
    """Of which tasks what can be chosen is."""
    brought = {task: choice("task", task, folders).chooses for task in groups["task"]}
    experiments = {name: _of_experiment(name, folders) for name in groups["experiment"]}
    return {
        "task": {task: [task] for task in groups["task"]},
        "model": _models(grid),
        "data": _data(groups["data"], grid["fits"]["data"], folders),
        "tokenizer": grid["fits"]["tokenizer"],
        **{group: _mechanisms(group, grid) for group in ("attention", "feature_attention")},
        **{
            group: {name: [task for task in brought if group in brought[task]] for name in groups[group]}
            for group in ("extractor", "adversarial_loss")
        },
        "experiment": {name: [task] for name, task in experiments.items() if task},
        "study": {name: [task] for name in groups["study"] if (task := _of_study(name, experiments, folders))},
    }


def of_task(task: str, groups: Names, tasks: Tasks) -> dict[str, dict[str, str]]:
    """What can be chosen of a task."""
    return {
        group: {name: said for name, said in names.items() if task in tasks.get(group, {}).get(name, [task])}
        for group, names in groups.items()
    }


def _models(grid: Grid) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for task, models in grid["cells"].items():
        for model in models:
            found.setdefault(model, []).append(task)
    return found


def _mechanisms(group: str, grid: Grid) -> dict[str, list[str]]:
    """The tasks in one of whose models each fits."""
    return {
        name: [
            task
            for task, models in grid["cells"].items()
            if any("refused" not in cells[group].get(name, {"refused": ""}) for cells in models.values())
        ]
        for name in grid[group]
    }


def _data(names: Mapping[str, str], known: Mapping[str, list[str]], folders: Sequence[Path]) -> dict[str, list[str]]:
    """One's own is of the tasks of what is shipped in its class."""
    if names.keys() <= known.keys():  # which is soon said
        return {name: known[name] for name in names}
    targets = {name: choice("data", name, folders).target for name in names}
    by_target = {targets[name]: tasks for name, tasks in known.items() if targets.get(name)}
    return {name: known.get(name) or by_target[target] for name, target in targets.items() if target in by_target}


def _of_experiment(name: str, folders: Sequence[Path]) -> str | None:
    return choice("experiment", name, folders).chooses.get("task")


def _of_study(name: str, experiments: Mapping[str, str | None], folders: Sequence[Path]) -> str | None:
    """By what all of its arms set."""
    path = file_of("study", name, folders)
    base = next((key.default for key in (read(path).keys if path else ()) if key.name == "base"), "")
    return next((found for found in _named(base, experiments)), None)


def _named(base: str, experiments: Mapping[str, str | None]) -> Iterator[str]:
    for match in IN_A_STUDY.finditer(base):
        if found := match[2] if match[1] == "task" else experiments.get(match[2]):
            yield found
