"""From an entry of an annotation tool's file to a text and the entities marked in it."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from attnlab.data.files.json_values import no_object
from attnlab.errors import UserError

ENTITY_FIELDS = ("entities", "spans", "label", "labels")  # as attnlab's own, spaCy's, Prodigy's and doccano's files say
STARTS, ENDS = ("start", "start_offset"), ("end", "end_offset")  # the second as doccano writes them beside relations
# Label Studio's JSON-MIN and Prodigy leave the entities out where there is none.
BY_TOOLS = ("annotation_id", "annotator", "lead_time", "answer", "_input_hash")


class Mark(NamedTuple):
    """An entity as the file has it: `start` and `end`, exclusive, in the file's unit; what stands there, if it says."""

    start: int
    end: int
    type: str
    stated: str | None = None


class Annotated(NamedTuple):
    """A text and its marks; `refused` of them weren't accepted, and left out, and so were `others` who annotated it."""

    place: str
    text: str
    marks: list[Mark]
    refused: int = 0
    others: int = 0


class Fields(NamedTuple):
    """The names of an entry's fields; `entities` None: whichever of `ENTITY_FIELDS` it has."""

    text: str
    entities: str | None
    start: str
    end: str
    label: str

    def annotated(
        self, entry: Any, place: str, *, repair: bool, cure: str = "data.corpus.entities"
    ) -> Annotated | None:
        """What an entry says; None if it wasn't accepted, or nobody has annotated it.

        Known besides one's own objects: Prodigy's `answer`, of an entry and of a span; Label Studio's JSON and
        JSON-MIN; doccano's; CLUENER's, whose ends are inclusive; spaCy's pairs of a text and an object, or null for one
        that was skipped. `repair` takes the first of several labels of an entity. `cure` is what to set where entities
        are missing.

        Raises:
            UserError: it is none of these.
        """
        if entry is None:
            return None
        row, others = _as_object(entry, place), 0
        if "answer" in row and row["answer"] != "accept":
            return None
        if _is_of_label_studio(row):
            results = _results_of(row)
            row = row["data"]
            if not results:
                return None
            given, others = results[0], len(results) - 1
        else:
            given = None
        text = row.get(self.text)
        if not isinstance(text, str):
            if "tokens" in row:
                what = f"the field {self.text!r} must hold a text, got tokens"
                raise error(what, place, "data=jsonl_tokens, or data.corpus.text")
            raise error(f"the field {self.text!r} must hold a text, got {str(text)[:40]!r}", place, "data.corpus.text")
        given = self._given(row, text, place, cure) if given is None else given
        accepted = [each for each in given if not isinstance(each, dict) or each.get("answer", "accept") == "accept"]
        marks = [self._mark(each, place, repair=repair) for each in accepted]
        marks.sort(key=lambda each: each[:3])
        return Annotated(place, text, marks, len(given) - len(accepted), others)

    def check_named(self, entries: Sequence[tuple[str, Any]]) -> None:
        """UserError where no entry has the field that was named: that a tool leaves it out, others show."""
        rows = [(place, entry) for place, entry in entries if isinstance(entry, dict) and _by_a_tool(entry)]
        if self.entities is not None and rows and not any(self.entities in row for _, row in rows):
            place, row = rows[0]
            what = f"a line must have a list of entities in {self.entities}, got {', '.join(row)!r}"
            raise error(what, place, "data.corpus.entities")

    def _given(self, row: dict[str, Any], text: str, place: str, cure: str) -> list[Any]:
        names = (self.entities,) if self.entities is not None else ENTITY_FIELDS
        name = next((each for each in names if each in row), None)
        if name is None and _by_a_tool(row):
            elsewhere = next((each for each, value in row.items() if self._are_regions(value)), None)
            if elsewhere is None:
                return []
            what = f"a line must have a list of entities in {' or '.join(names)}, got one in {elsewhere}"
            raise error(what, place, f"data.corpus.entities={elsewhere}")
        given = [] if name is None else row[name]
        if isinstance(given, dict) and (given or name == "label"):
            return list(_of_cluener(given, text, place))
        if name is None or not isinstance(given, list):
            what = f"a line must have a list of entities in {' or '.join(names)}"
            raise error(f"{what}, got {given if name else ', '.join(row)!r}", place, cure)
        return given

    def _are_regions(self, value: Any) -> bool:
        """Whether a field holds what an annotator marked in the text."""
        return isinstance(value, list) and any(
            isinstance(each, dict) and None not in self._values(each) for each in value
        )

    def _mark(self, given: Any, place: str, *, repair: bool) -> Mark:
        values: Any = self._values(given) if isinstance(given, dict) else given
        fits = isinstance(values, list) and len(values) == 3 and all(type(value) is int for value in values[:2])
        if fits and isinstance(values[2], list):
            if len(values[2]) > 1 and not repair:
                what = f"an entity must have one label, got {', '.join(map(str, values[2]))}"
                raise error(what, place, "data.corpus.repair=true to take the first")
            values = [*values[:2], values[2][0] if values[2] else ""]
        if not fits or not isinstance(values[2], str) or not values[2].strip():
            expected = f"{self.start}, {self.end} (whole numbers) and {self.label} (a text)"
            keys = "data.corpus.start, data.corpus.end or data.corpus.label"
            raise error(f"an entity must have {expected}, got {json.dumps(given, ensure_ascii=False)}", place, keys)
        stated = given.get("text") if isinstance(given, dict) else None
        return Mark(values[0], values[1], values[2].strip(), stated if isinstance(stated, str) else None)

    def _values(self, given: dict[str, Any]) -> list[Any]:
        """Start, end, label or labels, by their own names or, where those are the usual ones, by others in use."""
        starts = STARTS if self.start in STARTS else (self.start,)
        ends = ENDS if self.end in ENDS else (self.end,)
        labels = (self.label, "labels") if self.label == "label" else (self.label,)
        return [
            next((given[name] for name in names if name in given), None)
            for names in ((self.start, *starts), (self.end, *ends), labels)
        ]


def error(what: str, place: str, key: str) -> UserError:
    """One line, with the place."""
    return UserError(f"{what} in {place} (set {key})")


def _as_object(entry: Any, place: str) -> dict[str, Any]:
    """An entry as an object; spaCy's is a pair."""
    if isinstance(entry, dict):
        return entry
    if isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], str):
        if isinstance(entry[1], dict):
            return {**entry[1], "text": entry[0]}
        if isinstance(entry[1], list):
            return {"text": entry[0], "entities": entry[1]}
    raise no_object(place, json.dumps(entry, ensure_ascii=False), key="data.root")


def _is_of_label_studio(row: dict[str, Any]) -> bool:
    return isinstance(row.get("data"), dict) and isinstance(row.get("annotations", row.get("completions")), list)


def _results_of(row: dict[str, Any]) -> list[list[Any]]:
    """The entities of each annotation that wasn't cancelled."""
    found = []
    for each in row.get("annotations", row.get("completions")) or []:
        if isinstance(each, dict) and not each.get("was_cancelled") and isinstance(each.get("result"), list):
            values = [one.get("value") for one in each["result"] if isinstance(one, dict)]
            found.append([_labelled(value) for value in values if isinstance(value, dict) and "start" in value])
    return found


def _by_a_tool(row: dict[str, Any]) -> bool:
    return any(each in row for each in BY_TOOLS)


def _labelled(value: dict[str, Any]) -> dict[str, Any]:
    """The value of a region, whose labels are named after the tag that made it."""
    labels = next((value[name] for name in ("labels", "hypertextlabels", "paragraphlabels") if name in value), None)
    return {**value, "label": labels}


def _of_cluener(given: dict[str, Any], text: str, place: str) -> Iterator[list[Any]]:
    """{type: {text of the entity: [[start, end], ...]}}, whose ends are inclusive."""
    for kind, found in given.items():
        for stated, bounds in (found if isinstance(found, dict) else {"": found}).items():
            if not isinstance(bounds, list) or not all(_is_pair(each) for each in bounds) or not stated:
                what = 'entities by type must be such as {"name": {"Ann": [[0, 2]]}}'
                raise error(
                    f"{what}, got {json.dumps({kind: found}, ensure_ascii=False)}", place, "data.corpus.entities"
                )
            for start, end in bounds:
                if text[start : end + 1] != stated:
                    got = f"{text[start : end + 1]!r} ({start}-{end}, {kind}) for {stated!r}"
                    what = f"offsets of entities by type must count code points, both inclusive, got {got}"
                    raise error(what, place, "data.corpus.entities")
                yield [start, end + 1, kind]


def _is_pair(bounds: Any) -> bool:
    return isinstance(bounds, list) and len(bounds) == 2 and all(type(each) is int for each in bounds)
