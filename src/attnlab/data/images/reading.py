"""Images from files: any usual format, depth, colour model and orientation, as 8-bit pictures of the size asked for."""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile
from torch import Tensor

from attnlab.errors import UserError

T = TypeVar("T")

# Those of `attnlab.files.IMAGE_ENDINGS`. Pillow knows forty more, of which some run other programs.
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "PPM", "TIFF", "AVIF")
VARIABLE = "ATTNLAB_MAX_PIXELS"
MOST_PIXELS = 1 << 27

PNG_DEPTH, TIFF_DEPTH = 24, 258  # the byte, and the tag, with the bits of a channel

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # what undoes each EXIF orientation


class BrokenImage(ValueError):
    """The bytes are no image, or not a whole one; says what is wrong with them."""


class Seen(NamedTuple):
    """What a picture is like."""

    height: int  # upright, as the width
    width: int
    peak: int | None  # the highest level, of one of 16 bits
    orientation: int  # as EXIF says it, one of `UPRIGHT`; 1 for one that lies in its file as it is shown


def read_image(content: bytes, *, channels: int) -> Image.Image:
    """A file's picture, upright as its EXIF orientation says, in 8 bits: grey for one channel, else RGB.

    Of 16 bits the upper 8 count, rounded; transparent pixels show white; of several frames the first is taken.

    Raises:
        BrokenImage: empty, truncated, of no known format, or of a depth whose white isn't known.
    """
    return _opened(content, lambda image: _for_channels(image, channels))


def as_read(image: Image.Image, *, channels: int) -> Image.Image:
    """A picture of Pillow's as `read_image` gives that of a file, which it may have come from; raises likewise."""
    with _broken_named():
        image.load()
        return _for_channels(image, channels)


def _for_channels(image: Image.Image, channels: int) -> Image.Image:
    return _upright(image, "L" if channels == 1 else "RGB")


def look_at(content: bytes) -> Seen:
    """What there is to know of a file's picture; raises what `read_image` does for the same file."""
    return _opened(content, lambda image: _seen(image, content))


def _seen(image: Image.Image, content: bytes) -> Seen:
    picture = _upright(image, "RGB")
    peak = None
    if image.mode.startswith("I"):
        peak = int(np.asarray(image).max())
    elif _has_deep_colours(image, content):
        peak = 257 * int(np.asarray(picture).max())
    return Seen(picture.height, picture.width, peak, _orientation(image))


def _has_deep_colours(image: Image.Image, content: bytes) -> bool:
    """Whether a colour has 16 bits in the file; Pillow gives the upper 8 of them."""
    if image.format == "PNG":
        return content[PNG_DEPTH] == 16
    return isinstance(image, TiffImageFile) and 16 in image.tag_v2.get(TIFF_DEPTH, ())


def _upright(image: Image.Image, mode: str) -> Image.Image:
    turn = UPRIGHT.get(_orientation(image))
    picture = _in_eight_bits(image).convert(mode)
    return picture if turn is None else picture.transpose(turn)


def _opened(content: bytes, use: Callable[[Image.Image], T]) -> T:
    if not content:
        raise BrokenImage("the file is empty")
    Image.MAX_IMAGE_PIXELS = most = _most_pixels()  # beyond twice as many Pillow opens none, and itself asks nobody
    with _broken_named(), Image.open(io.BytesIO(content), formats=FORMATS) as image:
        if image.width * image.height > most:
            raise BrokenImage(
                f"it has {image.width} by {image.height} pixels, and no more than {most} are read (make it smaller, or "
                f"set ${VARIABLE})"
            )
        image.load()
        return use(image)


def _most_pixels() -> int:
    """Of a picture that is read.

    Raises:
        UserError: the variable is no number above 0.
    """
    given = os.environ.get(VARIABLE)
    if not given:
        return MOST_PIXELS
    if not given.isascii() or not given.isdigit() or int(given) < 1:
        raise UserError(f"a bound must be a whole number of pixels above 0, got {given!r} (set ${VARIABLE})")
    return int(given)


@contextmanager
def _broken_named() -> Iterator[None]:
    """Whatever Pillow raises becomes a BrokenImage."""
    try:
        yield
    except (BrokenImage, MemoryError):
        raise
    except UnidentifiedImageError as error:
        raise BrokenImage("of no known image format") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        most = Image.MAX_IMAGE_PIXELS
        raise BrokenImage(
            f"it has more pixels than the {most} that are read (make it smaller, or set ${VARIABLE})"
        ) from error
    except Exception as error:  # a damaged file makes Pillow raise almost anything
        raise BrokenImage(" ".join(str(error).split()) or type(error).__name__) from error


def _orientation(image: Image.Image) -> int:
    try:
        found = image.getexif().get(ExifTags.Base.Orientation, 1)
        return int(found) if found in UPRIGHT else 1
    except Exception:  # garbled EXIF makes Pillow raise almost anything, and says nothing against the pixels
        return 1


def _in_eight_bits(image: Image.Image) -> Image.Image:
    if image.mode == "F":
        raise BrokenImage("its pixels are floating-point numbers, whose white isn't known")
    if image.mode == "I" and image.format not in ("PNG", "PPM"):  # whose 16 bits Pillow may show as 32
        raise BrokenImage("its pixels are numbers of 32 bits or below zero, whose white isn't known")
    if image.mode.startswith("I"):
        values = np.asarray(image).astype(np.int64)
        return Image.fromarray(np.round(values / 257).astype(np.uint8))
    if image.has_transparency_data:
        canvas = Image.new("RGBA", image.size, "white")
        canvas.alpha_composite(image.convert("RGBA"))
        return canvas
    return image


def fit(image: Image.Image, *, height: int, width: int) -> Image.Image:
    """Scaled in proportion until it covers `height` by `width`, the middle cut out; as it is if it has that size."""
    return ImageOps.fit(image, (width, height), method=Image.Resampling.BILINEAR)


def as_tensor(image: Image.Image) -> Tensor:
    """(C, H, W) uint8 of a grey or RGB picture."""
    pixels = torch.from_numpy(np.array(image))  # (H, W) or (H, W, C)
    return pixels.unsqueeze(0) if pixels.dim() == 2 else pixels.permute(2, 0, 1).contiguous()
