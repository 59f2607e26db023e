"""Pages of taggers."""

import re
from collections.abc import Callable
from pathlib import Path

import torch

from attnlab.reporting.pages.entity_page import TITLE, MarkedText, entity_page, of_run

TEXTS = [
    "Ada Lovelace met Charles Babbage in London on 5 June 1833.",
    "He said \"</script><script>alert(1)</script>\" & <img src=x onerror=alert(2)> 'quoted' {{ title }}.",
    "דוד המלך גר בירושלים, and then عاش في القاهرة 1833.",
    "東京の山田さんは、北京に住んでいます。",
    "An_unbroken_word_" + "that_goes_on_" * 19 + " ends.",
    "",
    " \t\n ",
]
MANY_TYPES = ["PER", "LOC", "ORG", "A-LABEL-" + "OF-MANY-WORDS-" * 5, "<b>", "日本", "T7", "T8", "T9"]


def _marked(text: str, types: list[str]) -> MarkedText:
    """Its words, every third of which is an entity, with weights that differ in sign and size."""
    words = [found.span() for found in re.finditer(r"\w+|[^\w\s]", text)]
    starts = words[::3]
    spans = [{"start": start, "end": end, "label": types[n % len(types)]} for n, (start, end) in enumerate(starts)]
    draws = torch.rand(3, len(words), len(words), generator=torch.Generator().manual_seed(3)) - 0.3
    return MarkedText(text, spans, words, [draws] if words else [], score=-0.25)


def _page(texts: list[str], types: list[str]) -> str:
    facts = of_run("a-run", "outputs/ner/a_run_of_a_long_name/0f3a", "ner_model", {"sentence": "scaled_dot"})
    return entity_page([_marked(each, types) for each in texts], types=types, title=TITLE, facts=facts)


ENTITY_PAGES: dict[str, Callable[[Path], str]] = {
    "entities": lambda _: _page(TEXTS, ["PER", "LOC"]),
    "entities_of_many_types": lambda _: _page(TEXTS[:3] * 3, MANY_TYPES),
    "entities_of_no_text": lambda _: _page([], ["PER"]),
}
