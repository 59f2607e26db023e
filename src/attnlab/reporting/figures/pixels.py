"""Pictures pixel for pixel: grids and films of them, enlarged by whole factors alone, in files that lose nothing."""

import io
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from attnlab.files import write_whole
from attnlab.reading.bounds import PICTURE, read_file
from attnlab.reporting.figures.ownership import mark
from attnlab.reporting.pictures import spread

LONGER_SIDE = 840  # pixels that a grid is enlarged up to
GAP = 2  # pixels between pictures, after enlarging
GREY = 128  # of the gaps: neither a dark nor a bright picture runs into its neighbour
FRAME_MILLISECONDS, LAST_MILLISECONDS = 250, 2000
MOST_TURN = 16  # classes, of a grid that shows them in columns
MOST_FRAMES, MOST_BYTES = 120, 2**28  # of a film, which is made in memory


def grid_columns(num: int, *, num_classes: int | None) -> int:
    """Of a grid of `num` pictures: about as many as rows; where classes take turns, and are not too many, whole turns,
    so that each column is of one class.
    """
    side = math.sqrt(num)
    if num_classes is None or num_classes > min(num, MOST_TURN):
        return math.ceil(side)
    return num_classes * max(1, round(side / num_classes))


def picture_grid(pictures: Tensor, *, columns: int) -> Tensor:
    """Pictures (N, C, H, W) of bytes, row by row, as one (C, height, width); rooms of the last row may stay empty.

    Raises ValueError for another shape, or no picture.
    """
    if pictures.dim() != 4 or pictures.size(1) not in (1, 3) or 0 in pictures.shape or columns < 1:
        raise ValueError(f"a grid is of pictures (N, 1 or 3, H, W), got {tuple(pictures.shape)} in {columns} columns")
    num, channels, height, width = pictures.shape
    columns = min(columns, num)
    rows = -(-num // columns)
    factor = max(1, LONGER_SIDE // max(rows * height, columns * width))
    high, wide = height * factor + GAP, width * factor + GAP
    grid = torch.full((channels, rows * high - GAP, columns * wide - GAP), GREY, dtype=torch.uint8)
    for number, picture in enumerate(_enlarged(pictures.cpu(), factor)):
        top, left = number // columns * high, number % columns * wide
        grid[:, top : top + high - GAP, left : left + wide - GAP] = picture
    return grid


def _enlarged(pictures: Tensor, factor: int) -> Tensor:
    return pictures.repeat_interleave(factor, dim=-2).repeat_interleave(factor, dim=-1)


def as_image(pixels: Tensor) -> Image.Image:
    """Pixels (C, H, W) of bytes, grey or RGB."""
    return Image.fromarray(pixels.cpu().permute(1, 2, 0).squeeze(2).contiguous().numpy())


def save_pixels(pixels: Tensor, path: Path, *, of: str = "") -> Path:
    """Write pixels (C, H, W) of bytes, grey or RGB, as a PNG that holds just these, and what it is a picture `of`;
    returns its path.
    """
    picture, about = io.BytesIO(), PngInfo()
    if of:
        about.add_text("Comment", mark(of))
    as_image(pixels).save(picture, format="png", pnginfo=about)
    return write_whole(path, picture.getvalue())


def save_film(frames: Sequence[Path], path: Path) -> Path:
    """Write PNGs as an animated WebP, without loss, the last shown longest; returns its path.

    Those of another size than the last, which an earlier version may have drawn, are left out. Of more
    frames than fit, as many are taken at equal distances, and the last. Raises ValueError without a frame.
    """
    if not frames:
        raise ValueError(f"a film needs a frame, got none for {path}")
    sizes = [_size(frame) for frame in frames]
    frames = [frame for frame, size in zip(frames, sizes, strict=True) if size == sizes[-1]]
    room = max(2, min(MOST_FRAMES, MOST_BYTES // (3 * sizes[-1][0] * sizes[-1][1])))
    shown = [frames[number] for number in spread(len(frames), room)]
    images = list(_opened(shown))
    film = io.BytesIO()
    durations = [FRAME_MILLISECONDS] * (len(shown) - 1) + [LAST_MILLISECONDS]
    images[0].save(film, format="webp", save_all=True, append_images=images[1:], duration=durations, lossless=True)
    return write_whole(path, film.getvalue())


def _size(frame: Path) -> tuple[int, int]:
    with _png(frame) as image:
        return image.size


def _opened(frames: Sequence[Path]) -> Iterator[Image.Image]:
    for frame in frames:
        with _png(frame) as image:
            yield image.convert("RGB")


def _png(path: Path) -> Image.Image:
    """One and nothing else: a run's folder may have been somebody else's before it went on."""
    return Image.open(io.BytesIO(read_file(path, mib=PICTURE)), formats=("PNG",))
