"""Documents and summaries, from any corpus, for models that write the one from the other."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from attnlab.data.files.tables import keys_of
from attnlab.data.loading.batching import PlansByLength
from attnlab.data.module import DataModule
from attnlab.data.summarization.codec import SummarizationCodec, one_line
from attnlab.data.summarization.corpora import ReadsOneSplit, Summaries, SummaryCorpus, checksum
from attnlab.data.summarization.lead import Lead
from attnlab.data.text.doubtful_texts import warn_of_pairs, warn_of_shared
from attnlab.data.text.encoded import EncodedTexts
from attnlab.data.text.held_out import check_not_empty, count_empty, count_in_training, warn_of_unread
from attnlab.data.text.text_pairs import TextPairBatches, TextPairs, TextTruth, checked_caps
from attnlab.data.text.tokenizers import Tokenizer, check_writes_text
from attnlab.data.text.vocabularies import cached_encoding, cached_tokenizers
from attnlab.errors import UserError, at_least

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SummaryTruth:
    """Documents and summaries as they stand in the corpus, and what LEAD takes of the documents."""

    splits: Mapping[str, Summaries]
    lead: Lead

    def __call__(self, split: str, number: int) -> TextTruth:
        texts = self.splits[split]
        document = texts.documents[number]
        return TextTruth(document, texts.references[number], texts.names[number], self.lead(document))


class SummarizationDataModule(DataModule):
    """Reads a corpus, trains one vocabulary on its train split, and batches by token count.

    Encoded texts are cached on disk under the sha256 of the text and the vocabulary, and memory-mapped.

    A document with several summaries is an example of training for each of them; in val and test it stands once, its
    loss is that of its first summary, and scores may use all. Documents and summaries longer than the caps
    are cut, in training too; training examples whose document or summary is empty are left out, those of
    val and test aren't. All this is counted in `summary` and logged, as is what of val and test stands in training.

    With a trained model's codec it reads test alone, if the corpus can (`ReadsOneSplit`).

    Args:
        tokenizer: makes an untrained tokenizer.
        lead: what the baseline LEAD takes of a document.
        batch_tokens: most tokens of a batch, documents and summaries together, padding included.
        max_source_length: most tokens of a document, EOS included.
        max_target_length: most tokens the decoder reads, BOS included.
        root: folder of the corpus's files (None: bundled, or downloaded).
        cache_dir: where downloads and prepared data go (None: $ATTNLAB_CACHE, else ~/.cache/attnlab).
        seed: of the order of training batches.

    Raises:
        ValueError: a size below what a text needs.
    """

    codec_type = SummarizationCodec
    codec: SummarizationCodec
    _adopted: SummarizationCodec | None

    def __init__(
        self,
        corpus: SummaryCorpus,
        tokenizer: Callable[[], Tokenizer],
        lead: Lead,
        *,
        batch_tokens: int = 4096,
        max_source_length: int = 400,
        max_target_length: int = 100,
        root: str | None = None,
        cache_dir: str | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(root=root, cache_dir=cache_dir, seed=seed)
        self.caps = checked_caps(max_source_length=max_source_length, max_target_length=max_target_length)
        at_least(1, "data", batch_tokens=batch_tokens)
        check_writes_text(tokenizer())  # what it can't be is refused now, before anything is read
        self.corpus, self.tokenizer, self.batch_tokens, self.lead = corpus, tokenizer, batch_tokens, lead
        self.signatures["lead"] = f"{type(lead).__name__}|count:{lead.count}"
        self.example_sizes = {"source_vocab_size": 101, "target_vocab_size": 101}  # one vocabulary, so equal

    def references(self, split: str, number: int) -> list[str]:
        """All that people wrote of example `number` of val or test, once prepared."""
        return self._truth(split, number).references

    # Preparation

    def prepare_data(self) -> None:
        """Read, train the vocabulary, encode, cache; what is cached already isn't done again.

        Raises:
            UserError: a mistake in the corpus's files, or no training example that isn't empty.
        """
        if self.prepared:
            return
        splits = self._read()
        sha256 = checksum(splits)
        codec = self._adopted or self._trained_codec(splits["train"], sha256)
        everything = self._encoded(splits, codec, sha256)
        kept = everything | ({"train": _whole(everything["train"])} if "train" in everything else {})
        batches = TextPairBatches(kept, SummaryTruth(splits, self.lead))
        plans = batches.plans(batch_tokens=self.batch_tokens, seed=self.seed)
        empty = len(everything["train"]) - len(kept["train"]) if "train" in kept else 0
        summary = self._count(splits, batches.pairs, plans, empty=empty)
        self._truth = batches.truth
        self.test_checksum = checksum({"test": splits["test"]})
        self._hold(
            codec=codec,
            checksum=sha256,
            summary=summary,
            plans=plans,
            make=batches,
            train_tokens=plans.num_train_tokens(),
        )

    def _read(self) -> dict[str, Summaries]:
        if self._adopted is not None and isinstance(self.corpus, ReadsOneSplit):
            splits = {"test": self.corpus.read_split("test", root=self._root(), cache_dir=self.cache_dir)}
        else:
            splits = self.corpus.read(root=self._root(), cache_dir=self.cache_dir)
        check_not_empty({split: len(texts.documents) for split, texts in splits.items()})
        return splits

    def _trained_codec(self, train: Summaries, sha256: str) -> SummarizationCodec:
        summaries = [text.strip() for references in train.references for text in references]
        texts = [*map(one_line, train.documents), *summaries]
        key = ("summarization", sha256, self.tokenizer().settings)
        [state] = cached_tokenizers(self.cache_dir, self.tokenizer, [texts], key=key)
        return SummarizationCodec(tokenizer=state)

    def _encoded(self, splits: dict[str, Summaries], codec: SummarizationCodec, sha256: str) -> dict[str, TextPairs]:
        encoded = cached_encoding(
            self.cache_dir,
            {"document": codec.tokenizer, "summary": codec.tokenizer},
            {
                split: {
                    "document": [one_line(document) for document in texts.documents],
                    "summary": [text.strip() for references in texts.references for text in references],
                }
                for split, texts in splits.items()
            },
            checksum=sha256,
        )
        return {
            split: self._paired(sides["document"], sides["summary"], splits[split], every_reference=split == "train")
            for split, sides in encoded.items()
        }

    def _paired(
        self, documents: EncodedTexts, summaries: EncodedTexts, texts: Summaries, *, every_reference: bool
    ) -> TextPairs:
        counts = np.array([len(references) for references in texts.references], dtype=np.int64)
        firsts = np.cumsum(counts) - counts
        source_rows = np.arange(len(documents)).repeat(counts) if every_reference else np.arange(len(documents))
        target_rows = np.arange(len(summaries)) if every_reference else firsts
        return TextPairs.numbered(documents, source_rows, summaries, target_rows, caps=self.caps)

    def _count(
        self, splits: Mapping[str, Summaries], pairs: Mapping[str, TextPairs], plans: PlansByLength, *, empty: int
    ) -> dict[str, Any]:
        num_train = plans.num_examples("train") if "train" in splits else 0
        if "train" in splits and not num_train:
            raise UserError("training needs a document with a summary that isn't empty, got none (set data.root)")
        if empty:
            log.warning("left out %d of %d training examples: nothing in them", empty, num_train + empty)
        truncated = {}
        for split, each in pairs.items():
            cut = (each.uncut_lengths > self.caps).sum(axis=0).tolist()
            truncated[split] = dict(zip(("documents", "summaries"), cut, strict=True))
            for side, number in truncated[split].items():
                if number:
                    cap = self.caps[0 if side == "documents" else 1]
                    log.warning("cut %d of %d %s of %s to %d tokens", number, len(each), side, split, cap)
            if split != "train":
                warn_of_unread(split, each.uncut_lengths[:, 0], self.caps[0], self.warnings)
        every = {split: _sides(texts) for split, texts in splits.items()}
        held_out = {split: sides for split, sides in every.items() if split != "train"}
        if "train" in splits:
            warn_of_pairs(every, self.warn, keys=keys_of(self.corpus))
            warn_of_shared("documents", splits["val"].documents, splits["test"].documents, self.warn)
        return {
            "documents": {split: len(texts.documents) for split, texts in splits.items()},
            "examples": {split: plans.num_examples(split) for split in splits},
            "dropped": {"train": empty},
            "empty": {split: count_empty(split, sides, self.warnings) for split, sides in held_out.items()},
            "in_training": self._in_training(splits),
            "truncated": truncated,
            **({"padding_share": round(plans.padding_share(), 4)} if num_train else {}),
        }

    def _in_training(self, splits: Mapping[str, Summaries]) -> dict[str, int]:
        if "train" not in splits:
            return {}
        train = set(splits["train"].documents)
        return {
            split: count_in_training(split, "documents", splits[split].documents, train, self.warnings)
            for split in ("val", "test")
        }


def _sides(texts: Summaries) -> dict[str, list[str]]:
    return {"documents": texts.documents, "summaries": [text for each in texts.references for text in each]}


def _whole(train: TextPairs) -> TextPairs:
    """The examples of which neither the document nor the summary is empty."""
    [whole] = np.nonzero((train.uncut_lengths > 1).all(axis=1))
    return train.keep(whole)
