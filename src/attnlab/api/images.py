"""Answers to images, wherever they come from."""

import reprlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from attnlab.api.answers import Answer, AttentionMap
from attnlab.data.images.reading import BrokenImage, as_read, read_image
from attnlab.errors import UserError
from attnlab.models.predictors import ImagePredictor
from attnlab.reading.bounds import PICTURE, read_file

ImageInput = str | Path | Image.Image | Tensor | NDArray[np.uint8]
"""A file, Pillow's picture, or bytes (C, H, W), (H, W) or (H, W, C); colour has 3 channels, grey 1."""


class ImageAnswers:
    """What a predictor of images says of them."""

    def __init__(self, predictor: ImagePredictor) -> None:
        self.predictor = predictor

    def predict(self, inputs: object, *, batch_size: int) -> list[Answer]:
        """An answer an image; a tensor or array of four dimensions is a batch of them."""
        prepared = self._prepared(_each(inputs))
        return [Answer.of(each) for each in self.predictor.predict_images(prepared, batch_size=batch_size)]

    def attention(self, given: object) -> list[AttentionMap]:
        """What the model attends to in one image."""
        several = _each(given)
        if several is given or len(several) != 1:
            raise UserError(f"attention is that of one image, got {len(several)} at once (give one image at a time)")
        [(name, pixels)] = self._prepared(several)
        [prediction] = self.predictor.predict_images([(name, pixels)], batch_size=1)
        title = self.predictor.title(prediction, name=Path(name).name)
        return [AttentionMap(each) for each in self.predictor.image_pictures(pixels, name="", title=title)]

    def _prepared(self, images: Sequence[object]) -> Iterator[tuple[str, Any]]:
        """What each is called, and what the predictor takes of it."""
        codec = self.predictor.codec
        for number, each in enumerate(images):
            name = str(each) if isinstance(each, str | Path) else f"image {number}"
            try:
                yield name, codec.prepare(_picture(each, channels=codec.channels))
            except BrokenImage as error:
                raise UserError(f"every image must be whole, got {name}: {error} (leave it out)") from error


def _each(inputs: object) -> Sequence[object]:
    if isinstance(inputs, Tensor | np.ndarray):
        return list(inputs) if inputs.ndim == 4 else [inputs]
    if isinstance(inputs, bytes | bytearray):
        raise UserError("an image must be a file or a picture, got bytes (give Image.open(io.BytesIO(...)) of Pillow)")
    if isinstance(inputs, Sequence) and not isinstance(inputs, str):
        return inputs
    return [inputs]


def _picture(given: object, *, channels: int) -> Image.Image:
    """As it would be read from a file, grey for one channel, else RGB."""
    match given:
        case str() | Path():
            path = Path(given).expanduser()
            if not path.is_file():
                raise UserError(f"there is no such image file, got {given} (give a file, a picture or a tensor)")
            return read_image(_content(path), channels=channels)
        case Image.Image():
            return as_read(given, channels=channels)
        case Tensor():
            return as_read(_of_bytes(given.detach().cpu().numpy(), channels_last=False), channels=channels)
        case np.ndarray():
            return as_read(_of_bytes(given, channels_last=True), channels=channels)
    raise UserError(f"an image must be a file, Pillow's picture, a tensor or an array, got {reprlib.repr(given)}")


def _content(path: Path) -> bytes:
    try:
        return read_file(path, mib=PICTURE)
    except OSError as error:
        raise UserError(f"an image file must be readable, got {path}: {error.strerror} (leave it out)") from error


def _of_bytes(pixels: NDArray[Any], *, channels_last: bool) -> Image.Image:
    """Pillow's, of (H, W), (C, H, W) or (H, W, C); of the latter two `channels_last` says which where both would do."""
    if pixels.dtype != np.uint8:
        raise UserError(
            f"an image's pixels must be bytes from 0 to 255, got {pixels.dtype} (give (255 * x).round() as uint8)"
        )
    form = pixels.shape
    if len(form) not in (2, 3) or 0 in form or (len(form) == 3 and not {form[0], form[2]} & {1, 3}):
        raise UserError(f"an image must be (H, W), (C, H, W) or (H, W, C) with 1 or 3 channels, got {form}")
    if len(form) == 3 and form[0] in (1, 3) and not (channels_last and form[2] in (1, 3)):
        pixels = pixels.transpose(1, 2, 0)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    return Image.fromarray(np.ascontiguousarray(pixels))
