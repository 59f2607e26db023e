"""What of an explanation no language changes, and how a mechanism speaks of itself in either."""

import re
from collections.abc import Iterator

from attnlab.language import Language, Words

_COST = re.compile(r"^Cost: time (.+?), memory (.+?)\.(?: |$)", re.MULTILINE)
# What stands in the name of a paper and a place in it, in order.
_OF_PAPERS = {
    r" et al\.": " 等",
    r"eqs?\. (\S+) to (\S+)": r"式 \1–\2",
    r"eqs?\. (\d+)-(\d+)": r"式 \1–\2",
    r"eqs?\. ": "式 ",
    r"sections? ([\d.]+) and ([\d.]+)": r"\1、\2 节",
    r"sections? ([\d.]+)": r"\1 节",
    "appendix ": "附录 ",
    " (?:and|&) ": "、",
    '"([^"]+)"': r"“\1”",
    "; ": "；",
    ", ": "，",
}


def alike(text: str) -> Words:
    """What no language changes: a formula, a line of code."""
    return Words(text, text)


def idea(docstring: str, said: str, language: Language) -> Iterator[str]:
    """Lines of a class's own docstring; in Chinese what the configuration says, where it does, equations and cost."""
    if language == "en" or not said:
        yield from docstring.splitlines()
        return
    yield said
    if equations := list(_equations(docstring)):
        yield from ["", *equations]
    if cost := _COST.search(docstring):
        yield from ["", f"代价：时间 {cost[1]}，内存 {memory_in_chinese(cost[2])}"]


def _equations(docstring: str) -> Iterator[str]:
    """The lines that open the second paragraph and hold an equation, without the source and the English around it.

    A clause of which the English was cut off says nothing any more, and goes with it: `q̂ and k̂ as in deltanet`.
    """
    paragraphs = docstring.split("\n\n")
    for line in paragraphs[1].splitlines() if len(paragraphs) > 1 else ():
        if "=" not in line or re.match(r"[(`]|[A-Z][a-z]+ ", line):
            return
        plain = re.split(r" {4,}\(|,? +then |,? +(?:[a-z]{2,} ){2,}", line)[0].rstrip()
        source = re.search(r" {4,}\(([^()]+)\)$", line)
        yield re.sub(r",\s+[^=~<,()]+$", "", plain) + (_in_chinese(source[1]) if source else "")


def _in_chinese(source: str) -> str:
    """`        （Luong 等，2015，3.1 节）` of a paper and where in it; "" of what is more than that."""
    for english, chinese in _OF_PAPERS.items():
        source = re.sub(english, chinese, source)
    words = re.findall(r"(?<![\w-])[a-z]{2,}(?![\w-])", re.sub(r"“[^”]*”", "", source))
    return "" if words else f"        （{source}）"


def memory_in_chinese(memory: str) -> str:
    """What a docstring says of its cost in memory."""
    said = re.sub(r"; in chunks of (\d+)", r"；每 \1 步一段", memory)
    return said.replace("; in the role self memory ", "；角色 self 下为 ")
