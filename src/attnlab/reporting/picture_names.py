"""What figures say, in the language that is wanted, of what pictures name in English: axes, layers and heads."""

import re
from typing import Final

from attnlab.language import Words, either
from attnlab.reporting.glossary import TERMS
from attnlab.reporting.place_names import place_name

_AXES: Final = TERMS | {
    "attends to": "看向",
    "up to it": "直至自身",
    "source": "原文",
    "reference": "参考文本",
    "word": "词",
    "row": "行",
    "column": "列",
}
_PLACES: Final = TERMS | {
    "stage": "阶段",
    "block": "块",
    "layer": "层",
    "self attention": "自注意力",
    "cross attention": "交叉注意力",
    "sentence attention": "句子注意力",
    "backbone": "骨干网络",
    "generator": "生成器",
    "discriminator": "判别器",
    "pooling": "池化",
    "row": "行",
    "rows": "行",
    "column": "列",
    "columns": "列",
    "row attention": "行注意力",
    "column attention": "列注意力",
    "feature attention": "特征图注意力",
    "rollout": "逐层累积",
}
_NUMBERED: Final = re.compile(r"(\D+) (\d+)")
_FLAT: Final = re.compile(r"_(\d+)(_|$)")  # of a file's name, in which a path's dots are lines
_SEEN_FROM: Final = re.compile(r"(.+), from (\(\d+, \d+\))")
_SCENE: Final = re.compile(r"scene (\d+)")


def axis_name(english: str) -> str:
    """What rows or columns are; what isn't known is its own."""
    return either(english, _AXES.get(english, english))


def panel_name(name: str) -> str:
    """Of a map: a layer's path in words, or a head; what is neither stays as it is."""
    return either(*layer_name(name))


def layer_name(name: str) -> Words:
    """Likewise in both languages; also of a path in the name of a file, and of a layer seen from a place."""
    placed = place_name(_FLAT.sub(lambda found: f".{found[1]}{found[2] and '.'}", name))
    if seen := _SEEN_FROM.fullmatch(placed):
        return Words(placed, f"{place_in_chinese(seen[1])}，从 {seen[2]} 看")
    return Words(placed, place_in_chinese(placed))


def example_name(name: str) -> Words:
    """Of an example whose data is made up; what a file is called stays as it is."""
    found = _SCENE.fullmatch(name)
    return Words(name, f"场景 {found[1]}" if found else name)


def place_in_chinese(place: str) -> str:
    """Of `stage 1, block 2` 第 1 阶段，第 2 块; what has a part that isn't known stays as it is."""
    found = [_part(each) for each in place.split(", ")]
    return place if None in found else "，".join(filter(None, found))


def _part(english: str) -> str | None:
    if numbered := _NUMBERED.fullmatch(english):
        noun = _PLACES.get(numbered[1])
        if numbered[1] in ("encoder", "decoder"):  # lists of layers
            return f"{noun}第 {numbered[2]} 层"
        if noun is not None and noun.endswith("注意力"):
            return f"第 {numbered[2]} 处{noun}"
        return None if noun is None else f"第 {numbered[2]} {noun}"
    return _PLACES.get(english)
