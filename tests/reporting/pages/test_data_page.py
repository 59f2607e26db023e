"""A data set's page: every text is escaped, and a picture's boxes lie in its own pixels."""

import re
from dataclasses import replace

import pytest
import torch

from attnlab.reporting.pages.data_page import (
    BatchShown,
    DataPage,
    Line,
    Piece,
    ShownBox,
    ShownExample,
    data_page,
    picture_of,
)
from attnlab.reporting.pages.report.contents import Table, plain

TAG = "<i>&"
PICTURE = torch.arange(3 * 400 * 500).reshape(3, 400, 500).remainder(251).to(torch.uint8)
EXAMPLES = [
    ShownExample(
        number=7,
        name=TAG,
        lines=[Line("source", [Piece(TAG, "unknown", TAG), Piece("<pad>", "padding")], cut=5)],
    ),
    ShownExample(number=8, label=TAG, picture=PICTURE, boxes=[ShownBox(3, 5, 70, 60, TAG)]),
]
PAGE = DataPage(
    title=plain(TAG),
    facts=[(plain(TAG), plain(TAG))],
    warnings=[plain(TAG)],
    refused=TAG,
    tables=[Table(name="counts", caption=plain(TAG), heads=[plain("")], rows=[[plain(TAG)]])],
    notes=[plain(TAG)],
    batches=[
        BatchShown(name="train", title=plain(TAG), about=[plain(TAG)], examples=EXAMPLES, sides={"source": plain(TAG)})
    ],
    command=TAG,
)


def test_every_text_is_escaped() -> None:
    page = data_page(PAGE)
    assert "<i>" not in page
    assert page.count("&lt;i&gt;&amp;") >= 12


def test_what_is_cut_and_what_pieces_are_is_shown() -> None:
    page = data_page(PAGE)
    assert "5 more are cut" in page
    assert "另 5 个被截断" in page
    assert re.search(r'class="piece padding">&lt;pad&gt;<', page)
    assert re.search(r'class="piece unknown">&lt;i&gt;&amp;<b class="label">', page)


def test_a_pictures_boxes_lie_in_its_own_pixels_though_its_file_is_smaller() -> None:
    found = picture_of(EXAMPLES[1])
    assert (found["height"], found["width"]) == (400, 500)
    page = data_page(PAGE)
    assert 'viewBox="0 0 500 400"' in page
    assert '<rect class="box" x="3" y="5" width="67" height="55"/>' in page


@pytest.mark.parametrize("part", ["warnings", "tables", "batches"])
def test_what_is_empty_has_no_section(part: str) -> None:
    section = {"tables": "numbers"}.get(part, part)
    assert f'<section id="{section}"' in data_page(PAGE)
    assert f'<section id="{section}"' not in data_page(replace(PAGE, **{part: []}))
