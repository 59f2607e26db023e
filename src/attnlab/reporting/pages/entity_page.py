"""One page, complete in itself, of texts with their entities and of where each word attended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from attnlab.reporting.pages import rendered
from attnlab.reporting.pages.report.contents import Text

TITLE = Text("Entities and attention", "实体与注意力")
SHADES = 99  # steps of a weight on the page


@dataclass(frozen=True)
class MarkedText:
    """A text with its spans, its words' offsets, and, for each piece read, a map (T, T) of the words in a row."""

    text: str
    spans: Sequence[dict[str, Any]]
    words: Sequence[Sequence[int]]
    maps: Sequence[Tensor]


def entity_page(texts: Sequence[MarkedText], *, types: Sequence[str], title: Text) -> str:
    """The page's HTML: no network, all text escaped, readable on narrow screens, without a mouse and in the dark.

    A word's weights are shown when it is pointed at, touched or reached with the keyboard, relative to the largest of
    them; without scripts the entities still are. Colours are safe for colour-blind readers, and labels stand beside.
    """
    values = {
        "title": title,
        "types": types,
        "texts": [
            {"words": list(_words(each, types)), "rest": each.text[each.words[-1][1] if each.words else 0 :]}
            for each in texts
        ],
        "rows": [_rows(each) for each in texts],
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


def _rows(shown: MarkedText) -> list[list[Any]]:
    """For each word: the first word of its piece, and its weights there as hundredths of its largest."""
    rows: list[list[Any]] = []
    for weights in shown.maps:
        largest = weights.abs().amax(1, keepdim=True).clamp(min=torch.finfo(torch.float32).tiny)
        shares = (weights / largest * SHADES).nan_to_num(0.0).round().int()
        first = len(rows)
        rows += [[first, row] for row in shares.tolist()]
    return rows
