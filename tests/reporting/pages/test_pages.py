"""Pages: no text is markup, nothing is left out in silence, and each file beside the templates is used."""

import re
from pathlib import Path

import jinja2
import pytest

from attnlab.reporting import pages

EVIL = "</style></script><script>alert(1)</script> & \"'{{ title }}{% raw %}\x00\x1b"


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pages, "FOLDER", tmp_path)
    return tmp_path / "page.html.j2"


def test_text_is_escaped_and_its_control_characters_are_replaced(template: Path) -> None:
    template.write_text("{% for each in texts %}<p title='{{ each }}'>{{ each }}</p>{% endfor %}\n")
    page = pages.rendered("page.html.j2", {"texts": [EVIL]})
    assert page.count("<") == page.count(">") == 2
    assert page.count("'") == 2
    assert "{{ title }}" in page
    assert page.count("\ufffd") == 4


def test_data_in_a_script_cannot_end_it(template: Path) -> None:
    template.write_text("<script>{{ data | tojson }}</script>")
    page = pages.rendered("page.html.j2", {"data": [EVIL]})
    assert page.count("<") == page.count(">") == 2


def test_a_text_in_two_languages_is_escaped_in_both(template: Path) -> None:
    template.write_text("{{ both(text, '中文') }}")
    page = pages.rendered("page.html.j2", {"text": EVIL})
    assert page.count("<") == 4
    assert '<span lang="zh" data-lang="zh">中文</span>' in page


def test_styles_and_scripts_stand_as_they_are(template: Path) -> None:
    script = 'if (1 < 2 && "{{ x }}") { a = {#b: 1}; }\n'
    (template.parent / "page.js").write_text(script)
    template.write_text('<script>{{ file("page.js") }}</script>')
    assert pages.rendered("page.html.j2", {}) == f"<script>{script}</script>"


def test_a_value_that_is_missing_is_no_empty_text(template: Path) -> None:
    template.write_text("{{ title }}")
    with pytest.raises(jinja2.UndefinedError, match="title"):
        pages.rendered("page.html.j2", {})


def test_every_style_and_script_is_on_a_page_that_fetches_nothing() -> None:
    templates = "".join(path.read_text(encoding="utf-8") for path in pages.FOLDER.rglob("*.j2"))
    for path in [*pages.FOLDER.rglob("*.css"), *pages.FOLDER.rglob("*.js")]:
        assert f'file("{path.relative_to(pages.FOLDER).as_posix()}")' in templates
        assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/)|fetch\(", path.read_text(encoding="utf-8"))


def test_a_long_word_may_go_on_in_the_next_line_and_stays_the_same_text() -> None:
    key = "model.feature_attention._target_"
    shown = str(pages.breakable(key))
    assert "<wbr>" in shown
    assert shown.replace("<wbr>", "") == key
    assert pages.breakable("a.b") == pages.breakable("a.b", head=True) == "a.b"
    assert pages.breakable("random_frozen") == "random_frozen"
    assert pages.breakable("random_frozen", head=True) == "random_<wbr>frozen"
    assert pages.breakable(f"{EVIL}.{'x' * 30}").count("<") == str(pages.breakable(f"{EVIL}.{'x' * 30}")).count("<wbr>")


def test_commands_in_a_text_are_set_as_such_and_nothing_else_is() -> None:
    shown = str(pages.coded((f"by `attnlab {EVIL}`", "用 `attnlab`")))
    assert shown.count("<code>") == 2
    assert EVIL not in shown
