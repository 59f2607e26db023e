"""Folders of runs and studies that somebody has tampered with: one of their records says something else, or is none."""

import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any


def _deep(depth: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 1, 3.5, -3.5, float("nan"), float("inf"), float("-inf"), 1e308, -1e308, 5e-324),
    *(10**6, 10**9, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 10**30, -(10**30), 10**400),
    *(
        "",
        "text",
        "\x1b[31mred\n",
        "half \ud800",
        "a\0b",
        "é" * 5000,
        "../../x",
        "${oc.env:HOME}",
        "nan",
        "1e999",
        "字",
    ),
    *([], {}, [None], [[1, "a"], {}], {"3": 4}, {"_target_": "os.system"}, _deep(60), [0] * 50),
)
CELLS = (
    "",
    "nan",
    "inf",
    "1e999",
    "-1",
    "text",
    "\x1b[31m",
    "9" * 400,
    "9" * 5000,
    '"',
    "x" * 200_000,
    "1_0",
    "\0",
    "0x1",
)
NO_FILES: tuple[Callable[[Path], object], ...] = (
    os.mkfifo,
    Path.mkdir,
    lambda path: path.symlink_to(path.name),
    lambda path: path.symlink_to("/dev/zero"),
    Path.touch,
    lambda path: path.write_bytes(b"\xff\xfe\0"),
    lambda path: path.write_text("[" * 100_000),
    lambda path: path.write_text("null"),
    lambda path: path.write_text("[]"),
    lambda path: path.write_text("{}"),
    lambda path: path.write_text("{}\n{}\n"),
)


def tamper(path: Path, seed: int) -> str:
    """Change one thing of a record, JSON, JSON by the line or CSV; says which."""
    chance = random.Random(f"{path.name} {seed}")
    if chance.random() < 0.06:
        number = chance.randrange(len(NO_FILES))
        path.unlink()
        NO_FILES[number](path)
        return f"{path.name} is another, {number}"
    lines = path.read_text().splitlines()
    if path.suffix == ".csv":
        place, said = _cell(lines, chance)
        path.write_text("\n".join(lines) + "\n")
    elif path.suffix == ".jsonl":
        place = chance.choice([0, chance.randrange(len(lines))])
        lines[place], said = _exchanged(lines[place], chance)
        path.write_text("\n".join(lines) + "\n")
    else:
        place = 0
        text, said = _exchanged("\n".join(lines), chance)
        path.write_text(text)
    return f"{path.name} line {place + 1}: {said}"


def _cell(lines: list[str], chance: random.Random) -> tuple[int, str]:
    place = chance.randrange(len(lines))
    cells = lines[place].split(",")
    column, value = chance.randrange(len(cells)), chance.choice(CELLS)
    cells[column] = value
    lines[place] = ",".join(cells)
    return place, f"column {column} is {value[:40]!r}"


def _exchanged(text: str, chance: random.Random) -> tuple[str, str]:
    """JSON with one value that is gone, or another one."""
    tree = [json.loads(text)]
    node, place, path = tree, 0, ""
    while isinstance(node[place], dict | list) and node[place] and (not path or chance.random() < 0.8):
        node = node[place]
        place = chance.choice(list(node) if isinstance(node, dict) else range(len(node)))
        path += f"/{place}"
    if isinstance(node, dict) and chance.random() < 0.2:
        del node[place]
        return json.dumps(tree[0]), f"{path} is gone"
    if isinstance(node, list) and chance.random() < 0.1:
        node.append(node[place])
        return json.dumps(tree[0]), f"{path} stands twice"
    before, node[place] = node[place], chance.choice(VALUES)
    return json.dumps(tree[0]), f"{path} was {str(before)[:40]}, is {repr(node[place])[:40]}"


def put(path: Path, keys: str, value: Any, *, line: int = 0) -> None:
    """Set one value of a record, "test.accuracy"; of one by the line in that one."""
    lines = path.read_text().splitlines() if path.suffix == ".jsonl" else [path.read_text()]
    tree = json.loads(lines[line])
    *parents, last = [int(each) if each.isdigit() else each for each in keys.split(".")]
    node = tree
    for each in parents:
        node = node[each]
    node[last] = value
    lines[line] = json.dumps(tree)
    path.write_text("".join(f"{each}\n" for each in lines))
