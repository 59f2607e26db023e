"""What a key, a name or a word that fits nowhere may have been meant as."""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from attnlab.config.called_elsewhere import KEYS_ELSEWHERE, called_here, name_guess, no_mechanism
from attnlab.config.conf_path import conf_dir
from attnlab.config.identity import OPTIONAL
from attnlab.errors import closest, guess

ANYWHERE = ("none", "default")  # names that say nothing of their group
MOST = 3  # keys that are named at a time


def key_guess(config: DictConfig, key: str, known: Sequence[str], where: str) -> str:
    """` (did you mean ...?)` for a key that isn't there; `known` are the keys of the group `where` that it names.

    A key of another group that ends alike comes first: lr is optimizer.lr, attention.num_heads is model.num_heads.
    """
    prefix, name = f"{where}." if where else "", key.rpartition(".")[2]
    part = key.removeprefix(prefix).split(".")[0]
    every = list(_keys(OmegaConf.to_container(config, resolve=False)))
    if where in OPTIONAL and where in groups_with(part):
        return f" (choose it first: {where}=[default,{part}])"
    flat = _flat(key)
    near_ones = [each for each in every if not where or not _is_far(each, where)]
    named = [each for each in every if _flat(each) == flat] or (_ending(near_ones, [name]) if part == name else [])
    if part == name and (own := [each for each in KEYS_ELSEWHERE.get(name.lower(), ()) if each in known]):
        return guess([f"{prefix}{own[0]}"])
    near = closest(part, known, prefix)
    if not named and near:
        return near
    if not named and (others := _called_elsewhere(name)):
        own = [f"{prefix}{each}" for each in others if each in known]
        named = own[:1] or _ending(every, others)
    if not named and not where:
        lasts = sorted({each.rpartition(".")[2] for each in every})
        named = _ending(every, get_close_matches(name.lower(), lasts, n=1, cutoff=0.75))
    return guess(named[:MOST])


def _is_far(key: str, where: str) -> bool:
    """Whether a key is too deep beside the group that was named to have been meant: another callback's own, say."""
    around = f"{where}.".startswith(f"{key.rpartition('.')[0]}.")
    return key.count(".") > 1 and not around and not key.startswith(f"{where}.")


def _flat(key: str) -> str:
    return re.sub(r"[-_.]", "", key).lower()


def _called_elsewhere(name: str) -> tuple[str, ...]:
    near = get_close_matches(name.lower(), KEYS_ELSEWHERE, n=1, cutoff=0.8)
    return KEYS_ELSEWHERE[near[0]] if near else ()


def _ending(keys: Sequence[str], names: Sequence[str]) -> list[str]:
    """Keys whose last part is one of these names, those of the first name first, then the shortest."""
    found = [each for each in keys if each.rpartition(".")[2] in names]
    return sorted(found, key=lambda each: (names.index(each.rpartition(".")[2]), each.count("."), each))


def _keys(node: Any, path: str = "") -> Iterator[str]:
    """All dotted keys; what only refers to another group has none of its own."""
    for name, value in node.items() if isinstance(node, dict) else ():
        if not str(name).startswith("_") and not (not path and name == "hydra"):
            inner = f"{path}.{name}" if path else str(name)
            yield inner
            yield from _keys(value, inner)


def groups() -> list[str]:
    """The configuration's groups, `attention` to `trainer`."""
    return sorted(each.name for each in conf_dir().iterdir() if each.is_dir() and each.name != "hydra")


def groups_with(name: str) -> list[str]:
    """Those of which a file has this name."""
    return [group for group in groups() if name and (conf_dir() / group / f"{name}.yaml").is_file()]


def choices_of(name: str) -> list[tuple[str, str]]:
    """What is named so, or as a class (AttentionSeq2Seq), elsewhere or in Chinese: groups, each with its own name."""
    for meant in (name, called_here(name) or ""):
        names = {each.stem for group in groups() for each in (conf_dir() / group).glob("[!_]*.yaml")}
        alike = sorted(each for each in names - set(ANYWHERE) if _flat(each) == _flat(meant))
        if alike:
            return [(group, each) for each in alike for group in groups_with(each)]
    return []


def is_at_the_top(name: str) -> bool:
    """Whether it is a group, a key of a whole run, or the first part of a dotted one."""
    text = (conf_dir() / "train.yaml").read_text(encoding="utf-8")
    return name.partition(".")[0] in (*groups(), *re.findall(r"^(\w+):", text, re.MULTILINE), "resume")


CLASS = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


def name_remedy(group: str, name: str, known: Sequence[str], folders: Sequence[str]) -> str:
    """What may have been meant by a name that a group hasn't, as a sentence's end; "" where nothing tells.

    `folders` are the user's own, by --config-dir.
    """
    path = Path(name)
    if path.is_file() and path.suffix in (".yaml", ".yml") and path.absolute().parent.name != group:
        return (
            f"a file of your own lies in a folder {group}/ (move it to {path.parent / group / path.name}, and write "
            f"{_chosen(group, path.stem)} --config-dir {path.parent})"
        )
    if path.suffix in (".yaml", ".yml") or (path.suffix == "" and "/" in name and path.stem in known):
        added = f" --config-dir {path.parent.parent}" if path.is_file() else ""
        if path.suffix and not path.is_file() and path.stem not in known:
            return (
                f"there is no such file, and one of your own is chosen by its name (write {_chosen(group, 'NAME')} "
                + (f"--config-dir DIR for DIR/{group}/NAME.yaml)")
            )
        return f"a file is chosen by its name, without folder and ending (write {_chosen(group, path.stem)}{added})"
    if group == "data" and (path.exists() or "/" in name or path.suffix):
        root = path.parent if path.is_file() or path.suffix else path
        here = "" if path.exists() else f", and there is no {path} here"
        return (
            f"data=NAME says how files are read, and data.root where they lie{here} (see attnlab list data; set "
            f"data=NAME data.root={root})"
        )
    if CLASS.fullmatch(name):
        return (
            f"a class is chosen by a file that names it (write DIR/{group}/NAME.yaml with _target_: {name}, as Add "
            f"your own mechanism in the README shows it, and {group}=NAME --config-dir DIR)"
        )
    if name.isidentifier() and Path(f"{name}.py").is_file():
        return (
            f"{name}.py is a module, and a class of it is chosen by a file that names it (write DIR/{group}/NAME.yaml "
            f"with _target_: {name}.CLASS, and {group}=NAME --config-dir DIR)"
        )
    if (called := called_here(name)) in known:
        return f"what is mostly called so is {called} here (write {group}={called})"
    if "," in name and all(each.strip() in known for each in name.split(",")):
        return f"one is chosen here (write {group}={name.split(',')[0]})"
    if group == "attention" and (said := no_mechanism(name, chosen="attention=")):
        return said
    if group in ("study", "experiment") and name_guess(name, known):
        return ""
    if others := [each for each in choices_of(name) if each[0] != group]:
        return f"it is a name of {' and of '.join(each for each, _ in others)} (write {'='.join(others[0])})"
    return own_file_there(group, name, folders)


def _chosen(group: str, name: str) -> str:
    return f"attnlab study {name}" if group == "study" else f"{group}={name}"


def own_file_there(group: str, name: str, folders: Sequence[str]) -> str:
    """Where the user's own file of this name lies, or why a folder of theirs doesn't count."""
    for folder in map(Path, folders):
        if (file := folder / f"{name}.yaml").is_file() and folder.resolve().name != group:
            return f"{file} lies beside {group}/, not in it (move it to {folder / group / file.name})"
        if file.is_file():
            return f"--config-dir is the folder above {group}/ (set --config-dir {folder.parent})"
        if (other := folder / group / f"{name}.yml").is_file():
            return f"{other} is there, but its name must end in .yaml (rename it)"
        inner = [each.name for each in folder.iterdir() if each.is_dir()]
        if group not in inner and (like := get_close_matches(group, inner, n=1)):
            return f"{folder} has {like[0]}/ (name it {group}/)"
    here = sorted(Path().glob(f"*/{group}/{name}.yaml"))
    if here:
        return f"{here[0]} is there (add --config-dir {here[0].parents[1]})"
    if there := sorted(Path().glob(f"*/{group}/{name}.yml")):
        where = f"and add --config-dir {there[0].parents[1]}"
        return f"{there[0]} is there, but its name must end in .yaml (rename it, {where})"
    return ""
