"""The tagging data module: what is prepared, cached, batched, cut and counted."""

import functools
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import islice, pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from standard_data import standard

from attnlab.commands import cli
from attnlab.config.compose import compose_run
from attnlab.data import (
    BibleNames,
    BPETokenizer,
    Conll,
    JsonlSpans,
    JsonlTokens,
    TaggedSplits,
    TaggedText,
    TaggingBatch,
    TaggingCodec,
    TaggingDataModule,
    Wnut17,
    WordVocabulary,
)
from attnlab.data.loading.stream import place
from attnlab.data.tagging.codec import cut
from attnlab.data.tagging.label_schemes import repair_iob2, to_iob2
from attnlab.data.tagging.sentences import (
    IGNORED,
    EncodedSentences,
    TaggingTruth,
)
from attnlab.errors import UserError
from attnlab.models.special_tokens import CHARACTER_UNKNOWN, PAD, UNK
from attnlab.runs import build

TRAIN, VAL, TEST = 211, 23, 13
VOCABULARY = ["Ann", "Bo", "Cairo", "saw", "the", "émigré", "in", "of", "unpronounceable", "👩\u200d👧", "北"]
PATTERN = ["B-PER", "I-PER", "O", "O", "B-LOC", "B-LOC", "I-LOC", "O", "B-PER"]


def sentence(number: int, num_words: int) -> TaggedText:
    words = [VOCABULARY[(number + place) % len(VOCABULARY)] for place in range(num_words)]
    labels = repair_iob2([PATTERN[(number + place) % len(PATTERN)] for place in range(num_words)])
    return of_words(words, labels)


def of_words(words: list[str], labels: list[str]) -> TaggedText:
    text, offsets = "", []
    for word in words:
        text += " " if text else ""
        offsets.append((len(text), len(text) + len(word)))
        text += word
    return TaggedText(text, offsets, words, labels)


class Sentences:
    """A made-up corpus in memory: sentence i of a split has 1 + i % 17 words."""

    def __init__(self, **changed: list[TaggedText]) -> None:
        self.changed = changed

    def read(self, *, root: Path | None, cache_dir: Path, split: Callable[[str], Any]) -> TaggedSplits:
        sizes = {"train": TRAIN, "val": VAL, "test": TEST}
        texts = {name: [sentence(i, 1 + i % 17) for i in range(size)] for name, size in sizes.items()}
        return TaggedSplits(texts | self.changed, {"scheme": "iob2"})


def _module(cache: Path | str = "cache", *, prepare: bool = True, **settings: Any) -> TaggingDataModule:
    arguments = {"corpus": Sentences(), "tokenizer": WordVocabulary, "batch_tokens": 97, "cache_dir": str(cache)}
    module = TaggingDataModule(**arguments | settings)  # type: ignore[arg-type]
    if prepare:
        module.prepare_data()
        module.setup("fit")
    return module


def _place(module: TaggingDataModule, rank: int, world_size: int) -> TaggingDataModule:
    module.trainer = SimpleNamespace(global_rank=rank, world_size=world_size)  # type: ignore[assignment]
    return module


def _pass(module: TaggingDataModule, number: int = 0) -> list[list[int]]:
    """The ids of each batch of one pass."""
    _, world_size = place(module.trainer)
    sizes = [module.num_train_batches(epoch, world_size) for epoch in range(number + 1)]
    return [b.ids.tolist() for b in islice(module.train_dataloader(), sum(sizes[:-1]), sum(sizes))]


def _one_pass(module: TaggingDataModule) -> list[TaggingBatch]:
    return list(islice(module.train_dataloader(), module.num_train_batches(0, 1)))


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> TaggingDataModule:
    return _module(tmp_path_factory.mktemp("cache"))


# Batches


def test_a_batch_holds_the_sentences_that_its_ids_name(module: TaggingDataModule) -> None:
    codec, texts = module.codec, Sentences().read(root=None, cache_dir=Path(), split=module.codec.split)[0]
    for split, batches in (("train", _one_pass(module)), ("test", list(module.test_dataloader()))):
        for batch in batches:
            assert {each.dtype for each in batch[:4]} == {torch.int64}
            for row, number in enumerate(batch.ids.tolist()):
                text = texts[split][number]
                size = len(text.words)
                word_ids, characters = codec.encode(text.words)
                assert batch.words[row, :size].tolist() == word_ids
                assert batch.labels[row, :size].tolist() == codec.encode_labels(text.labels)
                for position, ids in enumerate(characters):
                    assert batch.characters[row, position, : len(ids)].tolist() == ids
                    assert not batch.characters[row, position, len(ids) :].any()
                assert (batch.words[row, size:] == PAD).all()
                assert (batch.labels[row, size:] == IGNORED).all()
                assert not batch.characters[row, size:].any()


def test_batches_keep_to_the_budget_and_have_no_empty_column(module: TaggingDataModule) -> None:
    for batch in _one_pass(module):
        assert batch.words.numel() <= 97
        assert (batch.words != PAD).any(dim=0).all()
        assert (batch.characters != 0).any(dim=(0, 1)).all()


def test_a_pass_holds_every_sentence_once_and_the_next_in_another_order(module: TaggingDataModule) -> None:
    first, second = _pass(module), _pass(module, 1)
    assert sorted(row for batch in first for row in batch) == list(range(TRAIN))
    assert sorted(row for batch in second for row in batch) == list(range(TRAIN))
    assert first != second


def test_the_order_follows_from_seed_and_pass_alone(module: TaggingDataModule, tmp_path: Path) -> None:
    torch.manual_seed(7)
    again = _module(tmp_path)
    assert [_pass(again, 0), _pass(again, 1)] == [_pass(module, 0), _pass(module, 1)]
    assert _pass(_module(tmp_path, seed=1)) != _pass(module)


@pytest.mark.parametrize("taken", [0, 1, 37, 97])
def test_training_goes_on_at_the_next_batch(module: TaggingDataModule, tmp_path: Path, taken: int) -> None:
    resumed = _module(tmp_path)
    resumed.start_batch = taken
    expected = [batch.ids.tolist() for batch in islice(module.train_dataloader(), taken, taken + 50)]
    assert [batch.ids.tolist() for batch in islice(resumed.train_dataloader(), 50)] == expected


@pytest.mark.parametrize("world_size", [2, 3])
def test_processes_share_the_sentences(tmp_path: Path, world_size: int) -> None:
    parts = [_place(_module(tmp_path), rank, world_size) for rank in range(world_size)]
    passes = [_pass(part) for part in parts]
    assert len({len(batches) for batches in passes}) == 1
    assert sorted(row for batches in passes for batch in batches for row in batch) == list(range(TRAIN))
    for size, loader in ((VAL, "val_dataloader"), (TEST, "test_dataloader")):
        rows = [row for part in parts for batch in getattr(part, loader)() for row in batch.ids.tolist()]
        assert sorted(rows) == list(range(size))


# Long sentences


def test_long_sentences_are_read_in_pieces_and_nothing_is_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    long = [sentence(i, 3 + 5 * i) for i in range(11)]
    module = _module(tmp_path, corpus=Sentences(train=long, test=long), max_length=7)
    assert module.summary["cut_into_pieces"] == {"train": 10, "val": 10, "test": 10}
    num_pieces = sum(len(cut(len(each.words), 7)) for each in long)
    assert module.summary["pieces"]["test"] == num_pieces
    assert module.summary["words"]["test"] == sum(len(each.words) for each in long)
    assert "cut 10 of 11 sentences of test into pieces that the model reads" in caplog.messages
    cells = sum(batch.words.numel() for batch in _one_pass(module))
    assert module.summary["padding_share"] == round(1 - module.summary["words"]["train"] / cells, 4)
    for batches in (_one_pass(module), list(module.test_dataloader())):
        rows = defaultdict(list)
        for batch in batches:
            assert batch.words.shape[1] <= 7
            assert batch.words.numel() <= 97
            ids = batch.ids.tolist()
            assert len({*ids}) == 1 + sum(a != b for a, b in pairwise(ids))  # pieces in a row
            for number, words, labels in zip(ids, batch.words, batch.labels, strict=True):
                size = int((words != PAD).sum())
                rows[number].append((words[:size].tolist(), module.codec.decode_labels(labels[:size].tolist())))
        assert sorted(rows) == list(range(11))
        assert sum(map(len, rows.values())) == num_pieces
        for number, pieces in rows.items():
            assert [word for words, _ in pieces for word in words] == module.codec.encode(long[number].words)[0]
            bounds = cut(len(long[number].words), 7)
            for (start, end), (_, labels) in zip(bounds, pieces, strict=True):
                # Valid by itself: a piece that begins inside an entity begins it.
                assert labels == to_iob2(labels, "iob2") == repair_iob2(long[number].labels[start:end])
        told = {each.text: each for batch in module.test_dataloader() for each in batch.truth.sentences}
        assert told == {each.text: each for each in long}


def test_a_sentence_of_exactly_the_longest_length_is_whole(tmp_path: Path) -> None:
    module = _module(tmp_path, max_length=17)
    assert module.summary["cut_into_pieces"] == {"train": 0, "val": 0, "test": 0}
    assert max(batch.words.shape[1] for batch in _one_pass(module)) == 17


# Words, characters, labels


def test_labels_are_iob2_and_sorted_by_type(module: TaggingDataModule) -> None:
    assert module.codec.labels == ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]
    assert module.codec.types == ["LOC", "PER"]
    assert module.sizes == {
        "vocab_size": len(VOCABULARY) + 4,
        "num_characters": len({character for word in VOCABULARY for character in word}) + 2,
        "num_labels": 5,
    }
    assert set(module.sizes) == set(module.example_sizes)


def test_what_training_hasnt_seen_is_unknown_and_never_padding(tmp_path: Path) -> None:
    module = _module(tmp_path, corpus=Sentences(test=[of_words(["zZ", "Ann", "Axn"], ["O", "B-PER", "O"])]))
    (batch,) = module.test_dataloader()
    assert (batch.words[0] == UNK).tolist() == [True, False, True]
    assert (batch.characters[0] == CHARACTER_UNKNOWN).sum(dim=1).tolist() == [2, 0, 1]
    assert module.summary["unknown_words"] == {"train": 0, "val": 0, "test": 2}


def test_long_words_are_cut_for_the_character_input_alone(tmp_path: Path) -> None:
    module = _module(tmp_path, max_characters=5)
    word, longer = module.codec.encode(["unpro", "unpronounceable"])[1]
    assert word == longer
    assert module.codec.encode(["unpro", "unpronounceable"])[0][0] == UNK
    assert max(batch.characters.shape[2] for batch in _one_pass(module)) == 5


def test_words_with_cut_characters_are_counted(tmp_path: Path) -> None:
    # Six characters as typed, but five letters; six letters; five.
    test = [of_words(["cafe\u0301s", "abcdef", "abcde", "abcdef"], ["B-PER", "O", "O", "O"])]
    module = _module(tmp_path, max_characters=5, corpus=Sentences(test=test))
    long = sum(len(word) > 5 for i in range(TRAIN) for word in sentence(i, 1 + i % 17).words)
    assert module.summary["words_with_cut_characters"]["train"] == long > 0
    assert module.summary["words_with_cut_characters"]["test"] == 2


def test_one_letter_is_one_character_however_it_was_typed(module: TaggingDataModule) -> None:
    assert module.codec.encode(["e\u0301migre\u0301"]) == module.codec.encode(["\u00e9migr\u00e9"])


def test_a_codec_comes_back_from_plain_values(module: TaggingDataModule) -> None:
    state = json.loads(json.dumps(module.codec.state()))
    codec = TaggingCodec(**state)
    assert codec.state() == module.codec.state()
    assert codec.labels == module.codec.labels
    assert codec.encode(["Ann", "new", "émigré"]) == module.codec.encode(["Ann", "new", "émigré"])
    assert codec.split("Ann’s 北京") == [(0, 3), (3, 5), (6, 7), (7, 8)]


def test_types_that_are_hardly_meant_to_be_two_or_that_no_score_is_of_are_said(tmp_path: Path) -> None:
    plain = {each["kind"] for each in _module(tmp_path).warnings}
    assert not plain & {"alike_types", "unscored_types"}
    train = [of_words(["Ann", "Bo", "Cairo"], ["B-per", "B-ORG", "O"]), *(sentence(i, 11) for i in range(11))]
    found = {each["kind"]: each["message"] for each in _module(tmp_path, corpus=Sentences(train=train)).warnings}
    assert ": PER/per (" in found["alike_types"]
    assert found["unscored_types"].startswith("neither val nor test has an entity of ORG, per, ")


def test_a_type_that_training_lacks_is_said_and_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    test = [of_words(["Ann", "Bo"], ["B-GOD", "B-ORG"])]
    module = _module(tmp_path, corpus=Sentences(test=test))
    assert caplog.messages.count("training has no entity of GOD, ORG, which test has: none will be found") == 1
    assert "untrained_types" in {each["kind"] for each in module.warnings}
    assert module.codec.untrained == ["GOD", "ORG"]
    labels = module.codec.decode_labels(module.codec.untrained_labels)
    assert labels == ["B-GOD", "I-GOD", "B-ORG", "I-ORG"]
    assert (
        TaggingCodec(**json.loads(json.dumps(module.codec.state()))).untrained_labels == module.codec.untrained_labels
    )
    assert module.codec.types == ["GOD", "LOC", "ORG", "PER"]
    assert module.summary["entities"]["test"] == {"GOD": 1, "ORG": 1}
    (batch,) = module.test_dataloader()
    assert module.codec.decode_labels(batch.labels[0].tolist()) == ["B-GOD", "B-ORG"]


def test_training_needs_an_entity(tmp_path: Path) -> None:
    message = r"^training needs entities, got labels that are all O in the train split \(set data.root\)$"
    with pytest.raises(UserError, match=message):
        _module(tmp_path, corpus=Sentences(train=[of_words(["a"], ["O"])]))


@pytest.mark.parametrize(
    "corpus, line, message",
    [
        (Conll(), "Ann O", r"in column 1 of .*train\S* \(set data.corpus.label_column, or data.corpus.train to"),
        (JsonlTokens(), '{"tokens": ["Ann"], "tags": ["O"]}', r"in .*train\S* \(set data.corpus.tags, or data"),
        (JsonlSpans(), '{"text": "Ann", "entities": []}', r"in .*train\S* \(set data.corpus.entities, or data"),
    ],
)
def test_a_file_of_training_without_an_entity_is_named(corpus: Any, line: str, message: str, tmp_path: Path) -> None:
    ending = ".txt" if isinstance(corpus, Conll) else ".jsonl"
    for split in ("train", "val", "test"):
        (tmp_path / f"{split}{ending}").write_text(f"{line}\n")
    with pytest.raises(UserError, match=f"^training needs entities, got labels that are all O {message}"):
        _module(tmp_path / "cache", corpus=corpus, root=str(tmp_path))


def test_an_adopted_codec_is_used_as_it_is(module: TaggingDataModule, tmp_path: Path) -> None:
    other = _module(tmp_path, prepare=False, corpus=Sentences(train=[of_words(["x"], ["B-PER"])]))
    other.adopt(module.codec)
    other.prepare_data()
    assert other.codec is module.codec
    strange = _module(tmp_path, prepare=False, corpus=Sentences(test=[of_words(["x"], ["B-GOD"])]))
    strange.adopt(module.codec)
    with pytest.raises(UserError, match=r"^the model knows the types LOC, PER, got GOD in the data \(set data\)$"):
        strange.prepare_data()


# What tasks compare with


def _truth(module: TaggingDataModule) -> TaggingTruth:
    """That of the test's first batch."""
    truth = next(iter(module.test_dataloader())).truth
    assert isinstance(truth, TaggingTruth)
    return truth


def test_the_entities_of_training_are_known_by_their_text(tmp_path: Path) -> None:
    train = [of_words(["Ann", "Lee", "met", "BO"], ["B-PER", "I-PER", "O", "B-PER"])]
    module = _module(tmp_path, corpus=Sentences(train=train))
    assert _truth(module).train_entities == frozenset({"ann lee", "bo"})
    twice = TaggedText("Rene\u0301  \u00a0Lee", [(0, 5), (8, 11)], ["Rene\u0301", "Lee"], ["B-PER", "I-PER"])
    assert _truth(_module(tmp_path, corpus=Sentences(train=[twice]))).train_entities == frozenset({"ren\u00e9 lee"})


def test_the_baseline_gives_each_word_its_commonest_label(module: TaggingDataModule, tmp_path: Path) -> None:
    train = [
        of_words(["Lee", "Ann", "Lee", "met"], ["B-PER", "B-PER", "I-PER", "O"]),
        of_words(["Lee", "met", "Rio"], ["B-LOC", "O", "B-LOC"]),
        of_words(["Ann", "Lee", "Rio"], ["B-PER", "I-PER", "O"]),
    ]
    test = [of_words(["Ann", "Lee", "new", "Lee", "Rio"], ["O"] * 5)]
    module = _module(tmp_path, corpus=Sentences(train=train, test=test))
    # Lee is I-PER twice; Rio is O and B-LOC once each: the one that comes first in the codec's labels.
    assert _truth(module).commonest == [["B-PER", "I-PER", "O", "B-PER", "O"]]


# Raw text


def test_the_codec_splits_raw_text_as_trainings_words_were(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    letters = [of_words([*"新款iPhone13"], ["O", "O", "B-PRO", *["I-PRO"] * 7])]
    module = _module(tmp_path, corpus=Sentences(train=letters, val=letters, test=letters))
    codec = TaggingCodec(**json.loads(json.dumps(module.codec.state())))
    assert [*codec.split("iP 3")] == [(0, 1), (1, 2), (3, 4)]
    assert module.summary["words_split_otherwise"] == {"train": 0, "val": 0, "test": 0}
    assert "splitting" not in _module(tmp_path).codec.state()  # as it was before there was a choice
    words = [of_words(["北京", "大学", "在", "Oslo"], ["B-LOC", "O", "O", "B-LOC"])]
    _module(tmp_path, corpus=Sentences(train=words))
    assert (
        caplog.messages.count(
            "predict splits raw text otherwise: 2 of 4 training words can't come out of it (give predict --words)"
        )
        == 1
    )


def test_a_corpus_of_raw_texts_says_how_they_are_split_unless_a_model_does(tmp_path: Path) -> None:
    row = json.dumps({"text": "Elle vient d'Alsace.", "entities": [[13, 19, "LOC"]]}) + "\n"
    for split in ("train", "dev", "test"):
        (tmp_path / f"{split}.jsonl").write_text(row)
    module = _module(tmp_path / "cache", corpus=JsonlSpans(), root=str(tmp_path))
    assert module.summary["splitting"] == module.codec.splitting == "unicode_words_1+elisions_1"
    assert module.codec.split("d'Alsace") == [(0, 2), (2, 8)]
    earlier = TaggingCodec(**{key: value for key, value in module.codec.state().items() if key != "splitting"})
    other = _module(prepare=False, corpus=JsonlSpans(), root=str(tmp_path))
    other.adopt(earlier)
    with pytest.raises(UserError, match="an entity must begin and end with a word, got 'Alsace'"):
        other.prepare_data()


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_an_empty_split_is_refused_before_training(tmp_path: Path, split: str) -> None:
    with pytest.raises(UserError, match=rf"^each split must have an example, got none in {split} \(set data"):
        _module(tmp_path, corpus=Sentences(**{split: []}))


# Summary


def test_the_summary_counts(module: TaggingDataModule) -> None:
    summary = module.summary
    assert summary["sentences"] == {"train": TRAIN, "val": VAL, "test": TEST}
    assert summary["scheme"] == "iob2"
    for split, texts in Sentences().read(root=None, cache_dir=Path(), split=lambda text: []).texts.items():
        begun = Counter(label[2:] for each in texts for label in each.labels if label[0] == "B")
        assert summary["entities"][split] == dict(begun)
        assert summary["words"][split] == sum(len(each.words) for each in texts)
    cells = sum(batch.words.numel() for batch in _one_pass(module))
    assert summary["padding_share"] == round(1 - summary["words"]["train"] / cells, 4)
    assert json.loads(json.dumps(summary)) == summary


# Cache


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of all splits encoded from now on."""
    calls: list[int] = []
    encode = EncodedSentences.encode

    def counted(codec: TaggingCodec, texts: list[TaggedText], bar: Any) -> EncodedSentences:
        calls.append(len(texts))
        return encode(codec, texts, bar)

    monkeypatch.setattr(EncodedSentences, "encode", counted)
    return calls


def test_preparing_again_encodes_nothing(encoded: list[int], capfd: pytest.CaptureFixture[str]) -> None:
    first = _module()
    assert sorted(encoded) == [TEST, VAL, TRAIN]
    assert "".join(capfd.readouterr()) == ""  # no bar, as this is no terminal
    encoded.clear()
    second = _module(max_length=5, batch_tokens=53, seed=3)
    assert not encoded
    assert capfd.readouterr().out == ""
    assert _module().summary == first.summary
    assert second.checksum == first.checksum


@pytest.mark.parametrize(
    "changed",
    [
        {"tokenizer": functools.partial(WordVocabulary, lowercase=True)},
        {"corpus": Sentences(test=[of_words(["Ann"], ["B-LOC"])])},
        {"max_characters": 3},
    ],
    ids=["settings", "content", "characters"],
)
def test_what_follows_from_something_else_is_prepared_anew(encoded: list[int], changed: dict[str, Any]) -> None:
    _module()
    encoded.clear()
    _module(**changed)
    assert encoded


def test_the_checksum_tells_words_labels_and_splits_apart(tmp_path: Path) -> None:
    a, b = of_words(["Ann"], ["B-PER"]), of_words(["Ann"], ["B-LOC"])
    variants = [
        {"train": [a]},
        {"train": [b]},
        {"train": [a, a]},
        {"train": [a], "test": [b]},
        {"train": [a], "val": [b]},
    ]
    assert len({_module(tmp_path, corpus=Sentences(**each)).checksum for each in variants}) == len(variants)


# Refusals


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"batch_tokens": 0}, "batch_tokens must be 1 or more, got 0 (set data.batch_tokens)"),
        ({"max_length": 0}, "max_length must be 1 or more, got 0 (set data.max_length)"),
        ({"max_characters": 0}, "max_characters must be 1 or more, got 0 (set data.max_characters)"),
        ({"seed": -1}, "seed must be 0 or more, got -1 (set data.seed)"),
        (
            {"tokenizer": functools.partial(BPETokenizer, vocab_size=300)},
            "labels are of whole words, which this tokenizer doesn't keep, got BPETokenizer (set tokenizer=words)",
        ),
    ],
)
def test_impossible_values_are_refused_before_anything_is_read(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        _module(prepare=False, **changed)


def test_subwords_are_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", "task=ner", "tokenizer=bpe", "output_dir=run"]) == 2
    error = capsys.readouterr().err
    assert error == (
        "error: this tokenizer doesn't fit this task: tokenizer=bpe is for task=language_modelling or summarization or "
        "translation, got task=ner (set tokenizer to one of torchtext, words, or another task)\n"
    )


@pytest.mark.parametrize("task", ["translation", "summarization"])
def test_words_are_refused_where_text_is_written(task: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", f"task={task}", "tokenizer=words", "output_dir=run"]) == 2
    assert capsys.readouterr().err == (
        f"error: this tokenizer doesn't fit this task: tokenizer=words is for task=ner, got task={task} "
        "(set tokenizer to one of bpe, bytes, letters, torchtext, or another task)\n"
    )


# Real data and configuration


@pytest.mark.parametrize("name", ["bible_names", "wnut17"])
def test_real_data_is_padded_by_at_most_6_percent(name: str, tmp_path: Path) -> None:
    corpora = {
        "bible_names": lambda: _module(tmp_path, corpus=BibleNames(), batch_tokens=1024),
        "wnut17": lambda: _module(tmp_path, corpus=Wnut17(), batch_tokens=1024, root=str(standard("wnut17"))),
    }
    module = corpora[name]()
    assert module.summary["padding_share"] <= 0.06
    assert module.summary["cut_into_pieces"] == {"train": 0, "val": 0, "test": 0}
    if name == "bible_names":
        assert module.summary["entities"]["test"] == {"DEITY": 123, "GROUP": 64, "LOC": 97, "PER": 144}


@pytest.mark.parametrize(
    "overrides, corpus",
    [
        (["data=bible_names"], BibleNames),
        (["data=wnut17", "data.root=folder"], Wnut17),
        (["data=conll", "data.corpus.scheme=iob1", "data.corpus.label_column=-2"], Conll),
        (["data=jsonl_spans", "data.corpus.text=body", "data.corpus.offsets=utf16"], JsonlSpans),
        (["data=jsonl_tokens", "data.corpus.label_names=[O,B-PER]"], JsonlTokens),
    ],
)
def test_the_shipped_configuration_builds_the_module(overrides: list[str], corpus: type) -> None:
    config = build.plain(compose_run(["task=ner", *overrides, "seed=3", "tokenizer.lowercase=true"]))
    module = build.build_data(config)
    assert isinstance(module, TaggingDataModule)
    assert isinstance(module.corpus, corpus)
    assert module.tokenizer().settings["lowercase"] is True
    assert module.seed == 3
