"""Every mechanism that conf/attention offers, found by globbing, and the roles it serves.

SIBLINGS have no core to choose: they change the projections themselves, and stand in the shell's place.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.utils import instantiate

from attnlab.attention import Role, RoleError
from attnlab.attention.conformance.sibling import Sibling

GRID = (2, 2)  # of mechanisms that mind places
NUM_EXTRA = 1  # keys before those four, which have none
CONF = Path(__file__).parents[2] / "conf"
ALL = sorted(path.stem for path in (CONF / "attention").glob("*.yaml") if not path.stem.startswith("_"))
ROLES: tuple[Role, ...] = ("self", "causal", "cross")


def attention_factory(name: str) -> Callable[..., Any]:
    """What `attention=NAME` gives a model."""
    with initialize_config_dir(str(CONF), version_base="1.3"):
        factory = instantiate(compose(f"attention/{name}").attention)
    placed = {"grid": GRID, "num_extra": NUM_EXTRA} if "core" in factory.keywords else {}
    return partial(factory.func, **factory.keywords, **placed)


FACTORIES = {name: attention_factory(name) for name in ALL}
NAMES = [name for name in ALL if "core" in FACTORIES[name].keywords]
SIBLINGS = [name for name in ALL if name not in NAMES]


def checked(name: str, **arguments: Any) -> Callable[..., Any]:
    """What the conformance checks take: a factory of the core, or a Sibling, with values of its own arguments."""
    if name in SIBLINGS:
        return Sibling(partial(FACTORIES[name], **arguments))
    return partial(FACTORIES[name].keywords["core"], **arguments)


def refusal(name: str, role: Role) -> str | None:
    """Why a mechanism refuses a role, or None if it serves it, on a grid where it must be."""
    try:
        FACTORIES[name](30, num_heads=3, role=role, max_length=13)
    except RoleError as error:
        return str(error)
    return None


REFUSALS = {(name, role): reason for name in ALL for role in ROLES if (reason := refusal(name, role)) is not None}
SERVED = [(name, role) for name in NAMES for role in ROLES if (name, role) not in REFUSALS]
SIBLINGS_SERVED = [(name, role) for name in SIBLINGS for role in ROLES if (name, role) not in REFUSALS]
