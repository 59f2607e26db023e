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

from attnlab.config.conf_path import conf_dir
from attnlab.config.resolvers import register_resolvers
from attnlab.errors import UserError, closest, one_line


class Composer(NamedTuple):
    """Hydra's loader, and the override that adds the user's own folders to where it looks."""

    loader: ConfigLoader
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
            if unused := re.match(r"Could not override '(\w+)'", str(error)):
                raise UserError(
                    f"this task has no {unused[1]} to choose, got {' '.join(overrides)} (drop it, or set task=...)"
                ) from error
            if gone := re.match(r"Could not delete from config. '([\w.]+)' does not exist", str(error)):
                raise UserError(
                    f"only a value that isn't null can be dropped, got ~{gone[1]} (drop it, or write {gone[1]}=null)"
                ) from error
            if there := re.match(r"Could not append to config. An item is already at '([\w.]+)'", str(error)):
                raise UserError(
                    f"{there[1]} is there already, and + adds what isn't (write {there[1]}=VALUE, without +)"
                ) from error
            if chosen := re.match(r"Multiple values for ([\w/@.]+)\.", str(error)):
                raise UserError(
                    f"{chosen[1]} is chosen already, and + adds what isn't (write {chosen[1]}=NAME, without +, or in a "
                    f"file override {chosen[1]}: NAME)"
                ) from error
            if unknown := re.match(r"Could not override '(hydra\.[\w.]+)'", str(error)):
                raise self._no_such_key_of_hydras(unknown[1]) from error
            raise UserError(one_line(error)) from error
        except YAMLError as error:
            raise UserError(f"this file isn't YAML: {one_line(error)} (correct it)") from error
        HydraConfig.instance().set_config(config)
        return config

    def _no_such_key_of_hydras(self, key: str) -> UserError:
        """What to raise for a setting that Hydra's part in use hasn't."""
        parent, _, name = key.rpartition(".")
        composed: Any = HydraConfig.instance().cfg
        node = None if composed is None else OmegaConf.select(composed, parent)
        keys = node if isinstance(node, DictConfig) else ()
        known = sorted(str(each) for each in keys if not str(each).startswith("_"))
        has = f"; {parent} has {', '.join(known)}" if known else ""
        return UserError(f"no key {key!r}{closest(name, known, f'{parent}.')}{has}")

    def is_group(self, override: Override) -> bool:
        """Whether it chooses a file of a group, rather than a value."""
        if override.package:
            return True
        # Hydra reads train.yaml anew for each group that it is asked for, and no group has a dot.
        return "." not in override.key_or_group and bool(self.options(group_of(override)))

    def no_such_option(self, group: str, name: str) -> UserError:
        """What to raise for a name that the group hasn't."""
        known = self.options(group)
        return UserError(f"no {group} is named {name!r}{closest(name, known)}; choose from {', '.join(known)}")


@contextmanager
def composing(config_dirs: Sequence[str]) -> Iterator[Composer]:
    """A composer whose groups are ours and those in the user's own folders, for the length of the `with`."""
    register_resolvers()
    GlobalHydra.instance().clear()
    folders = ",".join(f"'file://{Path(folder).absolute()}'" for folder in config_dirs)
    with initialize_config_dir(str(conf_dir()), version_base="1.3", job_name="train"):
        yield Composer(GlobalHydra.instance().config_loader(), [f"hydra.searchpath=[{folders}]"] if folders else [])


def group_of(override: Override) -> str:
    """`attention` of `attention@model.cross_attention=additive`."""
    return override.key_or_group.split("@")[0]
