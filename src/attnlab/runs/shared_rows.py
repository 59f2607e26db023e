"""Rows of embeddings and of last layers that stand for a word, a token or a class: taken by its name."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from attnlab.data.tagging.codec import NUM_SPECIAL_CHARACTERS
from attnlab.models.special_tokens import SPECIAL_TOKENS

# Which weights have a row for each of what a codec names, tried in order.
_HOLDERS = (
    (r"source_embedding\.table\.weight", "source tokens"),
    (r"(target_embedding\.table\.weight|\boutput\.(weight|bias))", "target tokens"),
    (r"features\.embedding\.table\.weight", "words"),
    (r"characters\.embedding\.table\.weight", "characters"),
    (r"(\boutput\.(weight|bias)|crf\.(start_|end_)?transitions)", "labels"),
    (r"\b(classifier|classify|fc|cls_logits|content|gain|shift)\.(weight|bias)", "classes"),
)


class Taken(NamedTuple):
    """A weight with the rows that another one shares, how many these are, and of how many rows."""

    weight: Tensor
    shared: int
    rows: int
    what: str  # that a row stands for


def named_rows(codec: Mapping[str, Any]) -> dict[str, list[str]]:
    """What the rows of a model's weights stand for, in order, by its kind; of a codec as a checkpoint has it."""
    state = codec["state"]
    found: dict[str, list[str]] = {}
    if isinstance(words := state.get("words"), Mapping):
        found["words"] = _tokens(words)
        found["characters"] = [f"special {each}" for each in range(NUM_SPECIAL_CHARACTERS)] + list(state["characters"])
        found["labels"] = ["O", *(f"{letter}-{each}" for each in state["types"] for letter in "BI")]
    if isinstance(classes := state.get("classes"), Sequence):
        found["classes"] = list(classes)
    source = state.get("source_tokenizer") or state.get("tokenizer")
    if isinstance(source, Mapping):
        found["source tokens"] = _tokens(source)
        target = state.get("target_tokenizer")
        found["target tokens"] = _tokens(target) if isinstance(target, Mapping) else found["source tokens"]
    return {what: names for what, names in found.items() if len({*names}) == len(names)}


def take_shared(
    name: str, own: Tensor, given: Tensor, here: Mapping[str, Sequence[str]], there: Mapping[str, Sequence[str]]
) -> Taken | None:
    """The weight `own`, in whose rows stand those of `given` that mean the same; None where rows have no names.

    `here` and `there` are the `named_rows` of the two models. Rows that neither names, as that of no object, are last.
    """
    what = next((kind for held, kind in _HOLDERS if kind in here and kind in there and _holds(held, name)), None)
    if what is None or own.dim() != given.dim():
        return None
    extra = own.size(0) - len(here[what])
    if extra not in (0, 1) or given.size(0) - len(there[what]) != extra:
        return None
    square = name.endswith("crf.transitions")
    if not square and own.shape[1:] != given.shape[1:]:
        return None
    mine = {each: row for row, each in enumerate([*here[what], *["\0"] * extra])}
    theirs = {each: row for row, each in enumerate([*there[what], *["\0"] * extra])}
    shared = [each for each in mine if each in theirs]
    rows, from_rows = (torch.tensor([places[each] for each in shared], dtype=torch.long) for places in (mine, theirs))
    weight = own.clone()
    values = given[from_rows].to(own)
    if square:
        weight[rows[:, None], rows] = values[:, from_rows]
    else:
        weight[rows] = values
    return Taken(weight, len(shared), len(mine), what)


def _holds(pattern: str, name: str) -> bool:
    return re.search(f"{pattern}$", name) is not None


def _tokens(tokenizer: Mapping[str, Any]) -> list[str]:
    """The tokens of a tokenizer's `state()`, by id."""
    if "words" in tokenizer:
        return [*SPECIAL_TOKENS, *tokenizer["words"]]
    stored = json.loads(tokenizer["model"])
    ids = stored["model"]["vocab"] | {each["content"]: each["id"] for each in stored["added_tokens"]}
    return sorted(ids, key=ids.__getitem__)
