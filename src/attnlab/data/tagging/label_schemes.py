"""Labels of words, in the schemes that name recognition knows, and the spans of text that they mark.

A label is "O", outside of all entities, or a letter and a type: B-PER. What the letters mean:

    IOB2         B begins an entity, I goes on in it                          (Ratnaparkhi, 1998)
    IOB1         I is in an entity, B begins one next to another of its type  (Ramshaw & Marcus, 1995)
    IOBES        B begins, I goes on, E ends; S is an entity of one word      (also BIOES)
    BILOU        B begins, I goes on, L ends; U is an entity of one word      (Ratinov & Roth, 2009)
    BMEWO, BMES  B begins, M goes on, E ends; W, or S, is an entity of one word

and `io`: no letters; the label is the type, and neighbours of one type are one entity. Everything here ends in IOB2.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypedDict

OUTSIDE = "O"
UNTYPED = "ENTITY"  # the type of a label that is a letter alone, as in sets of one type

# The letters of each scheme, and what they are in IOBES.
SCHEMES = {
    "iob2": {"B": "B", "I": "I"},
    "iob1": {"B": "B", "I": "I"},
    "iobes": {"B": "B", "I": "I", "E": "E", "S": "S"},
    "bilou": {"B": "B", "I": "I", "L": "E", "U": "S"},
    "bmewo": {"B": "B", "M": "I", "E": "E", "W": "S"},
    "bmes": {"B": "B", "M": "I", "E": "E", "S": "S"},
    "io": {},
}
LABEL = re.compile(r"O|([BIELSUMW])(?:[-_](\S.*))?", re.DOTALL)


class Span(TypedDict):
    """An entity in a text: code points, end exclusive; `text` is what stands there."""

    start: int
    end: int
    label: str
    text: str


class Entity(NamedTuple):
    """Words `first` to `end` - 1 name something of this type."""

    first: int
    end: int
    type: str


class InvalidLabel(ValueError):
    """What is wrong, with the place of the first word that it is wrong at."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(reason)
        self.position = position


# From schemes to IOB2


def detect_scheme(sentences: Iterable[Sequence[str]]) -> str:
    """The scheme, but for `io`, that the labels of a whole corpus are in.

    The letters decide, except between IOB1 and IOB2: a corpus is IOB1 if an entity begins with I somewhere and B
    begins only entities right after one of their type. Letters of several schemes (B, E) are of the first that has
    them all, in the order of `SCHEMES`: those schemes then say the same. Labels that are of no one scheme are called
    of the first with most of their letters, so that `to_iob2` finds the odd ones. An E, L, S, U or W here and there is
    odd, too, where entities that B begins mostly have no end.
    """
    counts: Counter[str] = Counter()
    inside_begins, begins_are_iob1 = False, True
    for labels in sentences:
        before = (OUTSIDE, "")
        for label in labels:
            letter, kind = _parts(label)
            counts[letter] += 1
            follows = before[0] != OUTSIDE and before[1] == kind
            inside_begins |= letter == "I" and not follows
            begins_are_iob1 &= letter != "B" or follows
            before = (letter, kind)
    letters = set(counts) - {OUTSIDE, ""}
    if counts["B"] > 5 * (counts["E"] + counts["L"]) and not counts["M"]:
        letters &= {"B", "I"}
    if letters <= {"B", "I"}:
        return "iob1" if inside_begins and begins_are_iob1 else "iob2"
    return max(SCHEMES, key=lambda name: (letters <= SCHEMES[name].keys(), len(letters & SCHEMES[name].keys())))


def to_iob2(labels: Sequence[str], scheme: str) -> list[str]:
    """The labels of a sentence, from a scheme to IOB2.

    Raises:
        InvalidLabel: not a label of the scheme, or one that can't stand where it does.
    """
    marks = list(_marks(labels, scheme))
    if scheme in ("iob2", "iobes", "bilou", "bmewo", "bmes"):
        _check(labels, marks, ends=scheme != "iob2")
    return _joined(marks)


def repaired(labels: Sequence[str], scheme: str) -> list[str]:
    """As `to_iob2`, but a letter that can't stand where it does is read as what fits there.

    What continues no entity of its type begins one; what neither ends nor is continued ends where it stands.

    Raises:
        InvalidLabel: not a label of the scheme.
    """
    return _joined(list(_marks(labels, scheme)))


def _parts(label: str) -> tuple[str, str]:
    """Letter and type; the letter is empty where the label isn't one with letters."""
    match = LABEL.fullmatch(label)
    if match is None:
        return "", label
    return (match[1], match[2] or UNTYPED) if match[1] else (OUTSIDE, "")


def _marks(labels: Sequence[str], scheme: str) -> Iterator[tuple[str, str]]:
    """Letter, as in IOBES, and type of each label."""
    for position, label in enumerate(labels):
        if scheme == "io":
            yield (OUTSIDE, "") if label == OUTSIDE else ("I", label)
            continue
        letter, kind = _parts(label)
        if letter != OUTSIDE and letter not in SCHEMES[scheme]:
            example = f"{next(iter(SCHEMES[scheme]))}-PER"
            raise InvalidLabel(position, f"a label of scheme {scheme} must be O or such as {example}, got {label!r}")
        yield (OUTSIDE if letter == OUTSIDE else SCHEMES[scheme][letter]), kind


def _check(labels: Sequence[str], marks: list[tuple[str, str]], *, ends: bool) -> None:
    """Refuse what continues nothing and, where entities have `ends`, what lacks one."""
    before = (OUTSIDE, "")
    for position, (letter, kind) in enumerate([*marks, (OUTSIDE, "")]):
        open_kind = before[1] if before[0] in ("B", "I") else None
        continues = letter in ("I", "E")
        previous = labels[position - 1] if position else "nothing"
        if continues and open_kind != kind:
            raise InvalidLabel(
                position, f"a label must continue an entity of its type, got {labels[position]} after {previous}"
            )
        if ends and open_kind is not None and not continues:
            after = labels[position] if position < len(labels) else "nothing"
            raise InvalidLabel(position - 1, f"an entity must have an end, got {previous} before {after}")
        before = (letter, kind)


def _joined(marks: list[tuple[str, str]]) -> list[str]:
    """IOB2: I and E continue what B or I of their type began, and begin an entity elsewhere."""
    labels = []
    before = (OUTSIDE, "")
    for letter, kind in marks:
        goes_on = letter in ("I", "E") and before[0] in ("B", "I") and before[1] == kind
        labels.append(OUTSIDE if letter == OUTSIDE else f"{'I' if goes_on else 'B'}-{kind}")
        before = (letter, kind)
    return labels


# IOB2 and entities


def entities(labels: Sequence[str]) -> list[Entity]:
    """The entities that IOB2 labels mark, read strictly.

    An I- that doesn't continue an entity of its type belongs to none, as in seqeval's strict mode.
    """
    found: list[Entity] = []
    for position, label in enumerate(labels):
        if label.startswith("B-"):
            found.append(Entity(position, position + 1, label[2:]))
        elif found and found[-1].end == position and label == f"I-{found[-1].type}":
            found[-1] = found[-1]._replace(end=position + 1)
    return found


def labels_of(found: Iterable[Entity], num_words: int) -> list[str]:
    """IOB2 labels of entities that don't overlap."""
    labels = [OUTSIDE] * num_words
    for first, end, kind in found:
        labels[first:end] = [f"B-{kind}", *[f"I-{kind}"] * (end - first - 1)]
    return labels


def repair_iob2(labels: Sequence[str]) -> list[str]:
    """Valid IOB2: an I- that continues no entity of its type becomes a B-; other labels stay."""
    return repaired(labels, "iob2")


def spans(labels: Sequence[str], offsets: Sequence[tuple[int, int]], text: str) -> list[Span]:
    """The entities, read strictly, of a sentence whose words stand at `offsets` of `text`."""
    return [
        {
            "start": (start := offsets[first][0]),
            "end": (stop := offsets[end - 1][1]),
            "label": kind,
            "text": text[start:stop],
        }
        for first, end, kind in entities(labels)
    ]


def folded(text: str) -> str:
    """Without a difference of case, of composed and decomposed letters, or of how much white space is where."""
    # Folding may take a composed letter apart: hence twice.
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).split())
