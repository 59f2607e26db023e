"""Rows of results as a table and as a file."""

import json
import platform
from collections.abc import Collection, Mapping, Sequence
from importlib import metadata
from pathlib import Path

from attnlab.commands.doctor.hardware import GIB, memory_bytes, usable_cores
from attnlab.runs.surroundings import cpu_model

Row = Mapping[str, str | int | float | bool | None]


def table(rows: Sequence[Row]) -> str:
    """Rows under the union of their columns, in the order of appearance."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    cells = [columns, *([_cell(row.get(column)) for column in columns] for row in rows)]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells)


def _cell(value: str | int | float | bool | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def machine() -> dict[str, str | int | float]:
    """What measured, without a word on who and where."""
    return {
        "cpu": cpu_model(),
        "cores": usable_cores(),
        "memory_gib": round(memory_bytes() / GIB),
        "system": platform.system(),
        "python": platform.python_version(),
        **{package: metadata.version(package) for package in ("torch", "x-transformers", "fla-core")},
    }


def write(path: Path, name: str, rows: Sequence[Row], *, only: Collection[str] | None = None, **settings: int) -> None:
    """One JSON object, one row a line, numbers to four digits.

    `only`, the mechanisms that were measured, if not all: the file keeps its rows of the others, which must come from
    the same benchmark on the same kind of machine with the same settings. Exits with a line where they don't.
    """
    head = {"benchmark": name, "machine": machine(), **settings}
    rounded: list[Row] = [{key: _rounded(value) for key, value in row.items() if value is not None} for row in rows]
    if only is not None and path.is_file():
        earlier = json.loads(path.read_text(encoding="utf-8"))
        rounded = merged(earlier.pop("rows"), rounded, only)
        if earlier != head:
            raise SystemExit(f"error: {path} was measured otherwise, so it can't be completed (measure all anew)")
    lines = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in rounded)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{json.dumps(head, ensure_ascii=False)[:-1]},\n "rows": [\n  {lines}\n ]}}\n', encoding="utf-8")


def merged(earlier: Sequence[Row], later: Sequence[Row], only: Collection[str]) -> list[Row]:
    """The earlier rows, those of the mechanisms named replaced by the later ones."""
    fresh = {name: [row for row in later if row["mechanism"] == name] for name in only}
    rows: list[Row] = []
    for row in earlier:
        rows += fresh.pop(row["mechanism"], []) if row["mechanism"] in only else [row]
    return rows + [row for each in fresh.values() for row in each]


def _rounded(value: str | int | float | bool | None) -> str | int | float | bool | None:
    return float(f"{value:.4g}") if isinstance(value, float) else value
