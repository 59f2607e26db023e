"""Any prepared data module in numbers, and its first batches as a model is given them."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from attnlab.data.classification.reader import ImageReader
from attnlab.data.description import blocks, boxed_pictures, images, sentences, text_pairs
from attnlab.data.description.description import Description, SplitNumbers, spread_over
from attnlab.data.detection.batch import DetectionReader
from attnlab.data.detection.codec import DetectionCodec
from attnlab.data.images.batch import StoredImages
from attnlab.data.images.codec import ImageCodec
from attnlab.data.language.blocks import StoredBlocks
from attnlab.data.language.codec import LanguageCodec
from attnlab.data.language.recall import RecallBatches
from attnlab.data.loading.batching import Ints
from attnlab.data.module import DataModule
from attnlab.data.summarization.codec import SummarizationCodec
from attnlab.data.tagging.codec import TaggingCodec
from attnlab.data.tagging.sentences import TaggingBatches
from attnlab.data.text.text_pairs import TextPairBatches
from attnlab.data.translation.codec import TranslationCodec
from attnlab.models.special_tokens import PAD
from attnlab.reporting.pages.data_page import ShownBatch, ShownExample

SPLITS = ("train", "val", "test")


def described(data: DataModule) -> Description:
    """In numbers; of a data module that makes its batches itself only how many examples it has."""
    match data.codec, data.maker:
        case TranslationCodec() | SummarizationCodec() as codec, TextPairBatches() as maker:
            return text_pairs.described(maker, codec)
        case LanguageCodec() as codec, StoredBlocks() as maker:
            return blocks.described(maker, codec)
        case LanguageCodec() as codec, RecallBatches() as maker:
            return blocks.described_questions(maker, codec)
        case TaggingCodec() as codec, TaggingBatches() as maker:
            return sentences.described(maker, codec)
        case ImageCodec() as codec, (StoredImages() | ImageReader()) as maker:
            return images.described(maker, codec, cache_dir=data.cache_dir)
        case DetectionCodec() as codec, DetectionReader() as maker:
            return boxed_pictures.described(maker, codec, cache_dir=data.cache_dir)
        case _:
            counts = {split: {"examples": data.num_examples(split)} for split in SPLITS}
            return Description(splits={split: SplitNumbers(counts=each) for split, each in counts.items()})


def first_batches(data: DataModule, *, num: int) -> list[ShownBatch]:
    """The first batch of each split, as one process has it, and `num` or fewer of its examples.

    That of training is the very one that training begins with, augmented as there.
    """
    shown = []
    for split in SPLITS:
        plans = data.plans
        plan = plans.train_plan(0, 1) if split == "train" else plans.evaluation_plan(split, rank=0, world_size=1)
        if plan and len(plan[0]):
            batch = data.batch_of(split, plan[0])
            examples = _examples(data, split, batch, plan[0], spread_over(plan[0], num))
            shapes = _shapes(batch)
            shown.append(
                ShownBatch(
                    split=split, rows=len(plan[0]), shapes=shapes, padding=_padding(data, batch), examples=examples
                )
            )
    return shown


def _examples(data: DataModule, split: str, batch: Any, rows: Ints, places: Ints) -> Sequence[ShownExample]:
    match data.codec, data.maker:
        case TranslationCodec() | SummarizationCodec() as codec, TextPairBatches() as maker:
            return text_pairs.shown(batch, rows, places, maker.pairs[split], codec)
        case LanguageCodec() as codec, (StoredBlocks() | RecallBatches()):
            return blocks.shown(batch, places, codec)
        case TaggingCodec() as codec, TaggingBatches() as maker:
            return sentences.shown(batch, rows[places].tolist(), maker.texts[split], codec)
        case ImageCodec() as codec, (StoredImages() | ImageReader()) as maker:
            return images.shown(batch, split, maker, codec, places)
        case DetectionCodec() as codec, DetectionReader() as maker:
            return boxed_pictures.shown(batch, split, maker, codec, places)
        case _:
            return []


def _shapes(batch: Any) -> list[tuple[str, tuple[int, ...]]]:
    """Of the tensors that a batch has by name."""
    named: Mapping[str, Any] = batch._asdict() if hasattr(batch, "_asdict") else {}
    return [(name, tuple(each.shape)) for name, each in named.items() if isinstance(each, Tensor) and name != "ids"]


def _padding(data: DataModule, batch: Any) -> float | None:
    """The share of its ids, or of its canvases' pixels, that is padding; None where nothing is padded."""
    match data.codec:
        case TranslationCodec() | SummarizationCodec():
            texts = [batch.source, batch.target]
        case LanguageCodec():
            texts = [batch.tokens]
        case TaggingCodec():
            texts = [batch.words]
        case DetectionCodec():
            height, width = batch.images.shape[2:]
            return 1.0 - float(batch.extents.prod(dim=1).float().mean()) / float(height * width)
        case _:
            return None
    return sum(int((each == PAD).sum()) for each in texts) / sum(int(each.numel()) for each in texts)
