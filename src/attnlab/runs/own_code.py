"""The user's own code in a run: which files it is of, on record, and whether they are still what they were."""

import ast
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.files import write_text
from attnlab.reading.bounds import read_json

NAME = "code.json"
ANEW = "set fresh=true to begin anew"
AGAIN = "begin the run anew: its own attnlab train command with fresh=true"  # for commands that take no fresh=true
OWN_PACKAGE = "attnlab"
INSTALLED = ("site-packages", "dist-packages")

Code = dict[str, str]
"""The sha256 of files, by their paths from the folder where Python finds them."""


def own_code(config: Mapping[str, Any]) -> Code:
    """What a configuration runs that is neither this project's nor one of its libraries'.

    That are the modules that a `_target_` names or is defined in, and those that statements of theirs import, and so
    on, as far as they lie beside them: in the same folder of modules, or, of what is installed, in the same package.
    Not what is imported by a computed name, compiled, or read as data.

    Raises:
        UserError: a `_target_` can't be imported.
    """
    from attnlab.runs.instantiation import resolve

    found: dict[str, Path] = {}
    for key, target in own_targets(config):
        made = resolve(target, key)
        for module in {_named(target), str(getattr(made, "__module__", ""))}:
            found |= _sources(module)
    # Another of that name may be found first.
    seen = {name: path for name, path in sorted(found.items()) if (first := _place(name)) and first.samefile(path)}
    return {name: _sha256(path) for name, path in seen.items()}


def own_targets(config: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each `_target_` of a configuration that may be the user's own, after where it stands."""
    from attnlab.runs.allowed import may_be_own  # torch's

    found = sorted(set(_targets(identity.decisive(config))))
    return [(key, target) for key, target in found if may_be_own(target.partition(".")[0])]


def record(directory: Path, code: Mapping[str, str]) -> None:
    """Write `code.json`, if there is any, in the place of another."""
    (directory / NAME).unlink(missing_ok=True)
    if code:
        write_text(directory / NAME, json.dumps(dict(code), indent=1, ensure_ascii=False) + "\n")


def recorded(directory: Path) -> Code:
    """What `record` wrote; empty where there is none.

    Raises:
        UserError: it is damaged.
    """
    path = directory / NAME
    if not path.is_file():
        return {}
    try:
        found = read_json(path)
        code = {str(name): str(sha256) for name, sha256 in found.items()}
    except (ValueError, AttributeError, RecursionError):
        code = {"": ""}
    if not all(_is_modules(name) for name in code):
        raise UserError(f"this file of an earlier run is damaged, got {path} ({AGAIN})")
    return code


def _is_modules(name: str) -> bool:
    """Whether it is what `own_code` would write: anything else would have any file read, or any module imported."""
    return re.fullmatch(r"([^./\\:\0]+/)*[^./\\:\0]+\.py", name) is not None


def is_unknown(directory: Path, config: Mapping[str, Any]) -> bool:
    """Whether a run has code of the user's own and, of an earlier version, none on record."""
    return not (directory / NAME).is_file() and bool(own_targets(config))


def check_same_code(directory: Path, *, instead: str) -> None:
    """Refuse a run whose code isn't what it was when it began; nothing of it is imported.

    Raises:
        UserError: naming the first file that has changed, and what to do `instead` of restoring it.
    """
    if (said := changed(directory)) is not None:
        raise UserError(f"{said} (restore it, or {instead})")


def changed(directory: Path) -> str | None:
    """What to say of the first file of a run's code that isn't what it was; None where all are.

    Raises:
        UserError: the record is damaged.
    """
    for name, (before, now) in then_and_now(directory).items():
        if now != before:
            if now is None:
                whose = f"code of your own of the run in {directory}"
                return f"{name}, {whose}, isn't found from here: {_where(directory, name)}"
            place = _place(name) or name
            return f"{place} has changed since the run in {directory} began: sha256 was {before[:12]}, now {now[:12]}"
    return None


def _where(directory: Path, name: str) -> str:
    """The folder that the run was begun in, if a file of this name is there still; else what to do."""
    found = next((each for each in directory.absolute().parents if (each / name).is_file()), None)
    if found is None:
        return "work in the folder that holds it, or set PYTHONPATH to that"
    return f"it is in {found} (work there, or set PYTHONPATH={found})"


def then_and_now(directory: Path) -> dict[str, tuple[str, str | None]]:
    """The sha256 of each file of a run's code, as on record and as it is; None where it is gone.

    Raises:
        UserError: the record is damaged.
    """
    places = {name: _place(name) for name in recorded(directory)}
    found = {name: None if path is None else _sha256(path) for name, path in places.items()}
    return {name: (before, found[name]) for name, before in recorded(directory).items()}


def _targets(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Where each `_target_` of a configuration stands, and what it is."""
    if isinstance(node, list):
        for number, child in enumerate(node):
            yield from _targets(child, f"{path}[{number}]")
    if isinstance(node, dict):
        if isinstance(target := node.get("_target_"), str):
            yield path, target
        for key, child in node.items():
            yield from _targets(child, f"{path}.{key}" if path else str(key))


def _named(target: str) -> str:
    """The module by which a name is reached, once it has been: the longest part of the name that is one."""
    while target and target not in sys.modules:
        target = target.rpartition(".")[0]
    return target


def _sources(module: str) -> dict[str, Path]:
    """The files of an imported module and of what it imports from beside it; none of one that has no source."""
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None or not file.endswith(".py"):
        return {}
    parts, path = module.split("."), Path(file).resolve()
    root = path.parents[len(parts) - (path.name != "__init__.py")]
    top = parts[0] if root.name in INSTALLED else None
    found: dict[str, Path] = {}
    waiting, known = [module], {""}
    while waiting:
        name = waiting.pop()
        head = name.partition(".")[0]
        if name in known or head == OWN_PACKAGE or (top is not None and head != top):
            continue
        known.add(name)
        waiting.append(name.rpartition(".")[0])  # a package runs before what is in it
        if (source := _source(root, name)) is not None:
            found[source.relative_to(root).as_posix()] = source
            waiting += _imports(source, name)
    return found


def _source(root: Path, module: str) -> Path | None:
    place = root.joinpath(*module.split("."))
    return next((path for path in (place / "__init__.py", place.with_name(f"{place.name}.py")) if path.is_file()), None)


def _imports(path: Path, module: str) -> Iterator[str]:
    """The modules that statements in a file may import, by their whole names; some of them are no modules."""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):  # nothing that has been imported
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            home = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{home}.{each.name}" for each in node.names)
            if home:
                yield home


def _place(name: str) -> Path | None:
    """Where the file of such a name lies now, by where Python finds its package; nothing is imported."""
    # Last the folder that one works in, where only a command that is to run code looks.
    for folder in (*sys.path, "."):
        if (path := Path(folder or ".", name)).is_file():
            return path
    top = name.partition("/")[0].removesuffix(".py")
    try:
        spec = find_spec(top)  # of what was installed to be edited
    except (ImportError, ValueError):
        return None
    places = [] if spec is None else [*(spec.submodule_search_locations or []), *([spec.origin] if spec.origin else [])]
    return next((path for place in places if (path := Path(place).parent / name).is_file()), None)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
