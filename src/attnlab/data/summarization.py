"""Documents and summaries, from any corpus, for models that write the one from the other."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from attnlab.data.batching import padding_share
from attnlab.data.cached_folder import default_cache_dir
from attnlab.data.corpora import SPLITS
from attnlab.data.encoded import EncodedTexts
from attnlab.data.lead import Lead
from attnlab.data.module import DataModule
from attnlab.data.stream import EvaluationLoader, TrainStream, place
from attnlab.data.summaries import Summaries, SummaryCorpus, checksum
from attnlab.data.summarization_codec import SummarizationCodec, one_line
from attnlab.data.text_pairs import TextPairBatch, TextPairs, TextTruth, check_limits
from attnlab.data.tokenizers import Tokenizer, check_writes_text
from attnlab.data.vocabularies import cached_encoding, cached_tokenizers
from attnlab.errors import UserError

log = logging.getLogger(__name__)


class SummarizationDataModule(DataModule):
    """Reads a corpus, trains one vocabulary on its train split, and batches by token count.

    Encoded texts are cached on disk under the sha256 of the text and the vocabulary, and memory-mapped.

    A document with several summaries is an example of training for each of them; in val and test it stands once, its
    loss is that of its first summary, and scores may use all (`texts`). Documents and summaries longer than the caps
    are cut, in training too; training examples whose document or summary is empty are left out, those of
    val and test aren't. All this is counted in `summary` and logged.

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

    codec: SummarizationCodec

    # Stand-ins for `sizes` before any data is there: one vocabulary, so equal.
    example_sizes = {"source_vocab_size": 101, "target_vocab_size": 101}  # noqa: RUF012

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
        super().__init__()
        check_limits(
            max_source_length=max_source_length,
            max_target_length=max_target_length,
            batch_tokens=batch_tokens,
            seed=seed,
        )
        check_writes_text(tokenizer())  # what it can't be is refused now, before anything is read
        self.corpus, self.tokenizer, self.lead = corpus, tokenizer, lead
        self.signatures = {"lead": f"{type(lead).__name__}|count:{lead.count}"}
        self.batch_tokens, self.seed = batch_tokens, seed
        self.caps = (max_source_length, max_target_length)
        self.root = Path(root).expanduser() if root is not None else None
        self.cache_dir = Path(cache_dir).expanduser() if cache_dir is not None else default_cache_dir()
        self.start_batch = 0  # batches of training already taken, on resume
        self._adopted: SummarizationCodec | None = None
        self._pairs: dict[str, TextPairs] = {}

    def adopt(self, codec: SummarizationCodec) -> None:
        """Use a trained model's vocabulary instead of training one; before `prepare_data`."""
        self._adopted = codec

    # Preparation

    def prepare_data(self) -> None:
        """Read, train the vocabulary, encode, cache; what is cached already isn't done again.

        Raises:
            UserError: a mistake in the corpus's files, or no training example that isn't empty.
        """
        if self._pairs:
            return
        splits = self.corpus.read(root=self.root, cache_dir=self.cache_dir)
        self.checksum = checksum(splits)
        self.codec = self._adopted or self._trained_codec(splits["train"])
        self._texts = {split: splits[split] for split in ("val", "test")}
        everything = self._encoded(splits)
        [whole] = np.nonzero((everything["train"].uncut_lengths > 1).all(axis=1))
        self._pairs = everything | {"train": everything["train"].keep(whole)}
        self.summary = self._count(splits, empty=len(everything["train"]) - len(whole))

    def setup(self, stage: str) -> None:
        """As `prepare_data`: the other processes of a node find its results in the cache."""
        self.prepare_data()

    def _trained_codec(self, train: Summaries) -> SummarizationCodec:
        summaries = [text.strip() for references in train.references for text in references]
        texts = [*map(one_line, train.documents), *summaries]
        key = ("summarization", self.checksum, self.tokenizer().settings)
        [state] = cached_tokenizers(self.cache_dir, self.tokenizer, [texts], key=key)
        return SummarizationCodec(tokenizer=state)

    def _encoded(self, splits: dict[str, Summaries]) -> dict[str, TextPairs]:
        tokenizer = self.codec.tokenizer
        encoded = cached_encoding(
            self.cache_dir,
            {"document": tokenizer, "summary": tokenizer},
            {
                split: {
                    "document": [one_line(document) for document in texts.documents],
                    "summary": [text.strip() for references in texts.references for text in references],
                }
                for split, texts in splits.items()
            },
            checksum=self.checksum,
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
        return TextPairs(
            source=documents,
            target=summaries,
            source_rows=source_rows,
            target_rows=target_rows,
            ids=np.arange(len(source_rows)),
            caps=self.caps,
            batch_tokens=self.batch_tokens,
            seed=self.seed,
        )

    def _count(self, splits: dict[str, Summaries], *, empty: int) -> dict[str, Any]:
        train = self._pairs["train"]
        if not len(train):
            raise UserError("training needs a document with a summary that isn't empty, got none (set data.root)")
        if empty:
            log.warning("left out %d of %d training examples: nothing in them", empty, len(train) + empty)
        truncated = {}
        for split, pairs in self._pairs.items():
            cut = (pairs.uncut_lengths > self.caps).sum(axis=0).tolist()
            truncated[split] = dict(zip(("documents", "summaries"), cut, strict=True))
            for side, number in truncated[split].items():
                if number:
                    cap = self.caps[0 if side == "documents" else 1]
                    log.warning("cut %d of %d %s of %s to %d tokens", number, len(pairs), side, split, cap)
        return {
            "documents": {split: len(splits[split].documents) for split in SPLITS},
            "examples": {split: len(self._pairs[split]) for split in SPLITS},
            "dropped": {"train": empty},
            "empty": {split: _count_empty(split, splits[split]) for split in ("val", "test")},
            "truncated": truncated,
            "padding_share": round(padding_share(train.lengths, train.plan(0, 1)), 4),
            **self.sizes,
        }

    # What is known once prepared

    @property
    def sizes(self) -> dict[str, int]:
        """What the model's constructor takes of the data."""
        return self.codec.sizes

    def num_pairs(self, split: str) -> int:
        """Examples of a split that batches hold."""
        return len(self._pairs[split])

    def texts(self, split: str, number: int) -> tuple[str, list[str]]:
        """A document of val or test and its summaries as they stand in the corpus; `number` as in a batch's ids."""
        return self._texts[split].documents[number], self._texts[split].references[number]

    def document_name(self, split: str, number: int) -> str | None:
        """What the corpus calls a document of val or test."""
        return self._texts[split].names[number]

    def num_examples(self, split: str) -> int:
        """Examples of a split that batches hold."""
        return len(self._pairs[split])

    def num_train_batches(self, epoch: int, world_size: int) -> int:
        """Batches each of `world_size` processes takes in a pass."""
        return len(self._pairs["train"].plan(epoch, world_size)) // world_size

    # Batches

    def train_dataloader(self) -> TrainStream:
        """Passes without end; the order depends on nothing but the seed and the pass."""
        rank, world_size = place(self.trainer)
        return self._pairs["train"].train_stream(start=self.start_batch, rank=rank, world_size=world_size)

    def val_dataloader(self) -> EvaluationLoader:
        return self._evaluation("val")

    def test_dataloader(self) -> EvaluationLoader:
        return self._evaluation("test")

    def _evaluation(self, split: str) -> EvaluationLoader:
        rank, world_size = place(self.trainer)
        loader = self._pairs[split].evaluation_loader(rank=rank, world_size=world_size)
        return EvaluationLoader(loader.plan, lambda rows: self._with_truth(split, loader.batch(rows)))

    def _with_truth(self, split: str, batch: TextPairBatch) -> TextPairBatch:
        return batch._replace(truth=[self._truth(split, number) for number in batch.ids.tolist()])

    def _truth(self, split: str, number: int) -> TextTruth:
        document, references = self.texts(split, number)
        return TextTruth(document, references, self.document_name(split, number), self.lead(document))


def _count_empty(split: str, texts: Summaries) -> dict[str, int]:
    """Documents and summaries without anything in them, said in a line each."""
    sides = {"documents": texts.documents, "summaries": [text for each in texts.references for text in each]}
    counts = {side: sum(not text.strip() for text in given) for side, given in sides.items()}
    for side, count in counts.items():
        if count:
            log.warning("%d of %d %s of %s are empty, and are scored as they are", count, len(sides[side]), side, split)
    return counts
