"""A data set's page: its numbers, and what a model is given of it, batch by batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from attnlab.reporting.pages import rendered
from attnlab.reporting.pages.linked_maps import image_of
from attnlab.reporting.pages.report.contents import Table, Text

if TYPE_CHECKING:
    from torch import Tensor

Kind = Literal["text", "special", "padding", "unknown", "byte"]
"""Of a piece: `special` begins or ends a text, `unknown` stands for what the vocabulary lacks, and a `byte` is no whole
character."""


class Piece(NamedTuple):
    """What one id of a text stands for; a word may have a label."""

    text: str
    kind: Kind = "text"
    label: str | None = None


class Line(NamedTuple):
    """One text of an example, `of` which side; `cut` pieces of it the model isn't given."""

    of: str
    pieces: Sequence[Piece]
    cut: int = 0


class ShownBox(NamedTuple):
    """Corners in the picture's pixels, and a class."""

    left: float
    top: float
    right: float
    bottom: float
    label: str


@dataclass(frozen=True, kw_only=True)
class ShownExample:
    """An example of a batch.

    Attributes:
        number: where it stands in its split, from 0.
        name: what its data calls it.
        label: its class.
        picture: (C, H, W) of bytes, as the model is given it but for its normalisation.
        boxes: none where no boxes are asked for.
    """

    number: int
    name: str | None = None
    lines: Sequence[Line] = ()
    label: str | None = None
    picture: "Tensor | None" = None
    boxes: Sequence[ShownBox] | None = None


@dataclass(frozen=True, kw_only=True)
class ShownBatch:
    """A batch of a split: some of its `rows` examples, its tensors' `shapes`, and which share of them is padding."""

    split: str
    rows: int
    shapes: Sequence[tuple[str, tuple[int, ...]]]
    padding: float | None
    examples: Sequence[ShownExample]


@dataclass(frozen=True, kw_only=True)
class BatchShown:
    """Some examples of a batch; `sides` are the names of their texts, `name` the batch's by letters and hyphens."""

    name: str
    title: Text
    about: Sequence[Text]
    examples: Sequence[ShownExample]
    sides: Mapping[str, Text]


@dataclass(frozen=True, kw_only=True)
class DataPage:
    """The whole page; what is empty has no section.

    Attributes:
        facts: pairs of what and which.
        warnings: what training would say.
        refused: why it would stop at the data.
        notes: what must be said where a table would be empty.
        command: by which the page was made.
    """

    title: Text
    facts: Sequence[tuple[Text, Text]]
    warnings: Sequence[Text]
    refused: str | None
    tables: Sequence[Table]
    notes: Sequence[Text]
    batches: Sequence[BatchShown]
    command: str


def data_page(page: DataPage) -> str:
    """One file, complete in itself: it fetches nothing, and all texts are escaped."""
    sections = [
        ("about", True, Text("The set", "数据集")),
        ("warnings", page.warnings, Text("Warnings", "警告")),
        ("refused", page.refused, Text("What is refused", "被拒绝的")),
        ("numbers", page.tables, Text("Numbers", "统计")),
        ("batches", page.batches, Text("Batches as the model sees them", "模型所见的批次")),
    ]
    return rendered(
        "data_page.html.j2",
        {
            "title": page.title,
            "page": page,
            "sections": [(name, text) for name, there, text in sections if there],
            "picture_of": picture_of,
        },
    )


def picture_of(example: ShownExample) -> Mapping[str, Any]:
    """A picture's data: address, its size in pixels, and its boxes in the pixels that are shown."""
    assert example.picture is not None
    found = image_of(example.picture)
    boxes: Sequence[ShownBox] = example.boxes or ()
    return {**found, "boxes": boxes}
