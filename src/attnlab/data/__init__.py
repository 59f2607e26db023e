"""Data sets: one data module per task, the corpora it reads, and what they share.

Only the data modules need Lightning, which is slow to import: each is imported when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from attnlab.data.bccd import Bccd
from attnlab.data.cnn_dailymail import CnnDailymail
from attnlab.data.coco import CocoFolder
from attnlab.data.codec import TranslationCodec
from attnlab.data.conll import BibleNames, Conll, Wnut17
from attnlab.data.corpora import BibleEnEs, Corpus, Multi30k, ParallelText, ParallelTexts
from attnlab.data.detection_augmentation import DetectionAugmentation
from attnlab.data.detection_batch import DetectionBatch
from attnlab.data.detection_codec import DetectionCodec
from attnlab.data.detection_sets import DetectionSet
from attnlab.data.fashion_scenes import FashionScenes
from attnlab.data.image_batch import ImageBatch
from attnlab.data.image_codec import ImageCodec
from attnlab.data.image_sets import Cifar10, FashionMnist, FashionMnistSmall, ImageSet
from attnlab.data.jsonl_spans import JsonlSpans
from attnlab.data.lead import LeadSentences, LeadWords
from attnlab.data.summaries import DebianSynopsis, JsonlSummaries, SciTLDR, Summaries, SummaryCorpus
from attnlab.data.summarization_codec import SummarizationCodec
from attnlab.data.tagged_corpora import TaggedCorpus, TaggedSplits, TaggedText
from attnlab.data.tagged_sentences import TaggingBatch
from attnlab.data.tagging_codec import TaggingCodec
from attnlab.data.text_pairs import TextPairBatch
from attnlab.data.tokenizers import BPETokenizer, Tokenizer
from attnlab.data.torchtext_tokenizer import TorchtextTokenizer
from attnlab.data.voc import VocFolder
from attnlab.data.words import WordTokenizer, WordVocabulary

if TYPE_CHECKING:
    from attnlab.data.detection import DetectionDataModule
    from attnlab.data.image_classification import ImageClassificationDataModule
    from attnlab.data.image_folder import ImageFolderDataModule
    from attnlab.data.summarization import SummarizationDataModule
    from attnlab.data.tagging import TaggingDataModule
    from attnlab.data.translation import TranslationDataModule

__all__ = [
    "BPETokenizer",
    "Bccd",
    "BibleEnEs",
    "BibleNames",
    "Cifar10",
    "CnnDailymail",
    "CocoFolder",
    "Conll",
    "Corpus",
    "DebianSynopsis",
    "DetectionAugmentation",
    "DetectionBatch",
    "DetectionCodec",
    "DetectionDataModule",
    "DetectionSet",
    "FashionMnist",
    "FashionMnistSmall",
    "FashionScenes",
    "ImageBatch",
    "ImageClassificationDataModule",
    "ImageCodec",
    "ImageFolderDataModule",
    "ImageSet",
    "JsonlSpans",
    "JsonlSummaries",
    "LeadSentences",
    "LeadWords",
    "Multi30k",
    "ParallelText",
    "ParallelTexts",
    "SciTLDR",
    "Summaries",
    "SummarizationCodec",
    "SummarizationDataModule",
    "SummaryCorpus",
    "TaggedCorpus",
    "TaggedSplits",
    "TaggedText",
    "TaggingBatch",
    "TaggingCodec",
    "TaggingDataModule",
    "TextPairBatch",
    "Tokenizer",
    "TorchtextTokenizer",
    "TranslationCodec",
    "TranslationDataModule",
    "VocFolder",
    "Wnut17",
    "WordTokenizer",
    "WordVocabulary",
]

_DATA_MODULES = {
    "DetectionDataModule": "attnlab.data.detection",
    "ImageClassificationDataModule": "attnlab.data.image_classification",
    "ImageFolderDataModule": "attnlab.data.image_folder",
    "SummarizationDataModule": "attnlab.data.summarization",
    "TaggingDataModule": "attnlab.data.tagging",
    "TranslationDataModule": "attnlab.data.translation",
}


def __getattr__(name: str) -> Any:
    if name not in _DATA_MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_DATA_MODULES[name]), name)
