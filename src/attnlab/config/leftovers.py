"""What an experiment's file sets for its own data or model, where the command line chooses others."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError  # type: ignore[import-untyped]  # it has no types

from attnlab.config.composer import Composer
from attnlab.config.conf_path import conf_dir
from attnlab.errors import UserError

GROUPS = ("model", "data")


def check_leftovers(composer: Composer, config: DictConfig) -> None:
    """Raise UserError for values of an experiment that no file chosen in the place of its own has a key for.

    Told here, for whoever typed the command would find the key nowhere in it.
    """
    choices: dict[str, Any] = dict(HydraConfig.get().runtime.choices)
    if (name := choices.get("experiment")) is None:
        return
    written = _written(str(name), composer)
    chosen = dict(_chosen(written.get("defaults")))
    for group in GROUPS:
        now, before = str(choices.get(group)), chosen.get(group)
        values = written.get(group)
        if before in (None, now) or not isinstance(values, Mapping):
            continue
        whole = HydraConfig.instance().cfg
        own = composer.compose(None, [f"+{group}={now}"])
        HydraConfig.instance().cfg = whole  # what is asked for its choices from here on
        left = [each for each in _leaves(values, group) if not _has(own, each) and _has(config, each)]
        if left:
            raise UserError(
                f"experiment={name} sets {' and '.join(left)} for its {group}={before}, and {group}={now} has no such "
                f"key (add {' '.join(f'~{each}' for each in left)}, or choose "
                f"task={choices['task']} in the place of experiment={name})"
            )


def _written(name: str, composer: Composer) -> dict[str, Any]:
    """An experiment's own file, as it stands; empty where it can't be read so."""
    paths = [Path(folder) / "experiment" / f"{name}.yaml" for folder in (*map(str, composer.folders), str(conf_dir()))]
    path = next((each for each in paths if each.is_file()), None)
    if path is None:
        return {}
    try:
        found = OmegaConf.to_container(OmegaConf.load(path), resolve=False)
    except (OSError, OmegaConfBaseException, YAMLError, UnicodeDecodeError):  # Hydra has read it in its own way
        return {}
    return {str(key): value for key, value in found.items()} if isinstance(found, dict) else {}


def _chosen(defaults: Any) -> Iterator[tuple[str, str]]:
    """Groups and the names that a defaults list puts in them."""
    for each in defaults if isinstance(defaults, list) else ():
        for key, value in each.items() if isinstance(each, dict) else ():
            yield str(key).removeprefix("override ").lstrip("/"), str(value)


def _leaves(node: Mapping[str, Any], path: str) -> Iterator[str]:
    for key, value in node.items():
        inner = f"{path}.{key}"
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, inner)
        else:
            yield inner


def _has(config: DictConfig, key: str) -> bool:
    node: Any = config
    for part in key.split("."):
        if not isinstance(node, DictConfig) or part not in node.keys():  # noqa: SIM118  # `in` misses a ??? value
            return False
        node = node._get_node(part)
    return True
