"""A command's help in Chinese: argparse's own words, and its lines by the columns that Chinese takes."""

import argparse
import re

OWN_WORDS = {"usage: ": "用法：", "positional arguments:": "参数：", "options:": "选项："}
HEADING = re.compile(r"(?<=[\u2e80-\uffff]):$", re.MULTILINE)  # argparse ends them so


class ChineseHelp(argparse.HelpFormatter):
    """argparse's lines, which it counts by characters, and has no other place to say how they are to be counted."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return _wrapped(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(_wrapped(text, width, indent=len(indent)))


def _wrapped(text: str, width: int, *, indent: int = 0) -> list[str]:
    from attnlab.reporting.terminal.wrapping import wrapped  # for what is printed alone

    return wrapped(" ".join(text.split()), width, indent=indent)


def in_chinese(text: str) -> str:
    """A help whose texts are Chinese, with argparse's own words in Chinese, too."""
    for english, chinese in OWN_WORDS.items():
        text = text.replace(english, chinese, 1)
    usage, _, rest = text.partition("\n\n")
    usage = usage.replace("\n ", "\n")  # as the word before its first line is a column shorter
    return HEADING.sub("：", f"{usage}\n\n{rest}")
