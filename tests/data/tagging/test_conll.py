"""Files in columns of every kind in use are read as they are meant, and each mistake in one gets a line."""

import gzip
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from standard_data import standard

from attnlab.data import BibleNames, Conll, TaggedSplits, Wnut17
from attnlab.data.tagging.conll import ENDINGS, WNUT17_SHA256
from attnlab.data.tagging.corpora import checksum
from attnlab.data.tagging.label_schemes import to_iob2
from attnlab.errors import UserError

PLAIN = "Ann\tB-PER\nSmith\tI-PER\nsaw\tO\n\nParis\tB-LOC\n"
WORDS = [["Ann", "Smith", "saw"], ["Paris"]]
LABELS = [["B-PER", "I-PER", "O"], ["B-LOC"]]


def refuse_to_split(text: str) -> Any:
    raise AssertionError("files in columns have their own words")


def read(folder: Path, corpus: Any = None) -> TaggedSplits:
    splits: TaggedSplits = (corpus or Conll()).read(root=folder, cache_dir=folder, split=refuse_to_split)
    return splits


def write(folder: Path, train: str | bytes, **others: str | bytes) -> Path:
    for name, content in {"train": train, "dev": PLAIN, "test": PLAIN, **others}.items():
        (folder / f"{name}.txt").write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def same(folder: Path, content: str | bytes, corpus: Any = None) -> TaggedSplits:
    """Read three files of the same content; they hold the two sentences."""
    splits = read(write(folder, content, dev=content, test=content), corpus)
    for texts in splits.texts.values():
        assert [each.words for each in texts] == WORDS
        assert [each.labels for each in texts] == LABELS
    return splits


def message(folder: Path, corpus: Any = None) -> str:
    with pytest.raises(UserError) as caught:
        read(folder, corpus)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# Formats


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN.replace("\t", " "),
        PLAIN.replace("\t", " \t  "),
        PLAIN.replace("\n", "\r\n"),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.replace("\n\n", "\n\t\n\n \n"),  # as in WNUT-17
        PLAIN + "\n\n\n",
        PLAIN.removesuffix("\n"),
        "-DOCSTART- O\n\n" + PLAIN,
        "-DOCSTART- -X- -X- O\n\n" + PLAIN,
        "# sent_id = 1\n# newdoc\n" + PLAIN.replace("Paris", "# a comment\nParis"),
        PLAIN.replace("Paris", "-DOCSTART-\tO\nParis").replace("\n\n", "\n"),  # a document ends a sentence
        "Ann NNP B-NP I-PER\nSmith NNP I-NP I-PER\nsaw VBD B-VP O\n\nParis NNP B-NP I-LOC\n",  # CoNLL-2003
        "Ann\tNNP\tB-PER\t_\nSmith\tNNP\tI-PER\t_\nsaw\tVBD\tO\t_\n\nParis\tNNP\tB-LOC\t_\n",
        "B-PER\tAnn\nI-PER\tSmith\nO\tsaw\n\nB-LOC\tParis\n",  # MIT's movies
        "1\tAnn\tB-PER\t-\tkim\n2\tSmith\tI-PER\t-\tkim\n3\tsaw\tO\t-\tkim\n\n1\tParis\tB-LOC\t-\tlee\n",  # UNER
        "Ann _ _ B-PER\nSmith _ _ I-PER\nsaw _ _ O\n\nParis _ _ B-LOC\n",  # MultiCoNER
        "Ann\tB-PER\nSmith\tE-PER\nsaw\tO\n\nParis\tS-LOC\n",
        "Ann\tB-PER\nSmith\tL-PER\nsaw\tO\n\nParis\tU-LOC\n",
        "Ann\tB-PER\nSmith\tE-PER\nsaw\tO\n\nParis\tW-LOC\n",
        "Ann\tI-PER\nSmith\tI-PER\nsaw\tO\n\nParis\tI-LOC\n",
        "Ann\tb-PER\nSmith\ti-PER\nsaw\to\n\nParis\tb-LOC\n",  # small letters throughout
        "Ann\tB-PER\nSmith\tI-PER\nsaw\to\n\nParis\tB-LOC\n",
        "Ann\tB-PER\nSmith\tI-PER\nsaw\t0\n\nParis\tB-LOC\n",
        "token\tlabel\n" + PLAIN,
        "Word Tag\n" + PLAIN.replace("\t", " "),
        PLAIN.replace("\t", ","),
        PLAIN.replace("\t", ";"),
        PLAIN.replace("\t", ",").replace("Smith", '"Smith"').replace("\n\n", "\n,\n"),  # as spreadsheets write it
        "Sentence #,Word,POS,Tag\nSentence: 1,Ann,NNP,B-PER\n,Smith,NNP,I-PER\n,saw,VBD,O\n"
        "Sentence: 2,Paris,NNP,B-LOC\n",
        "Ann NNP (PER*\nSmith NNP *)\nsaw VBD *\n\nParis NNP (LOC)\n",  # OntoNotes
        "#begin document (a); part 000\n"
        "a 0 0 Ann NNP (TOP(S(NP* - - - kim (PER* (ARG0* (0\na 0 1 Smith NNP *) - - - kim *) *) 0)\n"
        "a 0 2 saw VBD (VP*))) see 01 1 kim * (V*) -\n\na 0 0 Paris NNP (TOP(NP*)) - - - lee (LOC) -\n#end document\n",
        "# text = Ann Smith saw\n1\tAnn\tAnn\tPROPN\t_\t_\t3\tnsubj\t_\tNER=B-PER\n"
        "2-3\tSmithsaw\t_\t_\t_\t_\t_\t_\t_\t_\n2\tSmith\tSmith\tPROPN\t_\t_\t1\tflat\t_\tNER=I-PER|SpaceAfter=No\n"
        "3\tsaw\tsee\tVERB\t_\t_\t0\troot\t_\t_\n3.1\tit\tit\tPRON\t_\t_\t_\t_\t3:obj\tCopyOf=-1\n\n"
        "1\tParis\tParis\tPROPN\t_\t_\t0\troot\t_\tSpaceAfter=No|NER=B-LOC\n",  # CoNLL-U
    ],
)
def test_a_format_is_recognised(tmp_path: Path, content: str | bytes) -> None:
    same(tmp_path, content)


@pytest.mark.parametrize(
    "content, settings",
    [
        ("0 B-PER x Ann\n0 I-PER y Smith\n0 O z saw\n\n0 B-LOC x Paris\n", {"word_column": -1, "label_column": 1}),
        ("x Ann B-PER O\nx Smith I-PER O\nx saw O O\n\nx Paris B-LOC O\n", {"word_column": 1, "label_column": -2}),
        ("Ann\tPER\nSmith\tPER\nsaw\tO\n\nParis\tLOC\n", {"scheme": "io"}),
        ("1\tAnn\tPER\n2\tSmith\tPER\n3\tsaw\tO\n\n1\tParis\tLOC\n", {"scheme": "io"}),
        ("Ann\tB-PER\nSmith\tI-PER\nsaw\tO\n\nParis\tI-LOC\n", {"scheme": "iob1"}),
    ],
)
def test_what_cannot_be_told_can_be_said(tmp_path: Path, content: str, settings: dict[str, Any]) -> None:
    assert same(tmp_path, content, Conll(**settings)).notes["scheme"] == settings.get("scheme", "iob2")


def test_the_scheme_is_that_of_all_files_together(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    iob1 = "Ann I-PER\nBo B-PER\n"
    with caplog.at_level(logging.INFO, logger="attnlab"):
        splits = read(write(tmp_path, iob1, dev="Ann I-PER\n", test="a O\n"))
    assert splits.notes["scheme"] == "iob1"
    assert splits.notes["scheme_detected"] is True
    assert splits.texts["train"][0].labels == ["B-PER", "B-PER"]
    assert "the labels are read as iob1" in caplog.messages


def test_a_word_may_be_or_begin_with_the_sign_of_a_comment(tmp_path: Path) -> None:
    tweet = "# O\n#Ann B-PER\n# Smith says\n#tag O\n#\nx O\n# newdoc\n"
    splits = read(write(tmp_path, tweet, dev=tweet.replace(" ", "\t")))
    for split in ("train", "val"):
        assert [each.words for each in splits.texts[split]] == [["#", "#Ann", "#tag", "x"]]


def test_files_may_be_of_another_encoding(tmp_path: Path) -> None:
    content = PLAIN.replace("Ann", "王明").encode("gb18030")
    splits = read(write(tmp_path, content, dev=content, test=content), Conll(encoding="gb18030"))
    assert splits.texts["val"][0].words[0] == "王明"
    assert message(tmp_path).endswith("(set data.corpus.encoding=gb18030, or data.root)")
    with pytest.raises(ValueError, match="got 'gbx'"):
        Conll(encoding="gbx")


def test_words_of_nothing_but_white_space_are_passed_over_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    splits = read(write(tmp_path, PLAIN.replace("saw", "\u3000\tO\n\tO\nsaw"), dev=PLAIN.replace("\t", " ") + "  O\n"))
    assert [each.words for each in splits.texts["train"]] == WORDS
    assert splits.notes["white_space_words"] == {"train": 2, "val": 1, "test": 0}
    assert "passed over 2 words of train that are white space" in caplog.messages


def test_of_two_columns_of_names_the_one_with_more_is_taken(tmp_path: Path) -> None:
    """As in GermEval, whose second has the names within names; its comments begin with # and a tab."""
    content = "#\thttp://a [2010]\n1\tDie\tO\tO\n2\tTarn\tB-ORG\tB-PER\n3\tBank\tI-ORG\tO\n\n1\tBo\tB-PER\tO\n"
    splits = read(write(tmp_path, content, dev=content, test=content))
    assert [each.labels for each in splits.texts["train"]] == [["O", "B-ORG", "I-ORG"], ["B-PER"]]
    assert splits.notes["label_column"] == 2


def test_other_spaces_of_unicode_are_part_of_words(tmp_path: Path) -> None:
    content = "a\u00a0b B-PER\nc\u2028d\u0085 O\n"
    assert read(write(tmp_path, content)).texts["train"][0].words == ["a\u00a0b", "c\u2028d\u0085"]
    content = "New York\tB-LOC\nx\tO\n"
    assert read(write(tmp_path, content)).texts["train"][0].words == ["New York", "x"]


def test_the_text_is_that_of_the_comment_if_it_is_of_the_words(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    words = "“ O\nAnn B-PER\n, O\n👩\u200d👧 O\nshe O\n’s O\n"
    content = f"# text = “Ann, 👩\u200d👧 she’s\n{words}\n# text = Ann\nBo B-PER\nc O\n"
    splits = read(write(tmp_path, content))
    first, second = splits.texts["train"]
    assert first.text == "“Ann, 👩\u200d👧 she’s"
    assert [first.text[start:end] for start, end in first.offsets] == first.words
    assert first.offsets == [(0, 1), (1, 4), (4, 5), (6, 9), (10, 13), (13, 15)]
    assert (second.text, second.offsets) == ("Bo c", [(0, 2), (3, 4)])
    assert splits.notes["text_differs"] == {"train": 1, "val": 0, "test": 0}
    assert "took the words, joined, for the text of 1 of 2 sentences of train" in caplog.messages


# Files


@pytest.mark.parametrize(
    "names",
    [
        ["train.conll", "dev.conll", "test.conll"],
        ["train", "val", "test"],
        ["eng.train", "eng.testa", "eng.testb"],
        ["train.iob2", "valid.iob2.gz", "test.iob2.gz"],
        ["en_ewt-ud-train.iob2", "en_ewt-ud-dev.iob2", "en_ewt-ud-test.iob2"],
        ["Train.TSV", "validation.bio", "x.test.txt"],
    ],
)
def test_files_are_found_by_the_names_in_use(tmp_path: Path, names: list[str]) -> None:
    for name, word in zip(names, "abc", strict=True):
        content = f"{word} B-X\n".encode()
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    for other in ("README.md", "train.raw", "test.py", "types.txt"):
        (tmp_path / other).write_text("x")
    (tmp_path / "train.d").mkdir()
    texts = read(tmp_path).texts
    assert [texts[split][0].words for split in ("train", "val", "test")] == [["a"], ["b"], ["c"]]


def test_files_may_be_named(tmp_path: Path) -> None:
    write(tmp_path, "a B-X\n", extra="b B-X\n", other="c B-X\n")
    (tmp_path / "held_out").mkdir()
    (tmp_path / "held_out" / "z.gz").write_bytes(gzip.compress(b"d B-X\n"))
    corpus = Conll(train="extra.txt", val=str(tmp_path / "other.txt"), test="held_out/z.gz")
    texts = read(tmp_path, corpus).texts
    assert [texts[split][0].words for split in ("train", "val", "test")] == [["b"], ["c"], ["d"]]


def test_a_file_and_its_gz_are_one(tmp_path: Path) -> None:
    write(tmp_path, "a B-X\n")
    (tmp_path / "train.txt.gz").write_bytes(gzip.compress(b"b B-X\n"))
    assert read(tmp_path).texts["train"][0].words == ["a"]


def test_a_missing_split_says_which_names_were_looked_for(tmp_path: Path) -> None:
    write(tmp_path, PLAIN)
    (tmp_path / "dev.txt").rename(tmp_path / "develop.txt")
    assert message(tmp_path) == (
        f"the val split must have a file, got none of the names dev, val, valid, validation, testa "
        f"({', '.join(ENDINGS)}, with .gz or without) in {tmp_path}, which holds develop.txt, test.txt, train.txt "
        "(set data.root or data.corpus.val)"
    )


def test_two_files_for_one_split(tmp_path: Path) -> None:
    write(tmp_path, PLAIN, valid=PLAIN)
    assert message(tmp_path) == (
        f"the val split must be one file, got dev.txt, valid.txt in {tmp_path} (set data.corpus.val)"
    )
    assert read(tmp_path, Conll(val="valid.txt")).texts["val"]


def test_a_folder_that_isnt_one(tmp_path: Path) -> None:
    assert (
        message(tmp_path / "no") == f"the files must be in a folder, got {tmp_path}/no, which is none (set data.root)"
    )


def test_a_named_file_that_isnt_there(tmp_path: Path) -> None:
    write(tmp_path, PLAIN)
    assert message(tmp_path, Conll(test="x.txt")) == (
        f"a text file must exist, got {tmp_path}/x.txt, which doesn't, nor is there a .gz of it; "
        "each split is a file, and there are dev.txt, test.txt, train.txt (set data.corpus.test)"
    )


# Mistakes


@pytest.mark.parametrize(
    "content, settings, expected",
    [
        (
            PLAIN.replace("B-LOC", "I-LOC"),
            {},
            "a label must continue an entity of its type, got I-LOC after nothing at line 5 of {path}, read as iob2 "
            "(set data.corpus.scheme, or data.corpus.repair=true)",
        ),
        (
            "# x\r\n\r\nAnn B-PER\r\nSmith E-PER\r\nParis E-LOC\r\n",
            {},
            "a label must continue an entity of its type, got E-LOC after E-PER at line 5 of {path}, read as iobes "
            "(set data.corpus.scheme, or data.corpus.repair=true)",
        ),
        (
            PLAIN * 5 + "Bo\tBPER\n",
            {"repair": True},
            "a label of scheme iob2 must be O or such as B-PER, got 'BPER' at line 26 of {path}, read as iob2 "
            "(correct line 26)",
        ),
        *(
            (
                PLAIN * 5 + f"Bo\t{odd}\n",
                {"repair": repair},
                f"a label of scheme iob2 must be O or such as B-PER, got '{odd}' at line 26 of {{path}}, read as iob2 "
                "(correct line 26)",
            )
            for odd, repair in (("o", False), ("o", True), ("0", True), ("b-PER", False))
        ),
        (
            PLAIN.replace("I-PER", "E-PER"),
            {"scheme": "iob2", "repair": True},
            "a label of scheme iob2 must be O or such as B-PER, got 'E-PER' at line 2 of {path}, read as iob2 "
            "(set data.corpus.scheme=null to have it detected)",
        ),
        (
            "Ann\tPER\nsaw\tOTHER\nit\tOTHER\n",
            {"scheme": "io"},
            "labels of scheme io must be O outside of entities, got none that is, and 'OTHER' most often, in {path} "
            "(write O in its place)",
        ),
        *(
            (
                text,
                {"scheme": "io"},
                "labels of scheme io must be types without letters, got letters in {path} "
                "(set data.corpus.scheme=null to have the scheme detected)",
            )
            for text in (PLAIN, PLAIN * 5 + "Bo\tMISC\n")
        ),
        (
            PLAIN + "Bo\n",
            {},
            "a line must have 2 columns, as the first of the file has, got 1 at line 6 of {path} "
            "(correct it, or set data.root)",
        ),
        (
            PLAIN.replace("saw\tO", "saw\tshe\tO"),
            {},
            "a line must have 2 columns, as the first of the file has, got 3 at line 3 of {path} "
            "(correct it, or set data.root)",
        ),
        (
            "Ann NNP\nSmith NNP\n",
            {},
            "a column must hold labels such as B-PER, got none that does in {path} (set data.corpus.label_column)",
        ),
        (
            "Ann B-PER\nSmith I-PER\nsaw NONE\nit NONE\n",
            {},
            "words outside of entities must have the label O, got 'NONE' most often in column 1 of {path} "
            "(write O in its place, or set data.corpus.label_column)",
        ),
        (
            "Ann PER\nSmith PER\nsaw O\n",
            {},
            "a column must hold labels such as B-PER, got none that does in {path} "
            "(set data.corpus.label_column, or data.corpus.scheme=io for labels without letters)",
        ),
        (
            PLAIN,
            {"label_column": 2},
            "label_column must be within the 2 columns of {path}, got 2 (set data.corpus.label_column)",
        ),
        (
            PLAIN,
            {"word_column": -3, "label_column": -1},
            "word_column must be within the 2 columns of {path}, got -3 (set data.corpus.word_column)",
        ),
        (
            PLAIN,
            {"word_column": 1, "label_column": -1},
            "words and labels must be in different columns, got 1 for both of 2 in {path} "
            "(set data.corpus.word_column and data.corpus.label_column)",
        ),
        ("# only\n# comments\n\n", {}, "a file in columns must have a word a line, got none in {path} (set data.root)"),
        (
            "Ann x B-PER\n",
            {},
            "all files must have the same columns, got 3 in {path} and 2 in {dev} (correct one, or set data.root)",
        ),
        (
            "M\xfcller B-PER\n".encode("latin-1"),
            {},
            "a text file must be UTF-8, got byte 0xfc at line 1, byte 2 of {path} "
            "(set data.corpus.encoding, such as cp1252 or cp1251, or data.root)",
        ),
    ],
)
def test_a_mistake_is_one_line_with_its_place(
    tmp_path: Path, content: str | bytes, settings: dict[str, Any], expected: str
) -> None:
    write(tmp_path, content)
    found = message(tmp_path, Conll(**settings))
    assert found == expected.format(path=tmp_path / "train.txt", dev=tmp_path / "dev.txt")


def test_a_mistyped_label_doesnt_make_another_column_the_labels(tmp_path: Path) -> None:
    chunks = "".join(f"w{n} B-NP {'BPER' if n == 7 else 'B-PER'}\n" for n in range(23))
    write(tmp_path, chunks, dev="w B-NP B-PER\n", test="w B-NP B-PER\n")
    assert "got 'BPER' at line 8 of" in message(tmp_path)


def test_repaired_sentences_are_counted_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path, PLAIN, dev=PLAIN.replace("B-LOC", "I-LOC"))
    splits = read(tmp_path, Conll(repair=True))
    assert splits.texts["val"][1].labels == ["B-LOC"]
    assert splits.notes["repaired"] == {"train": 0, "val": 1, "test": 0}
    assert "repaired the labels of 1 of 2 sentences of val" in caplog.messages


def test_a_scheme_that_is_none() -> None:
    expected = (
        "scheme must be one of iob2, iob1, iobes, bilou, bmewo, bmes, io, or null, got 'bio' (set data.corpus.scheme)"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        Conll(scheme="bio")


# Real data


@pytest.fixture
def wnut17() -> Path:
    return standard("wnut17")


def test_wnut17_reads_the_published_files(wnut17: Path, tmp_path: Path) -> None:
    splits = Wnut17().read(root=wnut17, cache_dir=tmp_path, split=refuse_to_split)
    assert {split: len(texts) for split, texts in splits.texts.items()} == {"train": 3394, "val": 1009, "test": 1287}
    assert {split: sum(len(each.words) for each in texts) for split, texts in splits.texts.items()} == {
        "train": 62_730,
        "val": 15_733,
        "test": 23_394,
    }
    first = splits.texts["train"][1]
    assert first.words[:3] == ["From", "Green", "Newsfeed"]
    hashes = [each.words.count("#") for each in splits.texts["test"]]
    assert sum(hashes) > 100  # not comments
    assert {label for each in splits.texts["test"] for label in each.labels} >= {"B-creative-work", "I-creative-work"}
    for texts in splits.texts.values():
        for each in texts:
            assert to_iob2(each.labels, "iob2") == each.labels
            assert [each.text[start:end] for start, end in each.offsets] == each.words


def test_wnut17_is_found_by_the_general_reader_too(wnut17: Path, tmp_path: Path) -> None:
    files = {"train": "wnut17train.conll", "val": "emerging.dev.conll", "test": "emerging.test.annotated"}
    mine = read(wnut17, Conll(**files))
    assert checksum(mine.texts) == checksum(read(wnut17, Wnut17()).texts)


def test_the_addresses_are_pinned_and_what_is_there_is_read(wnut17: Path, tmp_path: Path) -> None:
    assert re.search(r"/leondz/emerging_entities_17/[0-9a-f]{40}$", Wnut17().address)
    (tmp_path / "wnut17").mkdir()
    for name in WNUT17_SHA256:
        (tmp_path / "wnut17" / name).write_bytes((wnut17 / name).read_bytes())
    corpus = Wnut17(address="http://127.0.0.1:9")
    assert len(corpus.read(root=None, cache_dir=tmp_path, split=refuse_to_split).texts["val"]) == 1009


def test_the_shared_files_are_those_pinned(wnut17: Path) -> None:
    import hashlib

    for name, sha256 in WNUT17_SHA256.items():
        assert hashlib.sha256((wnut17 / name).read_bytes()).hexdigest() == sha256


def test_wnut17_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    found = message(tmp_path, _Unrooted(Wnut17(address="http://127.0.0.1:9")))
    assert re.fullmatch(
        r"WNUT-17 must be downloaded once, got no wnut17train\.conll: [^\n]+; without a network, put "
        r"wnut17train\.conll, emerging\.dev\.conll, emerging\.test\.annotated from http://127\.0\.0\.1:9 into "
        rf"{tmp_path}/wnut17, or into a folder of yours \(set data\.root=FOLDER\)",
        found,
    )


class _Unrooted:
    """A corpus read without the user's folder."""

    def __init__(self, corpus: Any) -> None:
        self.corpus = corpus

    def read(self, *, root: Path, cache_dir: Path, split: Any) -> Any:
        return self.corpus.read(root=None, cache_dir=cache_dir, split=split)


def test_the_bundled_names_keep_the_texts_of_the_verses(tmp_path: Path) -> None:
    splits = BibleNames().read(root=None, cache_dir=tmp_path, split=refuse_to_split)
    assert {split: len(texts) for split, texts in splits.texts.items()} == {"train": 10_000, "val": 1_000, "test": 350}
    assert splits.notes["text_differs"] == splits.notes["repaired"] == {"train": 0, "val": 0, "test": 0}
    first = splits.texts["train"][0]
    assert first.text == "God said, “Let there be light,” and there was light."
    assert first.words[:4] == ["God", "said", ",", "“"]
    assert first.labels[:2] == ["B-DEITY", "O"]
    for split, clusters in splits.clusters.items():
        assert clusters.kind == "chapter"
        assert len(clusters.names) == len(splits.texts[split])
    assert splits.clusters["test"].names[:2] == ["Ecclesiastes 1", "Ecclesiastes 1"]


def test_letters_behind_and_small_letters_of_one_file(tmp_path: Path) -> None:
    behind = PLAIN.replace("B-PER", "PER-B").replace("I-PER", "PER-I").replace("B-LOC", "LOC-B")
    same(tmp_path, behind)
    write(tmp_path, PLAIN, dev=PLAIN.replace("B-", "b-").replace("I-", "i-").replace("\tO", "\t0"))
    splits = read(tmp_path)
    assert [each.labels for each in splits.texts["val"]] == [each.labels for each in splits.texts["train"]]


def test_a_stray_letter_is_named_where_it_stands(tmp_path: Path) -> None:
    write(tmp_path, f"{PLAIN}\n{PLAIN}\nBo\tE-PER\n")
    assert "got 'E-PER' at line 13 of" in message(tmp_path, Conll())


def test_a_long_split_of_one_sentence_is_warned_of(tmp_path: Path) -> None:
    write(tmp_path, "Ann\tB-PER\n" + "saw\tO\n" * 250)
    [(kind, said)] = read(tmp_path).warnings
    assert kind == "one_sentence"
    assert said.startswith("all 251 words of train are one sentence: ")
