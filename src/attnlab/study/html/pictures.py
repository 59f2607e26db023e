"""Pictures of test examples, read again from the data that a run was tested on."""

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

from torch import Tensor

from attnlab.data.images.reading import BrokenImage, read_image
from attnlab.errors import UserError
from attnlab.reading.bounds import PICTURE, read_file
from attnlab.reporting.pages.linked_maps import image_of
from attnlab.runs import build
from attnlab.runs.stored_data import stored_data
from attnlab.study.html.receipts import recorded
from attnlab.study.html.subject import Subject, SubjectArm

GRID = Path("samples", "grid.png")
LONGEST_SIDE = 640  # pixels of what a generator made


class Picture(NamedTuple):
    """A data: address, and its width and height in pixels."""

    address: str
    size: tuple[int, int]


@runtime_checkable
class _Images(Protocol):
    """Data of classified images."""

    def image(self, split: str, number: int) -> Tensor: ...


class _Fitted(Protocol):
    """A picture as a detector is shown it."""

    @property
    def pixels(self) -> Tensor: ...


@runtime_checkable
class _Pictures(Protocol):
    """Data of pictures with boxes."""

    def picture(self, split: str, number: int) -> _Fitted: ...


def pictures_of(subject: Subject, numbers: Sequence[int]) -> dict[int, Picture]:
    """Of test examples; none where the data isn't there any more, or isn't what the runs were tested on."""
    arm = next((each for each in subject.arms if each.runs), None)
    if arm is None or not numbers:
        return {}
    try:
        data = _data(arm, trusted=subject.trusted)
        if data.checksum != recorded(arm.runs[0], "data"):
            return {}
        return {number: _picture(data, number) for number in numbers}
    except (UserError, IndexError, OSError):
        return {}


def _data(arm: SubjectArm, *, trusted: bool) -> Any:
    data = build.build_data(dict(arm.config)) if trusted else stored_data(arm.config, folder=arm.runs[0].folder)
    data.prepare_data()
    return data


def _picture(data: Any, number: int) -> Picture:
    if isinstance(data, _Pictures):
        found = image_of(data.picture("test", number).pixels)
    elif isinstance(data, _Images):
        found = image_of(data.image("test", number))
    else:
        raise UserError(f"pictures are of data that has them, got {type(data).__name__}")
    return Picture(found["address"], (found["width"], found["height"]))


def generated_picture(folder: Path) -> str | None:
    """What a generator made, as a data: address, small enough for a page; None where it made none."""
    try:
        small = read_image(read_file(folder / GRID, mib=PICTURE), channels=3)
    except (OSError, BrokenImage):
        return None
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    written = io.BytesIO()
    small.save(written, "JPEG", quality=80, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(written.getvalue()).decode('ascii')}"
