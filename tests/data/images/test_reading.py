"""Pictures load right whatever their format, depth, colour model and orientation; what is broken says how."""

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image

from attnlab.data.images.reading import BrokenImage, as_tensor, fit, look_at, read_image
from attnlab.errors import UserError

HEIGHT, WIDTH = 5, 7
GREY = np.random.default_rng(7).integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8)
COLOUR = np.random.default_rng(11).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


def _bytes(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _pixels(content: bytes, channels: int) -> torch.Tensor:
    return as_tensor(read_image(content, channels=channels))


def _expected(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(array)[None] if array.ndim == 2 else torch.from_numpy(array).permute(2, 0, 1)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM", "GIF"])
def test_grey_stays_as_it_is_and_becomes_three_equal_channels(kind: str) -> None:
    content = _bytes(Image.fromarray(GREY), kind)
    assert torch.equal(_pixels(content, 1), _expected(GREY))
    assert torch.equal(_pixels(content, 3), _expected(GREY).expand(3, -1, -1))


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM", "WEBP"])
def test_colour_keeps_its_channels_in_order(kind: str) -> None:
    content = _bytes(Image.fromarray(COLOUR), kind, **({"lossless": True} if kind == "WEBP" else {}))
    assert torch.equal(_pixels(content, 3), _expected(COLOUR))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_of_sixteen_bits_the_upper_eight_count_rounded(kind: str) -> None:
    # Pillow's own conversion clips instead: everything above 255 would be white.
    values = np.array([[0, 128, 129, 257, 32767], [32768, 65406, 65407, 65535, 4369]], dtype=np.uint16)
    found = _pixels(_bytes(Image.fromarray(values), kind), 1)
    assert found.tolist() == [[[0, 0, 1, 1, 127], [128, 254, 255, 255, 17]]]


def test_sixteen_bits_a_channel_in_colour() -> None:
    # Pillow writes none: a PNG by hand.
    rows = b"".join(b"\0" + struct.pack(">6H", 65535, 0, 257 * 19, 0, 257 * 23, 65535) for _ in range(3))
    chunks = [(b"IHDR", struct.pack(">2I5B", 2, 3, 16, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    content = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    assert _pixels(content, 3)[:, 1].tolist() == [[255, 0], [0, 23], [19, 255]]


def test_transparent_pixels_show_white_and_half_transparent_ones_half() -> None:
    alpha = np.array([[0, 255, 128]], dtype=np.uint8)
    dark = np.full((1, 3), 20, dtype=np.uint8)
    for array in (np.dstack([dark, alpha]), np.dstack([dark, dark, dark, alpha])):
        found = _pixels(_bytes(Image.fromarray(array), "PNG"), 1)[0, 0].tolist()
        assert found[:2] == [255, 20]
        assert found[2] == pytest.approx(255 + (20 - 255) * 128 / 255, abs=1)


def test_a_palette_with_a_transparent_colour() -> None:
    image = Image.fromarray(np.array([[0, 1, 2]], dtype=np.uint8)).convert("P")
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    assert _pixels(_bytes(image, "PNG"), 3)[:, 0].T.tolist() == [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
    found = _pixels(_bytes(image, "PNG", transparency=1), 3)[:, 0].T.tolist()
    assert found == [[255, 0, 0], [255, 255, 255], [0, 0, 255]]


def test_black_and_white_and_inks() -> None:
    bits = Image.fromarray(GREY > 127)
    assert torch.equal(_pixels(_bytes(bits, "PNG"), 1), _expected((GREY > 127).astype(np.uint8) * 255))
    inks = Image.new("CMYK", (3, 2), (0, 255, 255, 0))
    assert _pixels(_bytes(inks, "TIFF"), 3)[:, 0, 0].tolist() == [255, 0, 0]


# What a viewer does to show an image of each EXIF orientation upright.
UPRIGHT: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(np.transpose(a), 2),
    8: np.rot90,
}


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_the_orientation_that_the_camera_noted_is_undone(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = _bytes(Image.fromarray(GREY), "PNG", exif=exif)
    assert look_at(content).orientation == orientation
    assert torch.equal(_pixels(content, 1), _expected(UPRIGHT[orientation](GREY).copy()))


def test_exif_that_cannot_be_read_spoils_no_picture() -> None:
    content = _bytes(Image.fromarray(COLOUR), "PNG", exif=b"Exif\0\0no such thing")
    with Image.open(io.BytesIO(content)) as image, pytest.raises(SyntaxError):
        image.getexif()
    assert look_at(content).orientation == 1
    assert torch.equal(_pixels(content, 3), _expected(COLOUR))


def test_of_several_frames_the_first_is_taken() -> None:
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    content = _bytes(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    assert torch.equal(_pixels(content, 1), _expected(GREY))


def test_jpeg_in_grey_and_in_colour() -> None:
    smooth = Image.fromarray(np.linspace(0, 255, 35, dtype=np.uint8).reshape(5, 7)).resize((32, 16))
    for mode, channels in (("L", 1), ("RGB", 3)):
        found = _pixels(_bytes(smooth.convert(mode), "JPEG", quality=95), channels).float()
        assert found.shape == (channels, 16, 32)
        assert (found - as_tensor(smooth).float()).abs().mean() < 3


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "the file is empty"),
        (b"these are words, not pixels", "of no known image format"),
        (_bytes(Image.fromarray(COLOUR).resize((64, 64)), "JPEG")[:500], "(?i)truncated"),
        (_bytes(Image.fromarray(COLOUR).resize((64, 64)), "PNG")[:200], "."),
        (b"\x89PNG\r\n\x1a\n", "."),
        (_bytes(Image.fromarray(GREY.astype(np.float32)), "TIFF"), "floating-point numbers, whose white isn't known"),
        (_bytes(Image.fromarray(GREY.astype(np.int32) * 70_000), "TIFF"), "numbers of 32 bits or below zero"),
        (_bytes(Image.fromarray(GREY.astype(np.int32)), "TIFF"), "numbers of 32 bits or below zero"),  # not black
    ],
)
def test_what_is_broken_says_how(content: bytes, message: str) -> None:
    with pytest.raises(BrokenImage, match=message) as caught:
        read_image(content, channels=3)
    assert "\n" not in str(caught.value)
    assert " object at 0x" not in str(caught.value)


def test_any_image_cut_anywhere_is_broken_or_whole_never_something_else() -> None:
    whole = _bytes(Image.fromarray(COLOUR), "PNG")
    for length in range(len(whole)):
        try:
            found = read_image(whole[:length], channels=3)
        except BrokenImage:
            continue
        assert torch.equal(as_tensor(found), _expected(COLOUR))


def test_fitting_keeps_proportions_and_the_middle() -> None:
    halves = np.zeros((10, 30), dtype=np.uint8)
    halves[:, 10:20] = 200  # the middle third is bright
    fitted = as_tensor(fit(Image.fromarray(halves), height=5, width=5))
    assert fitted.shape == (1, 5, 5)
    assert fitted.min() > 150  # all of it, and nothing of the dark thirds but a soft edge
    tall = as_tensor(fit(Image.fromarray(halves.T.copy()), height=7, width=5))
    assert tall.shape == (1, 7, 5)
    assert tall[0, 3].min() == 200


def test_an_image_of_the_right_size_is_not_touched() -> None:
    assert torch.equal(as_tensor(fit(Image.fromarray(COLOUR), height=HEIGHT, width=WIDTH)), _expected(COLOUR))


def _deep_png(level: int) -> bytes:
    """Seven by five pixels of three channels of 16 bits, which Pillow doesn't write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    rows = (b"\0" + struct.pack(">21H", *[level] * 21)) * 5
    header = chunk(b"IHDR", struct.pack(">LLBBBBB", 7, 5, 16, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_the_highest_level_of_16_bits_is_seen_be_they_grey_or_colours() -> None:
    grey = io.BytesIO()
    Image.fromarray(np.full((5, 7), 4095, dtype=np.uint16)).save(grey, "TIFF")
    assert look_at(grey.getvalue())[:3] == (5, 7, 4095)
    assert look_at(_deep_png(4095))[:3] == (5, 7, 15 * 257)
    assert look_at(_deep_png(40000))[:3] == (5, 7, 156 * 257)
    plain = io.BytesIO()
    Image.new("RGB", (7, 5), (3, 3, 3)).save(plain, "PNG")
    assert look_at(plain.getvalue())[:3] == (5, 7, None)


@pytest.mark.parametrize("kind", ["EPS", "PDF", "ICO", "TGA", "SGI", "PCX", "MSP", "XBM"])
def test_formats_that_are_not_named_are_not_opened(kind: str) -> None:
    mode = "1" if kind in ("MSP", "XBM") else "RGB"
    with pytest.raises(BrokenImage, match="of no known image format"):
        read_image(_bytes(Image.new(mode, (16, 16)), kind), channels=3)


def _png(width: int, height: int) -> bytes:
    """The head of one that says that it is so large."""
    content = bytearray(_bytes(Image.new("L", (1, 1)), "PNG"))
    content[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


@pytest.mark.parametrize("width, height", [(1 << 14, 1 << 14), (1 << 20, 129), (1 << 30, 1 << 30)])
def test_a_picture_of_more_pixels_than_are_read_is_broken(width: int, height: int) -> None:
    with pytest.raises(BrokenImage, match=r"134217728.* are read .make it smaller, or set .ATTNLAB_MAX_PIXELS"):
        look_at(_png(width, height))


def test_the_bound_of_pixels_can_be_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    content = _bytes(Image.new("L", (10, 7)), "PNG")
    monkeypatch.setenv("ATTNLAB_MAX_PIXELS", "70")
    assert look_at(content).width == 10
    monkeypatch.setenv("ATTNLAB_MAX_PIXELS", "69")
    with pytest.raises(BrokenImage, match=r"no more than 69 are read|more pixels than the 69"):
        look_at(content)
    monkeypatch.setenv("ATTNLAB_MAX_PIXELS", "0")
    with pytest.raises(UserError, match="must be a whole number of pixels above 0"):
        look_at(content)
