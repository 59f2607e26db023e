"""What stands on the page of a comparison, as plain values: texts in both languages, tables, charts, samples."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from attnlab.reporting.numbers import NOTHING


class Text(NamedTuple):
    """A text in the page's two languages; what needs no translation is there twice."""

    english: str
    chinese: str


def plain(text: str) -> Text:
    """A name or a number."""
    return Text(text, text)


def pairs(english: Iterable[str], chinese: Iterable[str]) -> list[Text]:
    """Texts of as many as there are of both."""
    return [Text(*each) for each in zip(english, chinese, strict=True)]


@dataclass(frozen=True, kw_only=True)
class Table:
    """Heads and rows of the same length; the first cell of a row is its head, `words` are columns of no numbers.

    `name` is the table's on the page, by letters, digits and hyphens; `commands` is the column of commands, each of
    which can be copied, told by the first two cells of its row.
    """

    name: str
    caption: Text
    heads: Sequence[Text]
    rows: Sequence[Sequence[Text]]
    words: Sequence[int] = (0,)
    commands: int | None = None

    def is_command(self, row: Sequence[Text], column: int) -> bool:
        """Whether a cell has one."""
        return column == self.commands and row[column] != plain(NOTHING)


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart, and all of its numbers as a table.

    Attributes:
        name: on the page, by letters, digits and hyphens.
        about: what is seen, for whoever doesn't.
        spec: for Vega-Lite, by language; none where it isn't installed.
        drawings: data: addresses of SVGs by language; none where there is a `spec`.
    """

    name: str
    title: Text
    about: Text
    table: Table
    spec: dict[str, dict[str, Any]] | None = None
    drawings: dict[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """An arm's verdict in a short sentence, and behind it why to believe it or not: pairs of what and how, and `beside`
    them what else must be known.

    `kind` is the verdict's word in English, by which the page marks it.
    """

    arm: str
    kind: str
    label: Text
    marks: Sequence[Text]
    sentence: Text
    beside: Sequence[Text]
    believe: Sequence[tuple[Text, Text]]


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Arms against each other, all in a table, and what must be known of it."""

    about: Text
    table: Table


class Span(NamedTuple):
    """A part of a text, with a label where it is an entity."""

    text: str
    label: str | None = None


class Box(NamedTuple):
    """An object in a picture: corners in its pixels, its class, and how sure that is; ignored ones needn't be found."""

    left: float
    top: float
    right: float
    bottom: float
    label: str
    score: float | None
    ignored: bool = False


Look = Literal["there", "hit", "missed", "false"]


class Mark(NamedTuple):
    """A box as it is drawn: what it is, its class's hue by number, its object's number or a letter, and where that is
    written."""

    box: Box
    look: Look
    hue: int
    sign: str
    badge: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class BoxKey:
    """What boxes in pictures mean; a class's place is the number of its hue."""

    about: Text
    classes: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an arm gave for an example, or what would be right: a text, as spans, or boxes, drawn and in words.

    `arm` is none of what would be right; `right` is whether an answer is that, where it can be told.
    """

    name: Text
    arm: str | None
    spans: Sequence[Span] = ()
    marks: Sequence[Mark] | None = None
    rows: Sequence[tuple[Text, Text]] = ()
    right: bool | None = None
    picture: str | None = None  # a data: URI of the arm's own


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One example of the test, the truth and each arm's answer; the picture is a data: URI, its size in pixels."""

    number: int
    given: str
    picture: str | None
    size: tuple[int, int] | None
    answers: Sequence[Answer]

    @property
    def made(self) -> bool:
        """Whether the answers are pictures, and not of any example."""
        return any(each.picture is not None for each in self.answers)

    @property
    def boxed(self) -> bool:
        """Whether the answers show the picture."""
        return any(each.marks is not None for each in self.answers)


@dataclass(frozen=True, kw_only=True)
class SampleGroup:
    """Examples that were chosen alike."""

    title: Text
    samples: Sequence[Sample]


class Samples(NamedTuple):
    """Groups of samples, what must be known of them, and what boxes in them mean."""

    groups: Sequence[SampleGroup]
    about: Sequence[Text]
    box_key: BoxKey | None = None


@dataclass(frozen=True, kw_only=True)
class Command:
    """What can be typed again; `arm`: whose it is, if one's."""

    name: Text
    arm: str | None
    line: str


class Tables(NamedTuple):
    """Tables, and what must be known of them."""

    about: Sequence[Text]
    tables: Sequence[Table]


class Tuning(NamedTuple):
    """How arms were tuned, the expected best by trials spent, and what was chosen."""

    about: Sequence[Text]
    chart: Chart | None
    table: Table


class Maps(NamedTuple):
    """Of which runs maps are, and what `linked_maps` shows."""

    about: Text
    linked: Any


@dataclass(frozen=True, kw_only=True)
class Report:
    """The whole page; what is empty has no section.

    Attributes:
        told: what the score is, and each arm.
        summary: which arms are better, worse, the same; the first that is read.
        notes: what must be known before any of it is believed.
    """

    title: Text
    arms: Sequence[str]
    about: Sequence[Text]
    told: Sequence[Text]
    pairs: Pairs | None
    summary: Sequence[tuple[Text, Text]]
    findings: Sequence[Finding]
    verdicts: Table
    footnotes: Sequence[Text]
    notes: Sequence[Text]
    forest: Chart | None
    leaderboard: Chart
    costs: Sequence[Chart]
    tuning: Tuning | None
    curves: Sequence[Chart]
    samples: Samples
    maps: Maps | None
    ablation: Tables | None
    diagnoses: Tables | None
    ledger: Tables | None
    scores: Table | None
    receipts: Sequence[tuple[Text, Text]]
    runs: Table
    commands: Sequence[Command]
