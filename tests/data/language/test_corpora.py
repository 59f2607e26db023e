"""Texts for language models: what is bundled, and files of JSON."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from attnlab.data import BibleTexts, DebianTexts, JsonlTexts, Shakespeare
from attnlab.data.files.cached_folder import bundled
from attnlab.errors import UserError


def test_shakespeare_is_42_works_of_which_none_is_in_two_splits(tmp_path: Path) -> None:
    splits = Shakespeare().read(root=None, cache_dir=tmp_path)
    assert {split: len(texts.texts) for split, texts in splits.items()} == {"train": 29, "val": 3, "test": 10}
    names = [name for texts in splits.values() for name in texts.names]
    assert len(set(names)) == len({text for texts in splits.values() for text in texts.texts}) == 42
    assert "Out, out, brief candle!" in splits["test"].texts[splits["test"].names.index("Macbeth")]
    assert not any("Gutenberg" in text for texts in splits.values() for text in texts.texts)


def test_the_page_of_shakespeare_names_the_file_that_lies_beside_it() -> None:
    page = bundled("shakespeare.md").read_text()
    said = re.search(r"sha256 of `shakespeare.jsonl.gz`: `(\w+)`", page)
    assert said is not None
    assert said[1] == hashlib.sha256(bundled("shakespeare.jsonl.gz").read_bytes()).hexdigest()


@pytest.mark.parametrize("language, first", [("en", "In the beginning, God created"), ("es", "EN el principio")])
def test_a_text_of_the_bible_is_a_chapter_and_books_are_whole(language: str, first: str, tmp_path: Path) -> None:
    splits = BibleTexts(language=language).read(root=None, cache_dir=tmp_path)
    assert splits["train"].texts[0].lower().startswith(first.lower())
    assert splits["train"].names[:2] == ["Genesis 1", "Genesis 2"]
    books = {split: {name.rsplit(" ", 1)[0] for name in texts.names} for split, texts in splits.items()}
    assert not books["train"] & (books["test"] | books["val"])


def test_another_language_of_the_bible_is_refused() -> None:
    with pytest.raises(ValueError, match=r"language must be en or es, got 'de' \(set data\.corpus\.language\)"):
        BibleTexts(language="de")


def test_descriptions_of_packages_are_texts(tmp_path: Path) -> None:
    splits = DebianTexts().read(root=None, cache_dir=tmp_path)
    assert all(len(texts.texts) == len(texts.names) > 100 for texts in splits.values())


def _write(folder: Path, *rows: object) -> Path:
    for split in ("train", "val", "test"):
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def _jsonl(**changes: str) -> JsonlTexts:
    fields = {"train": "train.jsonl", "val": "val.jsonl", "test": "test.jsonl", "text": "body", "id": "book"}
    return JsonlTexts(**fields | changes)


def test_texts_of_json_lines_are_named_by_a_field(tmp_path: Path) -> None:
    root = _write(tmp_path, {"body": "one\ntwo", "book": 3}, {"body": " ", "book": 3})
    read = _jsonl().read_split("test", root=root, cache_dir=tmp_path)
    assert (read.names, read.texts) == (["3", "3"], ["one\ntwo", " "])
    assert read.written().texts == ["one\ntwo"]


@pytest.mark.parametrize("text, message", [("words", "must have the field 'words'"), ("book", "must hold a text")])
def test_a_line_without_its_text_is_named(text: str, message: str, tmp_path: Path) -> None:
    root = _write(tmp_path, {"body": "one", "book": 3})
    with pytest.raises(UserError, match=rf"{message}.* line 1 of .*\(set data\.corpus\.text\)"):
        _jsonl(text=text).read(root=root, cache_dir=tmp_path)
