"""Data sets: one data module per task, the corpora it reads, and what they share.

Only the data modules need Lightning, which is slow to import: each is imported when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from attnlab.data.classification.sets import Cifar10, FashionMnist, FashionMnistSmall, ImageSet
from attnlab.data.classification.synthetic import SyntheticClassification
from attnlab.data.detection.augmentation import DetectionAugmentation
from attnlab.data.detection.batch import DetectionBatch
from attnlab.data.detection.bccd import Bccd
from attnlab.data.detection.boxes_csv import BoxesCsv
from attnlab.data.detection.coco import CocoFolder
from attnlab.data.detection.codec import DetectionCodec
from attnlab.data.detection.fashion_scenes import FashionScenes
from attnlab.data.detection.labelme import LabelmeFolder
from attnlab.data.detection.sets import DetectionSet
from attnlab.data.detection.voc import VocFolder
from attnlab.data.detection.yolo import YoloFolder
from attnlab.data.images.batch import ImageBatch
from attnlab.data.images.codec import ImageCodec
from attnlab.data.language.associative_recall import AssociativeRecall
from attnlab.data.language.batch import LanguageBatch
from attnlab.data.language.codec import LanguageCodec
from attnlab.data.language.corpora import BibleTexts, DebianTexts, JsonlTexts, Shakespeare, TextCorpus, Texts
from attnlab.data.language.induction import Induction
from attnlab.data.language.text_files import TextFiles
from attnlab.data.summarization.codec import SummarizationCodec
from attnlab.data.summarization.corpora import DebianSynopsis, JsonlSummaries, SciTLDR, Summaries, SummaryCorpus
from attnlab.data.summarization.lead import LeadSentences, LeadWords
from attnlab.data.summarization.tables import CnnDailymail, CsvSummaries
from attnlab.data.summarization.text_files import ParallelSummaries
from attnlab.data.tagging.codec import TaggingCodec
from attnlab.data.tagging.conll import BibleNames, Conll, Wnut17
from attnlab.data.tagging.corpora import TaggedCorpus, TaggedSplits, TaggedText
from attnlab.data.tagging.jsonl_spans import JsonlSpans
from attnlab.data.tagging.jsonl_tokens import JsonlTokens
from attnlab.data.tagging.sentences import TaggingBatch
from attnlab.data.text.letters import LetterTokenizer
from attnlab.data.text.symbols import SymbolTokenizer
from attnlab.data.text.text_pairs import TextPairBatch
from attnlab.data.text.tokenizers import BPETokenizer, Tokenizer
from attnlab.data.text.torchtext_tokenizer import TorchtextTokenizer
from attnlab.data.text.words import WordTokenizer, WordVocabulary
from attnlab.data.translation.codec import TranslationCodec
from attnlab.data.translation.corpora import BibleEnEs, Corpus, Multi30k, ParallelTable, ParallelText, ParallelTexts
from attnlab.data.translation.synthetic import SyntheticTranslation

if TYPE_CHECKING:
    from attnlab.data.classification.folder import ImageFolderDataModule
    from attnlab.data.classification.module import ImageClassificationDataModule
    from attnlab.data.detection.module import DetectionDataModule
    from attnlab.data.language.module import LanguageModellingDataModule
    from attnlab.data.language.recall import RecallDataModule
    from attnlab.data.summarization.module import SummarizationDataModule
    from attnlab.data.tagging.module import TaggingDataModule
    from attnlab.data.translation.module import TranslationDataModule

__all__ = [
    "AssociativeRecall",
    "BPETokenizer",
    "Bccd",
    "BibleEnEs",
    "BibleNames",
    "BibleTexts",
    "BoxesCsv",
    "Cifar10",
    "CnnDailymail",
    "CocoFolder",
    "Conll",
    "Corpus",
    "CsvSummaries",
    "DebianSynopsis",
    "DebianTexts",
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
    "Induction",
    "JsonlSpans",
    "JsonlSummaries",
    "JsonlTexts",
    "JsonlTokens",
    "LabelmeFolder",
    "LanguageBatch",
    "LanguageCodec",
    "LanguageModellingDataModule",
    "LeadSentences",
    "LeadWords",
    "LetterTokenizer",
    "Multi30k",
    "ParallelSummaries",
    "ParallelTable",
    "ParallelText",
    "ParallelTexts",
    "RecallDataModule",
    "SciTLDR",
    "Shakespeare",
    "Summaries",
    "SummarizationCodec",
    "SummarizationDataModule",
    "SummaryCorpus",
    "SymbolTokenizer",
    "SyntheticClassification",
    "SyntheticTranslation",
    "TaggedCorpus",
    "TaggedSplits",
    "TaggedText",
    "TaggingBatch",
    "TaggingCodec",
    "TaggingDataModule",
    "TextCorpus",
    "TextFiles",
    "TextPairBatch",
    "Texts",
    "Tokenizer",
    "TorchtextTokenizer",
    "TranslationCodec",
    "TranslationDataModule",
    "VocFolder",
    "Wnut17",
    "WordTokenizer",
    "WordVocabulary",
    "YoloFolder",
]

_DATA_MODULES = {
    "DetectionDataModule": "attnlab.data.detection.module",
    "ImageClassificationDataModule": "attnlab.data.classification.module",
    "ImageFolderDataModule": "attnlab.data.classification.folder",
    "LanguageModellingDataModule": "attnlab.data.language.module",
    "RecallDataModule": "attnlab.data.language.recall",
    "SummarizationDataModule": "attnlab.data.summarization.module",
    "TaggingDataModule": "attnlab.data.tagging.module",
    "TranslationDataModule": "attnlab.data.translation.module",
}


def __getattr__(name: str) -> Any:
    """A data module, imported when it is first asked for."""
    if name not in _DATA_MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_DATA_MODULES[name]), name)  # by the name that was asked for
