"""What is wrong with how a class is named, `my_module.MyClass`, by which it can't be had."""

import ast
import inspect
import os
import re
import sys
import traceback
from pathlib import Path
from types import ModuleType

from attnlab.config.ending_code import is_own
from attnlab.config.mechanism_files import GROUPS, file_with, shown
from attnlab.errors import closest, one_line

SHOWN = 8  # classes that a message names


def remark_on_class(target: str) -> str:
    """What is wrong with how a class is named, or where its module lies, as a clause; "" where nothing tells."""
    if ":" in target:
        return f": a class is named with dots (write {target.replace(':', '.')})"
    if "." not in target:
        return f": a class is named with its module (write {with_module(target)})"
    top = target.partition(".")[0]
    own = next((path for path in (Path(f"{top}.py"), Path(top) / "__init__.py") if path.is_file()), None)
    found = getattr(sys.modules.get(top), "__file__", None)
    if own is None or top not in sys.modules or (found is not None and Path(found).resolve() == own.resolve()):
        return ""
    whose = "Python's own" if top in sys.stdlib_module_names else f"that in {found}"
    return f": {own} is hidden by another module of its name, {whose} (rename yours)"


def with_module(name: str) -> str:
    """`my_mech.MyAttention` of a class that a file in this folder has; it isn't run."""
    if not name.isidentifier():
        return "my_package.MyAttention"
    having = [path.stem for path in sorted(Path().glob("*.py")) if name in classes_in(path)]
    return f"{having[0] if having else 'my_package'}.{name}"


def classes_in(file: Path) -> list[str]:
    """The classes that a file has, which isn't run."""
    try:
        body = ast.parse(file.read_bytes()).body
    except (SyntaxError, ValueError, OSError):
        return []
    return [each.name for each in body if isinstance(each, ast.ClassDef)]


def names_in(file: Path) -> list[str] | None:
    """What a file that isn't run defines or imports at its top; None where its text doesn't tell all."""
    try:
        body = ast.parse(file.read_bytes()).body
    except (SyntaxError, ValueError, OSError):
        return None
    found: list[str] = []
    for each in body:
        match each:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                found.append(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                found += [name.asname or name.name.partition(".")[0] for name in names]
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found.append(name)
            case ast.Expr(value=ast.Constant()):  # the module's own words
                pass
            case _:
                return None
    return None if {"*", "__getattr__"} & {*found} else found


def not_had(target: str) -> tuple[str, str]:
    """Why the name of a class, of which what could be was imported, leads nowhere, and where it was looked for."""
    parts = target.split(".")
    depth = next((n for n in range(len(parts), 0, -1) if ".".join(parts[:n]) in sys.modules), 0)
    if not depth:
        return no_module(parts[0])
    return has_no(sys.modules[".".join(parts[:depth])], parts[min(depth, len(parts) - 1)])


def no_module(name: str) -> tuple[str, str]:
    """That there is no such module, and where it was looked for."""
    here = os.getcwd() in (os.path.abspath(each) for each in sys.path)
    near = closest(name, [path.stem for path in sorted(Path().glob("*.py"))]) if here else ""
    return f"no module is named {name!r}{near}", f"looked in {'this folder and in ' * here}what is installed"


def has_no(module: ModuleType, name: str) -> tuple[str, str]:
    """That a module lacks a class, what it has, and where it lies."""
    known = [each for each, value in vars(module).items() if inspect.isclass(value)]
    own = [each for each in known if vars(module)[each].__module__ == module.__name__]
    guessed = closest(name, known) or closest(name, sorted(vars(module)))
    more = ", ..." if len(own) > SHOWN else ""
    has = f"; it has {', '.join(own[:SHOWN])}{more}" if own else ""
    return has_not(module.__name__, name, guessed) + has, f"looked in {getattr(module, '__file__', None)}"


def has_not(module: str, name: str, guessed: str) -> str:
    """That a module lacks a class, and a guess at what was meant."""
    return f"{module} has no {name!r}{guessed}"


def said_of_import(cause: BaseException) -> str:
    """What a module that broke as it was imported says, with a guess at a name that another one lacks."""
    said = cause.msg if isinstance(cause, SyntaxError) else one_line(cause)  # its place is what is to be corrected
    if isinstance(cause, ImportError) and (lacked := re.match(r"cannot import name '(\w+)' from '([\w.]+)'", said)):
        known = dir(sys.modules[lacked[2]]) if lacked[2] in sys.modules else []
        return has_not(lacked[2], lacked[1], closest(lacked[1], known))
    if isinstance(cause, (ImportError, SyntaxError, NameError)):  # which say what they are
        return said
    return f"{type(cause).__name__}: {said}"


def cure_of_import(cause: BaseException) -> str:
    """What mends a module of the user's own that broke as it was imported; "" where it isn't theirs that did."""
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(cause.__traceback__)]
    if isinstance(cause, SyntaxError):
        places.append((cause.filename or "", cause.lineno))
    own = [(name, line) for name, line in places if is_own(name)]
    if not own:
        return ""
    name, line = own[-1]
    correct = f"correct {shown(Path(name))}:{line}"
    if isinstance(cause, ModuleNotFoundError) and cause.name and not Path(cause.name.partition(".")[0]).exists():
        return f"install {cause.name.partition('.')[0]}, or {correct}"
    return correct


def named_in(key: str, target: str) -> str:
    """` in FILE`, of the user's own, for the `_target_` at a dotted key; "" where nothing tells."""
    groups = dict.fromkeys((key.partition(".")[0], *(GROUPS if "attention" in key else ())))
    return next((found for group in groups if (found := file_with(group, target))), "")
