"""What `attnlab predict` gives out: answers on stdout, a line each; pictures and pages in files; the rest on stderr."""

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from attnlab.errors import UserError
from attnlab.files import PREDICTED, write_text, writing
from attnlab.language import Words, either
from attnlab.reading.shown import json_text, tell
from attnlab.reporting.terminal.text import one_line

if TYPE_CHECKING:
    from attnlab.reporting.look import Look
    from attnlab.reporting.pictures import Picture

T = TypeVar("T")

EMPTY = "(empty)"
NO_ATTENTION = "this model has no attention to draw"


def say(answer: str | Mapping[str, object]) -> None:
    """Print one line at once: a text, or a prediction as JSON, without the target, which is unknown here.

    A text's own line ends are signs of such on a terminal, and spaces elsewhere, where lines are counted; an empty text
    is said to be so on a terminal alone.
    """
    if not isinstance(answer, str):
        answer = json_text({key: value for key, value in answer.items() if key != "target"})
    at_terminal = sys.stdout.isatty()
    shown = one_line(answer, end="⏎" if at_terminal else " ")
    print(EMPTY if at_terminal and not shown.strip() else shown, flush=True)


def of_texts(options: argparse.Namespace) -> list[str]:
    """Those options given that only make sense for texts."""
    given = {"--whole-file": options.whole_file, "--text": options.text, "--words": options.words}
    return [option for option, value in given.items() if value]


def progress(answers: Iterable[T], *, doing: str, num: int, batch_size: int) -> Iterable[T]:
    """The answers as they come, with a bar on a terminal where there is more than one batch of them."""
    from tqdm import tqdm

    quiet = num <= batch_size or not sys.stderr.isatty()
    bar: Iterable[T] = tqdm(answers, total=num, desc=doing, file=sys.stderr, disable=quiet)
    return bar


@contextmanager
def announced(path: Path, *, option: str) -> Iterator[None]:
    """What is done within writes `path`, which is then said.

    Raises:
        UserError: it couldn't be; the `option` that names it can be set.
    """
    with writing(path, remedy=f"set {option}"):
        yield
    tell(either(f"wrote {path}", f"已写出 {path}"))


def mark_predicted(folder: Path) -> None:
    """Say in a folder that its pictures were made by a model, and are no data unless it is named itself.

    One that holds files of the user's isn't marked.

    Raises:
        UserError: it can't be written.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        with writing(folder / PREDICTED, remedy="set --out"):
            write_text(folder / PREDICTED, "pictures written by attnlab predict\n")


def check_not_of_others(path: Path, look: "Look | None") -> None:
    """Before a picture is written into the folder of --out, by a name that wasn't typed.

    Raises:
        UserError: a file lies there that isn't known to be one of the same run.
    """
    from attnlab.reporting.figures.ownership import check_free

    if look is not None:
        check_free(path, of=look.of, remedy="set --out to another folder")


def draw_to(picture: "Picture", path: Path, *, option: str, look: "Look | None" = None) -> None:
    """Write what is to be drawn, as it is wanted.

    Raises:
        UserError: it can't be written.
    """
    from attnlab.reporting.figures import save
    from attnlab.reporting.figures.draw import ALL, draw

    figure = draw(picture, ALL if look is None else look)
    with announced(path, option=option):
        save(figure, path, of="" if look is None else look.of)


def draw_map(
    pictures: Sequence["Picture"], path: Path, *, lacking: str = NO_ATTENTION, look: "Look | None" = None
) -> None:
    """Write the first, which is what --map asks for.

    Raises:
        UserError: there is none, for what is `lacking`, or it can't be written.
    """
    if not pictures:
        raise UserError(f"{lacking} (drop --map)")
    draw_to(pictures[0], path, option="--map", look=look)


def tell_what_is_drawn(path: Path, *, num: int, what: Words, remedy: Words) -> None:
    """Say that a map is the first one's of several inputs, where it might be looked for all of them."""
    if num > 1:
        tell(
            either(
                f"{path} shows the first of {num} {what.en} alone ({remedy.en})",
                f"{path} 只画了 {num} {what.zh}中的第一{what.zh[0]}（{remedy.zh}）",
            )
        )
