"""Texts with marked entities, in JSON, as labelled words."""

import logging
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from attnlab.data.files.encodings import DEFAULT, checked_encoding
from attnlab.data.files.split_files import lacks_training, split_files
from attnlab.data.origin import Origin
from attnlab.data.tagging.annotations import Annotated, Fields, Mark, error
from attnlab.data.tagging.corpora import Offsets, TaggedSplits, TaggedText, labelled_in
from attnlab.data.tagging.json_entries import read_json_entries
from attnlab.data.tagging.label_schemes import Entity, labels_of
from attnlab.data.tagging.offset_units import UNITS, Places, bounds
from attnlab.data.tagging.span_evidence import check_unit, shown_rule, undecided
from attnlab.errors import UserError

log = logging.getLogger(__name__)

ENDINGS = (".jsonl", ".ndjson", ".json")
Split = Callable[[str], Offsets]


class _Changed(NamedTuple):
    """How many marks repair fitted to words, and how many it dropped; the first that it fitted."""

    fitted: int = 0
    dropped: int = 0
    example: str = ""


class JsonlSpans:
    """The user's own texts: {"text": ..., "entities": [{"start": 0, "end": 5, "label": "PER"}, ...]} a line, and what
    annotation tools export (see `Fields.annotated`), a line or a list of all.

    Offsets count code points, end exclusive, unless `offsets` says otherwise. An entity may also be a list [start, end,
    label]. One that has a "text" of its own must be what stands there. Words are found as in prediction; an entity must
    begin and end with one. A text without words is left out and counted, and so is what an annotator didn't accept.

    Args:
        train, val, test: file names, from `data.root` on (None: found by name, see `split_files`).
        text, start, end, label: the fields' names.
        entities: likewise (None: the first of `ENTITY_FIELDS` that the line has).
        offsets: what they count, one of `UNITS` (None: code points, and refused where another fits the words better).
        encoding: of all files, a name that Python knows.
        repair: give an entity that cuts through a word, or begins or ends with a space, whole words, and count it,
            rather than refuse; one whose words another then has is dropped. Of entities that overlap, the longest is
            kept, or the first of equally long ones; of several labels, the first.

    Raises:
        ValueError: no such unit or encoding.
    """

    origin = Origin.OWN

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
        offsets: str | None = None,
        encoding: str = DEFAULT,
        repair: bool = False,
    ) -> None:
        if offsets is not None and offsets not in UNITS:
            raise ValueError(
                f"offsets must be one of {', '.join(UNITS)}, or null, got {offsets!r} (set data.corpus.offsets)"
            )
        self.files = {"train": train, "val": val, "test": test}
        self.fields = Fields(text, entities, start, end, label)
        self.offsets, self.repair = offsets, repair
        self.encoding = checked_encoding(encoding)

    def splitting(self, *, root: Path | None) -> str:
        """The rule of `split_words` that training's entities show (see `shown_rule`)."""
        path = split_files(root or Path(), self.files, ENDINGS)["train"]
        annotated, _ = self._annotated(path, "train")
        if self.offsets is None:
            check_unit(annotated)  # first: by a wrong unit, entities cut words that they don't
        rule = shown_rule(annotated, self._unit)
        log.info("texts are split into words by %s, as entities of train show", rule)
        return rule

    def read(self, *, root: Path | None, cache_dir: Path, split: Split) -> TaggedSplits:
        return self._read(split_files(root or Path(), self.files, ENDINGS), split)

    def read_lone_test(self, *, root: Path | None, split: Callable[[str], Offsets]) -> TaggedSplits | None:
        folder = root or Path()
        if not lacks_training(folder, self.files, ENDINGS):
            return None
        return self._read(split_files(folder, self.files, ENDINGS, splits=["test"]), split)

    def _read(self, paths: Mapping[str, Path], split: Split) -> TaggedSplits:
        texts: dict[str, list[TaggedText]] = {}
        notes: dict[str, dict[str, int]] = {
            name: {}
            for name in (
                "repaired",
                "overlapping",
                "without_words",
                "not_accepted",
                "entities_not_accepted",
                "other_annotations",
            )
        }
        read: list[Annotated] = []
        for name, path in paths.items():
            annotated, left_out = self._annotated(path, name)
            read += annotated
            if self.offsets is None:
                check_unit(annotated)
            texts[name], changed = [], []
            for each in annotated:
                offsets = split(each.text)
                found, change = self._aligned(each, offsets)
                changed.append(change)
                if offsets:
                    words = [each.text[start:end] for start, end in offsets]
                    texts[name].append(TaggedText(each.text, offsets, words, labels_of(found, len(words))))
            _log_changed(changed, name)
            notes["repaired"][name] = sum(each.fitted for each in changed)
            notes["overlapping"][name] = sum(each.dropped for each in changed)
            notes["without_words"][name] = len(annotated) - len(texts[name])
            notes["not_accepted"][name] = left_out
            notes["entities_not_accepted"][name] = sum(each.refused for each in annotated)
            notes["other_annotations"][name] = sum(each.others for each in annotated)
        _log_left_out(notes)
        splits = TaggedSplits(texts, notes, _warnings_of(read) if self.offsets is None else [])
        return splits._replace(labelled=labelled_in(str(next(iter(paths.values()))), "data.corpus.entities"))

    @property
    def _unit(self) -> str:
        return self.offsets or "characters"

    def _key(self, split: str) -> str:
        return "data.root" if self.files[split] is None else f"data.corpus.{split}"

    def _annotated(self, path: Path, split: str) -> tuple[list[Annotated], int]:
        """The texts of a file, and how many entries were left out as not accepted.

        Raises:
            UserError: an entry that can't be read, or none that is left.
        """
        key, cure = self._key(split), "data.corpus.entities"
        if split != "train":
            cure = f"{cure}, or data.corpus.{split} to a file with entities"
        read = list(read_json_entries(path, key=key, encoding=self.encoding))
        self.fields.check_named(read)
        entries = [self.fields.annotated(entry, place, repair=self.repair, cure=cure) for place, entry in read]
        found = [each for each in entries if each is not None]
        if not found:
            raise UserError(f"a split must have an accepted text, got none of {len(entries)} in {path} (set {key})")
        return found, len(entries) - len(found)

    def _aligned(self, annotated: Annotated, offsets: Offsets) -> tuple[list[Entity], _Changed]:
        """The words of each mark, and what had to change for it."""
        place, text = annotated.place, annotated.text
        marks = self._in_code_points(annotated)
        apart = _apart(marks)
        if len(apart) < len(marks) and not self.repair:
            one, other = _first_overlap(marks)
            what = f"entities must not overlap, got {_shown(one, text)} and {_shown(other, text)}"
            raise error(what, place, "data.corpus.repair=true to keep the longest")
        starts, ends = [start for start, _ in offsets], [end for _, end in offsets]
        found: list[Entity] = []
        changed = _Changed(dropped=len(marks) - len(apart))
        for mark in apart:
            first, last = bisect_right(ends, mark.start), bisect_left(starts, mark.end) - 1
            if first > last:
                raise error(f"an entity must hold a word, got {_shown(mark, text)}", place, "data.corpus.entities")
            taken = bool(found) and found[-1].end > first
            if taken or (starts[first], ends[last]) != (mark.start, mark.end):
                around = text[min(mark.start, starts[first]) : max(mark.end, ends[last])]
                if not self.repair:
                    what = f"an entity must begin and end with a word, got {_shown(mark, text)} in {around!r}"
                    cure = "data.corpus.repair=true to take whole words"
                    if all(each.end not in ends and each.end + 1 in ends for each in marks):
                        cure += (
                            f"; or add 1 to each end, where it is the last character: {len(marks)} here are one less"
                        )
                    raise error(what, place, cure)
                example = f"{text[mark.start : mark.end]!r} to {text[starts[first] : ends[last]]!r}"
                changed = changed._replace(fitted=changed.fitted + 1, example=changed.example or example)
            if not taken:
                found.append(Entity(first, last + 1, mark.type))
        return found, changed

    def _in_code_points(self, annotated: Annotated) -> list[Mark]:
        place, text, marks = annotated[:3]
        places = Places(text, self._unit)
        found = []
        for mark in marks:
            keys = "data.corpus.start and data.corpus.end"
            if (stands := bounds(mark.start, mark.end, places)) is None:
                unit = "a character" if self._unit == "characters" else f"by {UNITS[self._unit][0]} a character"
                got = f"{mark.start}-{mark.end} ({mark.type})"
                one_more = ""
                if mark.start == mark.end < len(text):
                    one_more = ", whose end is where it begins: it is the place after its last character"
                what = f"an entity must hold {unit} or more of its text's {len(text)}, got {got}{one_more}"
                raise error(what, place, keys)
            mark = mark._replace(start=stands[0], end=stands[1])
            if mark.stated is not None and mark.stated != text[mark.start : mark.end]:
                what = f"offsets must count {UNITS[self._unit][0]}, got {_shown(mark, text)} for {mark.stated!r}"
                raise error(what, place, keys)
            found.append(mark)
        return found


def _warnings_of(read: Sequence[Annotated]) -> list[tuple[str, str]]:
    if (other := undecided(read)) is None:
        return []
    unit, count = other
    message = (
        f"{count} offsets may count code points or {UNITS[unit][0]}, got whole words by either: read as code points "
        f"(set data.corpus.offsets=characters, or {unit})"
    )
    return [("unit_of_offsets", message)]


def _apart(marks: Sequence[Mark]) -> list[Mark]:
    """In order, those that don't overlap: of ones that do the longest, and of equally long ones the first."""
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda each: each.start - each.end):
        if all(mark.end <= each.start or each.end <= mark.start for each in kept):
            kept.append(mark)
    return sorted(kept, key=lambda each: each.start)


def _first_overlap(marks: Sequence[Mark]) -> tuple[Mark, Mark]:
    """Of marks in order, two that overlap."""
    furthest = marks[0]
    for mark in marks[1:]:
        if mark.start < furthest.end:
            return furthest, mark
        furthest = mark
    raise AssertionError("marks that don't overlap were all kept")


def _log_changed(changed: Sequence[_Changed], split: str) -> None:
    if count := sum(each.fitted for each in changed):
        example = next(each.example for each in changed if each.fitted)
        log.warning("fitted %d entities of %s to whole words, such as %s", count, split, example)
    if count := sum(each.dropped for each in changed):
        log.warning("dropped %d entities of %s that overlap a longer one or an equal one", count, split)


def _log_left_out(notes: dict[str, dict[str, int]]) -> None:
    said = {
        "without_words": "left out %d texts of %s that have no words",
        "not_accepted": "left out %d texts of %s that nobody has accepted",
        "entities_not_accepted": "left out %d entities of %s that nobody has accepted",
        "other_annotations": "left out %d annotations of %s: of several of a text, the first is taken",
    }
    for name, message in said.items():
        for split, count in notes[name].items():
            if count:
                log.warning(message, count, split)


def _shown(mark: Mark, text: str) -> str:
    return f"{text[mark.start : mark.end]!r} ({mark.start}-{mark.end}, {mark.type})"
