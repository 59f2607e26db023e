"""The command line of `attnlab data`."""

import shutil
from pathlib import Path

from attnlab.commands import arguments as arguments_of
from attnlab.commands.data import choosing
from attnlab.errors import UserError
from attnlab.files import check_reachable, say, write_text, writing
from attnlab.language import Language, wanted
from attnlab.reading.shown import json_text
from attnlab.reporting.terminal.text import pad

ABOUT = (
    "Read a data set as training would, and say what it is: counts, lengths and what is cut, classes, labels, entities "
    "or boxes, what the vocabulary doesn't know, examples that are there twice, what training would warn of, and some "
    "examples. Nothing is trained. Without a name: which data sets there are."
)
USAGE = "attnlab data [NAME] [KEY=VALUE ...] [options]"
ON_TERMINAL, ON_PAGE = 3, 8  # examples
WIDTH = 100  # columns, where there is no terminal
NAME_WIDTH = 26


def run(arguments: list[str]) -> int:
    """Print what a data set is, or write its page; 0 when done.

    Raises:
        UserError: an override or the data can't be, or the page can't be written.
    """
    parser = arguments_of.parser("data", ABOUT, usage=USAGE, allow_abbrev=False)
    parser.add_argument(
        "overrides", nargs="*", metavar="NAME|KEY=VALUE", help="a data set, and what `attnlab train` would be given"
    )
    parser.add_argument("--task", help="for which task it is read (default: the first that it is for)")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with batches as a model sees them")
    parser.add_argument(
        "--num", type=int, metavar="N", help=f"examples of each batch ({ON_TERMINAL}; {ON_PAGE} on a page)"
    )
    parser.add_argument("--config-dir", type=Path, action="append", default=[], help="a folder of your own configs")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_intermixed_args(arguments)
    arguments_of.check_config_dirs(options.config_dir)
    if options.num is not None and options.num < 1:
        raise UserError(f"--num must be 1 or more, got {options.num}")
    if options.html is not None:
        if options.html.is_dir():
            raise UserError(f"a page is a file, got the folder {options.html} (set --html)")
        check_reachable(options.html, remedy="set --html")
    if not options.overrides:
        return _list(options.config_dir, as_json=options.json)
    chosen = choosing.chosen(options.overrides, options.task, options.config_dir)
    name, config = chosen.load()  # before anything heavy: a name that isn't known is answered at once

    from attnlab.commands.data.set_shown import read
    from attnlab.commands.data.text import rendered

    shown = read(name, config, num=options.num or (ON_PAGE if options.html else ON_TERMINAL))
    if options.html is not None:
        from attnlab.commands.data.page import page_of

        page = page_of(shown, command=["data", *arguments])
        with writing(options.html, remedy="set --html"):
            write_text(options.html, page)
    if options.json:
        print(json_text(shown.content))
    elif options.html is not None:
        say([str(options.html)])
    else:
        width = shutil.get_terminal_size((WIDTH, 0)).columns
        say(rendered(shown, language=wanted(), width=width))
    return 0


def _list(folders: list[Path], *, as_json: bool) -> int:
    """The names, what each is, and of which tasks."""
    language: Language = "en" if as_json else wanted()
    sets = choosing.sets(folders, language)
    if as_json:
        print(json_text({name: {"is": is_, "tasks": tasks} for name, (is_, tasks) in sets.items()}))
        return 0
    of = {name: f" [{', '.join(tasks)}]" if tasks else "" for name, (_, tasks) in sets.items()}
    say(f"{pad(name, NAME_WIDTH)}{is_}{of[name]}" for name, (is_, _) in sets.items())
    return 0
