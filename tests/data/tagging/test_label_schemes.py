"""Every scheme says the same entities, what can't stand where it does is named, and spans come back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import IOB2, Entities

from attnlab.data.tagging.label_schemes import (
    SCHEMES,
    Entity,
    InvalidLabel,
    detect_scheme,
    entities,
    labels_of,
    repair_iob2,
    repaired,
    spans,
    to_iob2,
)

LETTERS = {  # begin, inside, end, single: written down here, not taken from what is tested
    "iob2": "BIIB",
    "iobes": "BIES",
    "bilou": "BILU",
    "bmewo": "BMEW",
    "bmes": "BMES",
}
TYPES = ("PER", "LOC", "creative-work", "B-cell", "地名")


@st.composite
def sentences(draw: st.DrawFn) -> tuple[list[Entity], int]:
    """Entities that don't overlap, some next to each other, and the number of words."""
    found, position = [], 0
    for gap, size, kind in draw(
        st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4), st.sampled_from(TYPES)), max_size=7)
    ):
        found.append(Entity(position + gap, position + gap + size, kind))
        position += gap + size
    return found, position + draw(st.integers(0, 3))


def write(found: list[Entity], num_words: int, scheme: str) -> list[str]:
    """Labels, by a plain reading of each scheme's definition."""
    labels = ["O"] * num_words
    for entity in found:
        for position in range(entity.first, entity.end):
            if scheme == "iob1":
                beside = any(other.end == entity.first and other.type == entity.type for other in found)
                letter = "B" if position == entity.first and beside else "I"
            else:
                begin, inside, end, single = LETTERS[scheme]
                letter = inside if position > entity.first else begin
                letter = end if position == entity.end - 1 and position > entity.first else letter
                letter = single if entity.end - entity.first == 1 else letter
            labels[position] = f"{letter}-{entity.type}"
    return labels


@pytest.mark.parametrize("scheme", [*LETTERS, "iob1"])
@given(sentence=sentences())
def test_every_scheme_says_the_same_entities(scheme: str, sentence: tuple[list[Entity], int]) -> None:
    found, num_words = sentence
    labels = to_iob2(write(found, num_words, scheme), scheme)
    assert labels == labels_of(found, num_words) == write(found, num_words, "iob2")
    assert entities(labels) == found
    assert repaired(write(found, num_words, scheme), scheme) == labels  # what is right stays


@pytest.mark.parametrize("scheme", [*LETTERS, "iob1"])
@given(corpus=st.lists(sentences(), min_size=1, max_size=4))
def test_the_detected_scheme_reads_a_corpus_as_its_own_would(
    scheme: str, corpus: list[tuple[list[Entity], int]]
) -> None:
    """Not always under its own name: where B and E alone occur, IOBES and BMES say the same."""
    written = [write(found, num_words, scheme) for found, num_words in corpus]
    detected = detect_scheme(written)
    read = [entities(to_iob2(labels, detected)) for labels in written]
    assert read == [found for found, _ in corpus]


@pytest.mark.parametrize(
    "labels, scheme",
    [
        ([["O", "B-A", "I-A"], ["B-B"]], "iob2"),
        ([["O", "B-A"], ["B-B", "O"]], "iob2"),  # single B alone
        ([["O", "O"]], "iob2"),
        ([["I-A", "I-A", "B-A"], ["O", "I-B"]], "iob1"),
        ([["I-A", "I-B"]], "iob1"),
        ([["I-A", "O", "B-A"]], "iob2"),  # so that the first I is a mistake
        ([["B-A", "I-A", "E-A"]], "iobes"),
        ([["B-A", "E-A"]], "iobes"),
        ([["S-A"]], "iobes"),
        ([["U-A"], ["B-A", "L-A"]], "bilou"),
        ([["B-A", "M-A", "E-A"], ["W-A"]], "bmewo"),
        ([["B-A", "M-A", "E-A"], ["S-A"]], "bmes"),
        ([["B", "I", "O"]], "iob2"),
        ([["B_A", "E_A", "S_A"]], "iobes"),
    ],
)
def test_detection_looks_at_the_whole_corpus(labels: list[list[str]], scheme: str) -> None:
    assert detect_scheme(labels) == scheme
    assert detect_scheme(labels[::-1]) == scheme


@pytest.mark.parametrize(
    "scheme, labels, position, reason",
    [
        ("iob2", "O I-A", 1, "a label must continue an entity of its type, got I-A after O"),
        ("iob2", "I-A", 0, "a label must continue an entity of its type, got I-A after nothing"),
        ("iob2", "B-A I-A I-B", 2, "a label must continue an entity of its type, got I-B after I-A"),
        ("iobes", "O E-A", 1, "a label must continue an entity of its type, got E-A after O"),
        ("iobes", "S-A I-A E-A", 1, "a label must continue an entity of its type, got I-A after S-A"),
        ("iobes", "B-A E-A E-A", 2, "a label must continue an entity of its type, got E-A after E-A"),
        ("iobes", "B-A O", 0, "an entity must have an end, got B-A before O"),
        ("bilou", "B-A I-A", 1, "an entity must have an end, got I-A before nothing"),
        ("bilou", "O B-A U-A", 1, "an entity must have an end, got B-A before U-A"),
        ("bmes", "B-A M-B E-B", 1, "a label must continue an entity of its type, got M-B after B-A"),
        ("iob2", "B-A E-A", 1, "a label of scheme iob2 must be O or such as B-PER, got 'E-A'"),
        ("iob2", "O PER", 1, "a label of scheme iob2 must be O or such as B-PER, got 'PER'"),
        ("iob1", "O B-", 1, "a label of scheme iob1 must be O or such as B-PER, got 'B-'"),
        ("bilou", "", 0, "a label of scheme bilou must be O or such as B-PER, got ''"),
    ],
)
def test_what_cannot_stand_where_it_does_is_named(scheme: str, labels: str, position: int, reason: str) -> None:
    with pytest.raises(InvalidLabel, match=f"^{re.escape(reason)}$") as caught:
        to_iob2(labels.split() or [""], scheme)
    assert caught.value.position == position


@pytest.mark.parametrize(
    "scheme, labels, expected",
    [
        ("iob2", "O I-A I-A O", "O B-A I-A O"),
        ("iob2", "B-A I-B I-B", "B-A B-B I-B"),
        ("iobes", "I-A E-A O", "B-A I-A O"),
        ("iobes", "B-A O B-A B-A", "B-A O B-A B-A"),
        ("iobes", "S-A I-A E-B", "B-A B-A B-B"),
        ("bilou", "B-A L-A L-A", "B-A I-A B-A"),
    ],
)
def test_repair_reads_what_fits(scheme: str, labels: str, expected: str) -> None:
    assert repaired(labels.split(), scheme) == expected.split()


def test_repair_cannot_read_what_is_no_label() -> None:
    with pytest.raises(InvalidLabel, match=r"got 'X-A'$"):
        repaired(["O", "X-A"], "iob2")


LABELS = st.lists(st.sampled_from(["O", "B-A", "I-A", "B-B", "I-B"]), max_size=9)


@given(labels=LABELS)
def test_repaired_labels_are_valid_and_keep_every_type(labels: list[str]) -> None:
    fixed = repair_iob2(labels)
    assert to_iob2(fixed, "iob2") == fixed
    assert [label[2:] for label in fixed] == [label[2:] for label in labels]
    assert repair_iob2(fixed) == fixed
    # As seqeval's lenient reading has it.
    assert [(e.type, e.first, e.end - 1) for e in entities(fixed)] == get_entities(labels)


@given(labels=LABELS)
def test_strict_reading_is_seqevals(labels: list[str]) -> None:
    theirs = Entities([labels], scheme=IOB2).entities[0]
    assert entities(labels) == [Entity(each.start, each.end, each.tag) for each in theirs]


def test_labels_without_types_and_labels_without_letters() -> None:
    assert to_iob2(["B", "I", "O", "B"], "iob2") == ["B-ENTITY", "I-ENTITY", "O", "B-ENTITY"]
    assert to_iob2(["O", "art-film", "art-film", "B-x"], "io") == ["O", "B-art-film", "I-art-film", "B-B-x"]
    assert to_iob2(["B_A", "I-A", "B-I-x"], "iob2") == ["B-A", "I-A", "B-I-x"]


@given(sentence=sentences(), text=st.text(alphabet="aé漢👩\u0301\u200d ", min_size=60, max_size=60))
def test_spans_are_slices_of_the_text(sentence: tuple[list[Entity], int], text: str) -> None:
    found, num_words = sentence
    offsets = [(2 * number, 2 * number + 1) for number in range(num_words)]
    marked = spans(labels_of(found, num_words), offsets, text)
    assert [span["label"] for span in marked] == [entity.type for entity in found]
    for span, entity in zip(marked, found, strict=True):
        assert (span["start"], span["end"]) == (2 * entity.first, 2 * entity.end - 1)
        assert span["text"] == text[span["start"] : span["end"]]


def test_each_scheme_is_documented() -> None:
    import attnlab.data.tagging.label_schemes as module

    for name in SCHEMES:
        assert re.search(rf"\b{name}\b", module.__doc__ or "", re.IGNORECASE), name
