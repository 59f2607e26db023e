"""What the arms of a comparison are, a line each, as the configuration's own files say it of what they differ in."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attnlab.config.conf_path import conf_dir
from attnlab.config.described import head_of_target
from attnlab.language import Words
from attnlab.metrics.described import said_of
from attnlab.study.wording.contract import Wording

# Where a configuration names what may differ, the last first: and the group whose files say what it is.
PLACES = (
    ("attention", ("model", "attention", "core", "_target_")),
    ("attention", ("model", "attention", "_target_")),
    ("feature_attention", ("model", "feature_attention", "_target_")),
    ("model", ("model", "_target_")),
)


def arm_words(configs: Mapping[str, Mapping[str, Any]]) -> dict[str, Words]:
    """By the arms' names; nothing of an arm that differs in what no file here tells."""
    differing = [(group, path) for group, path in PLACES if len({_at(config, path) for config in configs.values()}) > 1]
    found = {}
    for name, config in configs.items():
        said = list(_said(config, differing, name=name))
        if said:
            found[name] = Words(" ".join(each.en for each in said), "".join(each.zh for each in said))
    return found


def what_they_are(configs: Mapping[str, Mapping[str, Any]], words: Wording, *, metric: str, control: str) -> list[str]:
    """What the score is, and each arm, in a language."""
    found = [] if (said := said_of(metric)) is None else [words.told(metric, said)]
    arms = arm_words(configs).items()
    return found + [words.told(name, each, control=name == control) for name, each in arms]


def _said(config: Mapping[str, Any], places: Sequence[tuple[str, tuple[str, ...]]], *, name: str) -> Iterator[Words]:
    """A model's first sentence alone where it has no attention to differ in."""
    groups: set[str] = set()
    for group, path in places:
        target = _at(config, path)
        if target is None or group in groups or (group == "model" and groups):
            continue
        if (head := head_of_target(conf_dir() / group, target, name=name)) is not None:
            groups.add(group)
            yield Words(head.first("en"), head.first("zh"))


def _at(config: Mapping[str, Any], path: tuple[str, ...]) -> str | None:
    node: Any = config
    for key in path:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node if isinstance(node, str) else None
