"""What corpora read, and the one line that each mistake in their files gets."""

import gzip
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from standard_data import standard

from attnlab.data import BibleEnEs, Multi30k, ParallelTable, ParallelText, ParallelTexts
from attnlab.data.translation.corpora import MULTI30K_SHA256, checksum
from attnlab.errors import UserError

FILES = {
    f"{split}_{side}": f"{split}.{code}"
    for split in ("train", "val", "test")
    for side, code in (("source", "en"), ("target", "es"))
}


def _write(folder: Path, **changed: bytes) -> Path:
    for name in FILES.values():
        (folder / name).write_bytes(changed.get(name.replace(".", "_"), b"one\ntwo\nthree\n"))
    return folder


def _read(folder: Path) -> dict[str, ParallelTexts]:
    return ParallelText(**FILES).read("en", "es", root=folder, cache_dir=folder)


def _message(folder: Path) -> str:
    with pytest.raises(UserError) as caught:
        _read(folder)
    return str(caught.value)


def test_lines_pair_up_and_surrounding_space_goes(tmp_path: Path) -> None:
    _write(tmp_path, train_en=b"\xef\xbb\xbfa  b \r\n\tc\xe2\x80\xa8d\n\x0ce", train_es="á\n\nü".encode())
    texts = _read(tmp_path)["train"]
    assert texts.source == ["a  b", "c\u2028d", "e"]  # only a line feed ends a line
    assert texts.target == ["á", "", "ü"]


def test_gzipped_files_are_found_with_and_without_their_suffix(tmp_path: Path) -> None:
    _write(tmp_path)
    for name in ("train.en", "val.es"):
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress((tmp_path / name).read_bytes()))
        (tmp_path / name).unlink()
    assert _read(tmp_path)["train"].source == ["one", "two", "three"]
    corpus = ParallelText(**FILES | {"val_target": str(tmp_path / "val.es.gz")})
    assert corpus.read("en", "es", root=tmp_path, cache_dir=tmp_path)["val"].target == ["one", "two", "three"]


def test_a_missing_file(tmp_path: Path) -> None:
    _write(tmp_path)
    (tmp_path / "val.es").unlink()
    assert _message(tmp_path) == (
        f"a text file must exist, got {tmp_path}/val.es, which doesn't, nor is there a .gz of it"
        "; each split is a file, and there are test.es, train.es (set data.corpus.val_target)"
    )


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b" \n\n"])
def test_an_empty_file(tmp_path: Path, content: bytes) -> None:
    _write(tmp_path, train_en=content)
    assert _message(tmp_path) == (
        f"a text file must hold at least one sentence, got the empty file {tmp_path}/train.en "
        "(set data.corpus.train_source)"
    )


def test_different_numbers_of_lines(tmp_path: Path) -> None:
    _write(tmp_path, test_es=b"uno\ndos\n")
    assert _message(tmp_path) == (
        f"source and target must have the same number of lines, got 3 in {tmp_path}/test.en and 2 in "
        f"{tmp_path}/test.es (set data.corpus.test_source or data.corpus.test_target)"
    )


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    _write(tmp_path, train_es=b"uno\nni\xf1o dos\ntres\n")
    assert _message(tmp_path) == (
        f"a text file must be UTF-8, got byte 0xf1 at line 2, byte 3 of {tmp_path}/train.es "
        "(set data.corpus.encoding, such as cp1252 or cp1251, or data.corpus.train_target)"
    )


@pytest.mark.parametrize("broken", ["truncated", "damaged", "plain"])
def test_a_broken_gzip_file(tmp_path: Path, broken: str) -> None:
    _write(tmp_path)
    whole = gzip.compress(b"".join(hashlib.sha256(bytes([n])).hexdigest().encode() + b"\n" for n in range(99)))
    content = {"truncated": whole[:700], "damaged": whole[:700] + b"\x00\xff" * 9 + whole[718:], "plain": b"one\n"}[
        broken
    ]
    (tmp_path / "train.en").unlink()
    (tmp_path / "train.en.gz").write_bytes(content)
    assert re.fullmatch(
        rf"a \.gz file must be whole, got {tmp_path}/train\.en\.gz with: [^\n]+ \(set data\.corpus\.train_source\)",
        _message(tmp_path),
    )


def test_a_folder_in_a_files_place(tmp_path: Path) -> None:
    _write(tmp_path)
    (tmp_path / "train.en").unlink()
    (tmp_path / "train.en").mkdir()
    assert _message(tmp_path) == (
        f"a text file must be readable, got {tmp_path}/train.en: it is a folder, not a file "
        "(set data.corpus.train_source)"
    )


@pytest.mark.parametrize(
    "corpus, source, target, message",
    [
        (BibleEnEs(), "de", "es", r"bible_en_es has the languages en, es, got 'de' \(set data.source\)"),
        (Multi30k(), "de", "fr", r"Multi30k has the languages de, en, got 'fr' \(set data.target\)"),
    ],
)
def test_a_language_that_the_corpus_lacks(tmp_path: Path, corpus: Any, source: str, target: str, message: str) -> None:
    with pytest.raises(UserError, match=f"^{message}$"):
        corpus.read(source, target, root=None, cache_dir=tmp_path)


def test_the_bundled_verses_are_read_as_runs_recorded_them() -> None:
    splits = BibleEnEs().read("en", "es", root=None, cache_dir=Path())
    assert checksum(splits) == "b99dbb131ef410d93977a16e69f9340f8c00774e269dcc3a4ece7b9f16b34ced"
    for texts in splits.values():
        assert texts.clusters is not None
        assert len(texts.clusters.names) == len(texts.source)
    assert splits["train"].clusters is not None
    assert splits["train"].clusters.names[0] == "Genesis 1"


@pytest.mark.parametrize("row", ["Gen 1:1\ttrain\tone", "Gen 1:1\tdev\tone\tuno"])
def test_a_row_that_is_no_verse_is_one_line(tmp_path: Path, row: str) -> None:
    content = f"reference\tsplit\ten\tes\n{row}\n".encode()
    (tmp_path / "bible_en_es.tsv.gz").write_bytes(gzip.compress(content))
    with pytest.raises(UserError) as caught:
        BibleEnEs().read("en", "es", root=tmp_path, cache_dir=tmp_path)
    assert str(caught.value) == (
        f"a row must have a verse, a split and two texts, got {row!r} in line 2 of {tmp_path}/bible_en_es.tsv.gz "
        "(set data.root)"
    )


def test_too_few_words() -> None:
    message = r"^max_words must be 1 or more, or null, got 0 \(set data.corpus.max_words\)$"
    with pytest.raises(ValueError, match=message):
        BibleEnEs(max_words=0)
    message = (
        r"^max_words must leave verses in every split, got 2, which leaves none in .* \(set data.corpus.max_words\)$"
    )
    with pytest.raises(UserError, match=message):
        BibleEnEs(max_words=2).read("en", "es", root=None, cache_dir=Path())


def test_the_checksum_tells_texts_sides_and_splits_apart() -> None:
    texts = {split: ParallelTexts([f"{split} a", "b"], ["c", "d"]) for split in ("train", "val", "test")}
    changed = [
        texts | {"train": ParallelTexts(["train a b"], ["c", "d"])},
        texts | {"train": ParallelTexts(["c", "d"], ["train a", "b"])},
        texts | {"val": texts["test"], "test": texts["val"]},
        texts | {"test": ParallelTexts(["test a", "b"], ["d", "c"])},
        texts | {"test": ParallelTexts(["test a", "b", "c"], ["d"])},
    ]
    assert len({checksum(each) for each in (texts, *changed)}) == 6
    assert checksum(texts) == checksum(dict(texts))


def test_several_references_are_lists_of_files(tmp_path: Path) -> None:
    _write(tmp_path)
    (tmp_path / "test.2").write_bytes(b"uno\n\nTRES\n")
    corpus = ParallelText(**FILES | {"test_target": ["test.es", "test.2"]})  # type: ignore[arg-type]
    texts = corpus.read("en", "es", root=tmp_path, cache_dir=tmp_path)
    assert [texts["test"].references(number) for number in range(3)] == [["one", "uno"], ["two"], ["three", "TRES"]]
    assert texts["val"].references(0) == ["one"]
    assert checksum(texts) != checksum(_read(tmp_path))
    (tmp_path / "test.2").write_bytes(b"uno\n")
    with pytest.raises(UserError, match=r"source and target must have the same number of lines, got 3 in .* and 1 in"):
        corpus.read("en", "es", root=tmp_path, cache_dir=tmp_path)
    for changed in ({"train_target": ["a", "b"]}, {"test_target": []}, {"val_target": [3]}):
        with pytest.raises(ValueError, match=r"^(train|val|test)_target must be .* \(set data.corpus.\w+_target\)$"):
            ParallelText(**FILES | changed)  # type: ignore[arg-type]


def test_one_file_for_both_sides_is_noticed(tmp_path: Path) -> None:
    _write(tmp_path)
    (tmp_path / "val.es").unlink()
    (tmp_path / "val.es").symlink_to(tmp_path / "val.en")
    assert _message(tmp_path) == (
        f"source and target must be different files, got {tmp_path}/val.es for both (set data.corpus.val_source or "
        "data.corpus.val_target; if it holds both, data=parallel_table)"
    )


def test_other_encodings_by_key(tmp_path: Path) -> None:
    text = "¿qué?\n猫\n"
    for name in FILES.values():
        (tmp_path / name).write_bytes(text.encode("utf-16"))
    corpus = ParallelText(**FILES, encoding="utf-16")
    assert corpus.read("en", "es", root=tmp_path, cache_dir=tmp_path)["val"].target == ["¿qué?", "猫"]
    with pytest.raises(UserError, match=r"must be UTF-8, got .*train.en, which begins with the mark of utf-16 \(set "):
        _read(tmp_path)


# Tables


def _table(folder: Path, text: str, **arguments: Any) -> dict[str, ParallelTexts]:
    for split in ("train", "val", "test"):
        (folder / f"{split}.tsv").write_text(text, encoding=arguments.get("encoding", "utf-8"))
    files = {split: f"{split}.tsv" for split in ("train", "val", "test")}
    return ParallelTable(**files, **arguments).read("en", "fr", root=folder, cache_dir=folder)


def test_both_sides_stand_in_one_table(tmp_path: Path) -> None:
    tatoeba = '"Go!" he said.\t« Va ! »\tCC-BY 2.0 #1\nA  b\u2028c\t d \tCC-BY\n\n'
    expected = ParallelTexts(['"Go!" he said.', "A b c"], ["« Va ! »", "d"])
    assert _table(tmp_path, tatoeba)["test"] == expected
    assert _table(tmp_path, tatoeba, source_column=1, target_column=-3)["val"] == ParallelTexts(
        expected[1], expected[0]
    )
    named = 'id,English,French\r\n1,"""Go,"" he said.",Va\r\n2,"two\nlines",deux\r\n'
    columns = {"source_column": "English", "target_column": "French"}
    assert _table(tmp_path, named, **columns)["train"] == ParallelTexts(['"Go," he said.', "two lines"], ["Va", "deux"])
    assert _table(tmp_path, "é;ü\n", delimiter=";", encoding="latin-1")["train"] == ParallelTexts(["é"], ["ü"])
    message = r"^source and target must be different columns, got 2 for both \(set data.corpus.source_column or "
    with pytest.raises(ValueError, match=message):
        _table(tmp_path, tatoeba, source_column=2, target_column=2)


# Multi30k


@pytest.fixture
def multi30k() -> Path:
    return standard("multi30k")


def test_multi30k_reads_the_standard_files(multi30k: Path, tmp_path: Path) -> None:
    splits = Multi30k().read("de", "en", root=multi30k, cache_dir=tmp_path)
    assert {split: len(texts.source) for split, texts in splits.items()} == {
        "train": 29_000,
        "val": 1_014,
        "test": 1_000,
    }
    assert splits["train"].source[0] == "Zwei junge weiße Männer sind im Freien in der Nähe vieler Büsche."
    assert splits["train"].target[0] == "Two young, White males are outside near many bushes."
    assert splits["test"].target[0] == "A man in an orange hat starring at something."
    assert not list(tmp_path.iterdir())
    assert checksum(splits) == "5e0a802c61cbca533c67fcff12209e5871d9e745a34a4cbddb3bc71103346419"  # as runs recorded it
    for name, sha256 in MULTI30K_SHA256.items():
        assert hashlib.sha256((multi30k / name).read_bytes()).hexdigest() == sha256


def test_multi30k_names_a_file_that_the_users_folder_lacks(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=rf"^a text file must exist, got {tmp_path}/train.de, .* \(set data.root\)$"):
        Multi30k().read("de", "en", root=tmp_path, cache_dir=tmp_path)


def _tables(folder: Path, *files: str, **columns: int) -> dict[str, ParallelTexts]:
    for name, text in zip(("train", "val", "test"), files * 3 if len(files) == 1 else files, strict=True):
        (folder / f"{name}.tsv").write_text(text)
    names = {name: f"{name}.tsv" for name in ("train", "val", "test")}
    return ParallelTable(**names, **columns).read("en", "es", root=folder, cache_dir=folder)  # type: ignore[arg-type]


def test_a_column_without_texts_is_not_taken_by_default(tmp_path: Path) -> None:
    tatoeba = "1276\tLet's go\t77\tVamos\n1277\tNo!\t78\tNo\n"
    with pytest.raises(UserError, match=r"must hold texts, got numbers in column 0 .*source_column=1 .*column=3"):
        _tables(tmp_path, tatoeba)
    assert _tables(tmp_path, tatoeba, source_column=1, target_column=3)["val"].target == ["Vamos", "No"]
    with pytest.raises(UserError, match=r"got 'eng' throughout in column 0 .*source_column=1 data.*column=3"):
        _tables(tmp_path, "eng\tLet's go\tspa\tVamos\neng\tNo!\tspa\tNo\n")
    assert _tables(tmp_path, "1\tone\n2\ttwo\n")["train"].source == ["1", "2"]  # there are no others


def test_a_named_column_without_texts_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    _tables(tmp_path, "1276\tLet's go\t77\tVamos\n1277\tNo!\t78\tNo\n", source_column=1, target_column=2)
    said = [each.getMessage() for each in caplog.records if "must hold texts" in each.getMessage()]
    ends = [f"column 2 of {tmp_path}/{name}.tsv (set data.corpus.target_column)" for name in ("train", "val", "test")]
    assert said == [f"a column must hold texts, got numbers in {end}" for end in ends]


def test_a_header_is_no_pair(tmp_path: Path) -> None:
    for head in ("en\tes", "English\tGerman"):
        one, other = head.split("\t")
        cure = f"(set data.corpus.source_column={one} data.corpus.target_column={other}, or take the row out)"
        with pytest.raises(
            UserError, match=re.escape(f"a header in train and val and test: {one!r}, {other!r} {cure}")
        ):
            _tables(tmp_path, f"{head}\na\tb\n")
    cure = "(take the row out of val and test, or put one into train and set data.corpus.source_column=en data.corpus"
    with pytest.raises(UserError, match=re.escape(f"a header in val and test: 'en', 'es' {cure}")):
        _tables(tmp_path, "a\tb\n", *["en\tes\na\tb\n"] * 2)
    files = [f"first\tsecond\n{name}\tb\n" for name in "xyz"]
    with pytest.raises(UserError, match=r"got what looks like a header in train and val and test: 'first', 'second'"):
        _tables(tmp_path, *files)
    assert _tables(tmp_path, "same\trow\nin\tall\n")["val"].source == ["same", "in"]  # one file for all


def test_a_header_of_unknown_words_is_said_of_each_file_that_has_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = "".join(f"Here is {word}.\tAquí está {word}.\n" for word in "abcdefgh")
    for files, having in (((f"one_text\ttwo_text\n{rows}", rows, rows), ["train"]), ((f"uno\tdos\n{rows}",), [])):
        caplog.clear()
        assert _tables(tmp_path, *files)["train"].source[0] in ("one_text", "uno")
        said = [each.split(" looks like a header")[0] for each in caplog.messages if "header" in each]
        assert said == [f"the first row of {tmp_path}/{name}.tsv" for name in having or ("train", "val", "test")]


# Downloads


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def test_without_a_network_one_line_says_what_to_do(tmp_path: Path) -> None:
    # Nothing listens on this port of this machine.
    with pytest.raises(UserError) as caught:
        Multi30k(address="http://127.0.0.1:9").read("de", "en", root=None, cache_dir=tmp_path)
    assert re.fullmatch(
        r"Multi30k must be downloaded once, got no train\.de\.gz: [^\n]+; without a network, put train\.de\.gz, "
        r"train\.en\.gz, val\.de\.gz, val\.en\.gz, test_2016_flickr\.de\.gz, test_2016_flickr\.en\.gz from "
        rf"http://127\.0\.0\.1:9 into {tmp_path}/multi30k, or into a folder of yours \(set data\.root=FOLDER\)",
        str(caught.value),
    )


def test_multi30k_is_read_from_where_it_was_downloaded(multi30k: Path, tmp_path: Path) -> None:
    (tmp_path / "multi30k").mkdir()
    for name in MULTI30K_SHA256:
        (tmp_path / "multi30k" / name).write_bytes((multi30k / name).read_bytes())
    splits = Multi30k(address="http://127.0.0.1:9").read("en", "de", root=None, cache_dir=tmp_path)
    assert len(splits["val"].source) == 1_014


def test_the_pinned_address_is_a_commit() -> None:
    assert re.search(r"/multi30k/dataset/[0-9a-f]{40}/data/task1/raw$", Multi30k().address)
