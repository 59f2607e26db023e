"""The maps of several runs, arranged by example for a page."""

from collections.abc import Mapping
from typing import Any

from attnlab.language import Words
from attnlab.reading.shown import without_controls
from attnlab.reporting.pages.linked_maps.contents import Example, RunMaps, View
from attnlab.reporting.picture_names import layer_name
from attnlab.reporting.reasons import in_chinese


def linked(arms: Mapping[str, RunMaps]) -> dict[str, Any] | None:
    """What the page's script reads, by arms in their order; None where no arm has a map.

    An example is there if any arm has it; its image and the texts that all arms share stand once, those of an arm's
    own with its views.
    """
    found: dict[int, dict[str, Any]] = {}
    for name, maps in arms.items():
        for each in maps["examples"]:
            shared = found.setdefault(each["id"], _shared(each, arms))
            own = {key: text for key, text in each["texts"].items() if key not in shared["texts"]}
            kept = {
                "title": each["title"],
                "truth": each["truth"],
                "views": [_in_words(view) for view in each["views"]],
            }
            shared["arms"][name] = {**kept, "texts": own}
    if not any(arm["views"] for each in found.values() for arm in each["arms"].values()):
        return None
    why = {name: None if (said := maps["why"]) is None else (said, in_chinese(said)) for name, maps in arms.items()}
    cleaned: dict[str, Any] = _clean({"names": list(arms), "why": why, "examples": list(found.values())})
    return cleaned


def heading(maps: Mapping[str, Any] | None) -> Words:
    """Over what `linked` gives: boxes are no attention, so it says whether there are maps beside them."""
    arms = (arm for each in (maps or {"examples": []})["examples"] for arm in each["arms"].values())
    views = [view for arm in arms for view in arm["views"]]
    if not any(view["kind"] == "boxes" for view in views):
        return Words("Attention maps", "注意力图")
    if any(view["layers"] or any("looked" in each for each in view.get("found", ())) for view in views):
        return Words("Boxes and attention maps", "框与注意力图")
    return Words("Boxes found", "检出的框")


def _in_words(view: View) -> dict[str, Any]:
    """With the paths of layers in words, in both languages."""
    return {**view, "layers": [{**each, "name": [*layer_name(each["name"])]} for each in view["layers"]]}


def _shared(example: Example, arms: Mapping[str, RunMaps]) -> dict[str, Any]:
    """What all arms that have it have the same of an example."""
    others = [each for maps in arms.values() for each in maps["examples"] if each["id"] == example["id"]]
    texts = {key: text for key, text in example["texts"].items() if all(o["texts"].get(key) == text for o in others)}
    return {"id": example["id"], "texts": texts, "image": example["image"], "arms": {}}


def _clean(values: Any) -> Any:
    """Without control characters in texts, which a page can't hold."""
    if isinstance(values, dict):
        return {_clean(key): _clean(each) for key, each in values.items()}
    if isinstance(values, list | tuple):
        return [_clean(each) for each in values]
    return without_controls(values) if isinstance(values, str) else values
