"""The reference's first page in both languages: all mechanisms, and what else can be chosen."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from docstring_parts import take_apart
from group_pages import file_of
from group_words import GROUP_PAGES, RUN_PAGE, WHAT
from page_parts import BIBLIOGRAPHY, NOTICE, escaped, table

from attnlab.commands.explain.words import memory_in_chinese
from attnlab.commands.list import grid_table
from attnlab.config import fitting
from attnlab.language import Language, Words

TITLE: Final = Words("Reference", "参考")
OPENING: Final = Words(
    f"[中文](README.zh.md) · All papers: [references.bib]({BIBLIOGRAPHY})",
    f"[English](README.md) · 全部论文：[references.bib]({BIBLIOGRAPHY})",
)
OTHERS: Final = Words("Everything else that can be chosen", "可选的其他一切")
MECHANISMS: Final = Words("The mechanisms", "机制")
CORES: Final = Words(
    "`attention=NAME`: how queries weigh keys. T is the length, D the model's width, H the heads; "
    "time and memory are without the projections.",
    "各机制的网页为英文。`attention=NAME`：查询怎样给键加权。T 是长度，D 是模型宽度，H 是头数；时间与内存不含投影。",
)
FEATURES: Final = Words(
    "`feature_attention=NAME`: what is let through of feature maps with P = H W positions and C channels.",
    "`feature_attention=NAME`：特征图（P = H W 个位置，C 个通道）中放行什么。",
)
IDEA: Final = Words("idea", "思路")
TIME: Final = Words("time", "时间")
MEMORY: Final = Words("memory", "内存")
YES: Final = Words("yes", "可")
NAME: Final = Words("name", "名称")
PAGE: Final = Words("page", "网页")


class Shown(Protocol):
    """A mechanism, as the index has it."""

    @property
    def name(self) -> str: ...
    @property
    def definition(self) -> type: ...
    def headline_in(self, language: Language) -> str: ...


def _memory(cost: str, language: Language) -> str:
    """As a docstring has it, its words in the language."""
    return cost if language == "en" else memory_in_chinese(cost)


def first_page(groups: Mapping[str, Sequence[Shown]], grid: fitting.Grid, language: Language) -> str:
    """The text of README.md or README.zh.md."""
    rows = []
    for each in groups["attention"]:
        cost, serves = take_apart(each.definition).cost, grid["attention"][each.name]["serves"]
        roles = [YES.said(language) if role in serves else "" for role in grid_table.ROLES]
        rows.append([link(each.name), each.headline_in(language), cost.time, _memory(cost.memory, language), *roles])
    feature_rows = [
        [link(each.name), each.headline_in(language), take_apart(each.definition).cost.time]
        for each in groups["feature_attention"]
    ]
    headings = [each.said(language) for each in (NAME, IDEA, TIME)]
    blocks = [
        NOTICE,
        f"# {TITLE.said(language)}",
        OPENING.said(language),
        f"## {MECHANISMS.said(language)}",
        CORES.said(language),
        table([*headings, MEMORY.said(language), *grid_table.ROLES], rows),
        FEATURES.said(language),
        table(headings, feature_rows),
        f"## {OTHERS.said(language)}",
        table([PAGE.said(language), "", WHAT.said(language)], _pages(language)),
    ]
    return "\n\n".join(blocks) + "\n"


def _pages(language: Language) -> list[list[str]]:
    chosen = {page: f"`{group}=NAME`" for group, page in GROUP_PAGES.items()}
    return [
        [
            f"[{page.title.said(language)}]({file_of(page, language)})",
            chosen.get(page, ""),
            escaped(page.intro.said(language)),
        ]
        for page in (*GROUP_PAGES.values(), RUN_PAGE)
    ]


def link(name: str) -> str:
    return f"[{name}]({name}.md)"
