"""One page, complete in itself, of texts with their entities and of where each word attended."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from attnlab.reporting.glossary import TERMS, slot_in_chinese
from attnlab.reporting.pages import rendered
from attnlab.reporting.pages.report.contents import Text, plain

TITLE = Text("Entities and attention", "实体与注意力")
STEPS = 9999  # of a weight on the page: four digits, more than are shown
MOST_NUMBERS = 1_500_000  # of weights on a page, some 7 MB: of more each text has its heads' mean alone


@dataclass(frozen=True)
class MarkedText:
    """A text with its spans, its words' offsets, and, for each piece read, maps (H, T, T) of the words in a row.

    `score` is the mean log-probability of its words' labels.
    """

    text: str
    spans: Sequence[dict[str, Any]]
    words: Sequence[Sequence[int]]
    maps: Sequence[Tensor]
    score: float | None = None


def of_run(name: str, folder: str, model: str, slots: Mapping[str, str]) -> list[tuple[Text, Text]]:
    """What the page says of the run that answered: pairs of what and which."""
    told = [("run", name), ("run folder", folder), ("model", model)]
    facts = [(Text(what, TERMS[what]), plain(which)) for what, which in told if which]
    for place, mechanism in slots.items():
        what = Text(f"attention, {place.replace('_', ' ')}", f"注意力，{slot_in_chinese(place)}")
        facts.append((what, plain(mechanism)))
    return facts


def entity_page(
    texts: Sequence[MarkedText], *, types: Sequence[str], title: Text, facts: Sequence[tuple[Text, Text]] = ()
) -> str:
    """The page's HTML: no network, all text escaped, readable on narrow screens, without a mouse and in the dark.

    A word's weights, of the heads' mean or of a head, are shown when it is pointed at, touched or reached with the
    keyboard, relative to the largest of them, and as numbers; without scripts the entities still are. Colours are safe
    for colour-blind readers, and labels stand beside.
    """
    averaged = sum(weights.numel() for each in texts for weights in each.maps) > MOST_NUMBERS
    values = {
        "title": title,
        "types": types,
        "facts": facts,
        "averaged": averaged,
        "num_heads": 1 if averaged else max((len(weights) for each in texts for weights in each.maps), default=1),
        "texts": [
            {
                "words": list(_words(each, types)),
                "rest": each.text[each.words[-1][1] if each.words else 0 :],
                "score": None if each.score is None or not each.words else f"{each.score:.3f}",
            }
            for each in texts
        ],
        "maps": [list(_pieces(each, averaged=averaged)) for each in texts],
    }
    return rendered("entity_page.html.j2", values)


class _Word(NamedTuple):
    """A word after the text `before` it, the number of the type whose entity it begins, and that which it ends."""

    before: str
    text: str
    type: int | None
    label: str | None


def _words(shown: MarkedText, types: Sequence[str]) -> Iterator[_Word]:
    starts = {span["start"]: types.index(span["label"]) for span in shown.spans}
    ends = {span["end"]: span["label"] for span in shown.spans}
    done = 0
    for start, end in shown.words:
        yield _Word(shown.text[done:start], shown.text[start:end], starts.get(start), ends.get(end))
        done = end


def _pieces(shown: MarkedText, *, averaged: bool) -> Iterator[dict[str, Any]]:
    """Of each piece its first word and its heads' maps, as whole numbers of a `unit`; what is no number is null."""
    first = 0
    for weights in shown.maps:
        heads = (weights.mean(0, keepdim=True) if averaged else weights).detach().float().cpu()
        largest = float(heads.nan_to_num(0.0, 0.0, 0.0).abs().max()) or 1.0
        steps = (heads / largest * STEPS).round()
        known = torch.isfinite(steps)
        rows = steps.nan_to_num(0.0, 0.0, 0.0).int().tolist()
        if not bool(known.all()):
            rows = _without(rows, known.tolist())
        yield {"first": first, "unit": largest / STEPS, "heads": rows}
        first += weights.size(-1)


def _without(values: Any, known: Any) -> Any:
    """Nested lists with None for what isn't known."""
    if isinstance(values, list):
        return [_without(*each) for each in zip(values, known, strict=True)]
    return values if known else None
