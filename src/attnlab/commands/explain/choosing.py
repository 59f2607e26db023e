"""What can be explained, and what was chosen of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from attnlab.commands.list.catalogue import names_of
from attnlab.config.called_elsewhere import called_here, no_mechanism
from attnlab.config.conf_path import conf_dir
from attnlab.config.described import head_of
from attnlab.config.suggestions import choices_of, own_file_there
from attnlab.errors import UserError, closest
from attnlab.language import Language, Words
from attnlab.reporting.terminal.text import pad

if TYPE_CHECKING:
    from omegaconf import DictConfig

GROUPS = ("attention", "feature_attention")
NAME_WIDTH = 22
BASELINE = "scaled_dot"  # what a run has by default


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A mechanism of a group, and the overrides of it; `around`: the one of query, key and value inside, if chosen."""

    group: str
    name: str
    overrides: list[str]
    around: str
    around_overrides: list[str]
    config_dirs: list[str]

    def load(self) -> "DictConfig":
        """The mechanism's configuration. Raises UserError."""
        from attnlab.config.compose import load_group

        return load_group(self.group, self.name, self.overrides, config_dirs=self.config_dirs)

    def load_around(self) -> "DictConfig":
        """That of what is inside, which a run has by default where none was chosen. Raises UserError."""
        from attnlab.config.compose import load_group

        return load_group("attention", self.around or BASELINE, self.around_overrides, config_dirs=self.config_dirs)


def chosen(words: Sequence[str], config_dirs: Sequence[Path]) -> Choice:
    """What a command line names: by `GROUP=NAME` and `GROUP.KEY=VALUE`, or by a name alone. Raises UserError."""
    overrides = [_with_group(word, config_dirs) if word.isidentifier() else word for word in words]
    of = {group: [word for word in overrides if _group_of(word) == group] for group in GROUPS}
    names = {group: [w.removeprefix(f"{group}=") for w in of[group] if w.startswith(f"{group}=")] for group in GROUPS}
    values = {group: [word for word in of[group] if not word.startswith(f"{group}=")] for group in GROUPS}
    for group, given in names.items():
        if len(given) > 1:
            raise UserError(f"one mechanism is explained at a time, got {' and '.join(given)} of {group} (give one)")
    folders = [str(folder) for folder in config_dirs]
    if not of["feature_attention"]:
        name = names["attention"][-1] if names["attention"] else BASELINE
        return Choice(
            group="attention",
            name=name,
            overrides=values["attention"],
            around="",
            around_overrides=[],
            config_dirs=folders,
        )
    if not names["feature_attention"]:
        raise UserError(f"which mechanism is to be explained, got {' '.join(words)} (set feature_attention=NAME)")
    return Choice(
        group="feature_attention",
        name=names["feature_attention"][-1],
        overrides=values["feature_attention"],
        around=names["attention"][-1] if names["attention"] else "",
        around_overrides=values["attention"],
        config_dirs=folders,
    )


def check_is_no_file(word: str) -> None:
    """Raise UserError for a class or a file of the user's own: what is explained has a name."""
    if re.fullmatch(r"\w+(\.\w+)+", word) or word.endswith((".py", ".yaml", ".yml")):
        raise UserError(
            f"a mechanism is explained by its name, got {word} (write DIR/attention/NAME.yaml for your own one, as "
            "Add your own mechanism in the README shows it, and attnlab explain NAME --config-dir DIR)"
        )


def explainable(config_dirs: Sequence[Path], language: Language) -> dict[str, dict[str, str]]:
    """Every mechanism of each group, with what it is."""
    return {group: names_of(group, [conf_dir(), *config_dirs], language=language) for group in GROUPS}


def as_text(groups: Mapping[str, Mapping[str, str]], language: Language) -> str:
    """A line for each, below how to have one explained."""
    how = Words(
        "attnlab explain NAME works it through, number by number (attnlab explain additive); "
        "--query and --keys take your own.",
        "attnlab explain NAME 用数字一步步算出该机制（如 attnlab explain additive）；--query 与 --keys 可换成自己的。",
    )
    lines = [how.said(language)]
    for group, names in groups.items():
        lines += ["", group, *(f"  {pad(name, NAME_WIDTH)}{said}".rstrip() for name, said in names.items())]
    return "\n".join(lines)


def in_chinese(group: str, name: str, config_dirs: Sequence[str | Path]) -> str:
    """What a mechanism's configuration says of it in Chinese, empty where it doesn't."""
    for folder in (conf_dir(), *config_dirs):
        path = Path(folder, group, f"{name}.yaml")
        if path.is_file():
            return "".join(head_of(path.read_text(encoding="utf-8")).zh)
    return ""


def _group_of(word: str) -> str:
    return word.lstrip("+~").replace("=", ".").partition(".")[0]


def _with_group(name: str, config_dirs: Sequence[Path]) -> str:
    """`attention=additive` of `additive`."""
    groups = explainable(config_dirs, "en")
    for group in GROUPS:
        if name in groups[group]:
            return f"{group}={name}"
    known = [each for group in GROUPS for each in groups[group]]
    if (called := called_here(name)) in known:
        raise UserError(f"no mechanism is named {name!r}: what is mostly called so is {called} here (write {called})")
    if said := no_mechanism(name):
        raise UserError(f"no mechanism is named {name!r}: {said}")
    for there in filter(None, (own_file_there(group, name, [str(each) for each in config_dirs]) for group in GROUPS)):
        raise UserError(f"no mechanism is named {name!r}: {there}")
    others = "".join(f", which is the {group} {found}" for group, found in choices_of(name)[:1])
    raise UserError(f"no mechanism is named {name!r}{others}{closest(name, known)} (see attnlab explain)")
