"""What is in a page, read as a browser reads it; and what pages are made of besides records."""

import json
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

EVIL = "</script><script>alert(1)</script> & \"'<img src=http://x.y/z>"
SENTENCE = re.compile(r"(?:[A-Za-z][a-z']+,? ){3,}[a-z']{2,}")
QUOTED = re.compile("“[^”]*”")  # what a program said
VOID = ("meta", "link", "img", "input", "br", "wbr")


class Page(HTMLParser):
    """Its tags with their attributes, headings, texts by language, rows of tables, scripts; closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.headings: list[tuple[int, str]] = []
        self.of_language: dict[str, list[str]] = {"en": [], "zh": []}
        self.rows: list[list[str]] = []
        self.text, self.scripts = "", []
        self.chinese: list[str] = []  # what is read on that side, but for others' texts and commands
        self._open: list[tuple[str, str | None]] = []
        self._others = 0
        self.feed(html)
        self.close()
        assert not self._open, "elements are closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        self.chinese += [attributes[name] for name in ("data-label-zh", "data-text-zh") if name in attributes]
        if tag in VOID:
            return
        if self._others or tag in ("code", "script", "style", "title") or attributes.get("lang") == "":
            self._others += 1
        language = attributes.get("data-lang")
        self._open.append((tag, language))
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append((int(tag[1]), ""))
        if language:
            self.of_language[language].append("")
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag == "script":
            self.scripts.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag, "elements are closed in order"
        self._others -= self._others > 0

    def handle_data(self, data: str) -> None:
        tags, languages = [tag for tag, _ in self._open], [each for _, each in self._open if each]
        if "script" in tags:
            self.scripts[-1] += data
            return
        if "style" in tags:
            return
        if not self._others and languages[-1:] != ["en"]:
            self.chinese.append(data)
        self.text += data
        if languages:
            self.of_language[languages[-1]][-1] += data
        if languages[-1:] == ["zh"]:
            return
        if tags and tags[-1] in ("h1", "h2", "h3", "h4", "span") and self.headings and _in_heading(tags):
            level, text = self.headings[-1]
            self.headings[-1] = (level, text + data)
        if {"td", "th"} & set(tags):
            self.rows[-1][-1] += data

    def all_of(self, tag: str) -> list[dict[str, str]]:
        """The attributes of all its elements."""
        return [attributes for each, attributes in self.tags if each == tag]


def _in_heading(tags: Sequence[str]) -> bool:
    return bool({"h1", "h2", "h3", "h4"} & set(tags))


def check_page(html: str) -> Page:
    """A page that fetches nothing, says all in both languages, and is in order for whoever can't see it."""
    page = Page(html)
    addresses = [each.get(key, "") for _, each in page.tags for key in ("src", "href")]
    assert all(each.startswith(("data:image/", "#")) for each in addresses if each), "nothing is fetched"
    assert not {"link", "iframe", "object", "base", "form"} & {tag for tag, _ in page.tags}
    assert "default-src 'none'" in html
    assert len(page.of_language["en"]) == len(page.of_language["zh"]), "each text is there twice"
    for both in zip(page.of_language["en"], page.of_language["zh"], strict=True):
        assert all(each.strip() for each in both), both
    left = [each for each in page.chinese if SENTENCE.search(QUOTED.sub("", each))]
    assert not left, "no English is left on the Chinese side"
    for _, attributes in page.tags:
        assert ("data-text-en" in attributes) == ("data-text-zh" in attributes)
        assert ("data-label-en" in attributes) == ("data-label-zh" in attributes)
    ids = [each["id"] for _, each in page.tags if "id" in each]
    assert len(ids) == len(set(ids)), "ids are unique"
    named = {each[key] for _, each in page.tags for key in ("aria-labelledby", "aria-describedby") if key in each}
    assert named <= set(ids)
    targets = {each["href"][1:] for each in page.all_of("a")}
    assert targets <= set(ids)
    levels = [level for level, _ in page.headings]
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in pairwise(levels)), "no level is skipped"
    assert all("alt" in each for each in page.all_of("img"))
    assert len(page.all_of("caption")) == len(page.all_of("table"))
    assert all("scope" in each for each in page.all_of("th"))
    return page


def write_log(folder: Path, *, steps: Sequence[int], score: float) -> None:
    """A run's `metrics.csv`, whose accuracy rises to a score and whose loss falls."""
    rows = ["step,metric,value"]
    for number, step in enumerate(steps, 1):
        share = number / len(steps)
        rows += [f"{step},train/loss,{2 - share}", f"{step},val/accuracy,{score * share}", f"{step},train/lr,0.1"]
    (folder / "metrics.csv").write_text("\n".join(rows) + "\n")


def write_predictions(folder: Path, lines: Sequence[dict[str, Any]]) -> None:
    """A run's `predictions.jsonl`, numbered in order."""
    numbered = [{"id": number, "score": 1.0, "details": {}} | line for number, line in enumerate(lines)]
    (folder / "predictions.jsonl").write_text("".join(json.dumps(each) + "\n" for each in numbered))
