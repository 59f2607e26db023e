"""Texts that were exported, read or paired wrongly are told with their number, and sound ones aren't doubted."""

import html
from collections.abc import Sequence

import pytest

from attnlab.data.text.doubtful_texts import warn_of_encoding, warn_of_pairs, warn_of_shared
from attnlab.reporting.messages.chinese import said_in_chinese

ENGLISH = ["the king sees a house", "a big dog goes home", "R&D costs < 5 & more", "the old man’s “café”"]
SPANISH = ["el rey ve una casa", "un perro grande va a casa", "I+D cuesta menos, ¿no?", "el café «del viejo» está Âqui"]


def texts(kinds: Sequence[str], num: int = 31) -> list[str]:
    return [f"{kinds[number % len(kinds)]} {number}" for number in range(num)]


def split(source: Sequence[str] = ENGLISH, target: Sequence[str] = SPANISH) -> dict[str, list[str]]:
    return {"sources": texts(source), "targets": texts(target)}


def warned(splits: dict[str, dict[str, list[str]]]) -> dict[str, str]:
    found: dict[str, str] = {}
    warn_of_pairs(splits, found.__setitem__)
    assert all(said_in_chinese(message) is not None for message in found.values())
    return found


def test_sound_texts_are_not_doubted() -> None:
    assert warned({each: split() for each in ("train", "val", "test")}) == {}
    chinese = ["国王看见一所房子。", "一只大狗回家了。"]
    assert warned({each: split(chinese, ["王は家を見る。", "大きな犬"]) for each in ("train", "val")}) == {}
    assert warned({each: split(ENGLISH, ENGLISH) for each in ("train", "val")}) == {}


@pytest.mark.parametrize(
    "of, kind",
    [
        (lambda text: html.escape(text), "html_in_texts"),
        (lambda text: f"<p>{text}<br />", "html_in_texts"),
        (lambda text: text.encode().decode("cp1252", "replace"), "misread_letters"),
        (lambda text: text.encode().decode("latin-1"), "misread_letters"),
        (lambda text: text.encode("latin-1", "replace").decode(errors="replace"), "misread_letters"),
        (lambda text: "n/a", "one_text"),
    ],
)
def test_texts_that_were_exported_or_read_wrongly_are_told(of: object, kind: str) -> None:
    assert callable(of)
    sides = split()
    changed = {**sides, "targets": [of(text.replace("¿", "&")) for text in sides["targets"]]}
    found = warned({"train": changed, "val": sides})
    assert [*found] == [kind]
    assert " of 31 targets of train " in found[kind]


def test_a_text_or_two_tell_nothing() -> None:
    sides = {"sources": texts(ENGLISH, 307), "targets": ["&quot;no&quot;", *texts(SPANISH, 306)]}
    assert warned({"train": sides}) == {}


def test_labels_for_texts_are_told_with_the_key_of_their_column() -> None:
    levels = {**split(), "sources": texts(ENGLISH, 61), "targets": ["A1", "A2", "B1"] * 20 + ["A1"]}
    found: dict[str, str] = {}
    warn_of_pairs({"train": levels, "val": levels}, found.__setitem__, keys=["data.corpus.one", "data.corpus.other"])
    assert found == {
        "few_texts": "targets of train have 3 different texts in 61, as labels have: they may be of another column "
        "than is meant (set data.corpus.other)"
    }
    assert "请设 data.corpus.other" in str(said_in_chinese(found["few_texts"]))
    assert "(read another column or field, or set data.root)" in warned({"train": levels})["few_texts"]


def test_sides_of_a_split_that_are_swapped_are_told() -> None:
    found = warned({"train": split(), "val": split(), "test": split(SPANISH, ENGLISH)})
    assert [*found] == ["sides_swapped"]
    assert "the two sides of test look swapped" in found["sides_swapped"]


def test_a_test_that_is_val_is_told() -> None:
    found: dict[str, str] = {}
    warn_of_shared("pairs", texts(ENGLISH), texts(SPANISH), found.__setitem__)
    warn_of_shared("pairs", texts(ENGLISH, 3), texts(ENGLISH, 3), found.__setitem__)
    assert found == {}
    warn_of_shared("pairs", texts(ENGLISH), texts(ENGLISH), found.__setitem__)
    assert found["test_in_val"].startswith("31 of 31 pairs of test stand in val, too, ")
    assert said_in_chinese(found["test_in_val"]) is not None


def test_letters_of_another_encoding_are_told_of_lone_texts() -> None:
    found: dict[str, str] = {}
    warn_of_encoding(
        {"train": {"texts": [each.encode().decode("latin-1") for each in texts(SPANISH)]}}, found.__setitem__
    )
    assert "texts of train look read in a wrong encoding" in found["misread_letters"]
