"""The grid as a table for the terminal."""

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from attnlab.config.fitting import Grid
from attnlab.language import Language, Words
from attnlab.reporting.terminal.wrapping import wrapped

WIDTH = 100  # columns of a terminal
GAP = "  "
ROLES = ("self", "causal", "cross")
LEGEND = Words(
    "yes: in every slot; slots by name: in these, with scaled_dot in the others; no: refused, see below",
    "yes：可用于所有槽位；写出名字的槽位：只用于这些，其余为 scaled_dot；no：不能用，原因见下",
)


def render(grid: Grid, *, own: Sequence[str] = (), width: int = WIDTH, language: Language = "en") -> list[str]:
    """Lines of `width`: a table for each group of mechanisms, then why each "no"; `own` are the user's mechanisms.

    Why not is said as the constructors say it, in English.
    """

    def said(english: str, chinese: str) -> list[str]:
        return _paragraph(Words(english, chinese).said(language), width)

    heading = said("attention, by the role it serves and by the model it stands in", "attention：按角色与所在的模型")
    columns = [_role_column(grid, role) for role in ROLES]
    columns += list(_model_columns(grid, "attention"))
    lines = ["grid", "", *heading, *_tables(list(grid["attention"]), columns, width)]
    lines += ["", *said(*LEGEND)]
    if without := _without_attention(grid):
        lines += said(f"without attention: {without}", f"没有注意力的模型：{without}")
    if own:
        names = _list(own)
        lines += said(
            f"not in the grid, being your own: {names} (see attnlab check)",
            f"表中没有的，是你自己的：{names}（见 attnlab check）",
        )
    lines += ["", *said("feature_attention, by the model it stands in", "feature_attention：按所在的模型")]
    feature_columns = list(_model_columns(grid, "feature_attention"))
    features = list(grid["feature_attention"])
    names = _list(features)
    lines += (
        _tables(features, feature_columns, width)
        if feature_columns
        else said(f"no model takes any of {names}", f"没有模型能用其中任何一个：{names}")
    )
    for which, around in _around(grid).items():
        taken = which or Words("any", "任意一个").said(language)
        lines += said(f"built around attention=NAME ({taken}): {around}", f"内含 attention=NAME（{taken}）：{around}")
    reasons = list(_reasons(grid, width))
    return [*lines, "", *said("why not", "不能用的原因（英文）"), *reasons] if reasons else lines


NEEDS_A_GRID = "needs places on a grid"
"""What the shell says where there is none."""

Column = tuple[tuple[str, str], list[str]]
"""Two lines of heading, and a cell for each mechanism."""


def _role_column(grid: Grid, role: str) -> Column:
    return ("", role), ["yes" if role in each["serves"] else "no" for each in grid["attention"].values()]


def _model_columns(grid: Grid, group: str) -> Iterator[Column]:
    for task, models in grid["cells"].items():
        for model, cells in models.items():
            if cells[group]:
                yield (task, model), [_cell(name, cell) for name, cell in cells[group].items()]


def _cell(name: str, cell: dict[str, Any]) -> str:
    if "refused" in cell:
        return "no"
    own = [slot for slot, mechanism in cell["slots"].items() if mechanism == name]
    return " ".join(own) if 0 < len(own) < len(cell["slots"]) else "yes"


def _tables(names: list[str], columns: list[Column], width: int) -> Iterator[str]:
    """One table, or several below each other where the columns don't fit the width."""
    first = "  " + GAP
    name_width = max(map(len, names))
    widths = [max(map(len, (*heading, *cells))) for heading, cells in columns]
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
    return (f"{indent}{name:<{name_width}}" + "".join(f"{GAP}{cell:<{width}}" for cell, width in cells)).rstrip()


def _without_attention(grid: Grid) -> str:
    return _list(
        [
            f"{model} ({task})"
            for task, models in grid["cells"].items()
            for model, cells in models.items()
            if not any(cells.values())
        ]
    )


def _around(grid: Grid) -> dict[str, str]:
    """What is built around attention, by the mechanisms that it may be; nothing stands for any."""
    around: dict[str, list[str]] = {}
    for name, each in grid["feature_attention"].items():
        if each["around"]:
            which = "" if len(each["around"]) == len(grid["attention"]) else _list(each["around"])
            around.setdefault(which, []).append(name)
    return {which: _list(names) for which, names in around.items()}


def _reasons(grid: Grid, width: int) -> Iterator[str]:
    """Equal reasons once, with where they hold and the mechanisms that they hold of."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, each in grid["attention"].items():
        refused: dict[str, list[str]] = {}
        for role, reason in each["refuses"].items():
            refused.setdefault(_without_name(name, role, reason), []).append(role)
        for reason, roles in refused.items():
            found.setdefault((_list(roles), reason), []).append(name)
        if each.get("on_grids"):
            found.setdefault(("models without one", NEEDS_A_GRID), []).append(name)
    for task, models in grid["cells"].items():
        for model, groups in models.items():
            for group, cells in groups.items():
                for name, cell in cells.items():
                    # A model that only passes on what its slots' roles refuse has said nothing new.
                    said = [*grid[group][name].get("refuses", {}).values(), NEEDS_A_GRID]
                    if "refused" in cell and not any(reason in cell["refused"] for reason in said):
                        found.setdefault((f"{model} ({task})", cell["refused"]), []).append(name)
    for (where, reason), names in found.items():
        yield from textwrap.wrap(f"{where}: {reason}", width, initial_indent=" " * 4, subsequent_indent=" " * 6)
        yield from textwrap.wrap(_list(names), width, initial_indent=" " * 8, subsequent_indent=" " * 8)


def _without_name(name: str, role: str, reason: str) -> str:
    """What mechanisms say alike but for their name and the role, so that it can be said once."""
    return reason.removeprefix(f"{name} attention ").removesuffix(f", got role {role}")


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)


def _paragraph(text: str, width: int) -> list[str]:
    if not text.isascii():
        return wrapped(text, width, indent=2)
    return textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="    ")
