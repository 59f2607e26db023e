"""What corpora of summaries read, and the one line that each mistake in their files gets."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from standard_data import standard

from attnlab.data import DebianSynopsis, JsonlSummaries, LeadSentences, SciTLDR, Summaries
from attnlab.data.summarization.corpora import checksum
from attnlab.errors import UserError


def _jsonl(folder: Path, rows: list[Any], *, field: str = "summary", id: str | None = None) -> dict[str, Summaries]:
    for split in ("train", "val", "test"):
        lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
        (folder / f"{split}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    files = {split: f"{split}.jsonl" for split in ("train", "val", "test")}
    return JsonlSummaries(**files, document="body", summary=field, id=id).read(root=folder, cache_dir=folder)


def test_the_bundled_corpus_is_read_whole() -> None:
    splits = DebianSynopsis().read(root=None, cache_dir=Path())
    assert {split: len(texts.documents) for split, texts in splits.items()} == {
        "train": 18_350,
        "val": 1_022,
        "test": 964,
    }
    first = splits["train"]
    assert first.names[0] == "0ad"
    assert first.references[0] == ["Real-time strategy game of ancient warfare"]
    assert first.documents[0].startswith("0 A.D. (pronounced")
    # As runs recorded it.
    assert checksum(splits) == "91cc238a9b3b5b128441d865bacb20f30733fdb194071179603fa5ba3f414f76"


def test_scitldr_has_several_summaries_where_people_wrote_several() -> None:
    splits = SciTLDR().read(root=standard("scitldr"), cache_dir=Path())
    assert [len(splits[split].documents) for split in ("train", "val", "test")] == [1_992, 619, 618]
    assert {len(texts) for texts in splits["train"].references} == {1}
    assert {len(texts) for texts in splits["test"].references} == {2, 3, 4}
    assert splits["val"].names[0] == "rJlnfaNYvB"
    assert checksum(splits) == "490c0fe4c9a8cd01250a9e544d2460f633b20234b60aaaf280bc1e9144441d29"  # as runs recorded it
    assert LeadSentences(count=1)(splits["train"].documents[0]).startswith("Due to the success of deep learning")


def test_scitldr_without_a_network_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"SciTLDR must be downloaded once, got no train.jsonl: .*set data.root=FOLDER"):
        SciTLDR(address="http://127.0.0.1:9/none").read(root=None, cache_dir=tmp_path)


def test_fields_of_any_name_hold_texts_or_lists_of_them(tmp_path: Path) -> None:
    rows = [{"body": "a b\nc", "tldr": "d", "key": 7}, "", {"body": ["e.", "f."], "tldr": ["g", "h"], "key": "x"}]
    texts = _jsonl(tmp_path, rows, field="tldr", id="key")["test"]
    assert texts == (["a b\nc", "e.\nf."], [["d"], ["g", "h"]], ["7", "x"])
    assert _jsonl(tmp_path, rows, field="tldr")["val"].names == [None, None]


def test_a_document_without_a_name_has_none(tmp_path: Path) -> None:
    row = {"split": "train", "document": "a", "summary": "b"}
    (tmp_path / "debian_synopsis.jsonl.gz").write_bytes(gzip.compress(json.dumps(row).encode()))
    assert DebianSynopsis().read(root=tmp_path, cache_dir=tmp_path)["train"].names == [None]
    for file in ("train", "dev", "test"):
        (tmp_path / f"{file}.jsonl").write_text('{"source": ["a"], "target": ["b"]}\n')
    assert SciTLDR().read(root=tmp_path, cache_dir=tmp_path)["val"].names == [None]
    assert _jsonl(tmp_path, [GOOD | {"key": None}], id="key")["test"].names == [None]


def test_escaped_characters_are_those_they_stand_for(tmp_path: Path) -> None:
    row = r'{"body": "\ud83d\ude00 \u00e9", "summary": "\\ud800"}'
    texts = _jsonl(tmp_path, [row])["train"]
    assert texts[:2] == (["\U0001f600 é"], [["\\ud800"]])


def test_a_gzipped_file_is_found_without_its_suffix(tmp_path: Path) -> None:
    row = {"body": "a", "summary": "b"}
    _jsonl(tmp_path, [row])
    (tmp_path / "val.jsonl").unlink()
    (tmp_path / "val.jsonl.gz").write_bytes(gzip.compress(json.dumps(row).encode()))
    files = {split: f"{split}.jsonl" for split in ("train", "val", "test")}
    found = JsonlSummaries(**files, document="body", summary="summary", id=None).read(root=tmp_path, cache_dir=tmp_path)
    assert found["val"].documents == ["a"]


GOOD = {"body": "a", "summary": "b"}


@pytest.mark.parametrize(
    "row, message",
    [
        ('{"body": "a", ', "each line must be a JSON object, got line 2 of {file}: Expecting"),
        ("[1]", "each line must be a JSON object, got line 2 of {file}: '[1]' (correct it, or set data.corpus.train)"),
        (
            {"text": "a", "summary": "b"},
            "each line must have the field 'body', got text, summary in line 2 of {file} (set data.corpus.document)",
        ),
        (
            {"body": "a", "summary": 3},
            "the field 'summary' must hold a text or a list of texts, got '3' in line 2 of {file} "
            "(set data.corpus.summary)",
        ),
        (
            '{"body": "a \\ud800 b", "summary": "c"}',
            "texts must be of whole characters, got '\\ud800' in line 2 of {file} (set data.corpus.train)",
        ),
        ("[" * 100_000, "each line must be a JSON object, got line 2 of {file}: nested too deeply"),
        ({"body": "a", "summary": []}, "got '[]' in line 2 of {file} (set data.corpus.summary)"),
        ({"body": "a", "summary": ["b", None]}, "in line 2 of {file} (set data.corpus.summary)"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, row: Any, message: str) -> None:
    with pytest.raises(UserError, match=re.escape(message.format(file=tmp_path / "train.jsonl"))) as caught:
        _jsonl(tmp_path, [GOOD, row])
    assert "\n" not in str(caught.value)


def test_a_row_of_an_unknown_split_is_named(tmp_path: Path) -> None:
    row = {"id": "x", "split": "dev", "document": "a", "summary": "b"}
    (tmp_path / "debian_synopsis.jsonl.gz").write_bytes(gzip.compress(json.dumps(row).encode()))
    with pytest.raises(UserError, match=r"^split must be train, val or test, got 'dev' in line 1 of "):
        DebianSynopsis().read(root=tmp_path, cache_dir=tmp_path)


def test_the_checksum_tells_any_two_corpora_apart() -> None:
    def of(documents: list[str], references: list[list[str]]) -> str:
        texts = Summaries(documents, references, [None] * len(documents))
        return checksum({"train": texts, "val": texts, "test": texts})

    corpora = [
        (["a", "b"], [["c"], ["d"]]),
        (["a", "b"], [["c", "d"], ["d"]]),
        (["a", "b"], [["c"], ["c", "d"]]),
        (["a", "c"], [["b"], ["d"]]),
        (["a"], [["c"]]),
        (["a 1 c"], [[""]]),
    ]
    assert len({of(*each) for each in corpora}) == len(corpora)
    assert of(*corpora[0]) == of(*corpora[0])
