"""`attnlab predict` for images: names what they show, and draws where the model looked."""

import argparse
import os
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attnlab.commands.predict.output import (
    NO_ATTENTION,
    check_not_of_others,
    draw_map,
    draw_to,
    mark_predicted,
    of_texts,
    progress,
    say,
    tell_what_is_drawn,
)
from attnlab.commands.predict.values import refuse_value
from attnlab.errors import UserError
from attnlab.files import IMAGE_ENDINGS, PREDICTED
from attnlab.language import Words, either
from attnlab.reading.shown import tell
from attnlab.reporting.reasons import in_chinese

if TYPE_CHECKING:
    from torch import Tensor

    from attnlab.data.images.files import ImageFiles
    from attnlab.models.predictors import ImagePredictor, Prediction, PreparesImages
    from attnlab.reporting.look import Look

IMAGES, ALL_OF_THEM = Words("images", "张图像"), Words("--out DIR draws all", "--out DIR 会画出全部")
Found = tuple["ImageFiles", str]
"""An image: the folder or archive it lies in, and its name there."""


def are_images(inputs: Sequence[str]) -> bool:
    """Whether these are images by their names, folders or zip archives."""
    # os.path, because Path.is_dir raises for a text too long to be a name.
    return bool(inputs) and all(
        each.lower().endswith((*IMAGE_ENDINGS, ".zip")) or os.path.isdir(each) for each in inputs
    )


def run(predictor: "ImagePredictor", options: argparse.Namespace, look: "Look | None" = None) -> int:
    """Say what is on every image, a line each, and draw what is asked for; returns the exit status.

    Raises:
        UserError: there is no image, an input isn't one, or, after all others were done, some couldn't be read.
    """
    for option in of_texts(options):
        raise UserError(f"the run at {options.run} takes images, not text (drop {option})")
    if options.out is not None:
        _check_apart(options.inputs, options.out)
    images = _find(options.inputs, options.run)
    pending: deque[tuple[Found, Tensor]] = deque()
    broken: list[str] = []
    predictions = predictor.predict_images(
        ((_shown(*found), pixels) for found, pixels in _read(images, predictor.codec, pending, broken)),
        batch_size=options.batch_size,
    )
    pictures = _Pictures(predictor, options.map, options.out, look)
    for prediction in progress(predictions, doing="predicting", num=len(images), batch_size=options.batch_size):
        found, pixels = pending.popleft()
        say(prediction if options.json else predictor.line(prediction))
        pictures.draw(found, pixels, prediction)
    if options.map is not None and options.out is None:
        tell_what_is_drawn(options.map, num=len(images), what=IMAGES, remedy=ALL_OF_THEM)
    pictures.tell_what_has_none(len(images))
    if broken:
        raise UserError(
            f"every image must be whole, got {len(broken)} of {len(images)} that aren't: {'; '.join(broken)}"
        )
    return 0


def _check_apart(inputs: Sequence[str], out: Path) -> None:
    """Raise UserError for a folder in which what is written would be input the next time."""
    target = out.resolve()
    for each in inputs:
        if each.lower().endswith(".zip") or not os.path.exists(each):
            continue
        folder = Path(each).resolve() if os.path.isdir(each) else Path(each).resolve().parent
        within = os.path.isdir(each) and target.is_relative_to(folder) and not _is_left_out(target)
        if target == folder or within:
            raise UserError(
                f"what is written among the inputs would be input the next time, got --out {out} with {each} (set "
                "--out to another folder)"
            )


def _is_left_out(folder: Path) -> bool:
    """Whether images in it are known to be written, or will be."""
    return (folder / PREDICTED).exists() or not (folder.exists() and any(folder.iterdir()))


def _find(inputs: Sequence[str], run: str) -> list[Found]:
    from attnlab.data.images.files import FolderFiles, open_image_files

    if not inputs:
        raise UserError(f"the run at {run} takes images, got none (name image files, folders or zip archives)")
    images: list[Found] = []
    for each in inputs:
        path = Path(each)
        if not os.path.exists(each):
            refuse_value(each, takes="images")
            raise UserError(
                f"the run at {run} takes images, and there is no such file, folder or archive, got {each} (name one)"
            )
        if path.is_dir() or each.lower().endswith(".zip"):
            images += _within(open_image_files(path))
        elif not each.lower().endswith(IMAGE_ENDINGS):
            raise UserError(
                f"the run at {run} takes images, whose names end in {', '.join(IMAGE_ENDINGS)}, got {each} "
                "(leave it out, or name its folder, in which such are left out)"
            )
        else:
            images.append((FolderFiles(path.parent), path.name))
    return images


def _within(files: "ImageFiles") -> list[Found]:
    """The images of a folder or archive; what else it holds is counted."""
    names = list(files.listing())
    others = [name for name in names if not name.lower().endswith(IMAGE_ENDINGS)]
    if len(others) == len(names):
        raise UserError(f"there are no images in {files.root}, got {len(names)} files that aren't named as such")
    if others:
        shown = ", ".join(others[:5]) + (", ..." if len(others) > 5 else "")
        num = len(others)
        tell(
            either(
                f"left out {num} files in {files.root} that aren't named as images: {shown}",
                f"略去 {files.root} 中 {num} 个不以图像命名的文件：{shown}",
            )
        )
    return [(files, name) for name in names if name not in set(others)]


def _shown(files: "ImageFiles", name: str) -> str:
    return str(files.root / name)


def _read(
    images: Sequence[Found], codec: "PreparesImages", pending: "deque[tuple[Found, Tensor]]", broken: list[str]
) -> "Iterator[tuple[Found, Tensor]]":
    """Each image that is whole, prepared for the model, which also goes to `pending`; the others go to `broken`."""
    from attnlab.data.images.files import load_image
    from attnlab.data.images.reading import BrokenImage

    for files, name in images:
        try:
            pixels = codec.prepare(load_image(files, name, channels=codec.channels))
        except BrokenImage as error:
            broken.append(f"{_shown(files, name)}: {error}")
            continue
        pending.append(((files, name), pixels))
        yield (files, name), pixels


class _Pictures:
    """Draws the first image's map to `first`, and every image and its maps into the folder `out`, as far as given."""

    def __init__(self, predictor: "ImagePredictor", first: Path | None, out: Path | None, look: "Look | None") -> None:
        self.predictor, self.first, self.out, self.look = predictor, first, out, look
        self.names: set[str] = set()
        self.without = 0  # images of which no map is drawn
        if out is not None:
            mark_predicted(out)

    def draw(self, found: Found, pixels: "Tensor", prediction: "Prediction") -> None:
        if self.first is None and self.out is None:
            return
        from attnlab.data.images.files import load_image
        from attnlab.data.images.reading import as_tensor

        title = self.predictor.title(prediction, name=found[1])
        pictures = self.predictor.image_pictures(pixels, name="", title=title)
        if self.first is not None:
            draw_map(pictures, self.first, lacking=self._lacking(prediction), look=self.look)
            self.first = None
        if self.out is not None:
            self.without += not pictures and self._unseen(prediction) is not None
            stem = self._free_stem(found[1], ["", *(picture.name for picture in pictures)])
            image = as_tensor(load_image(*found, channels=3))
            answer = self.predictor.answer_picture(prediction, image, title=found[1])
            drawn = [("", answer), *((each.name, each) for each in pictures)]
            places = [(picture, self.out / f"{stem}{ending}.png") for ending, picture in drawn]
            for _, path in places:
                check_not_of_others(path, self.look)
            for picture, path in places:
                draw_to(picture, path, option="--out", look=self.look)

    def tell_what_has_none(self, images: int) -> None:
        """How many images have no map in the folder, and why, where another threshold would give one."""
        from attnlab.models.predictors import MapsWhatIsFound

        if not self.without or not isinstance(self.predictor, MapsWhatIsFound):
            return
        why = self.predictor.unseen() or NO_ATTENTION
        tell(
            either(
                f"{self.without} of {images} images have no attention map in {self.out}: {why}",
                f"{images} 张图像中有 {self.without} 张在 {self.out} 里没有注意力图：{in_chinese(why)}",
            )
        )

    def _lacking(self, prediction: "Prediction") -> str:
        """Why an image may have no map."""
        return self._unseen(prediction) or NO_ATTENTION

    def _unseen(self, prediction: "Prediction") -> str | None:
        """Why an image in which nothing was found has no map; None where that isn't the reason."""
        from attnlab.models.predictors import MapsWhatIsFound

        if isinstance(self.predictor, MapsWhatIsFound) and not prediction["output"]:
            return self.predictor.unseen()
        return None

    def _free_stem(self, name: str, endings: Sequence[str]) -> str:
        """The file's name without its ending, and with a number where one that begins so was taken."""
        stem = str(Path(name).with_suffix("")).replace("/", "_")
        free, number = stem, 1
        while any(free + ending in self.names for ending in endings):
            free, number = f"{stem}_{number + 1}", number + 1
        self.names |= {free + ending for ending in endings}
        return free
