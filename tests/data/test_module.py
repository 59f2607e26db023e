"""What every data module is, over all six: order, resume, shares of processes, truth, adoption."""

import functools
import json
import pickle
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from boxed_files import write_voc
from lightning.pytorch.plugins.precision import HalfPrecision, MixedPrecision, Precision
from tiny_images import write_folder
from tiny_tagging import write_corpus
from torch import Tensor

from attnlab.data import (
    BPETokenizer,
    Conll,
    DetectionAugmentation,
    DetectionBatch,
    DetectionDataModule,
    FashionMnistSmall,
    ImageClassificationDataModule,
    ImageFolderDataModule,
    JsonlSummaries,
    LanguageBatch,
    LanguageModellingDataModule,
    LeadWords,
    LetterTokenizer,
    ParallelText,
    SummarizationDataModule,
    TaggingDataModule,
    TextFiles,
    TranslationDataModule,
    VocFolder,
    WordVocabulary,
)
from attnlab.data.images.batch import ImageBatch, RawImages
from attnlab.data.loading.stream import Wanted
from attnlab.data.module import DataModule
from attnlab.data.tagging.label_schemes import spans
from attnlab.data.tagging.sentences import SeenInTraining
from attnlab.errors import UserError

SIZES = {"train": 61, "val": 13, "test": 7}
WORDS = ["cat", "dog", "tree", "house", "child", "river", "stone"]


def _sentence(number: int) -> str:
    return " ".join(WORDS[(number + place) % 7] for place in range(1 + number % 11))


def _translation(folder: Path) -> DataModule:
    folder.mkdir()
    for split, size in SIZES.items():
        texts = [_sentence(number) for number in range(size)]
        (folder / f"{split}.en").write_text("\n".join(texts) + "\n")
        (folder / f"{split}.ne").write_text("\n".join(text[::-1] for text in texts) + "\n")
    names = {
        f"{split}_{side}": f"{split}.{code}" for split in SIZES for side, code in (("source", "en"), ("target", "ne"))
    }
    return TranslationDataModule(
        ParallelText(**names),
        functools.partial(BPETokenizer, vocab_size=300),
        source="en",
        target="ne",
        batch_tokens=200,
        root=str(folder),
        cache_dir=str(folder / "cache"),
        seed=3,
    )


def _summarization(folder: Path) -> DataModule:
    folder.mkdir()
    for split, size in SIZES.items():
        rows = [{"d": _sentence(n), "s": [WORDS[n % 7], WORDS[-n % 7]], "n": n} for n in range(size)]
        (folder / f"{split}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return SummarizationDataModule(
        JsonlSummaries(train="train.jsonl", val="val.jsonl", test="test.jsonl", document="d", summary="s", id="n"),
        functools.partial(BPETokenizer, vocab_size=300),
        LeadWords(count=2),
        batch_tokens=100,
        root=str(folder),
        cache_dir=str(folder / "cache"),
        seed=3,
    )


def _tagging(folder: Path) -> DataModule:
    write_corpus(folder)
    return TaggingDataModule(
        Conll(train="train.txt", val="dev.txt", test="test.txt", scheme="iob2"),
        functools.partial(WordVocabulary, min_frequency=1),
        batch_tokens=60,
        max_length=5,  # so that most sentences are several rows
        root=str(folder),
        cache_dir=str(folder / "cache"),
        seed=3,
    )


def _images(folder: Path) -> DataModule:
    return ImageClassificationDataModule(FashionMnistSmall(), batch_size=8, num_val=23, num_train=61, seed=3)


def _folder(folder: Path) -> DataModule:
    write_folder(folder / "images", num_images=17)
    return ImageFolderDataModule(
        root=str(folder / "images"),
        image_size=8,
        batch_size=5,
        max_shift=1,
        num_workers=0,
        cache_dir=str(folder / "cache"),
        seed=3,
    )


def _detection(folder: Path) -> DataModule:
    return DetectionDataModule(
        VocFolder(train="train", val="val", test="test"),
        height=32,
        width=48,
        channels=3,
        batch_size=2,
        augmentation=DetectionAugmentation(min_window=0.7, max_window=1.2),
        root=str(write_voc(folder)),
        cache_dir=str(folder / "cache"),
        seed=3,
    )


def _language(folder: Path) -> DataModule:
    folder.mkdir()
    for split, size in SIZES.items():
        (folder / f"{split}.txt").write_text("".join(f"{_sentence(n)}\n" for n in range(size)))
    corpus = TextFiles(train="train.txt", val="val.txt", test="test.txt")
    sizes = {"context_length": 8, "max_length": 16, "batch_size": 6}
    return LanguageModellingDataModule(
        corpus, LetterTokenizer, **sizes, root=str(folder), cache_dir=str(folder / "cache"), seed=3
    )


MODULES = {
    "translation": _translation,
    "summarization": _summarization,
    "tagging": _tagging,
    "language": _language,
    "images": _images,
    "folder": _folder,
    "detection": _detection,
}

Make = Callable[[], DataModule]


@pytest.fixture(scope="module", params=MODULES)
def make(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes the same data module anew, not yet prepared."""
    folder: Path = tmp_path_factory.mktemp(request.param) / "data"
    return functools.partial(pickle.loads, pickle.dumps(MODULES[request.param](folder)))


def _prepared(make: Make) -> DataModule:
    module = make()
    module.prepare_data()
    return module


def _at(module: DataModule, rank: int, world_size: int) -> DataModule:
    module.trainer = SimpleNamespace(global_rank=rank, world_size=world_size)  # type: ignore[assignment]
    return module


def _plain(value: Any) -> Any:
    """Everything in a batch, comparable."""
    if isinstance(value, Tensor | np.ndarray):
        return str(value.dtype), value.tolist()
    if isinstance(value, list | tuple):
        return type(value).__name__, [_plain(each) for each in value]
    return value


def _examples(batches: Iterable[Any]) -> list[int]:
    return sorted(number for batch in batches for number in dict.fromkeys(batch.ids.tolist()))


def _evaluated(module: DataModule, split: str) -> Iterator[Any]:
    return iter({"val": module.val_dataloader, "test": module.test_dataloader}[split]())


def _truth(batch: Any) -> Any:
    if isinstance(batch, LanguageBatch):
        return batch.bytes
    return batch.names if isinstance(batch, RawImages | ImageBatch) else batch.truth


# Order


@pytest.mark.parametrize("world_size", [1, 3])
def test_a_pass_shows_every_example_once_over_all_processes(make: Make, world_size: int) -> None:
    shown: list[int] = []
    module = _prepared(make)
    for rank in range(world_size):
        loader = iter(_at(module, rank, world_size).train_dataloader())
        first, second = (module.num_train_batches(epoch, world_size) for epoch in (0, 1))
        shown += _examples(islice(loader, first))
        assert first > 0
        assert second > 0
    assert sorted(shown) == sorted(set(shown))
    assert len(shown) == module.num_examples("train")


@pytest.mark.parametrize("world_size", [1, 3])
def test_an_evaluation_holds_every_example_once_over_all_processes(make: Make, world_size: int) -> None:
    module = _prepared(make)
    for split in ("val", "test"):
        shown = [
            each for rank in range(world_size) for each in _examples(_evaluated(_at(module, rank, world_size), split))
        ]
        assert sorted(shown) == list(range(module.num_examples(split)))
        assert len(module.val_dataloader()) == len(list(module.val_dataloader()))


def test_training_goes_on_from_any_batch_with_the_very_same_ones(make: Make) -> None:
    module = _prepared(make)
    size = module.num_train_batches(0, 1)
    num = 2 * size + 2
    whole = [_plain(batch) for batch in islice(module.train_dataloader(), num)]
    for start in sorted({1, size - 1, size, size + 1, 2 * size + 1}):
        later = make()
        later.start_batch = start
        later.setup("fit")  # prepares, where another process did
        assert [_plain(batch) for batch in islice(later.train_dataloader(), num - start)] == whole[start:]


def test_batches_leave_the_runs_generator_alone(make: Make) -> None:
    module = _prepared(make)
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    next(iter(module.train_dataloader()))
    next(iter(module.val_dataloader()))
    assert torch.equal(torch.rand(3), expected)


def test_a_batch_is_the_same_wherever_it_is_made(make: Make) -> None:
    module = _prepared(make)
    there = pickle.loads(pickle.dumps(module._make))
    for wanted in (
        Wanted("train", module.plans.train_plan(1, 1)[0], (1, 0)),
        Wanted("test", module.plans.evaluation_plan("test", rank=0, world_size=1)[0], None),
    ):
        assert _plain(there(wanted)) == _plain(module._make(wanted))


@pytest.mark.parametrize("name", ["folder", "detection"])
def test_workers_bring_the_truth_along(tmp_path: Path, name: str) -> None:
    alone, helped = (MODULES[name](tmp_path / each) for each in ("alone", "helped"))
    helped.num_workers = 1
    for module in (alone, helped):
        module.prepare_data()
    for split in ("val", "test"):
        assert list(map(_plain, _evaluated(alone, split))) == list(map(_plain, _evaluated(helped, split)))


# What is known


def test_sizes_are_the_codecs_and_stand_ins_have_the_same_names(make: Make) -> None:
    module = make()
    names = list(module.example_sizes)
    assert not module.prepared
    module.prepare_data()
    assert module.prepared
    assert module.sizes == module.codec.sizes
    assert list(module.sizes) == names
    assert module.summary | module.sizes == module.summary
    assert len(module.checksum) == 64


def test_num_examples_are_those_of_the_summary(make: Make) -> None:
    module = _prepared(make)
    counted = next(
        module.summary[key] for key in ("pairs", "examples", "sentences", "images", "blocks") if key in module.summary
    )
    assert {split: module.num_examples(split) for split in ("train", "val", "test")} == counted


def test_data_is_read_once(make: Make) -> None:
    module = _prepared(make)
    plans = module.plans
    module.prepare_data()
    module.setup("test")
    assert module.plans is plans


def test_only_lead_is_a_baseline_with_a_signature(make: Make) -> None:
    module = make()
    assert module.signatures == ({"lead": "LeadWords|count:2"} if isinstance(module, SummarizationDataModule) else {})


def test_what_is_asked_too_early_says_so(make: Make) -> None:
    with pytest.raises(AssertionError, match="prepare_data comes first"):
        make().num_examples("train")


@pytest.mark.parametrize("key", ["seed", "num_workers"])
def test_numbers_below_zero_are_refused(key: str) -> None:
    settings = {"root": None, "cache_dir": None, "seed": 0, "num_workers": 0, key: -1}
    with pytest.raises(ValueError, match=rf"^{key} must be 0 or more, got -1 \(set data\.{key}\)$"):
        DataModule(**settings)  # type: ignore[arg-type]


# Truth


def test_training_batches_carry_no_truth(make: Make) -> None:
    assert all(_truth(batch) is None for batch in islice(_prepared(make).train_dataloader(), 5))


def test_truth_is_that_of_the_examples_which_the_ids_name(make: Make) -> None:
    module = _prepared(make)
    given = _given(module)
    for split in ("val", "test"):
        for batch in _evaluated(module, split):
            _check_truth(module, split, batch, given)


def _given(module: DataModule) -> Any:
    """What the data is made of, read anew."""
    places: dict[str, Any] = {"root": module.root, "cache_dir": module.cache_dir}
    match module:
        case TaggingDataModule():
            return module.corpus.read(**places, split=module.codec.split).texts
        case DetectionDataModule():
            return module.source.read(channels=3, **places).splits
        case ImageClassificationDataModule():
            images = module.source.read(**places)
            return {
                name: image for each in images.values() for name, image in zip(each.names, each.images, strict=True)
            }
    return None


def _check_truth(module: DataModule, split: str, batch: Any, given: Any) -> None:
    ids, truth = batch.ids.tolist(), _truth(batch)
    match module:
        case TranslationDataModule():
            texts = [_sentence(number) for number in ids]
            assert [tuple(each) for each in truth] == [(text, [text[::-1]], None, None) for text in texts]
        case SummarizationDataModule():
            for number, each in zip(ids, truth, strict=True):
                assert each.text == _sentence(number)
                assert each.references == [WORDS[number % 7], WORDS[-number % 7]]
                assert each.name == str(number)
                assert each.lead == " ".join(each.text.split()[:2])
        case TaggingDataModule():
            seen = SeenInTraining(given["train"], module.codec.labels)
            assert module.summary["cut_into_pieces"][split] > 0  # so that some sentences are several rows
            assert list(truth.sentences) == [given[split][number] for number in dict.fromkeys(ids)]
            assert list(truth.commonest) == [seen.commonest_labels(each.words) for each in truth.sentences]
            assert [len(each) for each in truth.commonest] == [len(each.words) for each in truth.sentences]
            assert truth.train_entities == seen.entities
            assert {"ada", "new york"} <= truth.train_entities
            if split == "val":  # whose names are all of training
                found = {span["text"].lower() for each in truth.sentences for span in spans(*_labelled(each))}
                assert found <= truth.train_entities
        case DetectionDataModule():
            pictures = given[split]
            for number, each in zip(ids, truth, strict=True):
                assert each.name == pictures.name(number)
                assert each.size == pictures.size(number) == module.picture(split, number).size
                assert _plain(each.objects) == _plain(pictures.objects(number))
        case ImageClassificationDataModule():
            for row, (number, name) in enumerate(zip(ids, truth, strict=True)):
                assert torch.equal(batch.images[row], module.image(split, number))
                assert torch.equal(batch.images[row], given[name])
        case ImageFolderDataModule():
            for row, (number, name) in enumerate(zip(ids, truth, strict=True)):
                assert torch.equal(batch.images[row], module.image(split, number))
                assert (module.root / name).is_file()
                assert Path(name).parent.name == module.codec.classes[batch.labels[row]]


def _labelled(sentence: Any) -> tuple[Any, Any, str]:
    return sentence.labels, sentence.offsets, sentence.text


PRECISIONS = {
    "32-true": Precision(),
    "bf16-mixed": MixedPrecision("bf16-mixed", "cpu"),
    "bf16-true": HalfPrecision("bf16-true"),
    "16-true": HalfPrecision("16-true"),
}


@pytest.mark.parametrize("precision", PRECISIONS)
def test_precision_and_transfer_leave_truth_alone(make: Make, precision: str) -> None:
    module, plugin = _prepared(make), PRECISIONS[precision]
    for raw in (next(_evaluated(module, "val")), next(iter(module.train_dataloader()))):
        module.trainer = SimpleNamespace(precision_plugin=plugin)  # type: ignore[assignment]
        # As Lightning does, in this order.
        batch = module.transfer_batch_to_device(plugin.convert_input(raw), torch.device("cpu"), 0)
        batch = module.on_after_batch_transfer(batch, 0)
        module.trainer = None
        assert _plain(_truth(batch)) == _plain(_truth(raw))
        assert torch.equal(batch.ids, raw.ids)
        if isinstance(batch, ImageBatch | DetectionBatch):
            expected = {"bf16-true": torch.bfloat16, "16-true": torch.float16}.get(precision, torch.float32)
            assert batch.images.dtype == expected


# Adoption


def test_an_adopted_codec_takes_the_place_of_the_datas_own(make: Make) -> None:
    own, other = _prepared(make), make()
    other.adopt(own.codec)
    other.prepare_data()
    assert other.codec is own.codec
    # Of texts and images only those splits are told of that a trained model needs.
    assert other.summary.keys() >= own.summary.keys() - {"padding_share"}
    for key, told in other.summary.items():
        if told != own.summary[key]:
            assert key == "in_training" or told["test"] == own.summary[key]["test"]
    assert [_plain(batch) for batch in _evaluated(other, "test")] == [
        _plain(batch) for batch in _evaluated(own, "test")
    ]


def test_a_codec_of_other_languages_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    module = _translation(tmp_path / "data")
    module.prepare_data()
    other = _translation(tmp_path / "other")
    other.source, other.target, other.root = "en", "de", tmp_path / "nowhere"
    other.adopt(module.codec)
    with pytest.raises(
        UserError, match=r"^the model translates en to ne, got en to de \(set data\.source and data\.target\)$"
    ):
        other.prepare_data()
