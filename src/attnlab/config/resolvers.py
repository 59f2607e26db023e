"""What the configuration asks of code: a run's name, hash and resources, by `${attnlab.NAME:}`."""

import hashlib
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import InterpolationKeyError
from packaging.version import Version

from attnlab.config.identity import FOLDER, NOT_IDENTITY, run_hash, without_nulls

# At the top of a configuration, where folders are named that may lie in one's home.
PATHS = ("output_root", "output_dir", "init_from", "continue_from")


def expanded(path: Any) -> Any:
    """A path whose `~` is the user's home; what is no text stays as it is."""
    return os.path.expanduser(path) if isinstance(path, str) else path


def of_values(values: Mapping[str, Any]) -> DictConfig:
    """A configuration of plain values: what looks like `${...}` in one, say in a text of the environment, is text."""
    tree = OmegaConf.create(_literal(values))
    assert isinstance(tree, DictConfig)
    return tree


def _literal(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _literal(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_literal(each) for each in node]
    # OmegaConf takes backslashes for its own only before what it would resolve.
    return re.sub(r"(\\*)\$\{", r"\1\1\\${", node) if isinstance(node, str) else node


def register_resolvers() -> None:
    """Make `${attnlab.hash:}` and its like known to OmegaConf."""
    OmegaConf.register_new_resolver("attnlab.hash", _hash, replace=True)
    OmegaConf.register_new_resolver("attnlab.path", expanded, replace=True)
    OmegaConf.register_new_resolver("attnlab.devices_per_node", _devices_per_node, replace=True)
    OmegaConf.register_new_resolver("attnlab.name", _name, replace=True)
    OmegaConf.register_new_resolver("attnlab.fused", _fused, replace=True)
    OmegaConf.register_new_resolver("attnlab.gpus_per_node", _gpus_per_node, replace=True)
    OmegaConf.register_new_resolver("attnlab.sha256", _sha256, replace=True)
    OmegaConf.register_new_resolver("attnlab.words", _words, replace=True)
    OmegaConf.register_new_resolver("attnlab.task", lambda: HydraConfig.get().runtime.choices["task"], replace=True)


def takes_attention(config: DictConfig) -> bool:
    """Whether the model has a place for query-key-value attention, be it within its attention on feature maps."""
    if "attention" in config.model:
        return True
    try:
        return "feature_attention" in config.model and "attention" in config.model.feature_attention
    except InterpolationKeyError:  # a model of another task, which is said where its values are
        return False


def _hash(*, _root_: DictConfig) -> str:
    # Where a run's folder is, the hash decides: what refers to it is hashed by the reference itself.
    stands_in = {key: "\\" + "${" + key + "}" for key in FOLDER}
    kept = {str(key): _root_._get_node(key) for key in _root_ if key not in ("hydra", *FOLDER)}
    whole = OmegaConf.to_container(OmegaConf.create(kept | stands_in), resolve=True)
    assert isinstance(whole, dict)
    named = without_nulls({str(key): value for key, value in whole.items()})
    return run_hash({key: value for key, value in named.items() if key not in NOT_IDENTITY})


def _name(*, _root_: DictConfig) -> str:
    choices = HydraConfig.get().runtime.choices
    experiment = choices.get("experiment")
    parts = [experiment] if experiment else []
    parts.append(choices["model"])
    if "feature_attention" in _root_.model:
        parts.append(choices["feature_attention"])
    if takes_attention(_root_):
        parts.append(choices["attention"])
    return "-".join(str(part) for part in parts)


def _fused() -> bool:
    """Whether optimizers have one kernel for all parameters on any device: torch 2.3, torchtext's, has it on GPUs."""
    return Version(version("torch")) >= Version("2.5")


def _devices_per_node(*, _root_: DictConfig) -> int:
    return devices_per_node(_root_.trainer.devices)


def devices_per_node(devices: Any) -> int:
    """ValueError where a job doesn't say how many it asks for."""
    if devices in ("auto", -1):
        raise ValueError("a job asks for so many devices of a node, got trainer.devices=auto (set trainer.devices)")
    return int(devices)


def _sha256(path: str | None) -> str | None:
    """Of a file's content; None where there is none, which is said where it is read."""
    place = None if path is None else Path(str(path)).expanduser()
    if place is None or not place.is_file():
        return None
    status = place.stat()
    return _sha256_of(place, status.st_size, status.st_mtime_ns)


@lru_cache
def _sha256_of(path: Path, size: int, changed: int) -> str:
    """Once, as long as the file is what it was: a hash is asked for wherever a run is named."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _words(text: str) -> list[str]:
    """Those that commas part."""
    return [word.strip() for word in text.split(",") if word.strip()]


def _gpus_per_node(*, _root_: DictConfig) -> int | None:
    return devices_per_node(_root_.trainer.devices) if _root_.trainer.accelerator == "gpu" else None
