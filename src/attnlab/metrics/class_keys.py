"""Names of classes as parts of metrics' names."""

import re
from collections import Counter
from collections.abc import Sequence


def class_keys(classes: Sequence[str]) -> list[str]:
    """Each class in snake case, no two alike; its number where another class has the same, or nothing of it is left.

    Which class a number is stands in `metrics.json`: `classes` of `data`, from 0.
    """
    words = [re.sub(r"\W+", "_", each).strip("_").lower() for each in classes]
    counts = Counter(words)
    taken = set(words)
    return [word if word and counts[word] == 1 else _free(str(number), taken) for number, word in enumerate(words)]


def _free(number: str, taken: set[str]) -> str:
    """A number that isn't another class's name."""
    return number if number not in taken else _free(f"class_{number}", taken)
