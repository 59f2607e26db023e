"""Checkpoints that somebody has tampered with: values exchanged, and bytes of the pickle under a right checksum."""

import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from attnlab.runs.checkpoint import KEY


def _deep(depth: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


NASTY: tuple[Callable[[], Any], ...] = (
    lambda: None,
    lambda: "",
    lambda: "\x1b[31mred\n",
    lambda: "é" * 5000,
    lambda: -1,
    lambda: 0,
    lambda: True,
    lambda: 3.5,
    lambda: float("nan"),
    lambda: 10**9,
    lambda: 10**30,
    list,
    dict,
    lambda: [None],
    lambda: {"_target_": "os.system"},
    lambda: {3: 4},
    lambda: [[1, "a"], {}],
    lambda: _deep(50),
    lambda: _deep(5000),
    lambda: b"bytes",
    lambda: torch.ones(0),
    lambda: torch.full((3, 5), float("nan")),
    lambda: torch.ones(7, 11).to_sparse(),
    lambda: torch.ones(1).expand(1 << 40),
    lambda: torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.quint8),
)


def exchanged(stored: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same with one value that is gone, or another one; those that decide what is built come more often."""
    ours = stored[KEY]
    config = json.loads(ours["config"])
    tree: dict[str, Any] = {**stored, KEY: {**ours, "config": config}}
    start: Any = chance.choice([tree, tree[KEY], config, config, ours["codec"], ours["codec"], ours["sizes"]])
    copies = {id(start): start}
    node, place = start, chance.choice(_places(start))
    while isinstance(node[place], dict | list) and node[place] and chance.random() < 0.8:
        node = node[place]
        place = chance.choice(_places(node))
    del copies
    if isinstance(node, dict) and chance.random() < 0.2:
        del node[place]
    else:
        node[place] = chance.choice(NASTY)()
    if isinstance(tree.get(KEY), dict) and isinstance(tree[KEY].get("config"), dict):
        try:
            tree[KEY]["config"] = json.dumps(tree[KEY]["config"])
        except (TypeError, ValueError, RecursionError):
            tree[KEY]["config"] = "{}"
    return tree


def _places(node: Any) -> list[Any]:
    return list(node) if isinstance(node, dict) else list(range(len(node)))


def garbled(whole: bytes, chance: random.Random) -> bytes:
    """The file with some bytes of its pickle changed, and checksums that fit them."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive, zipfile.ZipFile(written, "w") as changed:
        for entry in archive.infolist():
            content = bytearray(archive.read(entry))
            if entry.filename.endswith("data.pkl"):
                for _ in range(chance.randint(1, 6)):
                    at = chance.randrange(len(content))
                    match chance.randrange(3):
                        case 0:
                            content[at] = chance.randrange(256)
                        case 1:
                            del content[at : at + chance.randint(1, 9)]
                        case _:
                            other = chance.randrange(len(content))
                            content[at:at] = content[other : other + chance.randint(1, 40)]
            changed.writestr(entry.filename, bytes(content))
    return written.getvalue()


def write_mutation(path: Path, whole: bytes, seed: int) -> Path:
    """One of them, at `path`."""
    chance = random.Random(seed)
    if seed % 4 == 0:
        path.write_bytes(garbled(whole, chance))
        return path
    stored = torch.load(io.BytesIO(whole), weights_only=True)
    torch.save(exchanged(stored, chance), path)
    return path
