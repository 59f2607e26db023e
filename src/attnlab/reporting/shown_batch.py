"""Examples of a batch as a model is given them: pieces of texts, pictures, and what is to be answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

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
