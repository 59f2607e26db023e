"""Maps of several runs on a page: every text and word is there, none is markup, and what isn't there is said."""

import json
import re
from typing import Any

import pytest
import torch

from attnlab.reporting.pages.linked_maps import RunMaps, boxes_view, channels_view, image_of, linked, words_view
from attnlab.reporting.pages.linked_maps.contents import NO_ATTENTION, Box, Example
from attnlab.reporting.pages.linked_maps.offsets import units
from attnlab.reporting.pages.report.contents import Table, Text, plain
from attnlab.reporting.pages.run_page import RunPage, run_page

EVIL = "</script><script>alert(1)</script> & 'שָׂרָה' \x00"


def _maps(output: str) -> RunMaps:
    source = "uno dos"
    texts = {"source": source, "reference": EVIL, "output": output}
    view = words_view(
        {"cross": torch.rand(2, 3, 2)},
        name="reference",
        rows={"text": "reference", "units": units(["</script>", "&", "</s>"], EVIL)},
        columns={"text": "source", "units": units(["uno", "dos"], source)},
    )
    example: Example = {"id": 3, "title": "", "truth": "", "texts": texts, "image": None, "views": [view]}
    return {"examples": [example], "why": None}


def _page(maps: dict[str, Any] | None) -> str:
    head = [plain("score"), plain("value")]
    return run_page(
        RunPage(
            title=plain(EVIL),
            scores=[Table(name="scores-table", caption=plain("all"), heads=head, rows=[[plain("loss"), plain("1")]])],
            warnings=[plain(EVIL)],
            curves=[],
            no_curves=Text("too short", "太短"),
            samples=[],
            maps=maps,
            no_maps=Text(EVIL, EVIL),
            facts=[(plain("task"), plain(EVIL))],
            command=EVIL,
        )
    )


def _data(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="linked-maps-data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    read: dict[str, Any] = json.loads(found[1])
    return read


def test_texts_that_all_arms_have_stand_once_and_an_arms_own_with_it() -> None:
    found = linked({"a": _maps("one"), "b": _maps("two")})
    assert found is not None
    [example] = found["examples"]
    assert set(example["texts"]) == {"source", "reference"}
    assert [example["arms"][name]["texts"] for name in "ab"] == [{"output": "one"}, {"output": "two"}]
    assert found["names"] == ["a", "b"]


def test_an_arm_without_attention_says_so_in_both_languages_and_nothing_at_all_is_no_section() -> None:
    nothing: RunMaps = {"examples": [], "why": NO_ATTENTION}
    found = linked({"a": _maps("one"), "none": nothing})
    assert found is not None
    assert found["why"]["a"] is None
    english, chinese = found["why"]["none"]
    assert english == NO_ATTENTION != chinese
    assert linked({"none": nothing}) is None
    assert '</h2>\n<p data-testid="no-maps">' in _page(None)


@pytest.mark.parametrize(
    "name, words",
    [
        ("stages.3.0.feature_attention", ["stage 4, block 1", "第 4 阶段，第 1 块"]),
        ("encoder_1_attention", ["encoder 2", "编码器第 2 层"]),
        ("decoder_0_cross_attention", ["decoder 1, cross attention", "解码器第 1 层，交叉注意力"]),
        ("generator, attention, from (3, 4)", ["generator, attention, from (3, 4)", "生成器，注意力，从 (3, 4) 看"]),
        ("rollout", ["rollout", "逐层累积"]),
        ("my.own", ["my, own", "my, own"]),
    ],
)
def test_layers_are_named_in_words_of_both_languages(name: str, words: list[str]) -> None:
    maps = _maps("one")
    view = maps["examples"][0]["views"][0]
    view["layers"][0]["name"] = name
    found = linked({"a": maps})
    assert found is not None
    assert found["examples"][0]["arms"]["a"]["views"][0]["layers"][0]["name"] == words
    assert view["layers"][0]["name"] == name, "what is kept stays as it was"


def test_nothing_of_anybodys_text_is_markup_on_the_page() -> None:
    page = _page(linked({EVIL: _maps(EVIL)}))
    assert "alert(1)</script>" not in page
    assert "\x00" not in page
    data = _data(page)
    assert data["names"] == [EVIL.replace("\x00", "\ufffd")]
    assert data["examples"][0]["texts"]["reference"] == EVIL.replace("\x00", "\ufffd")
    assert "default-src 'none'" in page
    assert not re.search(r"(src|href)=\"(?!data:|#)", page)


def test_every_control_of_the_maps_has_a_name_in_both_languages() -> None:
    page = _page(linked({"a": _maps("one")}))
    for name in ("example", "view", "layer", "head", "shared"):
        assert page.count(f' id="linked-{name}"') == 1
    controls = re.search(r'<div class="maps-controls".*?</div>', page, re.DOTALL)
    assert controls is not None
    assert controls[0].count('data-lang="en"') == controls[0].count('data-lang="zh"') == 5 + 1, (
        "and the sign that something is pinned"
    )
    assert 'role="status" aria-live="polite"' in page
    assert page.count('data-lang="en"') == page.count('data-lang="zh"')


def test_an_image_is_a_file_within_the_page_small_ones_to_the_bit() -> None:
    image = image_of(torch.randint(256, (3, 5, 7), dtype=torch.uint8))
    assert image["address"].startswith("data:image/png;base64,")
    assert (image["height"], image["width"]) == (5, 7)
    large = image_of(torch.zeros(1, 500, 900, dtype=torch.uint8))
    assert large["address"].startswith("data:image/jpeg;base64,")
    assert (large["height"], large["width"]) == (500, 900)
    channels = channels_view({"a": torch.rand(4)}, name="channels")
    example: Example = {"id": 0, "title": "x", "truth": "y", "texts": {}, "image": image, "views": [channels]}
    found = linked({"a": {"examples": [example], "why": None}})
    assert found is not None
    assert found["examples"][0]["image"] == image


def test_scripts_of_the_maps_are_on_a_page_only_with_maps() -> None:
    assert "maps:select" in _page(linked({"a": _maps("one")}))
    assert "maps:select" not in _page(None)


@pytest.mark.parametrize(
    "attends, said, in_chinese",
    [(False, "Boxes found", "检出的框"), (True, "Boxes and attention maps", "框与注意力图")],
)
def test_boxes_do_not_stand_under_the_heading_of_attention_maps(attends: bool, said: str, in_chinese: str) -> None:
    example: Example = {"id": 3, "title": "", "truth": "", "texts": {}, "image": None, "views": []}
    found: Box = {"label": "cat", "score": 0.9, "box": (0.1, 0.2, 0.5, 0.7)}
    example["views"].append(boxes_view([found], [], name="boxes", classes=["cat"]))
    if attends:
        example["views"].append(channels_view({"gate": torch.rand(5)}, name="channels"))
    page = _page(linked({"a": {"examples": [example], "why": None}}))
    assert _heading(page) == [said, in_chinese]
    assert ">Attention maps<" not in page
    assert _heading(_page(linked({"a": _maps("one")}))) == ["Attention maps", "注意力图"]


def _heading(page: str) -> list[str]:
    """In both languages."""
    found = re.search(r'<h2 id="maps-head">(.*?)</h2>', page)
    assert found is not None
    return re.findall(r">([^<]+)<", found[1])
