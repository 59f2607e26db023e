"""Texts as a data module."""

from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attnlab.data import BPETokenizer, LanguageCodec, LanguageModellingDataModule, LetterTokenizer, TextFiles
from attnlab.data.language import module
from attnlab.data.language.batch import IGNORED
from attnlab.data.language.module import in_parts
from attnlab.data.text.tokenizers import ExactTokenizer
from attnlab.errors import UserError

TRAIN, VAL, TEST = "The cat sat.\nThe dog – né – sat too.\n", "The cat sat too.\n", "The dog sat; a cat éh.\n"


def prepared(root: Path, tokenizer: Any = None, adopt: LanguageCodec | None = None, **changes: Any) -> Any:
    for name, text in {"train": TRAIN * 5, "val": VAL, "test": TEST, "other": TEST, "empty": "  \n"}.items():
        (root / f"{name}.txt").write_text(text, encoding="utf-8")
    corpus = TextFiles(train=["train.txt", "empty.txt"], val="val.txt", test=["test.txt", "other.txt"])
    sizes: dict[str, Any] = {"context_length": 7, "max_length": 14, "batch_size": 4} | changes
    data = LanguageModellingDataModule(
        corpus, tokenizer or LetterTokenizer, **sizes, root=str(root), cache_dir=str(root / "cache"), seed=3
    )
    if adopt is not None:
        data.adopt(adopt)
    data.prepare_data()
    return data


def test_a_pass_of_training_has_as_many_tokens_as_are_counted(tmp_path: Path) -> None:
    data = prepared(tmp_path)
    rows = np.concatenate(data.plans.train_plan(0, 1))
    assert data.train_tokens == int((data.batch_of("train", rows).targets != IGNORED).sum())
    assert data.train_tokens % 7  # the last block isn't whole


@pytest.mark.parametrize(
    "tokenizer", [LetterTokenizer, lambda: BPETokenizer(vocab_size=260), lambda: BPETokenizer(vocab_size=290)]
)
def test_bytes_are_those_of_the_text_whatever_the_tokens(tokenizer: Any, tmp_path: Path) -> None:
    data = prepared(tmp_path, tokenizer)
    assert data.summary["bytes"] == {
        "train": len((TRAIN * 5).encode()),
        "val": len(VAL.encode()),
        "test": 2 * len(TEST.encode()) - 2 * (len(b";") if tokenizer is LetterTokenizer else 0),
    }
    ids = data.codec.tokenizer.encode([TEST])[0]
    assert isinstance(data.codec.tokenizer, ExactTokenizer)
    assert len(data.codec.tokenizer.byte_lengths(ids)) == len(ids)


def test_what_is_empty_or_unknown_is_counted(tmp_path: Path) -> None:
    data = prepared(tmp_path)
    assert data.summary["empty"] == {"train": 1, "val": 0, "test": 0}
    assert data.summary["unknown"] == {"train": 0, "val": 0, "test": 2}
    assert [each["kind"] for each in data.warnings] == ["unknown_letters"]


def test_a_block_stands_with_others_in_the_text_in_which_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = prepared(tmp_path)
    length = len(TEST) + 1
    texts = ["test.txt" if place < length else "other.txt" for place in range(0, 2 * length, 14)]
    assert data.clusters["test"].kind == "part"  # of two texts
    assert list(data.clusters["test"].names) == in_parts(texts)
    assert data.num_examples("test") == len(texts)
    monkeypatch.setattr(module, "FEWEST_TEXTS", 2)
    clusters = prepared(tmp_path).clusters
    assert (clusters["test"].kind, list(clusters["test"].names)) == ("file", texts)
    assert clusters["val"].kind == "part"


def test_few_texts_are_judged_in_parts_of_neighbouring_blocks() -> None:
    assert in_parts(["a", "b"]) == ["a, part 1", "b, part 1"]
    parts = in_parts(["a"] * 50 + ["b"] * 50)
    assert [name for name, _ in groupby(parts)] == [
        f"{text}, part {number}" for text in "ab" for number in range(1, 11)
    ]
    assert {len(list(group)) for _, group in groupby(parts)} == {5}


def test_blocks_of_the_test_are_longer_and_their_batches_smaller(tmp_path: Path) -> None:
    data = prepared(tmp_path)
    train, test = data.batch_of("train", np.arange(3)), data.batch_of("test", np.arange(2))
    assert (train.tokens.shape, test.tokens.shape) == ((3, 7), (2, 14))
    assert max(map(len, data.plans.evaluation_plan("test", rank=0, world_size=1))) == 2


def test_a_trained_codec_reads_test_alone(tmp_path: Path) -> None:
    trained = prepared(tmp_path)
    codec = LanguageCodec(**trained.codec.state())
    again = prepared(tmp_path, adopt=codec)
    assert again.summary["texts"] == {"test": 2}
    assert again.test_checksum == trained.test_checksum
    assert again.codec.state() == trained.codec.state()


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"max_length": 21}, r"max_length must be context_length 7 times 1, 2, 4 and so on, got 21"),
        ({"max_length": 5}, r"max_length must be context_length 7 times"),
        ({"context_length": 0}, r"context_length must be 1 or more, got 0"),
        ({"batch_size": 0}, r"batch_size must be 1 or more, got 0 \(set data\.batch_size\)"),
    ],
)
def test_a_number_out_of_its_range_is_refused_with_its_key(
    changes: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=message):
        prepared(tmp_path, **changes)


def test_a_split_without_a_text_is_refused(tmp_path: Path) -> None:
    corpus = TextFiles(train="a.txt", val="b.txt", test="c.txt")
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text("\n")
    data = LanguageModellingDataModule(corpus, LetterTokenizer, root=str(tmp_path), cache_dir=str(tmp_path))
    with pytest.raises(UserError, match=r"each split must have an example, got none in train \(set data\.root\)"):
        data.prepare_data()


def test_a_tokenizer_whose_ids_arent_the_text_is_refused() -> None:
    class Words:
        pass

    words: Any = Words
    with pytest.raises(ValueError, match=r"got Words \(set tokenizer to one of bpe, bytes, letters\)"):
        LanguageModellingDataModule(TextFiles(train="."), words)


def test_texts_are_as_one_unless_they_are_to_be_apart(tmp_path: Path) -> None:
    for apart in (False, True):
        data = prepared(tmp_path, texts_apart=apart)
        batches = [next(iter(loader())) for loader in (data.train_dataloader, data.val_dataloader)]
        assert [each.segments is not None for each in batches] == [apart, apart]
