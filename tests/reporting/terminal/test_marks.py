"""Entities in a terminal: brackets and labels always, colour besides."""

import re

from attnlab.reporting.terminal.marks import BACKGROUNDS, marked

# A combining mark, an astral character, right-to-left text, a tab, CRLF and several spaces.
TEXT = "Mose\u0301s 𝒜da\tsaw  שָׂרָה\r\nin Ur."


def _span(name: str, label: str) -> dict[str, object]:
    start = TEXT.index(name)
    return {"start": start, "end": start + len(name), "label": label, "text": name}


SPANS = [_span("Mose\u0301s", "PER"), _span("𝒜da", "PER"), _span("שָׂרָה", "PER"), _span("Ur", "LOC")]


def test_each_entity_is_in_brackets_with_its_label_and_the_rest_is_as_it_was() -> None:
    shown = marked(TEXT, SPANS)
    assert shown == "[Mose\u0301s PER] [𝒜da PER]\tsaw  [שָׂרָה PER]\r\nin [Ur LOC]."
    assert re.sub(r"\[(.*?) (?:PER|LOC)\]", r"\1", shown) == TEXT
    assert marked(TEXT, []) == TEXT


def test_control_characters_do_nothing_to_the_terminal() -> None:
    text = "\x1b[2J Ur\x9b\x07 in\x7f Ur"
    spans = [{"start": 5, "end": 8, "label": "L\x1bC"}, {"start": 14, "end": 16, "label": "LOC"}]
    assert marked(text, spans) == "\ufffd[2J [Ur\ufffd L\ufffdC]\ufffd in\ufffd [Ur LOC]"
    coloured = marked(text, spans, types=["L\x1bC", "LOC"])
    assert [int(code) for code in re.findall(r"48;5;(\d+)m", coloured)] == [*BACKGROUNDS[:2]]


def test_colour_is_added_and_never_alone() -> None:
    coloured = marked(TEXT, SPANS, types=["LOC", "PER"])
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == marked(TEXT, SPANS)
    codes = re.findall(r"48;5;(\d+)m\[(.*?) (PER|LOC)\]\x1b\[0m", coloured)
    assert [(int(code), label) for code, _, label in codes] == [
        (BACKGROUNDS[1], "PER"),
        (BACKGROUNDS[1], "PER"),
        (BACKGROUNDS[1], "PER"),
        (BACKGROUNDS[0], "LOC"),
    ]


def test_many_types_and_unknown_ones_have_colours_too() -> None:
    types = [f"T{number}" for number in range(11)]
    for label in (*types, "OTHER"):
        assert f"[Ur {label}]" in marked("Ur", [{"start": 0, "end": 2, "label": label}], types=types)
