"""What a message tells the user to set is there to be set, where the message can appear.

Messages are found in the code's syntax trees, and so is what uses the functions that they stand in: a key of a group
must be in every file of that group from whose classes a message can be come to by names; an option in its command.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

import attnlab
from attnlab.config.conf_path import conf_dir

PACKAGE = Path(attnlab.__file__).parent
GROUPS = [path.name for path in sorted(conf_dir().iterdir()) if path.is_dir() and path.name not in ("hydra", "task")]
HYDRA = ("hydra.sweeper.params", "hydra.sweeper.max_batch_size")  # of Hydra's own sweeper
CHECKS = ("at_least", "between", "above_zero", "below_one")  # of attnlab.errors: the group, then values by their keys

IMAGES = ["cifar10", "fashion_mnist", "fashion_mnist_small", "synthetic_classification"]

# Keys that files haven't whose classes can come to the message by names, and why it doesn't appear there.
NOT_REACHED = {
    **dict.fromkeys(
        ("attention.core.base", "attention.core.share"), (["latent_rotary"], "it gives its core what it has checked")
    ),
    **dict.fromkeys(
        ("attention.num_kv_heads", "attention.core.*"),
        (["latent"], "it only shares what the shell's other functions do"),
    ),
    # Their columns are given, and theirs are files that were published: a broken one is to be fetched again.
    **dict.fromkeys(
        ("data.corpus.label_column", "data.corpus.word_column", "data.corpus.scheme", "data.corpus.repair"),
        (["bible_names", "wnut17"], "their columns and labels are given"),
    ),
    "data.corpus.encoding": (["*"], "it is named only where a set takes one"),
    "data.corpus.delimiter": (["cnn_dailymail"], "its values are always between commas"),
    "data.corpus.quoted": (["cnn_dailymail"], "likewise"),
    "data.channels": (IMAGES, "their images have a form"),
    **dict.fromkeys(("data.height", "data.width"), ([*IMAGES, "image_folder"], "likewise, or one size for both sides")),
    **dict.fromkeys(("data.num_workers", "data.worker_timeout"), (["*"], "without the keys there are no workers")),
    "data.source.classes": (["bccd"], "it says itself what its files hold"),
    "data.source.first_pixel": (["bccd"], "likewise"),
    "data.source.train": (["bccd"], "likewise"),
    "data.source.*_share": (["bccd"], "its splits are given"),
    "data.source.val": (["*"], "it is named only where a set takes one"),
    "data.corpus.train": (["*"], "it is named only where a set takes a pattern"),
    "scheduler.total_steps": (["*"], "of a schedule that was given one"),
    "trainer.lightning.min_steps": (["*"], "any argument of Lightning's Trainer is a key there"),
    "model.*_attention": (["*"], "it is named only where a slot was given a mechanism of its own"),
    "model.activation": (["detr", "gpt", "vit"], "they choose it themselves"),
    "model.cell": (["lstm_lm"], "likewise"),
    **dict.fromkeys(
        ("data.corpus.max_words", "data.source", "data.target"), (["bible_texts"], "it reads both languages whole")
    ),
}

Name = tuple[str, str]
"""A module and what it defines at its top."""


class Definition(NamedTuple):
    """What stands in a definition: the remedies of its messages, its options, and what it names."""

    keys: frozenset[str]
    choices: frozenset[str]  # GROUP=NAME
    options: frozenset[str]
    uses: frozenset[Name]


def _module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _text(node: ast.AST) -> str | None:
    """A string, in which what is filled in stands as `*`."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "*" for each in node.values)
    return None


def _texts(tree: ast.AST) -> Iterator[str]:
    """Every string of code, whole, and none of what documents it."""
    documents = {
        id(each.body[0].value)
        for each in ast.walk(tree)
        if isinstance(each, (ast.ClassDef, ast.FunctionDef, ast.Module))
        and each.body
        and isinstance(each.body[0], ast.Expr)
    }
    parts = {id(part) for each in ast.walk(tree) if isinstance(each, ast.JoinedStr) for part in each.values}
    # What a function takes if it isn't told is for those who call it.
    parts |= {id(each) for node in ast.walk(tree) if isinstance(node, ast.arguments) for each in node.kw_defaults}
    for each in ast.walk(tree):
        text = _text(each)
        if text is not None and id(each) not in documents | parts:
            yield text


KEY = re.compile(rf"(?<![\w.$/])((?:{'|'.join(GROUPS)}|task|hydra)\.[a-z_*]+(?:\.[a-z_*]+)*)(?![\w(])")
NO_KEY = re.compile(r"hydra\.|.*\.pkl$")  # Hydra's own modules, and files
CHOICE = re.compile(rf"(?<![\w.])(({'|'.join(GROUPS)}|task)=(?:\.\.\.|NAME|[a-z_0-9]+))")
OPTION = re.compile(r"(?:set|add|drop|or|and|see|with|yours:) (--[a-z][a-z-]+)")


def _remedies(tree: ast.AST) -> tuple[set[str], set[str], set[str]]:
    """Keys, choices and options that strings name as what can be set."""
    keys, choices, options = set(), set(), set()
    for text in _texts(tree):
        for remedy in re.findall(r"\b(?:set|add|drop) ([^()]*)", text):
            keys |= {key.rstrip(".") for key in KEY.findall(remedy)}
            choices |= {choice for choice, _ in CHOICE.findall(remedy)}
        options |= set(OPTION.findall(text))
        if re.fullmatch(KEY, text) and not re.match(NO_KEY, text):
            keys.add(text)  # by itself: what is handed to a reader as the key to name
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in CHECKS:
            groups = [each for each in map(_text, call.args) if each is not None]  # none where it is handed on
            keys |= {f"{group}.{given.arg}" for group in groups for given in call.keywords if given.arg is not None}
    return keys, choices, options


@cache
def _definitions() -> dict[Name, Definition]:
    trees = {_module_name(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
    found: dict[Name, Definition] = {}
    for module, tree in trees.items():
        imported = _imported(tree)
        own = {name: node for node in tree.body for name in _defined(node)}
        for name, node in own.items():
            uses: set[Name] = set()
            for each in ast.walk(node):
                if isinstance(each, ast.Name):
                    uses.add((module, each.id) if each.id in own else imported.get(each.id, ("", "")))
                if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id in imported:
                    uses.add((".".join(imported[each.value.id]), each.attr))
            keys, choices, options = _remedies(node)
            found[module, name] = Definition(frozenset(keys), frozenset(choices), frozenset(options), frozenset(uses))
    return found


def _imported(tree: ast.Module) -> dict[str, Name]:
    """What comes from elsewhere in the package, by the names it has here."""
    return {
        (alias.asname or alias.name): (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.split(".")[0] == "attnlab"
        for alias in node.names
    }


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]


@cache
def _reached(start: Name) -> frozenset[Name]:
    """What can be come to from a definition, by names."""
    found, waiting = set(), [start]
    while waiting:
        name = waiting.pop()
        if name not in found and (definition := _definitions().get(name)) is not None:
            found.add(name)
            waiting += definition.uses
    return frozenset(found)


# Where keys are


@cache
def _file(group: str, name: str) -> dict[str, Any]:
    """A group's file on top of those of the group that it begins with."""
    loaded = dict(yaml.load((conf_dir() / group / f"{name}.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader) or {})
    below = [each for each in loaded.pop("defaults", []) if isinstance(each, str) and each != "_self_"]
    merged: dict[str, Any] = {}
    for each in (*(_file(group, name) for name in below), loaded):
        merged |= {
            key: {**merged.get(key, {}), **part} if isinstance(part, dict) else part for key, part in each.items()
        }
    return merged


def _names(group: str) -> list[str]:
    """The files of a group; none where there is no such group."""
    return [path.stem for path in sorted((conf_dir() / group).glob("*.yaml")) if not path.stem.startswith("_")]


def _has(tree: Any, parts: list[str]) -> bool:
    """Whether there is a key, `*` for any one."""
    if not parts or (parts == ["*"] and tree in ({}, None)):  # of any names
        return True
    if not isinstance(tree, dict):
        return False
    return any(_has(tree[key], parts[1:]) for key in tree if re.fullmatch(parts[0].replace("*", ".+"), str(key)))


def _targets(tree: Any) -> Iterator[Name]:
    """The classes that a file names, where they are defined."""
    for key, value in tree.items() if isinstance(tree, dict) else ():
        if key == "_target_" and value.startswith("attnlab."):
            package, _, name = value.rpartition(".")
            yield (package, name) if (package, name) in _definitions() else _exported(package)[name]
        else:
            yield from _targets(value)


@cache
def _exported(package: str) -> dict[str, Name]:
    path = PACKAGE.parent.joinpath(*package.split("."), "__init__.py")
    return _imported(ast.parse(path.read_text(encoding="utf-8")))


@cache
def _reached_by_file(group: str, name: str) -> frozenset[Name]:
    return frozenset().union(*(_reached(target) for target in _targets(_file(group, name))))


def _lacking() -> Iterator[str]:
    """Where a message can appear that names a key which isn't there."""
    for place, definition in _definitions().items():
        for key in definition.keys - set(HYDRA):
            group, *parts = key.split(".")
            if group == "hydra":
                group, parts = f"hydra/{parts[0]}", parts[1:]
            path = key.split(".") if group == "task" else parts  # a task's file is of the whole
            files = [name for name in _names(group) if place in _reached_by_file(group, name)]
            there = {name: _has(_file(group, name), path) for name in files or _names(group)}
            excused, _ = NOT_REACHED.get(key, ([], ""))
            if not any(there.values()) and "*" not in excused:
                yield f"{'.'.join(place)}: {key}"
            for name, has in there.items():
                if files and group != "task" and not has and name not in excused and "*" not in excused:
                    yield f"{'.'.join(place)}: {key} with {group}={name}"


def test_every_key_that_a_message_names_is_there_where_it_can_appear() -> None:
    lacking = sorted(_lacking())
    assert not lacking, "\n".join(lacking)


def test_every_choice_that_a_message_names_can_be_made() -> None:
    choices = {choice for definition in _definitions().values() for choice in definition.choices}
    assert len(choices) > 3
    for choice in choices:
        group, _, name = choice.partition("=")
        assert name in ("...", "NAME", "mine", *_names(group)), choice  # `mine` stands for one of the user's own


def test_every_key_of_the_top_that_a_message_names_is_there() -> None:
    # What is set from Python are arguments.
    paths = (path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] != "api")
    files = (path.read_text(encoding="utf-8") for path in paths)
    text = " ".join(each for file in files for each in _texts(ast.parse(file)))
    named = set(re.findall(r"\(set ([a-z_]+)(?: |=|\)|,)", text)) | set(re.findall(r", or ([a-z_]+)=true", text))
    assert {"output_dir", "fresh"} <= named
    top = yaml.safe_load((conf_dir() / "train.yaml").read_text(encoding="utf-8"))
    of_a_study = {"control", "seeds", "looks", "margin", "match", "match_key"}  # keys of its own file
    of_a_mechanism = {"_target_"}  # likewise
    prose = {"another", "here", "a", "it", "smaller"}
    assert named - prose - {"resume"} - set(GROUPS) - {"task"} - of_a_study - of_a_mechanism <= top.keys(), named


COMMANDS = {
    "predict": ("attnlab.commands.predict.command", "run"),
    "evaluate": ("attnlab.commands.evaluate", "run"),
    "explain": ("attnlab.commands.explain.command", "run"),
    "check": ("attnlab.commands.check.command", "run"),
    "list": ("attnlab.commands.list.command", "run"),
    "export": ("attnlab.commands.export.command", "run"),
    "slurm-script": ("attnlab.commands.slurm_script", "run"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_that_a_commands_messages_name_is_one_of_its_own(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    module, name = COMMANDS[command]
    with pytest.raises(SystemExit):
        import_module(module).run(["--help"])
    known = set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out))
    own = module.rpartition(".")[0] if module.endswith(".command") else module
    reached = {place for place in _reached((module, name)) if place[0].startswith(own)}
    named = {option for place in reached for option in _definitions()[place].options}
    assert named - {"--help"} <= known
