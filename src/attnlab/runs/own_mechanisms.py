"""What a mechanism of the user's own does by which a run's scores mean less than they seem to, looked for before it is
trained: keys that it sees though they are masked or to come, and weights that no gradient reaches.
"""

import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from attnlab.attention import conformance
from attnlab.attention.ablation import shells
from attnlab.attention.conformance.checks import masked_keys_do_not_leak, the_future_does_not_leak
from attnlab.attention.conformance.inputs import CoreFactory
from attnlab.attention.conformance.shell import every_parameter_is_trained
from attnlab.attention.conformance.sibling import Sibling
from attnlab.attention.core import Role
from attnlab.runs import own_code
from attnlab.runs.instantiation import instantiate

WITHIN = "model"  # where the values of mechanisms stand that a model is made of
CORE = "core"
CONFORMANCE = Path(conformance.__file__).parent

Check = Callable[[CoreFactory, Role], None]


class Leak(NamedTuple):
    """What can be wrong, the check that finds it, and what to say of a mechanism by its class."""

    kind: str
    check: Check
    said: str


FOUND = (
    Leak(
        "future_leaks",
        the_future_does_not_leak,
        "{} sees later positions where it is causal: loss and scores are of what a model mustn't know (attnlab check "
        "{} says where)",
    ),
    Leak(
        "padding_leaks",
        masked_keys_do_not_leak,
        "{} sees keys that its key_mask hides: scores depend on the padding of the batch (attnlab check {} says where)",
    ),
    Leak(
        "untrained_attention",
        every_parameter_is_trained,
        "no gradient comes to some weights of {} or before it: they stay as they began (attnlab check {} says which)",
    ),
)


def warnings_of_mechanisms(config: Mapping[str, Any], networks: Mapping[str, nn.Module]) -> Iterator[dict[str, Any]]:
    """`kind` and `message` of each thing that is wrong with a mechanism of the user's own that a model attends by.

    What a check can't be put to, for it refuses the check's sizes, say, nothing is said of. No generator moves on.
    """
    roles: dict[type, set[Role]] = {}
    for network in networks.values():
        for shell, core in shells(network):
            roles.setdefault(type(core), set()).add(shell.role)
            roles.setdefault(type(shell), set()).add(shell.role)
    seen: set[str] = set()
    nodes = dict(_nodes(config["model"], WITHIN))
    for key, target in own_code.own_targets(config):
        if key not in nodes or target in seen:
            continue
        seen.add(target)
        factory = instantiate(nodes[key], key)
        made = getattr(factory, "func", None)
        served = sorted(roles.get(made, ())) if isinstance(made, type) else []
        of_core = key.rpartition(".")[2] == CORE
        for leak in FOUND if served else ():
            if any(_fails(leak.check, factory if of_core else Sibling(factory), role) for role in served):
                yield {"kind": leak.kind, "message": leak.said.format(target, target)}


def _nodes(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    """What stands within a part of a configuration, by its dotted keys."""
    yield path, node
    for key, child in node.items() if isinstance(node, dict) else ():
        yield from _nodes(child, f"{path}.{key}")


def _fails(check: Check, factory: CoreFactory, role: Role) -> bool:
    try:
        with torch.random.fork_rng(devices=[]):
            check(factory, role)
    except AssertionError as error:
        # An assert of the user's class, of sizes say, is no finding of the check.
        *_, (frame, _) = traceback.walk_tb(error.__traceback__)
        return Path(frame.f_code.co_filename).is_relative_to(CONFORMANCE)
    except Exception:  # whatever a user's class raises at other sizes than its model's; training will tell
        return False
    return False
