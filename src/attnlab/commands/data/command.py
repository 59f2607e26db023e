"""The command line of `attnlab data`."""

import argparse
import shutil
from pathlib import Path

from attnlab.commands import arguments as arguments_of
from attnlab.commands.data import choosing
from attnlab.errors import UserError
from attnlab.files import say, write_text, writing
from attnlab.language import Language, Words, either, wanted
from attnlab.reading.shown import json_text
from attnlab.reporting.terminal.text import pad
from attnlab.reporting.typed_files import PAGE, check_typed

ABOUT = Words(
    "Read a data set as training would, and say what it is: counts, lengths and what is cut, classes, labels, entities "
    "or boxes, what the vocabulary doesn't know, examples that are there twice, what training would warn of or refuse, "
    "and some examples. Nothing is trained. Without a name: which data sets there are.",
    "像训练那样读取一个数据集，说明它是什么样：数量、长度与截去的部分、类别、标签、实体或框、词表里没有的、重复的样本、训练会警告或拒绝的事，"
    "以及几个样本。不训练。不给名称时列出有哪些数据集。",
)
USAGE = Words("attnlab data [NAME] [KEY=VALUE ...] [options]", "attnlab data [NAME] [KEY=VALUE ...] [选项]")
ON_TERMINAL, ON_PAGE = 3, 8  # examples
REFUSED = 2  # the status of a mistake of the user's, as training ends with
WIDTH = 100  # columns, where there is no terminal
NAME_WIDTH = 26


def run(arguments: list[str]) -> int:
    """Print what a data set is, or write its page; 0 when done, 2 where it says that training would refuse the data.

    Raises:
        UserError: an override or the data can't be, or the page can't be written; or, said once all is shown where
            that isn't read by eye, training would refuse the data.
    """
    options = _parser().parse_intermixed_args(arguments)
    arguments_of.check_config_dirs(options.config_dir)
    if options.num is not None and options.num < 1:
        raise UserError(f"--num must be 1 or more, got {options.num}")
    if options.html is not None:
        check_typed(options.html, PAGE, option="--html")
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
    if shown.refused is None:
        return 0
    if options.json or options.html is not None:
        raise UserError(shown.refused)
    return REFUSED


def _parser() -> argparse.ArgumentParser:
    said = wanted()
    parser = arguments_of.parser("data", ABOUT.said(said), usage=USAGE.said(said), allow_abbrev=False)
    helped = either(
        "a data set, and what `attnlab train` would be given", "一个数据集，以及会给 `attnlab train` 的参数"
    )
    parser.add_argument("overrides", nargs="*", metavar="NAME|KEY=VALUE", help=helped)
    helped = either(
        "for which task it is read (default: the first that it is for)", "为哪个任务读取（默认：它所属的第一个）"
    )
    parser.add_argument("--task", help=helped)
    helped = either("write a page with batches as a model sees them", "写一个网页，其中的批次如模型所见")
    parser.add_argument("--html", type=Path, metavar="FILE", help=helped)
    helped = either(
        f"examples of each batch ({ON_TERMINAL}; {ON_PAGE} on a page)",
        f"每个批次的样本数（{ON_TERMINAL}；网页上 {ON_PAGE}）",
    )
    parser.add_argument("--num", type=int, metavar="N", help=helped)
    arguments_of.add_config_dir(parser, kind=Path)
    arguments_of.add_json(parser)
    return parser


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
