"""The grid in a line a mechanism: which roles it serves, and in which tasks a model has a place for it."""

from collections.abc import Mapping, Sequence

from attnlab.commands.list import grid_table
from attnlab.config.fitting import Grid
from attnlab.language import Language, Words
from attnlab.reporting.terminal.text import display_width, pad
from attnlab.reporting.terminal.wrapping import wrapped

HEADING = Words(
    "attention, by the role it serves and by the tasks that have a model for it",
    "attention：按角色，以及有模型能用它的任务",
)
FEATURES = Words("feature_attention, by the tasks that have a model for it", "feature_attention：按有模型能用它的任务")
COLUMN, ALL, ALL_BUT = Words("tasks", "任务"), Words("all", "全部"), Words("all but {}", "除 {} 外全部")
MORE = Words(
    "slot by slot, of one task: attnlab list grid --task TASK; of all: attnlab list grid --all",
    "一个任务的各模型逐槽位：attnlab list grid --task TASK；全部任务：attnlab list grid --all",
)


def render(
    grid: Grid,
    tasks: Mapping[str, Mapping[str, Sequence[str]]],
    *,
    own: Sequence[str] = (),
    width: int = grid_table.WIDTH,
    language: Language = "en",
) -> list[str]:
    """Lines of `width`; `tasks` by group and name, `own` are the user's mechanisms."""
    every = list(grid["cells"])
    lines = ["grid", "", *grid_table.paragraph(HEADING, width, language)]
    lines += _row("", grid_table.ROLES, COLUMN.said(language), grid, width)
    for name, each in grid["attention"].items():
        roles = [grid_table.YES if role in each["serves"] else grid_table.NO for role in grid_table.ROLES]
        lines += _row(
            name,
            [each.said(language) for each in roles],
            _said(tasks["attention"].get(name, ()), every, language),
            grid,
            width,
        )
    lines += grid_table.own_lines(own, width, language)
    lines += ["", *grid_table.paragraph(FEATURES, width, language)]
    for together, members in _alike(tasks["feature_attention"], grid).items():
        said = f"{_said(together, every, language)}: {grid_table.listed(members)}"
        lines += grid_table.paragraph(Words(said, said), width, language)
    lines += grid_table.around_lines(grid, width, language)
    lines += grid_table.reason_lines(grid_table.role_reasons(grid), width, language)
    return [*lines, "", *grid_table.paragraph(MORE, width, language)]


def _row(name: str, roles: Sequence[str], of_tasks: str, grid: Grid, width: int) -> list[str]:
    """A mechanism's; what is said of tasks goes on in its column."""
    names = max(map(len, grid["attention"]))
    cells = [pad(cell, len(role)) for cell, role in zip(roles, grid_table.ROLES, strict=True)]
    head = grid_table.GAP.join([f"    {name:<{names}}", *cells, ""])
    first, *others = wrapped(of_tasks, width, indent=display_width(head))
    return [head + first.lstrip(), *others]


def _said(found: Sequence[str], every: Sequence[str], language: Language) -> str:
    """Names of tasks, or the fewer that aren't among them."""
    lacking = [task for task in every if task not in found]
    if not lacking:
        return ALL.said(language)
    if len(lacking) < len(found):
        return ALL_BUT.said(language).format(grid_table.listed(lacking))
    return grid_table.listed(found) or "-"


def _alike(tasks: Mapping[str, Sequence[str]], grid: Grid) -> dict[tuple[str, ...], list[str]]:
    """Names that have the same tasks."""
    found: dict[tuple[str, ...], list[str]] = {}
    for name in grid["feature_attention"]:
        found.setdefault(tuple(tasks.get(name, ())), []).append(name)
    return found
