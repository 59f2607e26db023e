"""The page of entities and attention: complete in itself, faithful to the text, and safe with any."""

import json
import re
from html.parser import HTMLParser

import torch

from attnlab.reporting.pages.entity_page import MarkedText, entity_page
from attnlab.reporting.pages.report.contents import plain

TYPES = ["LOC", "PER"]
TEXT = 'Mose\u0301s  𝒜da\tsaw שָׂרָה\nin <Ur> & "Ai".'
WORDS = [m.span() for m in re.finditer(r"[^\s<>&\".]+|[<>&\".]", TEXT)]


def _span(name: str, label: str) -> dict[str, object]:
    start = TEXT.index(name)
    return {"start": start, "end": start + len(name), "label": label}


SPANS = [_span("Mose\u0301s  𝒜da", "PER"), _span("שָׂרָה", "PER"), _span("Ur", "LOC")]


class _Reader(HTMLParser):
    """The text of the articles without labels, and what was marked."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.marks, self.tags = "", [], []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link", "img"):
            self._open.append(tag)
        self.tags.append((tag, dict(attributes)))
        if tag == "mark" and "article" in self._open:
            self.marks.append(["", ""])

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, "elements are closed in order"

    def handle_data(self, data: str) -> None:
        if "article" not in self._open or (self._open[-1] == "article" and not data.strip()):
            return
        if "b" in self._open:
            self.marks[-1][1] += data
            return
        self.text += data
        if "mark" in self._open:
            self.marks[-1][0] += data


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    return reader


def _page(*texts: MarkedText) -> str:
    return entity_page(texts, types=TYPES, title=plain("A <title> & more"))


def _maps(page: str) -> list[list[list[object]]]:
    found = re.search(r'<script type="application/json" id="maps">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    loaded: list[list[list[object]]] = json.loads(found[1])
    return loaded


def test_the_text_is_all_there_and_the_entities_are_marked_with_their_labels() -> None:
    reader = _read(_page(MarkedText(TEXT, SPANS, WORDS, [torch.eye(len(WORDS))])))
    assert reader.text == TEXT
    assert reader.marks == [["Mose\u0301s  𝒜da", "PER"], ["שָׂרָה", "PER"], ["Ur", "LOC"]]
    words = [attributes["data-w"] for _, attributes in reader.tags if "data-w" in attributes]
    assert words == [str(number) for number in range(len(WORDS))]


def test_each_word_has_its_weights_relative_to_the_largest_and_pieces_follow_each_other() -> None:
    first = torch.tensor([[0.5, 0.25], [0.0, 1.0]])
    second = torch.tensor([[0.2, -0.4, 0.0], [0.0, 0.0, 0.0], [float("nan"), 0.1, 0.1]])
    text = "a b c d e"
    words = [m.span() for m in re.finditer(r"\w", text)]
    [rows] = _maps(_page(MarkedText(text, [], words, [first, second])))
    assert rows == [
        [0, [99, 50]],
        [0, [0, 99]],
        [2, [50, -99, 0]],
        [2, [0, 0, 0]],
        [2, [0, 0, 0]],
    ]


def test_nothing_of_the_text_is_read_as_markup_and_nothing_is_fetched() -> None:
    evil = "</script><script>alert(1)</script> <img src=http://x.y/z> {title} \x00\x1b[2J"
    page = _page(MarkedText(evil, [], [(0, len(evil))], [torch.ones(1, 1)]))
    reader = _read(page)
    assert reader.text == evil.replace("\x00", "\ufffd").replace("\x1b", "\ufffd")
    assert "alert(1)</script>" not in page
    assert not {"img", "link", "iframe", "object"} & {tag for tag, _ in reader.tags}
    assert not any({"src", "onclick"} & attributes.keys() for _, attributes in reader.tags)
    assert {attributes["href"] for _, attributes in reader.tags if "href" in attributes} == {"#main"}
    assert re.findall(r"url\(|@import|https?://", page) == ["http://"]  # the one in the text
    assert "default-src 'none'" in page


def test_texts_without_words_or_entities_and_many_texts_stand_too() -> None:
    page = _page(MarkedText(" \t", [], [], []), MarkedText("Ur", [], [(0, 2)], [torch.ones(1, 1)]))
    reader = _read(page)
    assert reader.text == " \tUr"
    assert _maps(page) == [[], [[0, [99]]]]
    assert "A &lt;title&gt; &amp; more" in page
