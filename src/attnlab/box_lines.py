"""Boxed objects in a line of text, as `cells.jpg: RBC 97% at 12, 30, 40, 62`, for terminals and tables."""

from collections.abc import Mapping, Sequence
from typing import Any

MOST_SHOWN = 5


def boxes_line(name: str, objects: Sequence[Mapping[str, Any]]) -> str:
    """The image's name and its objects: label, score if any, and left, top, right and bottom in whole pixels."""
    shown = [
        f"{each['label']}{_percent(each)} at {', '.join(str(round(side)) for side in each['box'])}"
        for each in objects[:MOST_SHOWN]
    ]
    if len(objects) > MOST_SHOWN:
        shown.append(f"and {len(objects) - MOST_SHOWN} more")
    return f"{name}: {'; '.join(shown) or 'nothing'}"


def _percent(each: Mapping[str, Any]) -> str:
    return f" {each['score']:.0%}" if "score" in each else ""
