"""A message in Chinese, by the tables."""

import re
from functools import cache
from typing import Final

from attnlab.reporting.glossary import SCORES
from attnlab.reporting.messages.of_data import OF_DATA
from attnlab.reporting.messages.of_runs import OF_RUNS

# Values that are words of the program's own.
_WORDS: Final = SCORES | {
    "train": "训练集",
    "val": "验证集",
    "test": "测试集",
    "pairs": "句对",
    "sentences": "句子",
    "documents": "文档",
    "summaries": "摘要",
    "texts": "文本",
    "sources": "原文",
    "targets": "译文",
    "letters": "字符",
    "tokens": "词元",
}


def said_in_chinese(message: str) -> str | None:
    """The whole of it, with its values; None of one that no table has.

    A value that is itself such a message, or a word of the program's own, is translated; others stay as they are.
    """
    for pattern, chinese in _patterns():
        if found := pattern.fullmatch(message):
            return chinese.format(*(_WORDS.get(each) or said_in_chinese(each) or each for each in found.groups()))
    return None


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Those with the most words first, as one with few may hold for another's message, too."""
    table = OF_DATA | OF_RUNS
    chosen = sorted(table, key=lambda english: len(english.replace("{}", "")), reverse=True)
    return [
        (re.compile("(.*?)".join(map(re.escape, english.split("{}"))), re.DOTALL), table[english]) for english in chosen
    ]
