"""Labels as files write them: in brackets, in small letters, with the letter behind, or as a scheme has them."""

import re
from collections.abc import Iterable, Sequence

from attnlab.data.tagging.label_schemes import LABEL, OUTSIDE, InvalidLabel

SMALL = re.compile(r"[o0]|([bielsumw])(?:[-_](\S.*))?", re.DOTALL)
# OntoNotes': "(PERSON*" begins, "*" goes on or is outside, "*)" ends, "(GPE)" is an entity of one word.
BRACKETS = re.compile(r"(?:\(([^()*\s]+))?(\*?)(\))?")
SUFFIXED = re.compile(r"(\w\S*)[-_]([BIELSUMW])")


def is_label(value: str) -> bool:
    """Whether it is a label with a letter, as schemes write it."""
    return LABEL.fullmatch(value) is not None


def is_small_label(value: str) -> bool:
    """As `is_label`, in small letters, or 0 for O."""
    return SMALL.fullmatch(value) is not None


def is_bracketed(value: str) -> bool:
    """Whether it is a label in brackets, or the star outside of them."""
    match = BRACKETS.fullmatch(value)
    return match is not None and (match[2] == "*" or (match[1] is not None and match[3] is not None))


def is_suffixed(value: str) -> bool:
    """Whether it is a label with its letter behind: PER-B."""
    return not is_label(value) and SUFFIXED.fullmatch(value) is not None


def from_suffix(label: str) -> str:
    """B-PER for PER-B; any other label as it is."""
    match = None if is_label(label) else SUFFIXED.fullmatch(label)
    return label if match is None else f"{match[2]}-{match[1]}"


def type_of(value: str) -> str | None:
    """The type of entity that a label in any writing names; None where it names none."""
    match = LABEL.fullmatch(value)
    if match is not None:
        return match[2] if match[1] else None
    if is_bracketed(value):
        return BRACKETS.fullmatch(value)[1]  # type: ignore[index]  # it matches
    small = SMALL.fullmatch(value)
    if small is not None:
        return small[2] if small[1] else None
    suffixed = SUFFIXED.fullmatch(value)
    return None if suffixed is None else suffixed[1]


def from_brackets(labels: Sequence[str]) -> list[str]:
    """The labels of a sentence in brackets as IOB2.

    Raises:
        InvalidLabel: not one in brackets, or brackets that don't pair.
    """
    found = []
    inside = ""
    for position, label in enumerate(labels):
        match = BRACKETS.fullmatch(label) if is_bracketed(label) else None
        if match is None:
            raise InvalidLabel(position, f"a label in brackets must be such as (PERSON*, *, *) or (GPE), got {label!r}")
        if (inside and match[1]) or (match[3] and not inside and not match[1]):
            raise InvalidLabel(position, f"brackets of labels must pair and not nest, got {label!r}")
        if match[1]:
            found.append(f"B-{match[1]}")
        else:
            found.append(f"I-{inside}" if inside else OUTSIDE)
        inside = "" if match[3] else match[1] or inside
    if inside:
        raise InvalidLabel(len(labels) - 1, f"brackets of labels must pair and not nest, got {inside} without an end")
    return found


def small_letters(labels: Iterable[str], *, lettered: bool) -> frozenset[str]:
    """The small letters that stand for capitals in all these labels: those whose capital none has; also 0 for O.

    Without `lettered`, labels are types, and only o or 0 may be one.
    """
    capitals, small = set(), set()
    for label in labels:
        if (match := LABEL.fullmatch(label)) is not None:
            capitals |= {"o", "0"} if label == OUTSIDE else {label[0].lower()}
        elif (match := SMALL.fullmatch(label)) is not None and (match[1] is None or match[2] or match[1] in "bi"):
            small.add(label[0])
    found = frozenset(small - capitals) - ({"0"} if "o" in small else set())
    return found if lettered else found & {"o", "0"}


def in_capitals(label: str, letters: frozenset[str]) -> str:
    """The label with its letter as a capital, if it is one of these small ones."""
    if label[:1] not in letters or SMALL.fullmatch(label) is None:
        return label
    return OUTSIDE if label == "0" else label[0].upper() + label[1:]
