"""The grid as a table for the terminal: every model, slot by slot (`grid_overview` is a line a mechanism)."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attnlab.config.fitting import Grid
from attnlab.language import Language, Words
from attnlab.reporting.terminal.text import display_width, pad
from attnlab.reporting.terminal.wrapping import wrapped

WIDTH = 100  # columns of a terminal
GAP = "  "
ROLES = ("self", "causal", "cross")
BASELINE = "scaled_dot"
"""What stands in a slot that the chosen mechanism can't fill."""
YES, NO = Words("yes", "可"), Words("no", "不可")
LEGEND = Words(
    "yes: in every slot; slots by name: in these, with scaled_dot in the others; no: refused, see below",
    "可：用于所有槽位；写出名称的槽位：只用于这些，其余为 scaled_dot；不可：不能用，原因见下",
)


def render(grid: Grid, *, own: Sequence[str] = (), width: int = WIDTH, language: Language = "en") -> list[str]:
    """Lines of `width`: a table for each group of mechanisms, then why each "no"; `own` are the user's mechanisms.

    Why not is said as the constructors say it, in English.
    """

    def said(english: str, chinese: str) -> list[str]:
        return paragraph(Words(english, chinese), width, language)

    heading = said("attention, by the role it serves and by the model it stands in", "attention：按角色与所在的模型")
    columns = [*role_columns(grid, language), *_model_columns(grid, "attention", language)]
    lines = ["grid", "", *heading, *table(list(grid["attention"]), columns, width)]
    lines += ["", *said(*LEGEND)]
    if without := _without_attention(grid):
        lines += said(f"without attention: {without}", f"没有注意力的模型：{without}")
    lines += own_lines(own, width, language)
    lines += ["", *said("feature_attention, by the model it stands in", "feature_attention：按所在的模型")]
    feature_columns = list(_model_columns(grid, "feature_attention", language))
    features = list(grid["feature_attention"])
    names, tasks = listed(features), listed(list(grid["cells"]))
    lines += (
        table(features, feature_columns, width)
        if feature_columns
        else said(f"no model of {tasks} takes any of {names}", f"{tasks} 没有模型能用其中任何一个：{names}")
    )
    lines += around_lines(grid, width, language)
    return [*lines, *reason_lines({**role_reasons(grid), **_model_reasons(grid)}, width, language)]


def own_lines(own: Sequence[str], width: int, language: Language) -> list[str]:
    """The user's mechanisms, of which the grid knows nothing."""
    if not own:
        return []
    names = listed(own)
    said = Words(
        f"not in the grid, being your own: {names} (see attnlab check)",
        f"表中没有的，是你自己的：{names}（见 attnlab check）",
    )
    return paragraph(said, width, language)


def around_lines(grid: Grid, width: int, language: Language) -> list[str]:
    """What is built around which mechanisms of attention."""
    lines = []
    for taken, around in _around(grid, language).items():
        said = Words(f"built around attention=NAME ({taken}): {around}", f"内含 attention=NAME（{taken}）：{around}")
        lines += paragraph(said, width, language)
    return lines


def reason_lines(reasons: Mapping[tuple[str, str], Sequence[str]], width: int, language: Language) -> list[str]:
    """Why not, below a blank line; nothing where there is no reason."""
    if not reasons:
        return []
    lines = ["", *paragraph(Words("why not", "不能用的原因（英文）"), width, language)]
    for (where, reason), names in reasons.items():
        lines += textwrap.wrap(f"{where}: {reason}", width, initial_indent=" " * 4, subsequent_indent=" " * 6)
        lines += textwrap.wrap(listed(names), width, initial_indent=" " * 8, subsequent_indent=" " * 8)
    return lines


NEEDS_A_GRID = "needs places on a grid"
"""What the shell says where there is none."""

Column = tuple[tuple[str, str], list[str]]
"""Two lines of heading, and a cell for each mechanism."""


def role_columns(grid: Grid, language: Language) -> list[Column]:
    """Which mechanism of attention serves which role."""
    return [
        (("", role), [(YES if role in each["serves"] else NO).said(language) for each in grid["attention"].values()])
        for role in ROLES
    ]


def _model_columns(grid: Grid, group: str, language: Language) -> Iterator[Column]:
    for task, models in grid["cells"].items():
        for model, cells in models.items():
            if cells[group]:
                yield (task, model), [_cell(group, name, cell, language) for name, cell in cells[group].items()]


def _cell(group: str, name: str, cell: dict[str, Any], language: Language) -> str:
    if "refused" in cell:
        return NO.said(language)
    own, others = slots_of(group, name, cell)
    return " ".join(own) if own and others else YES.said(language)


def slots_of(group: str, name: str, cell: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The slots of a group's own that a mechanism fills in a model, and those that BASELINE fills in its stead."""
    slots = cell.get("slots", {})
    own = [slot for slot, taken in slots.items() if taken == name]
    others = [slot for slot, taken in slots.items() if taken == BASELINE != name]
    return own, others if group == "attention" else []


def table(names: list[str], columns: list[Column], width: int) -> Iterator[str]:
    """One table, or several below each other where the columns don't fit the width."""
    first = "  " + GAP
    name_width = max(map(len, names))
    widths = [max(map(display_width, (*heading, *cells))) for heading, cells in columns]
    start = 0
    while start < len(columns):
        end, used = start, len(first) + name_width
        while end < len(columns) and (end == start or used + len(GAP) + widths[end] <= width):
            used += len(GAP) + widths[end]
            end += 1
        chosen = list(zip(columns[start:end], widths[start:end], strict=True))
        for line in range(2):
            yield _row(first, "", name_width, [(heading[line], width) for (heading, _), width in chosen])
        for number, name in enumerate(names):
            yield _row(first, name, name_width, [(cells[number], width) for (_, cells), width in chosen])
        start = end


def _row(indent: str, name: str, name_width: int, cells: list[tuple[str, int]]) -> str:
    return (f"{indent}{name:<{name_width}}" + "".join(GAP + pad(cell, width) for cell, width in cells)).rstrip()


def _without_attention(grid: Grid) -> str:
    return listed(
        [
            f"{model} ({task})"
            for task, models in grid["cells"].items()
            for model, cells in models.items()
            if not any(cells.values())
        ]
    )


def _around(grid: Grid, language: Language) -> dict[str, str]:
    """What is built around attention, by the mechanisms that it may be."""
    around: dict[str, list[str]] = {}
    for name, each in grid["feature_attention"].items():
        if each["around"]:
            lacking = [other for other in grid["attention"] if other not in each["around"]]
            which = _any_but(lacking, language) if len(lacking) < len(each["around"]) else listed(each["around"])
            around.setdefault(which, []).append(name)
    return {which: listed(names) for which, names in around.items()}


def _any_but(lacking: Sequence[str], language: Language) -> str:
    if not lacking:
        return Words("any", "任意一个").said(language)
    names = listed(lacking)
    return Words(f"any but {names}", f"除 {names} 外任意一个").said(language)


def role_reasons(grid: Grid) -> dict[tuple[str, str], list[str]]:
    """Equal reasons once: where they hold and what they say, with the mechanisms that they hold of."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, each in grid["attention"].items():
        refused: dict[str, list[str]] = {}
        for role, reason in each["refuses"].items():
            refused.setdefault(_without_name(name, role, reason), []).append(role)
        for reason, roles in refused.items():
            found.setdefault((listed(roles), reason), []).append(name)
        if each.get("on_grids"):
            found.setdefault(("models without one", NEEDS_A_GRID), []).append(name)
    return found


def _model_reasons(grid: Grid) -> dict[tuple[str, str], list[str]]:
    """Likewise, of models. One that only passes on what its slots' roles refuse has said nothing new."""
    found: dict[tuple[str, str], list[str]] = {}
    for task, models in grid["cells"].items():
        for model, groups in models.items():
            for group, cells in groups.items():
                for name, cell in cells.items():
                    said = [*grid[group][name].get("refuses", {}).values(), NEEDS_A_GRID]
                    if "refused" in cell and not any(reason in cell["refused"] for reason in said):
                        found.setdefault((f"{model} ({task})", cell["refused"]), []).append(name)
    return found


def _without_name(name: str, role: str, reason: str) -> str:
    """What mechanisms say alike but for their name and the role, so that it can be said once."""
    return reason.removeprefix(f"{name} attention ").removesuffix(f", got role {role}")


def listed(names: Sequence[str]) -> str:
    return ", ".join(names)


def paragraph(said: Words, width: int, language: Language) -> list[str]:
    """Lines of the language that is wanted."""
    text = said.said(language)
    if not text.isascii():
        return wrapped(text, width, indent=2)
    return textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="    ")
