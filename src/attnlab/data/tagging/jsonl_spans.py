"""Texts with marked entities, one JSON object a line, as labelled words."""

import json
import logging
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from attnlab.data.files.json_lines import read_json_lines
from attnlab.data.files.split_files import split_files
from attnlab.data.tagging.corpora import Offsets, TaggedSplits, TaggedText
from attnlab.data.tagging.label_schemes import Entity, labels_of
from attnlab.errors import UserError

log = logging.getLogger(__name__)

ENDINGS = (".jsonl", ".ndjson", ".json")
ENTITY_FIELDS = ("entities", "spans", "label", "labels")  # as attnlab's own, spaCy's, Prodigy's and doccano's files say


class _Mark(NamedTuple):
    """An entity as the file has it."""

    start: int
    end: int
    type: str


class JsonlSpans:
    """The user's own texts: {"text": ..., "entities": [{"start": 0, "end": 5, "label": "PER"}, ...]} a line.

    Offsets count code points, end exclusive. An entity may also be a list [start, end, label]. One that has a "text"
    of its own must be what stands there. Words are found as in prediction; an entity must begin and end with one. A
    text without words is left out and counted.

    Args:
        train, val, test: file names, from `data.root` on (None: found by name, see `split_files`).
        text, start, end, label: the fields' names.
        entities: likewise (None: the first of `ENTITY_FIELDS` that the line has).
        repair: give an entity that cuts through a word, or begins or ends with a space, whole words, and count it,
            rather than refuse; one whose words another then has is dropped.
    """

    def __init__(
        self,
        *,
        train: str | None = None,
        val: str | None = None,
        test: str | None = None,
        text: str = "text",
        entities: str | None = None,
        start: str = "start",
        end: str = "end",
        label: str = "label",
        repair: bool = False,
    ) -> None:
        self.files = {"train": train, "val": val, "test": test}
        self.text, self.entities = text, entities
        self.fields = (start, end, label)
        self.repair = repair

    def read(self, *, root: Path | None, cache_dir: Path, split: Callable[[str], Offsets]) -> TaggedSplits:
        texts: dict[str, list[TaggedText]] = {}
        notes: dict[str, dict[str, int]] = {"repaired": {}, "without_words": {}}
        for name, path in split_files(root or Path(), self.files, ENDINGS).items():
            rows = list(self._rows(path, "data.root" if self.files[name] is None else f"data.corpus.{name}"))
            texts[name], repaired = [], 0
            for place, text, marks in rows:
                offsets = split(text)
                found, widened = self._aligned(marks, offsets, text, place)
                repaired += widened
                if offsets:
                    words = [text[start:end] for start, end in offsets]
                    texts[name].append(TaggedText(text, offsets, words, labels_of(found, len(words))))
            notes["repaired"][name], notes["without_words"][name] = repaired, len(rows) - len(texts[name])
        for split_name in texts:
            if count := notes["repaired"][split_name]:
                log.warning("fitted %d entities of %s to whole words", count, split_name)
            if count := notes["without_words"][split_name]:
                log.warning("left out %d texts of %s that have no words", count, split_name)
        return TaggedSplits(texts, notes)

    def _rows(self, path: Path, key: str) -> Iterator[tuple[str, str, list[_Mark]]]:
        """Place, text and entities of each line."""
        for place, row in read_json_lines(path, key=key):
            text = row.get(self.text)
            if not isinstance(text, str):
                raise _error(
                    f"the field {self.text!r} must hold a text, got {str(text)[:40]!r}", place, "data.corpus.text"
                )
            yield place, text, self._marks(row, text, place)

    def _marks(self, row: dict[str, Any], text: str, place: str) -> list[_Mark]:
        names = (self.entities,) if self.entities is not None else ENTITY_FIELDS
        name = next((each for each in names if each in row), None)
        given = [] if name is None else row[name]
        if name is None or not isinstance(given, list):
            what = f"a line must have a list of entities in {' or '.join(names)}"
            raise _error(f"{what}, got {given if name else ', '.join(row)!r}", place, "data.corpus.entities")
        marks = sorted(self._mark(each, text, place) for each in given)
        for before, after in pairwise(marks):
            if after.start < before.end:
                both = f"{_shown(before, text)} and {_shown(after, text)}"
                raise _error(f"entities must not overlap, got {both}", place, "data.corpus.entities")
        return marks

    def _mark(self, given: Any, text: str, place: str) -> _Mark:
        values: Any = [given.get(field) for field in self.fields] if isinstance(given, dict) else given
        fits = isinstance(values, list) and len(values) == 3 and all(type(value) is int for value in values[:2])
        if not fits or not isinstance(values[2], str) or not values[2].strip():
            expected = f"{self.fields[0]}, {self.fields[1]} (whole numbers) and {self.fields[2]} (a text)"
            keys = "data.corpus.start, data.corpus.end or data.corpus.label"
            raise _error(f"an entity must have {expected}, got {json.dumps(given, ensure_ascii=False)}", place, keys)
        mark = _Mark(values[0], values[1], values[2].strip())
        if not 0 <= mark.start < mark.end <= len(text):
            got = f"{mark.start}-{mark.end} ({mark.type})"
            what = f"an entity must hold a character or more of its text's {len(text)}, got {got}"
            raise _error(what, place, "data.corpus.start and data.corpus.end")
        stated = given.get("text") if isinstance(given, dict) else None
        if isinstance(stated, str) and stated != text[mark.start : mark.end]:
            what = f"offsets must count code points, got {_shown(mark, text)} for {stated!r}"
            raise _error(what, place, "data.corpus.start and data.corpus.end")
        return mark

    def _aligned(self, marks: list[_Mark], offsets: Offsets, text: str, place: str) -> tuple[list[Entity], int]:
        """The words of each mark, and how many marks had to change for it."""
        starts, ends = [start for start, _ in offsets], [end for _, end in offsets]
        found: list[Entity] = []
        repaired = 0
        for mark in marks:
            first, last = bisect_right(ends, mark.start), bisect_left(starts, mark.end) - 1
            if first > last:
                raise _error(f"an entity must hold a word, got {_shown(mark, text)}", place, "data.corpus.entities")
            taken = bool(found) and found[-1].end > first
            if taken or (starts[first], ends[last]) != (mark.start, mark.end):
                if not self.repair:
                    around = text[min(mark.start, starts[first]) : max(mark.end, ends[last])]
                    what = f"an entity must begin and end with a word, got {_shown(mark, text)} in {around!r}"
                    raise _error(what, place, "data.corpus.repair=true to take whole words")
                repaired += 1
            if not taken:
                found.append(Entity(first, last + 1, mark.type))
        return found, repaired


def _shown(mark: _Mark, text: str) -> str:
    return f"{text[mark.start : mark.end]!r} ({mark.start}-{mark.end}, {mark.type})"


def _error(what: str, place: str, key: str) -> UserError:
    return UserError(f"{what} in {place} (set {key})")
