"""Whether a value is of the kind that its key takes, as the default there says: text, a number, a switch, a list."""

import re
from typing import Any

from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from attnlab.config.identity import OPTIONAL
from attnlab.config.mistyped import as_kind
from attnlab.config.ranges import LARGEST
from attnlab.errors import UserError

# bool before int: a bool is an int to isinstance.
_KINDS: tuple[tuple[type, tuple[type, ...], str], ...] = (
    (bool, (bool,), "true or false"),
    (int, (int,), "a whole number"),
    (float, (int, float), "a number"),
    (str, (str,), "text"),
)
# Arguments that are a text or a list of texts, by the `_target_` whose they are: in either the other may be put.
TEXT_OR_LIST: dict[str, tuple[str, ...]] = {
    "attnlab.data.ParallelSummaries": ("train_summary", "val_summary", "test_summary"),
    "attnlab.data.ParallelText": ("val_target", "test_target"),
    "attnlab.data.TextFiles": ("train", "val", "test"),
}
SLOT = "model.SLOT_attention"  # as the summary of a run names its slots
RANGE = re.compile(r"(\d+)(?:\.\.\.?|-|:)(\d+)")  # how others write several whole numbers
FEW = 6  # that are written one by one


def check_types(before: DictConfig, after: DictConfig, overrides: list[Override]) -> None:
    """Raise UserError if one gives a value of another kind than the default has; where that is null, any will do."""
    for key, override in {each.key_or_group: each for each in overrides}.items():  # the last of those of a key
        if key.split(".")[0] != "hydra" and not override.is_delete():
            typed = (override.input_line or "").partition("=")[2]
            check_value(before, key, value_at(after, key), typed=typed)


def check_value(before: DictConfig, key: str, value: Any, *, typed: str | None = None) -> None:
    """Raise UserError if a value isn't of a kind that its key takes in a configuration; as `check_kind`."""
    node, _, name = key.rpartition(".")
    either = name in TEXT_OR_LIST.get(str(value_at(before, f"{node}._target_")), ())
    if not (either and isinstance(value, (str, ListConfig))):
        check_kind(key, value_at(before, key), value, typed=typed)


def value_at(config: DictConfig, key: str) -> Any:
    """The value at a dotted key; None where there is none, or where it refers to one that is yet to be given."""
    try:
        return OmegaConf.select(config, key)
    except OmegaConfBaseException:
        return None


def check_kind(key: str, default: Any, value: Any, *, typed: str | None = None) -> None:
    """Raise UserError if a value isn't of the kind that the default at its key is; a null fits any, and any null.

    `typed` is what the user wrote, where that is known: 1e5, and not 100000.0.
    """
    if default is None or value is None:
        return
    for container, words in ((DictConfig, "a group of values"), (ListConfig, "a list")):
        if isinstance(default, container) and not isinstance(value, container):
            raise UserError(f"{key} must be {words}, got {value!r} ({_several_instead(key, default, value)})")
    kind, accepted, words = next((each for each in _KINDS if isinstance(default, each[0])), (object, (object,), ""))
    if isinstance(value, accepted) and (kind is bool or kind is object or not isinstance(value, bool)):
        return
    shown = typed if typed and kind is str and not OmegaConf.is_config(value) else repr(value)
    instead = _one_instead(key, kind, value, typed) or f"the default is {default!r}"
    if kind is int and isinstance(value, float) and 0 < value < 1:
        instead = f"it is a count, not a share: write {key}={default}, the default, or another count"
    raise UserError(f"{key} must be {words}, got {shown} ({instead})")


def _several_instead(key: str, default: DictConfig | ListConfig, value: Any) -> str:
    """What to write where a group of values or a list is needed."""
    if isinstance(default, ListConfig):
        return f"write {key}=[{','.join(map(str, default))}], its default, or other values"
    name = key.rpartition(".")[2]
    if name in ("attention", "feature_attention") and isinstance(value, str):
        return f"write {name}={value}, or {SLOT}={value} for one place"
    return f"set {key}.* or {key}=null" if key.split(".")[0] in OPTIONAL else f"set {key}.*"


def _one_instead(key: str, kind: type, value: Any, typed: str | None) -> str:
    """What to write where one value of a kind is needed; "" where nothing tells what was meant."""
    if kind is str and not OmegaConf.is_config(value):
        # What no quotes make text needs text around it.
        return (
            f"write {key}='as_{typed}', with text around it" if typed and "${" in typed else _quoted(key, value, typed)
        )
    if kind is int and isinstance(value, float) and value.is_integer() and abs(value) < LARGEST:
        return f"write {key}={int(value)}"
    if not isinstance(value, str):
        return ""
    if kind is int and (ends := RANGE.fullmatch(value)):
        first, last = int(ends[1]), int(ends[2])
        few = last - first < FEW
        row = ",".join(map(str, range(first, last + 1))) if few else f"range({first},{last + 1})"
        return f"write {key}={row} with -m for each from {first} to {last}"
    if typed == value and (bare := re.fullmatch(r"(-?)0+(\d+)", value)):
        fraction = f", or {key}=0.{value.lstrip('-')} where that is a decimal comma's" if kind is float else ""
        return f"write {key}={bare[1]}{bare[2]}, without zeros before it{fraction}"
    if plainly := as_kind(kind, value):
        if value.isascii() and plainly != value:  # 2k
            return f"write {key}={plainly}"
        without = "without quotes" if plainly == value else "with the keyboard's digits"
        return f"write {key}={plainly}, {without}"
    return ""


def _quoted(key: str, value: Any, typed: str | None) -> str:
    return f"write {key}=\"'{typed or value}'\""
