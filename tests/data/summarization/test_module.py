"""The summarization data module: what is prepared, cut, left out, counted and batched."""

import functools
import json
import logging
import re
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from standard_data import standard
from torch import Tensor

from attnlab.config.compose import compose_run
from attnlab.data import (
    BPETokenizer,
    CnnDailymail,
    CsvSummaries,
    DebianSynopsis,
    JsonlSummaries,
    LeadSentences,
    LeadWords,
    ParallelSummaries,
    SciTLDR,
    Summaries,
    SummarizationCodec,
    SummarizationDataModule,
)
from attnlab.errors import UserError
from attnlab.models.special_tokens import BOS, EOS, PAD
from attnlab.runs import build

NOUNS = ["cat", "dog", "tree", "house", "child", "river", "stone"]
TRAIN, VAL, TEST = 53, 11, 7


class Documents:
    """A made-up corpus in memory: document i has 1 + i % 13 words, and 1 + i % 3 summaries."""

    def __init__(self, **changed: Summaries) -> None:
        self.changed = changed

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, Summaries]:
        def texts(size: int) -> Summaries:
            rows = [[NOUNS[(i + j) % len(NOUNS)] for j in range(1 + i % 13)] for i in range(size)]
            references = [[" ".join(row[: number + 1]) for number in range(1 + i % 3)] for i, row in enumerate(rows)]
            return Summaries([" ".join(row) for row in rows], references, [f"d{i}" for i in range(size)])

        return {"train": texts(TRAIN), "val": texts(VAL), "test": texts(TEST)} | self.changed


EXAMPLES = sum(1 + i % 3 for i in range(TRAIN))


def _module(cache: Path | str = "cache", *, prepare: bool = True, **settings: Any) -> SummarizationDataModule:
    arguments = {
        "corpus": Documents(),
        "tokenizer": functools.partial(BPETokenizer, vocab_size=300),
        "lead": LeadWords(count=3),
        "batch_tokens": 100,
        "cache_dir": str(cache),
    }
    module = SummarizationDataModule(**arguments | settings)  # type: ignore[arg-type]
    if prepare:
        module.prepare_data()
        module.setup("fit")
    return module


def _texts(documents: list[str], references: list[list[str]]) -> Summaries:
    return Summaries(documents, references, [None] * len(documents))


def _pass(module: SummarizationDataModule) -> list[tuple[Tensor, ...]]:
    """The rows of one pass: id, source, target."""
    batches = islice(module.train_dataloader(), module.num_train_batches(0, 1))
    return [row for batch in batches for row in zip(*batch[:3], strict=True)]


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> SummarizationDataModule:
    return _module(tmp_path_factory.mktemp("cache"))


def test_training_takes_a_document_with_each_of_its_summaries(module: SummarizationDataModule) -> None:
    corpus = Documents().read(root=None, cache_dir=Path())["train"]
    expected = [
        (module.codec.encode_source(document), module.codec.encode_target(summary))
        for document, summaries in zip(corpus.documents, corpus.references, strict=True)
        for summary in summaries
    ]
    rows = {
        int(number): (source[source != PAD].tolist(), target[target != PAD].tolist())
        for number, source, target in _pass(module)
    }
    assert rows == dict(enumerate(expected))
    assert module.num_examples("train") == len(rows) == EXAMPLES


def test_evaluation_takes_a_document_once_with_its_first_summary(module: SummarizationDataModule) -> None:
    seen = []
    for batch in module.test_dataloader():
        assert batch.truth is not None
        for number, source, target, truth in zip(*(part.tolist() for part in batch[:3]), batch.truth, strict=True):
            document, summaries, name, _ = truth
            assert len(summaries) == 1 + number % 3
            assert source[: source.index(EOS) + 1] == module.codec.encode_source(document)
            assert target[: target.index(EOS) + 1] == module.codec.encode_target(summaries[0])
            assert name == f"d{number}"
            seen.append(number)
    assert sorted(seen) == list(range(TEST))


@pytest.mark.parametrize("world_size", [1, 2, 3])
def test_every_row_goes_to_one_process(module: SummarizationDataModule, world_size: int) -> None:
    train, test = [], []
    for rank in range(world_size):
        module.trainer = SimpleNamespace(global_rank=rank, world_size=world_size)  # type: ignore[assignment]
        batches = islice(module.train_dataloader(), module.num_train_batches(0, world_size))
        train += [number for batch in batches for number in batch.ids.tolist()]
        test += [number for batch in module.test_dataloader() for number in batch.ids.tolist()]
    module.trainer = None
    assert sorted(train) == list(range(EXAMPLES))
    assert sorted(test) == list(range(TEST))


def test_a_stream_goes_on_at_any_batch(module: SummarizationDataModule) -> None:
    whole = [batch.ids.tolist() for batch in islice(module.train_dataloader(), 60)]
    later = _module(module.cache_dir)
    later.start_batch = 31
    assert [batch.ids.tolist() for batch in islice(later.train_dataloader(), 29)] == whole[31:]


def test_long_texts_are_cut_in_training_too_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    long = " ".join(["stone"] * 97)
    texts = _texts(["cat", long, long, "dog"], [["tac"], ["gnol"], [long], ["god"]])
    with caplog.at_level(logging.INFO, logger="attnlab"):
        module = _module(corpus=Documents(train=texts, val=texts), max_source_length=11, max_target_length=7)
    rows = {int(number): (source, target) for number, source, target in _pass(module)}
    assert sorted(rows) == [0, 1, 2, 3]
    assert (rows[1][0] != PAD).sum() == 11
    assert rows[1][0][10] == EOS
    assert (rows[2][1] != PAD).sum() == 8
    assert rows[2][1][0] == BOS
    assert rows[2][1][7] == EOS
    assert module.summary["truncated"]["train"] == {"documents": 2, "summaries": 1}
    assert module.summary["truncated"]["val"] == {"documents": 2, "summaries": 1}
    assert "cut 2 of 4 documents of train to 11 tokens" in caplog.messages
    assert "cut 1 of 4 summaries of train to 7 tokens" in caplog.messages
    assert "cut_documents" in [each["kind"] for each in module.warnings]  # the two are read to a ninth
    told = [truth.text for batch in module.val_dataloader() for truth in batch.truth or []]
    assert told.count(long) == 2  # what is scored and shown stays whole


def test_empty_examples_are_left_out_of_training_alone_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    texts = _texts(["cat", " \n ", "dog", "tree"], [["tac"], ["x"], [" "], ["", "eert"]])
    with caplog.at_level(logging.INFO, logger="attnlab"):
        module = _module(corpus=Documents(train=texts, test=texts))
    assert sorted(int(row[0]) for row in _pass(module)) == [0, 4]
    assert module.summary["dropped"] == {"train": 3}
    assert module.summary["examples"] == {"train": 2, "val": VAL, "test": 4}
    assert module.summary["documents"]["train"] == 4
    assert "left out 3 of 5 training examples: nothing in them" in caplog.messages
    assert sum(len(batch.ids) for batch in module.test_dataloader()) == 4


def test_empty_texts_of_val_and_test_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    texts = _texts(["cat", " \n ", "dog", ""], [["tac"], ["x"], [" ", "y"], ["", "eert", ""]])
    module = _module(corpus=Documents(val=texts))
    nothing = {"documents": 0, "summaries": 0}
    assert module.summary["empty"] == {"val": {"documents": 2, "summaries": 3}, "test": nothing}
    assert "2 of 4 documents of val are empty, and are scored as they are" in caplog.messages
    assert "3 of 7 summaries of val are empty, and are scored as they are" in caplog.messages
    assert sum("are empty" in each for each in caplog.messages) == 2
    assert sum(len(batch.ids) for batch in module.val_dataloader()) == 4


def test_training_needs_an_example() -> None:
    message = r"^training needs a document with a summary that isn't empty, got none \(set data.root\)$"
    with pytest.raises(UserError, match=message):
        _module(corpus=Documents(train=_texts(["cat"], [[""]])))


def test_a_document_reads_the_same_in_one_line_and_in_many() -> None:
    codec = _module().codec
    assert codec.encode_source(" cat\n\n- dog  tree\n") == codec.encode_source("cat - dog tree")
    assert codec.decode_target(codec.encode_target("cat\ndog ")) == "cat\ndog"  # a summary's lines are its sentences
    batched = _module(corpus=Documents(test=_texts([" cat\n\n- dog"], [["x"]])))
    [batch] = batched.test_dataloader()
    assert batch.source[0].tolist() == batched.codec.encode_source("cat - dog")


def test_a_codec_is_restored_from_plain_values_and_adopted(monkeypatch: pytest.MonkeyPatch) -> None:
    codec = _module().codec
    state = json.loads(json.dumps(codec.state()))
    restored = SummarizationCodec(**state)
    assert restored.state() == state
    assert restored.sizes == codec.sizes
    assert restored.encode_source("the ¡tac! 猫") == codec.encode_source("the ¡tac! 猫")
    assert restored.target_tokens([5, EOS]) == codec.source_tokens([5, EOS])
    monkeypatch.setattr(BPETokenizer, "train", lambda *_: pytest.fail("trained again"))
    other = _module("elsewhere", prepare=False)
    other.adopt(codec)
    other.prepare_data()
    assert other.codec is codec


def test_preparing_again_encodes_nothing_and_other_texts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    first = _module()
    with monkeypatch.context() as patch:
        patch.setattr(BPETokenizer, "encode", lambda *_: pytest.fail("encoded again"))
        assert _module(max_source_length=5, seed=1).checksum == first.checksum
    assert _module(corpus=Documents(test=_texts(["x"], [["y"]]))).checksum != first.checksum


def test_the_vocabulary_knows_nothing_of_val_and_test() -> None:
    unseen = _texts(["zebra zebra"] * 99, [["quokka quokka"]] * 99)
    assert _module(corpus=Documents(val=unseen, test=unseen)).codec.state() == _module().codec.state()


@pytest.mark.parametrize("split", ["val", "test"])
def test_a_split_without_documents_is_refused_before_training(split: str) -> None:
    with pytest.raises(UserError, match=rf"^each split must have an example, got none in {split} \(set data.root\)$"):
        _module(corpus=Documents(**{split: _texts([], [])}))


def test_documents_that_training_has_are_counted_and_said(caplog: pytest.LogCaptureFixture) -> None:
    train = Documents().read(root=None, cache_dir=Path())["train"]
    known = _texts([train.documents[5], "quokka", train.documents[0]], [["a"], ["b"], ["c"]])
    module = _module(corpus=Documents(val=_texts(["quokka"], [["b"]]), test=known))
    assert module.summary["in_training"] == {"val": 0, "test": 2}
    message = "2 of 3 documents of test stand in training, too, word for word"
    assert message in caplog.messages
    assert module.warnings == [{"kind": "test_in_training", "message": message}]


def test_an_evaluation_reads_test_alone(tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text("document,summary\ncat dog,cat\ndog cat,\n")
    corpus = CsvSummaries(train="train.csv", val="val.csv", test="test.csv")
    module = _module(tmp_path / "cache", corpus=corpus, root=str(tmp_path), prepare=False)
    module.adopt(_module().codec)
    module.prepare_data()
    told = [truth.text for batch in module.test_dataloader() for truth in batch.truth or []]
    assert sorted(told) == ["cat dog", "dog cat"]
    assert (module.summary["examples"], module.summary["in_training"]) == ({"test": 2}, {})
    assert module.summary["empty"] == {"test": {"documents": 0, "summaries": 1}}
    for split in ("train", "val"):
        (tmp_path / f"{split}.csv").write_text("document,summary\n" + "emu cow,emu\n" * 9)
    whole = _module(tmp_path / "cache", corpus=corpus, root=str(tmp_path))
    assert whole.test_checksum == module.test_checksum == module.checksum != whole.checksum


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"max_source_length": 1}, "max_source_length must be 2 or more, for a token and its end, got 1"),
        ({"max_target_length": 0}, "max_target_length must be 2 or more, for a token and its end, got 0"),
        ({"batch_tokens": 0}, "batch_tokens must be 1 or more, got 0 (set data.batch_tokens)"),
        ({"seed": -1}, "seed must be 0 or more, got -1 (set data.seed)"),
    ],
)
def test_impossible_values_are_refused_before_anything_is_read(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        _module(prepare=False, **changed)


def test_scitldr_is_prepared_with_all_its_summaries(tmp_path: Path) -> None:
    module = _module(tmp_path, corpus=SciTLDR(), root=str(standard("scitldr")), batch_tokens=4096)
    assert module.summary["examples"] == {"train": 1_992, "val": 619, "test": 618}
    assert module.summary["dropped"] == {"train": 0}
    assert max(len(truth.references) for batch in module.test_dataloader() for truth in batch.truth or []) > 1


# Configuration


@pytest.mark.parametrize(
    "name, corpus, lead",
    [
        ("debian_synopsis", DebianSynopsis, 1),
        ("scitldr", SciTLDR, 1),
        ("cnn_dailymail", CnnDailymail, 3),
        ("jsonl", JsonlSummaries, 1),
        ("csv", CsvSummaries, 1),
        ("parallel_summaries", ParallelSummaries, 1),
    ],
)
def test_the_shipped_configuration_builds_the_module(name: str, corpus: type, lead: int) -> None:
    overrides = ["task=summarization", f"data={name}", "seed=3", "tokenizer.vocab_size=270"]
    module = build.build_data(build.plain(compose_run(overrides)))
    assert isinstance(module, SummarizationDataModule)
    assert isinstance(module.corpus, corpus)
    assert isinstance(module.lead, LeadSentences)
    assert module.lead.count == lead
    assert (module.tokenizer().settings["vocab_size"], module.seed) == (270, 3)


def test_lead_is_the_datas_choice_by_key() -> None:
    overrides = ["task=summarization", "data.lead._target_=attnlab.data.LeadWords", "data.lead.count=12"]
    lead = build.build_data(build.plain(compose_run(overrides))).lead
    assert isinstance(lead, LeadWords)
    assert lead.count == 12


def test_what_texts_look_like_is_on_record(tmp_path: Path) -> None:
    train = _texts([f"{noun} {number}" for noun in NOUNS for number in range(3)], [["n/a"]] * 3 * len(NOUNS))
    found = {each["kind"]: each["message"] for each in _module(tmp_path, corpus=Documents(train=train)).warnings}
    assert found["one_text"].startswith("21 of 21 summaries of train are one and the same text, 'n/a'")
