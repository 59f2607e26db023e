"""Data sets: one data module per task, the corpora it reads, and what they share."""

from attnlab.data.codec import TranslationCodec
from attnlab.data.corpora import BibleEnEs, Corpus, Multi30k, ParallelText, ParallelTexts
from attnlab.data.tokenizers import BPETokenizer, Tokenizer
from attnlab.data.translation import TranslationBatch, TranslationDataModule

__all__ = [
    "BPETokenizer",
    "BibleEnEs",
    "Corpus",
    "Multi30k",
    "ParallelText",
    "ParallelTexts",
    "Tokenizer",
    "TranslationBatch",
    "TranslationCodec",
    "TranslationDataModule",
]
