"""Hydra's compose, opened on our configuration and the user's own folders; its mistakes are one line."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from hydra import compose, initialize_config_dir
from hydra.core.config_loader import ConfigLoader
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError  # type: ignore[import-untyped]  # OmegaConf's reader, which it lets through

from attnlab.config.called_elsewhere import name_guess
from attnlab.config.circular import leads_back
from attnlab.config.conf_path import conf_dir
from attnlab.config.mechanism_files import remember
from attnlab.config.odd_files import odd_file
from attnlab.config.odd_yaml import not_utf8, not_yaml
from attnlab.config.resolvers import register_resolvers
from attnlab.config.suggestions import groups, name_remedy
from attnlab.errors import UserError, closest, guess, one_line, unless_guessed

LONGEST = 200  # of a name; a file's may not be much longer
SHOWN = 40  # letters of one that is


class Composer(NamedTuple):
    """Hydra's loader, the user's own folders, and the override that adds them to where it looks."""

    loader: ConfigLoader
    folders: Sequence[str]
    search: list[str]

    def options(self, group: str) -> list[str]:
        """The names that can be chosen in a group, in order."""
        names = self.loader.get_group_options(
            group, results_filter=ObjectType.CONFIG, config_name="train", overrides=self.search
        )
        return sorted(name for name in names if not name.startswith("_"))

    def compose(self, config_name: str | None, overrides: Sequence[str]) -> DictConfig:
        """The configuration with its `hydra` node, which HydraConfig holds from now on. Raises UserError."""
        try:
            config = compose(config_name, overrides=[*overrides, *self.search], return_hydra_config=True)
        except (HydraException, OmegaConfBaseException) as error:
            if said := self._in_our_words(str(error), overrides):
                raise UserError(said) from error
            raise UserError(one_line(error)) from error
        except RecursionError as error:
            raise leads_back(self.folders, overrides) from error
        except YAMLError as error:
            raise not_yaml(error) from error
        except UnicodeDecodeError as error:
            raise not_utf8(error, " or ".join(map(str, self._not_utf8()))) from error
        except (ValueError, TypeError, OSError) as error:
            if (odd := odd_file(self.folders, overrides)) is None:
                raise
            raise odd from error
        HydraConfig.instance().set_config(config)
        remember(config.hydra.runtime.choices, self.folders)
        return config

    def _not_utf8(self) -> Iterator[Path]:
        """The user's own files that can't be read as they should be."""
        for path in (each for folder in self.folders for each in sorted(Path(folder).glob("*/*.yaml"))):
            try:
                path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                yield path

    def _in_our_words(self, said: str, overrides: Sequence[str]) -> str:
        """What Hydra says of a file or an override, in a line that names what to change; "" for what it says else."""
        if unused := re.match(r"Could not override '(\w+)'", said):
            return f"this task has no {unused[1]} to choose, got {' '.join(overrides)} (drop it, or set task=...)"
        if keys := re.match(r"Could not override '(\w+\.[\w.]+)'.* use \+[\w.]+=(\{.*)", said, re.DOTALL):
            return f"{keys[1]} has other keys, got {keys[2]} (set {keys[1]}.KEY=VALUE, or +{keys[1]}.KEY=VALUE)"
        if slot := re.match(r"Could not override 'attention@(model\.\w+)'", said):
            return self._no_such_slot(slot[1], overrides)
        if gone := re.match(r"Could not delete from config. '([\w.]+)' does not exist", said):
            return f"only a value that isn't null can be dropped, got ~{gone[1]} (drop it, or write {gone[1]}=null)"
        if there := re.match(r"Could not append to config. An item is already at '([\w.]+)'", said):
            return f"{there[1]} is there already, and + adds what isn't (write {there[1]}=VALUE, without +)"
        if chosen := re.match(r"Multiple values for ([\w/@.]+)\.", said):
            return (
                f"{chosen[1]} is chosen already, and + adds what isn't (write {chosen[1]}=NAME, without +, or in a "
                f"file override {chosen[1]}: NAME)"
            )
        if merged := re.match(r"Error merging override ([\w.]+)=(\[.*)", said, re.DOTALL):
            return f"{merged[1]} must be a group of values, got {merged[2]} (set {merged[1]}.*, or {merged[1]}=null)"
        if unknown := re.match(r"Could not override '(hydra\.[\w.]+)'", said):
            return self._no_such_key_of_hydras(unknown[1])
        if lacking := re.match(r"In '([\w/. -]+)': Could not (?:load|find) '([\w/. -]+)'", said):
            group, _, name = lacking[2].rpartition("/")
            names = self.loader.get_group_options(group, overrides=self.search, config_name="train")
            near = closest(name, [*(each for each in names if f"{group}/{each}" != lacking[1]), "_self_"])
            return f"{lacking[1]}.yaml has {name} in its defaults, and there is none{near} (correct its defaults)"
        if other := re.match(r"In '([\w/.-]+)': Could not override '([\w/@.-]+)'", said):
            near = closest(other[2].lstrip("/"), groups())
            return f"{other[1]}.yaml overrides {other[2]} in its defaults, which nothing chooses{near} (correct it)"
        return ""

    def _no_such_slot(self, key: str, overrides: Sequence[str]) -> str:
        """What to say of a place of the model that it hasn't."""
        plain = [each for each in overrides if not each.startswith("attention@model.")]
        model = self.compose("train", plain)["model"]
        named = [str(name) for name in model]
        slots = [f"model.{name}" for name in named if name.endswith("_attention") and name != "feature_attention"]
        chosen = HydraConfig.get().runtime.choices["model"]
        none = f"model={chosen} has no slot {key.removeprefix('model.')}"
        if not slots:
            return f"{none}, nor any of a name: one mechanism is for all that it has (write attention=NAME)"
        bare = key.removeprefix("model.").removesuffix("_attention")
        alike = [each for each in slots if closest(bare, [each.removeprefix("model.").removesuffix("_attention")])]
        return f"{none}{guess(alike)}; it has {', '.join(sorted(slots))} (set attention, or one of its slots)"

    def _no_such_key_of_hydras(self, key: str) -> str:
        """What to say of a setting that Hydra's part in use hasn't."""
        parent, _, name = key.rpartition(".")
        composed: Any = HydraConfig.instance().cfg
        node = None if composed is None else OmegaConf.select(composed, parent)
        keys = node if isinstance(node, DictConfig) else ()
        known = sorted(str(each) for each in keys if not str(each).startswith("_"))
        has = f"; {parent} has {', '.join(known)}" if known else ""
        return f"no key {key!r}{closest(name, known, f'{parent}.')}{has}"

    def is_group(self, override: Override) -> bool:
        """Whether it chooses a file of a group, rather than a value."""
        if override.package:
            return True
        # Hydra reads train.yaml anew for each group that it is asked for, and no group has a dot.
        return "." not in override.key_or_group and bool(self.options(group_of(override)))

    def no_such_option(self, group: str, name: str, *, place: str = "") -> UserError:
        """What to raise for a name that the group hasn't; `place`: where in the configuration it was to stand."""
        known = self.options(group)
        where = f" for {place}" if place else ""
        if not name:
            return UserError(f"{group} is needed, got nothing (choose from {', '.join(known)})")
        if len(name) > LONGEST:
            start = f"{name[:SHOWN]!r}... of {len(name)} letters"
            return UserError(f"no {group} has so long a name, got {start} (choose from {', '.join(known)})")
        if remedy := name_remedy(group, name, known, self.folders):
            return UserError(f"no {group} is named {name!r}{where}: {remedy}")
        guessed = name_guess(name, known)
        own = "; a file of your own needs --config-dir" if not (self.folders or guessed) else ""
        choose = unless_guessed(guessed, known, f"; choose from {', '.join(known)}")
        instead = choose or f" (set {place or group}; attnlab list {group} names all)"
        return UserError(f"no {group} is named {name!r}{where}{guessed}{instead}{own}")


@contextmanager
def composing(config_dirs: Sequence[str]) -> Iterator[Composer]:
    """A composer whose groups are ours and those in the user's own folders, for the length of the `with`."""
    register_resolvers()
    GlobalHydra.instance().clear()
    folders = ",".join(f"'file://{Path(folder).absolute()}'" for folder in config_dirs)
    with initialize_config_dir(str(conf_dir()), version_base="1.3", job_name="train"):
        search = [f"hydra.searchpath=[{folders}]"] if folders else []
        yield Composer(GlobalHydra.instance().config_loader(), config_dirs, search)


def group_of(override: Override) -> str:
    """`attention` of `attention@model.cross_attention=additive`."""
    return override.key_or_group.split("@")[0]
