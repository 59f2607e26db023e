"""Every mechanism that conf/feature_attention offers, found by globbing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.utils import instantiate

CONF = Path(__file__).parents[2] / "conf"
NAMES = sorted(path.stem for path in (CONF / "feature_attention").glob("*.yaml"))
CORES = sorted(path.stem for path in (CONF / "attention").glob("*.yaml") if not path.stem.startswith("_"))


def attention_factory(name: str) -> Callable[..., Any]:
    """What `attention=NAME` gives a model."""
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return instantiate(compose(f"attention/{name}").attention)


def feature_factory(name: str, attention: str = "scaled_dot") -> Callable[..., Any]:
    """What `feature_attention=NAME attention=ATTENTION` gives a model."""
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose(overrides=[f"+feature_attention={name}", f"+attention={attention}"])
        return instantiate(config.feature_attention)


FACTORIES = {name: feature_factory(name) for name in NAMES}
AROUND_A_CORE = sorted(name for name, factory in FACTORIES.items() if "attention" in factory.keywords)
GATES = sorted(set(NAMES) - set(AROUND_A_CORE))
