"""What both READMEs say of all mechanisms: how many there are, and tables of them by family."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from attnlab.config.families import FAMILIES

Language = Literal["en", "zh"]
Kind = Literal["channels", "positions", "both", "around", "control"]
BEGIN, END = "<!-- made by make docs: {} -->", "<!-- end -->"

BESIDE: dict[str, dict[Language, str]] = {
    "heads and projections": {
        "en": "; grouped and multi-query by `attention.num_kv_heads`",
        "zh": "；分组与多查询用 `attention.num_kv_heads`",
    }
}
KINDS: dict[Kind, dict[Language, str]] = {
    "channels": {"en": "channels", "zh": "通道"},
    "positions": {"en": "positions", "zh": "位置"},
    "both": {"en": "channels and positions", "zh": "通道与位置"},
    "around": {"en": "around any `attention=NAME`", "zh": "装入任一 `attention=NAME`"},
    "control": {"en": "control", "zh": "对照组"},
}
HEADINGS: dict[Language, tuple[str, str]] = {"en": ("family", "weighs"), "zh": ("类别", "加权的是")}


class Member(NamedTuple):
    """A mechanism's name, and its row in the table."""

    name: str
    row: str


def filled(text: str, language: Language, attention: Sequence[Member], feature_attention: Sequence[Member]) -> str:
    """A README with what is made in it; the rest stays as it is.

    Raises:
        ValueError: a family that isn't in FAMILIES, or a place that the README lacks.
    """
    for name, family in attention:
        if family not in FAMILIES:
            known = ", ".join(FAMILIES)
            raise ValueError(f"conf/attention/{name}.yaml must say `# family:` and one of {known}, got {family!r}")
    family_heading, kind_heading = HEADINGS[language]
    kinds = {kind: words[language] for kind, words in KINDS.items()}
    families = {family: words.said(language) for family, words in FAMILIES.items()}
    beside = {family: words[language] for family, words in BESIDE.items()}
    made = {
        "count": _count(language, len(attention), sum(member.row != "control" for member in feature_attention)),
        "attention": _table(family_heading, "attention", families, beside, attention),
        "feature_attention": _table(kind_heading, "feature_attention", kinds, {}, feature_attention),
    }
    for place, content in made.items():
        begin = BEGIN.format(place)
        if text.count(begin) != 1:
            raise ValueError(f"a README must have one place {begin}, got {text.count(begin)}")
        before, after = text.split(begin)
        text = before + begin + content + END + after.split(END, 1)[1]
    return text


def _count(language: Language, attention: int, feature_attention: int) -> str:
    if language == "zh":
        return f"{attention} 种注意力机制，另有 {feature_attention} 种作用于特征图"
    return f"{attention} attention mechanisms, and {feature_attention} on feature maps"


def _table(heading: str, group: str, rows: dict[str, str], beside: dict[str, str], members: Iterable[Member]) -> str:
    names: dict[str, list[str]] = {row: [] for row in rows}
    for member in members:
        names[member.row].append(f"`{member.name}`")
    lines = [f"| {heading} | `{group}=` |", "|---|---|"]
    lines += [f"| {rows[row]} | {' '.join(each)}{beside.get(row, '')} |" for row, each in names.items() if each]
    return "\n".join(["", "", *lines, "", ""])
