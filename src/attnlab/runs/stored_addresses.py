"""Nothing is fetched from where a stored configuration says, unless the user says so, too."""

import inspect
import logging
from typing import Any

from attnlab.runs.instantiation import resolve

log = logging.getLogger(__name__)

KEY = "address"  # by which every data set that downloads is told where from


def with_own_addresses(node: Any, key: str) -> Any:
    """A node of a stored configuration whose targets are allowed, with each address as its class has it by itself."""
    if isinstance(node, list):
        return [with_own_addresses(each, f"{key}[{number}]") for number, each in enumerate(node)]
    if not isinstance(node, dict):
        return node
    found = {name: with_own_addresses(value, f"{key}.{name}") for name, value in node.items()}
    if KEY in node and isinstance(node.get("_target_"), str):
        parameter = inspect.signature(resolve(node["_target_"], key)).parameters.get(KEY)
        if parameter is not None and parameter.default not in (parameter.empty, node[KEY]):
            log.warning(
                "nothing is fetched from %s, which only this run's config names, and from %s instead, if need be (set "
                "%s.%s to fetch from elsewhere)",
                *(node[KEY], parameter.default, key, KEY),
            )
            found[KEY] = parameter.default
    return found
