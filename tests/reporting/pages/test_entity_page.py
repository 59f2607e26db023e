"""The page of entities and attention: complete in itself, faithful to the text, and safe with any."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
import torch
from tiny_pages import check_page

from attnlab.reporting.pages.entity_page import TITLE, MarkedText, entity_page, of_run
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


def _maps(page: str) -> list[list[dict[str, Any]]]:
    found = re.search(r'<script type="application/json" id="maps">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    loaded: list[list[dict[str, Any]]] = json.loads(found[1])
    return loaded


def test_the_text_is_all_there_and_the_entities_are_marked_with_their_labels() -> None:
    reader = _read(_page(MarkedText(TEXT, SPANS, WORDS, [torch.eye(len(WORDS))[None]])))
    assert reader.text == TEXT
    assert reader.marks == [["Mose\u0301s  𝒜da", "PER"], ["שָׂרָה", "PER"], ["Ur", "LOC"]]
    words = [attributes["data-w"] for _, attributes in reader.tags if "data-w" in attributes]
    assert words == [str(number) for number in range(len(WORDS))]


def test_each_head_of_each_piece_has_its_weights_to_four_digits_and_what_is_no_number_has_none() -> None:
    first = torch.tensor([[[0.5, 0.25], [0.0, 1.0]], [[0.1, 0.9], [0.3, 0.7]]])
    second = torch.tensor([[[0.2, -0.4, 0.0], [0.0, 0.0, 0.0], [float("nan"), 0.1, float("inf")]]] * 2)
    text = "a b c d e"
    words = [m.span() for m in re.finditer(r"\w", text)]
    [pieces] = _maps(_page(MarkedText(text, [], words, [first, second])))
    assert [piece["first"] for piece in pieces] == [0, 2]
    for piece, given in zip(pieces, (first, second), strict=True):
        nan = float("nan")
        kept = torch.tensor([[[nan if n is None else n for n in row] for row in each] for each in piece["heads"]])
        known = given.where(given.isfinite(), nan)
        assert torch.allclose(kept * piece["unit"], known, atol=1e-4, equal_nan=True)


def test_the_page_names_its_run_its_mechanisms_and_lets_one_choose_a_head() -> None:
    facts = of_run("a-run", "outputs/ner/0f3a", "transformer_tagger", {"sentence": "scaled_dot", "own_place": "mine"})
    text = MarkedText("Ur fell", [], [(0, 2), (3, 7)], [torch.rand(3, 2, 2)], score=-0.12345)
    page = check_page(entity_page([text], types=TYPES, title=TITLE, facts=facts))
    for said in ("a-run", "outputs/ner/0f3a", "transformer_tagger", "scaled_dot", "mine", "run folder", "own place"):
        assert said in page.text
    assert {"运行目录", "模型", "注意力，句子（sentence）"} <= set(page.of_language["zh"])
    options = [(each["value"], each["data-text-en"], each["data-text-zh"]) for each in page.all_of("option")]
    heads = [(str(number), f"head {number + 1}", f"头 {number + 1}") for number in range(3)]
    assert options == [("mean", "mean of heads", "各头均值"), *heads]
    assert any("-0.123" in each for each in page.of_language["en"])


def test_one_head_needs_no_choice_and_too_many_numbers_are_a_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = torch.rand(3, 2, 2)
    assert 'id="head"' not in _page(MarkedText("Ur fell", [], [(0, 2), (3, 7)], [weights[:1]]))
    monkeypatch.setattr(f"{entity_page.__module__}.MOST_NUMBERS", 11)
    page = _page(MarkedText("Ur fell", [], [(0, 2), (3, 7)], [weights]))
    [[piece]] = _maps(page)
    assert torch.allclose(torch.tensor(piece["heads"]) * piece["unit"], weights.mean(0, keepdim=True), atol=1e-4)
    assert 'id="head"' not in page
    assert 'data-testid="averaged"' in page


def test_nothing_of_the_text_is_read_as_markup_and_nothing_is_fetched() -> None:
    evil = "</script><script>alert(1)</script> <img src=http://x.y/z> {title} \x00\x1b[2J"
    page = _page(MarkedText(evil, [], [(0, len(evil))], [torch.ones(1, 1, 1)]))
    reader = _read(page)
    assert reader.text == evil.replace("\x00", "\ufffd").replace("\x1b", "\ufffd")
    assert "alert(1)</script>" not in page
    assert not {"img", "link", "iframe", "object"} & {tag for tag, _ in reader.tags}
    assert not any({"src", "onclick"} & attributes.keys() for _, attributes in reader.tags)
    assert {attributes["href"] for _, attributes in reader.tags if "href" in attributes} == {"#main"}
    assert re.findall(r"url\(|@import|https?://", page) == ["http://"]  # the one in the text
    assert "default-src 'none'" in page


def test_texts_without_words_or_entities_and_many_texts_stand_too() -> None:
    page = _page(MarkedText(" \t", [], [], []), MarkedText("Ur", [], [(0, 2)], [torch.ones(1, 1, 1)]))
    reader = _read(page)
    assert reader.text == " \tUr"
    assert [len(pieces) for pieces in _maps(page)] == [0, 1]
    assert "A &lt;title&gt; &amp; more" in page
