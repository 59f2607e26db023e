"""Pages for a browser, each one file that is complete in itself: templates, styles and scripts stand beside this."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from attnlab.language import either
from attnlab.reading.shown import without_controls
from attnlab.reporting.picture_names import example_name

FOLDER = Path(__file__).parent
CODE = re.compile("`([^`]*)`")
LONG = 20  # letters of a word
LONG_HEAD = 12  # of one in a row's head, whose column is narrow on a phone
BREAKS = re.compile(r"(?<=[./=_,])(?=\w)")


def rendered(name: str, values: Mapping[str, Any]) -> str:
    """The page of a template here. Texts among the values are escaped; what HTML can't hold is a replacement sign.

    `file(NAME)` in a template is a style or script as it stands; the filter `tojson` is data within a script;
    `both(ENGLISH, CHINESE)` is a text of which the page shows that in its language; `in_language` of them gives that in
    the one it opens with, `language`, unless its reader's browser or choice is another.
    """
    return _environment().get_template(name).render(values)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        finalize=_drawable,
    )
    environment.globals["file"] = lambda name: Markup((FOLDER / name).read_text(encoding="utf-8"))
    environment.globals["both"] = both
    environment.globals["example_name"] = example_name
    environment.globals["in_language"] = either
    environment.globals["language"] = either("en", "zh-Hans")
    environment.filters["breakable"] = breakable
    environment.filters["coded"] = coded
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    return environment


def both(english: str, chinese: str) -> Markup:
    """A text in the page's two languages, one of which is hidden at a time (`base.css`)."""
    pair = '<span lang="en" data-lang="en">{}</span><span lang="zh" data-lang="zh">{}</span>'
    return Markup(pair).format(_drawable(english), _drawable(chinese))


def coded(pair: tuple[str, str]) -> Markup:
    """A text in both languages whose `commands` are set as such."""
    return both(*(Markup(CODE.sub(r"<code>\1</code>", str(escape(_drawable(text))))) for text in pair))


def breakable(text: str, *, head: bool = False) -> Markup:
    """A text whose long words, keys and paths say, may go on in the next line behind a dot, a slash or the like."""
    shown = str(_drawable(text))
    is_long = any(len(word) > (LONG_HEAD if head else LONG) for word in shown.split())
    return Markup("<wbr>").join(BREAKS.split(shown)) if is_long else escape(shown)


def _drawable(value: object) -> object:
    return without_controls(value) if isinstance(value, str) and not isinstance(value, Markup) else value
