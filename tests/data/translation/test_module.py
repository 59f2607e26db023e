"""The translation data module: what is prepared, cached, batched, cut and counted."""

import functools
import json
import logging
import multiprocessing
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from standard_data import standard

from attnlab.config.compose import compose_run
from attnlab.data import (
    BibleEnEs,
    BPETokenizer,
    Multi30k,
    ParallelTable,
    ParallelText,
    ParallelTexts,
    TranslationCodec,
    TranslationDataModule,
)
from attnlab.data.loading.batching import padding_share, train_batches
from attnlab.data.loading.stream import place
from attnlab.data.translation.corpora import SPLITS
from attnlab.errors import UserError
from attnlab.models.special_tokens import BOS, EOS, PAD
from attnlab.runs import build

NOUNS = ["cat", "dog", "tree", "house", "child", "river", "stone"]
TRAIN, VAL, TEST = 211, 23, 13
SIDES = {"source": "en", "target": "ne"}


class Sentences:
    """A made-up corpus in memory: sentence i of a split has 1 + i % 17 words."""

    def __init__(self, **changed: ParallelTexts) -> None:
        self.changed = changed

    def read(self, source: str, target: str, *, root: Path | None, cache_dir: Path) -> dict[str, ParallelTexts]:
        def texts(size: int) -> ParallelTexts:
            rows = [[NOUNS[(i + j) % len(NOUNS)] for j in range(1 + i % 17)] for i in range(size)]
            return ParallelTexts([" ".join(r) for r in rows], [" ".join(w[::-1] for w in r) for r in rows])

        return {"train": texts(TRAIN), "val": texts(VAL), "test": texts(TEST)} | self.changed


def _module(cache: Path | str = "cache", *, prepare: bool = True, **settings: Any) -> TranslationDataModule:
    arguments = {
        "corpus": Sentences(),
        "tokenizer": functools.partial(BPETokenizer, vocab_size=300),
        "source": "en",
        "target": "ne",
        "batch_tokens": 200,
        "cache_dir": str(cache),
    }
    module = TranslationDataModule(**arguments | settings)  # type: ignore[arg-type]
    if prepare:
        module.prepare_data()
        module.setup("fit")
    return module


def _place(module: TranslationDataModule, rank: int, world_size: int) -> TranslationDataModule:
    module.trainer = SimpleNamespace(global_rank=rank, world_size=world_size)  # type: ignore[assignment]
    return module


def _pass(module: TranslationDataModule, number: int = 0) -> list[list[int]]:
    """The ids of each batch of one pass."""
    _, world_size = place(module.trainer)
    sizes = [module.num_train_batches(epoch, world_size) for epoch in range(number + 1)]
    return [b.ids.tolist() for b in islice(module.train_dataloader(), sum(sizes[:-1]), sum(sizes))]


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> TranslationDataModule:
    return _module(tmp_path_factory.mktemp("cache"))


# Batches


def test_a_batch_holds_the_sentences_that_its_ids_name(module: TranslationDataModule) -> None:
    for batch in module.test_dataloader():
        assert batch.source.dtype == batch.target.dtype == batch.ids.dtype == torch.int64
        assert batch.truth is not None
        for source, target, truth in zip(batch.source.tolist(), batch.target.tolist(), batch.truth, strict=True):
            text, [reference], *_ = truth
            assert source[: source.index(EOS) + 1] == module.codec.encode_source(text)
            assert target[: target.index(EOS) + 1] == module.codec.encode_target(reference)
            assert target[0] == BOS
            assert set(source[source.index(EOS) + 1 :]) | set(target[target.index(EOS) + 1 :]) <= {PAD}


def test_no_batch_exceeds_the_budget(module: TranslationDataModule) -> None:
    for batch in islice(module.train_dataloader(), 50):
        # What the model reads: the source, and the target without its last token.
        assert batch.source.numel() + batch.target[:, 1:].numel() <= 200


@pytest.mark.parametrize("world_size", [1, 3])
def test_a_pass_over_all_ranks_shows_every_training_pair_once(module: TranslationDataModule, world_size: int) -> None:
    shards = [_pass(_place(module, rank, world_size)) for rank in range(world_size)]
    module.trainer = None
    assert len({len(shard) for shard in shards}) == 1
    assert sorted(row for shard in shards for batch in shard for row in batch) == list(range(TRAIN))


@pytest.mark.parametrize("world_size", [1, 2])
def test_evaluation_over_all_ranks_shows_every_pair_once(module: TranslationDataModule, world_size: int) -> None:
    for split, size in (("val", VAL), ("test", TEST)):
        rows: list[int] = []
        for rank in range(world_size):
            loader = getattr(_place(module, rank, world_size), f"{split}_dataloader")()
            assert len(loader) == len(list(loader)) > 0
            rows += [row for batch in loader for row in batch.ids.tolist()]
        assert sorted(rows) == list(range(size)), split
    module.trainer = None


def test_the_order_is_the_seeds(module: TranslationDataModule) -> None:
    cache = module.cache_dir
    assert _pass(module) == _pass(_module(cache))
    assert _pass(module, 1) == _pass(_module(cache), 1)
    assert _pass(module) != _pass(module, 1)
    assert _pass(module) != _pass(_module(cache, seed=1))


@pytest.mark.parametrize("start", [1, 5, 50, 101])
def test_start_batch_goes_on_where_the_order_broke_off(module: TranslationDataModule, start: int) -> None:
    whole = [batch.ids.tolist() for batch in islice(module.train_dataloader(), 120)]
    assert module.num_train_batches(0, 1) < 50  # the last starts lie in later passes
    later = _module(module.cache_dir)
    later.start_batch = start
    assert [batch.ids.tolist() for batch in islice(later.train_dataloader(), 120 - start)] == whole[start:]


# What makes scores say less


def test_what_is_empty_or_known_from_training_is_counted_and_said(caplog: pytest.LogCaptureFixture) -> None:
    train = Sentences().read("en", "ne", root=None, cache_dir=Path())["train"]
    test = ParallelTexts([train.source[3], "", "new"], [train.target[3], "x", ""])
    module = _module(corpus=Sentences(val=ParallelTexts([train.source[3], "y"], ["other", "z"]), test=test))
    assert module.summary["empty"] == {"val": {"sources": 0, "targets": 0}, "test": {"sources": 1, "targets": 1}}
    assert module.summary["in_training"] == {"val": 0, "test": 1}
    assert [each["kind"] for each in module.warnings] == ["empty_sources", "empty_targets", "test_in_training"]
    assert [each["message"] for each in module.warnings] == [
        "1 of 3 sources of test are empty, and are scored as they are",
        "1 of 3 targets of test are empty, and are scored as they are",
        "1 of 3 pairs of test stand in training, too, word for word",
    ]
    assert {each["message"] for each in module.warnings} <= set(caplog.messages)


@pytest.mark.parametrize("split", ["val", "test"])
def test_a_split_without_pairs_is_refused_before_training(split: str) -> None:
    with pytest.raises(UserError, match=rf"^each split must have an example, got none in {split} \(set data.root\)$"):
        _module(corpus=Sentences(**{split: ParallelTexts([], [])}))


def test_an_evaluation_reads_test_alone_with_all_its_references(tmp_path: Path) -> None:
    for name, text in {"test.en": "cat\ndog\n", "test.ne": "tac\ngod\n", "test.2": "TAC\n\n"}.items():
        (tmp_path / name).write_text(text)
    files = {f"{split}_{side}": f"{split}.{code}" for split in SPLITS for side, code in SIDES.items()}
    corpus = ParallelText(**files | {"test_target": ["test.ne", "test.2"]})  # type: ignore[arg-type]
    module = _module(tmp_path / "cache", corpus=corpus, root=str(tmp_path), prepare=False)
    module.adopt(_module().codec)
    module.prepare_data()
    truth = {each.text: each.references for batch in module.test_dataloader() for each in batch.truth or []}
    assert truth == {"cat": ["tac", "TAC"], "dog": ["god"]}
    assert module.summary["pairs"] == {"test": 2}
    for split in ("train", "val"):
        for code, text in (("en", "emu\n"), ("ne", "ume\n")):
            (tmp_path / f"{split}.{code}").write_text(text * 9)
    whole = _module(tmp_path / "cache", corpus=corpus, root=str(tmp_path))
    assert whole.test_checksum == module.test_checksum == module.checksum != whole.checksum


# Vocabulary


def test_the_vocabulary_knows_nothing_of_val_and_test() -> None:
    unseen = ParallelTexts(["zebra zebra"] * 99, ["quokka quokka"] * 99)
    plain = _module()
    other = _module(corpus=Sentences(val=unseen, test=unseen))
    assert other.codec.state() == plain.codec.state()
    in_train = _module(corpus=Sentences(train=unseen))
    assert "▁zebra" in in_train.codec.source_tokens(in_train.codec.encode_source("zebra"))
    assert "▁zebra" not in other.codec.source_tokens(other.codec.encode_source("zebra"))


def test_one_vocabulary_or_two() -> None:
    joint, separate = _module(), _module(joint_vocabulary=False)
    assert joint.codec.source_tokenizer is joint.codec.target_tokenizer
    assert joint.sizes["source_vocab_size"] == joint.sizes["target_vocab_size"]
    text = "house"
    assert separate.codec.encode_source(text)[:-1] != separate.codec.encode_target(text)[1:-1]
    assert joint.codec.encode_source(text)[:-1] == joint.codec.encode_target(text)[1:-1]
    assert len(set(separate.example_sizes.values())) == 2
    assert len(set(joint.example_sizes.values())) == 1


@pytest.mark.parametrize("joint", [True, False])
def test_a_codec_is_restored_from_plain_values(joint: bool) -> None:
    codec = _module(joint_vocabulary=joint).codec
    state = json.loads(json.dumps(codec.state()))
    restored = TranslationCodec(**state)
    assert restored.state() == state
    assert restored.sizes == codec.sizes
    ids = restored.encode_target("the ¡tac! 猫")
    assert ids == codec.encode_target("the ¡tac! 猫")
    assert restored.decode_target(ids) == "the ¡tac! 猫"
    assert restored.encode_source("tree") == codec.encode_source("tree")
    assert restored.target_tokens(ids) == codec.target_tokens(ids)


def test_an_adopted_codec_takes_the_place_of_training(monkeypatch: pytest.MonkeyPatch) -> None:
    codec = _module().codec
    monkeypatch.setattr(BPETokenizer, "train", lambda *_: pytest.fail("trained again"))
    other = _module("elsewhere", prepare=False, corpus=Sentences(test=ParallelTexts(["zebra"], ["arbez"])))
    other.adopt(codec)
    other.prepare_data()
    assert other.codec is codec
    (batch,) = other.test_dataloader()
    assert batch.source.tolist() == [codec.encode_source("zebra")]


# Cache


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of all chunks encoded from now on."""
    calls: list[int] = []
    encode = BPETokenizer.encode

    def counted(self: BPETokenizer, texts: list[str]) -> list[list[int]]:
        calls.append(len(texts))
        return encode(self, texts)

    monkeypatch.setattr(BPETokenizer, "encode", counted)
    return calls


def test_preparing_again_encodes_nothing(encoded: list[int], capfd: pytest.CaptureFixture[str]) -> None:
    first = _module()
    assert sum(encoded) == 2 * (TRAIN + VAL + TEST)
    assert "".join(capfd.readouterr()) == ""  # no bar, as this is no terminal
    encoded.clear()
    second = _module()
    assert not encoded
    assert capfd.readouterr() == ("", "")
    assert _pass(second) == _pass(first)
    assert second.summary == first.summary


@pytest.mark.parametrize(
    "changed",
    [
        {"tokenizer": functools.partial(BPETokenizer, vocab_size=290)},
        {"corpus": Sentences(test=ParallelTexts(["another"], ["rehtona"]))},
        {"joint_vocabulary": False},
    ],
    ids=["settings", "content", "joint"],
)
def test_what_follows_from_something_else_is_prepared_anew(encoded: list[int], changed: dict[str, Any]) -> None:
    _module()
    encoded.clear()
    _module(**changed)
    assert encoded


def test_caps_and_batches_leave_the_cache_alone(encoded: list[int]) -> None:
    _module()
    encoded.clear()
    _module(max_source_length=7, batch_tokens=99, seed=5)
    assert not encoded


def test_a_half_written_cache_is_not_used(encoded: list[int]) -> None:
    _pass(_module())
    for path in Path("cache/encoded").glob("*/train.source.ids.npy"):
        path.write_bytes(path.read_bytes()[:-4])
    encoded.clear()
    assert sorted(row for batch in _pass(_module()) for row in batch) == list(range(TRAIN))
    assert encoded


def _prepare_in_process(cache: str, queue: Any) -> None:
    queue.put(_pass(_module(cache)))


def test_two_processes_at_once_both_end_with_the_same_data(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    processes = [context.Process(target=_prepare_in_process, args=(str(tmp_path), queue)) for _ in range(2)]
    for process in processes:
        process.start()
    passes = [queue.get(timeout=120) for _ in processes]
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert passes[0] == passes[1] == _pass(_module(tmp_path))


# Caps


@pytest.fixture
def warnings_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.INFO, logger="attnlab"):
        yield caplog


def test_too_long_pairs_are_left_out_of_training_and_cut_elsewhere(warnings_logged: pytest.LogCaptureFixture) -> None:
    long = " ".join(["stone"] * 10_000)
    texts = ParallelTexts(["cat", long, "dog", "", "tree"], ["tac", "gnol", long, "ytpme", "eert"])
    module = _module(corpus=Sentences(train=texts, test=texts), max_source_length=11, max_target_length=13)
    assert sorted(row for batch in _pass(module) for row in batch) == [0, 4]
    assert module.num_examples("train") == 2
    assert module.summary["pairs"] == {"train": 2, "val": VAL, "test": 5}
    assert module.summary["dropped"] == {"train": 3}
    assert module.summary["truncated"]["test"] == 2

    batches = {
        row: (s, t)
        for b in module.test_dataloader()
        for row, s, t in zip(b.ids.tolist(), b.source, b.target, strict=True)
    }
    assert sorted(batches) == [0, 1, 2, 3, 4]
    assert (batches[1][0] != PAD).sum() == 11
    assert batches[1][0][10] == EOS
    assert (batches[2][1][1:] != PAD).sum() == 13
    assert batches[3][0][0] == EOS
    [truth] = [each for b in module.test_dataloader() for each in b.truth or [] if each.text == long]
    assert truth.references == ["gnol"]  # the reference stays whole

    assert "left out 3 of 5 training pairs: 1 empty, 2 too long; the first: pairs 2, 3, 4" in warnings_logged.messages
    cut = [each["message"].partition(" to ")[0] for each in module.warnings if each["kind"].startswith("cut_")]
    assert cut[-2:] == ["1 of 5 sources of test are cut", "1 of 5 targets of test are cut"]


def test_a_pair_of_exactly_the_cap_stays() -> None:
    sizes = [
        len(_module().codec.encode_source(text))
        for text in Sentences().read("", "", root=None, cache_dir=Path())["train"].source
    ]
    cap = sorted(sizes)[100]
    module = _module(max_source_length=cap, max_target_length=1000)
    assert module.num_examples("train") == sum(size <= cap for size in sizes)
    longest = max(int((batch.source != PAD).sum(dim=1).max()) for batch in islice(module.train_dataloader(), 30))
    assert longest == cap


def test_training_needs_a_pair_within_the_caps() -> None:
    message = (
        r"^training needs pairs within max_source_length and max_target_length, got none of 2 within 2 and 2 tokens "
        r"\(set data.max_source_length and data.max_target_length\)$"
    )
    long = ParallelTexts(["cat dog tree"] * 2, ["tac god eert"] * 2)
    with pytest.raises(UserError, match=message):
        _module(corpus=Sentences(train=long), max_source_length=2, max_target_length=2)


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"target": "en"}, "source and target must differ, got 'en' for both (set data.source or data.target)"),
        (
            {"max_source_length": 1},
            "max_source_length must be 2 or more, for a token and its end, got 1 (set data.max_source_length)",
        ),
        (
            {"max_target_length": 0},
            "max_target_length must be 2 or more, for a token and its end, got 0 (set data.max_target_length)",
        ),
        ({"batch_tokens": 0}, "batch_tokens must be 1 or more, got 0 (set data.batch_tokens)"),
        ({"seed": -1}, "seed must be 0 or more, got -1 (set data.seed)"),
    ],
)
def test_impossible_values_are_refused_before_anything_is_read(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        _module(prepare=False, **changed)


# Real data


@pytest.mark.parametrize("name", ["bible_en_es", "multi30k"])
def test_padding_on_real_data_is_at_most_12_percent(name: str, tmp_path: Path) -> None:
    module = {
        "bible_en_es": lambda: _module(tmp_path, corpus=BibleEnEs(), target="es", batch_tokens=4096),
        "multi30k": lambda: _module(
            tmp_path, corpus=Multi30k(), target="de", batch_tokens=4096, root=str(standard("multi30k"))
        ),
    }[name]()
    for batch_tokens in (1024, 4096, 8192):
        plan = train_batches(module.plans.lengths["train"], budget=batch_tokens, seed=0, epoch=1)
        assert padding_share(module.plans.lengths["train"], plan) <= 0.12
    cells = real = 0
    for batch in islice(module.train_dataloader(), module.num_train_batches(0, 1)):
        cells += batch.source.numel() + batch.target[:, 1:].numel()
        real += int((batch.source != PAD).sum() + (batch.target[:, 1:] != PAD).sum())
    assert module.summary["padding_share"] == round(1 - real / cells, 4)


# Configuration


@pytest.mark.parametrize(
    "overrides, corpus",
    [
        (["data=bible_en_es", "data.corpus.max_words=12"], BibleEnEs),
        (["data=multi30k", "data.root=folder"], Multi30k),
        (["data=parallel_text", "data.source=de", "data.target=en"], ParallelText),
        (["data=parallel_table", "data.source=de", "data.target=en"], ParallelTable),
    ],
)
def test_the_shipped_configuration_builds_the_module(overrides: list[str], corpus: type) -> None:
    config = build.plain(compose_run([*overrides, "seed=3", "tokenizer.vocab_size=270"]))
    module = build.build_data(config)
    assert isinstance(module, TranslationDataModule)
    assert isinstance(module.corpus, corpus)
    assert module.tokenizer().settings["vocab_size"] == 270
    assert module.seed == 3
    if isinstance(module.corpus, ParallelText):
        assert (module.corpus.sources["val"], module.corpus.targets["val"]) == ("val.de", ["val.en"])


def test_what_texts_look_like_is_on_record(tmp_path: Path) -> None:
    val = Sentences().read("en", "ne", root=None, cache_dir=tmp_path)["val"]
    swapped = ParallelTexts(val.target, [f"{each} &quot;" for each in val.source])
    found = {each["kind"] for each in _module(tmp_path, corpus=Sentences(val=swapped, test=swapped)).warnings}
    assert {"sides_swapped", "html_in_texts", "test_in_val"} <= found
