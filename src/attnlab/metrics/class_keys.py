"""The names of classes as parts of metrics' names."""

import re
from collections.abc import Sequence


def class_keys(classes: Sequence[str]) -> list[str]:
    """Each class in snake case; their numbers where that would leave two alike, or nothing of one."""
    keys = [re.sub(r"\W+", "_", each).strip("_").lower() for each in classes]
    if len(set(keys)) < len(keys) or "" in keys:
        return [str(number) for number in range(len(keys))]
    return keys
