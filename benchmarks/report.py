"""Rows of results as a table and as a file."""

import json
import platform
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

from attnlab.doctor.hardware import GIB, cpu_model, memory_bytes, usable_cores

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
        **{package: metadata.version(package) for package in ("torch", "x-transformers")},
    }


def write(path: Path, name: str, rows: Sequence[Row], **settings: int) -> None:
    """One JSON object, one row a line, numbers to four digits."""
    rounded = [{key: _rounded(value) for key, value in row.items() if value is not None} for row in rows]
    lines = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in rounded)
    head = json.dumps({"benchmark": name, "machine": machine(), **settings}, ensure_ascii=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{head[:-1]},\n "rows": [\n  {lines}\n ]}}\n', encoding="utf-8")


def _rounded(value: str | int | float | bool | None) -> str | int | float | bool | None:
    return float(f"{value:.4g}") if isinstance(value, float) else value
