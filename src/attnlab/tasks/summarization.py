"""Summarization: teacher-forced training, greedy validation, beam-search test beside the document's beginning."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from lightning.pytorch import Trainer
from torch import Tensor

from attnlab.data import SummarizationCodec, SummarizationDataModule, TextPairBatch
from attnlab.data.module import DataModule
from attnlab.errors import UserError, at_least
from attnlab.metrics.novelty import mean_words, novelty
from attnlab.metrics.records.contract import Records, Score, by_id, joined
from attnlab.metrics.records.texts import SUMMARY_SCORES, of_rouge, of_summaries
from attnlab.metrics.rouge import MEASURES, SIGNATURE, is_readable, rouge, unreadable_warnings
from attnlab.models import EncoderDecoder, ReadingModel
from attnlab.models.encoder_decoders.predictor import WritingPredictor
from attnlab.models.predictors import Prediction
from attnlab.processes import gathered
from attnlab.reporting.pictures import AttentionPicture
from attnlab.tasks.task import Learning, Monitored, Scores, Task, data_of
from attnlab.tasks.training.running_mean import RunningMean
from attnlab.tasks.writing.texts import MODEL_MEMBERS, Writer, count_tokens, measured, references_of
from attnlab.tasks.writing.token_loss import TOKEN_SCORES, TokenLoss, TokenLosses, perplexity, rows_of


class SummarizationTask(Task[WritingPredictor]):
    """Trains an encoder-decoder on label-smoothed cross-entropy per token of the summary.

    Losses are in nats a token, end of summary included. A model with coverage is trained on c times its mean overlap
    besides, c = `coverage_weight` (See et al., 2017, eq. 13).

    `rouge*` are ROUGE's F1 from 0 to 1, without regard to case, and on the test split `lead_rouge*` those of LEAD, the
    beginning of each document as the data has it. `novel_unigrams`, `novel_bigrams` and `novel_trigrams` are the shares
    of a summary that aren't in its document, `num_words` its mean length, and `length_ratio` that over the references'
    length.

    Raises:
        ValueError: a share or count out of its range, a metric that isn't measured, or a mode that isn't its.
    """

    unit = "tokens"
    predictor_type = WritingPredictor
    codec_type = SummarizationCodec
    model_members = MODEL_MEMBERS
    model: EncoderDecoder

    def __init__(
        self,
        model: EncoderDecoder,
        codec: SummarizationCodec,
        *,
        optimizer: Callable[..., Any],
        scheduler: Callable[..., Any],
        monitor: str,
        mode: Literal["min", "max"],
        label_smoothing: float,
        coverage_weight: float,
        clip_norm: float | None,
        beam_size: int,
        length_penalty: float,
        min_length: int,
        no_repeat_ngram_size: int,
        num_val_summaries: int,
    ) -> None:
        at_least(0, "task", coverage_weight=coverage_weight, num_val_summaries=num_val_summaries)
        predictor = WritingPredictor(
            model,
            codec,
            beam_size=beam_size,
            length_penalty=length_penalty,
            min_length=min_length,
            no_repeat_ngram_size=no_repeat_ngram_size,
        )
        metrics = measured({f"val/{name}": "max" for name in MEASURES}, written=num_val_summaries)
        super().__init__(predictor, Learning(optimizer, scheduler, clip_norm), Monitored(monitor, mode, metrics))
        self.token_loss = TokenLosses(self.losses, label_smoothing=label_smoothing)
        self.coverage_weight = coverage_weight
        self.writer = Writer(predictor, num_in_validation=num_val_summaries)
        self.overlaps = {split: RunningMean() for split in self.losses}
        self.resumed["train_overlap"] = self.overlaps["train"]
        self.leads: dict[int, str] = {}  # of the test's documents, by their ids

    def check_data(self, data: DataModule, trainer: Trainer) -> None:
        """UserError where ROUGE is to choose the best checkpoint, and is 0 whatever validation writes."""
        if not self.monitor.startswith("val/rouge") or not isinstance(data, SummarizationDataModule):
            return
        if not any(map(is_readable, self.writer.some_references(data))):
            raise UserError(
                f"{self.monitor} needs a reference with a letter or digit, got none in val (set task.monitor=val/loss "
                "and task.mode=min, or data.root)"
            )

    # Training

    def training_step(self, batch: TextPairBatch, batch_idx: int) -> Tensor:
        return self._step(batch, "train")

    def train_scores(self) -> Scores:
        return self.with_rate({"loss": self.taken(self.losses["train"]), **self._coverage("train")})

    def count(self, batch: TextPairBatch) -> tuple[Tensor, int]:
        return count_tokens(batch)

    def _step(self, batch: TextPairBatch, split: str) -> Tensor:
        previous = batch.target[:, :-1]
        if not isinstance(self.model, ReadingModel) or not self.model.coverage:
            return self._token_loss(self.model(batch.source, previous), batch, split).loss
        reading = self.model.read(batch.source, previous)
        assert reading.overlap is not None
        found = self._token_loss(reading.logits, batch, split)
        if split == "test":
            self.statistics.add("coverage_loss", batch.ids, rows_of(reading.overlap, found.real))
        overlap = reading.overlap[found.real].sum()
        self.overlaps[split].add(overlap.detach(), found.num_tokens)
        return found.loss + self.coverage_weight * overlap / found.num_tokens

    def _token_loss(self, logits: Tensor, batch: TextPairBatch, split: str) -> TokenLoss:
        found = self.token_loss(logits, batch.target[:, 1:], split)
        if split == "test":
            self.statistics.add("loss", batch.ids, found.of_rows())
        return found

    def _coverage(self, split: str) -> dict[str, Tensor]:
        if not isinstance(self.model, ReadingModel) or not self.model.coverage:
            return {}
        return {"coverage_loss": self.taken(self.overlaps[split])}

    # Validation and test

    def on_validation_start(self) -> None:
        self.writer.begin_validation(num_examples=data_of(self.trainer).num_examples("val"))

    def validation_step(self, batch: TextPairBatch, batch_idx: int) -> None:
        self._step(batch, "val")
        self.predicted["val"] += self.writer.some(batch)

    def on_validation_epoch_end(self) -> None:
        scores = self._concluded("val")
        if self.val_predictions:
            scores |= self._summary_scores(self.val_predictions)
        self.report("val", scores, bar=["loss"])

    def on_test_start(self) -> None:
        self.leads = {}

    def test_step(self, batch: TextPairBatch, batch_idx: int) -> None:
        assert batch.truth is not None
        self._step(batch, "test")
        self.predicted["test"] += self.writer.all(batch)
        self.leads |= {number: each.lead or "" for number, each in zip(batch.ids.tolist(), batch.truth, strict=True)}

    def on_test_epoch_end(self) -> None:
        scores = self._concluded("test")
        self.leads = {number: lead for part in gathered(self.leads) for number, lead in part.items()}
        references = references_of(self.predictions)
        found = rouge([self.leads[p["id"]] for p in self.predictions], references)
        scores |= self._summary_scores(self.predictions)
        scores |= {f"lead_{name}": value for name, value in found.items()}
        self.warnings += unreadable_warnings(references)
        self.report("test", scores)

    def records(self) -> Records:
        """Losses, overlaps with references, LEAD's too, and counts of words."""
        outputs, documents = [p["output"] for p in self.predictions], [p["input"] for p in self.predictions]
        references = references_of(self.predictions)
        leads = of_rouge([self.leads[p["id"]] for p in self.predictions], references, prefix="lead_")
        summaries = of_summaries(outputs, documents, references)
        columns = [by_id(self.predictions, rows) for rows in (summaries, leads)]
        scores = TOKEN_SCORES | SUMMARY_SCORES | {f"lead_{name}": Score("mean", f"lead_{name}") for name in MEASURES}
        if isinstance(self.model, ReadingModel) and self.model.coverage:
            scores["coverage_loss"] = Score("mean", "coverage_loss")
        return Records(joined(self.statistics, *columns), scores)

    def _concluded(self, split: str) -> Scores:
        """The losses of an evaluation that is over."""
        scores = self.concluded(split) | self._coverage(split)
        if split == "test" and (name := "coverage_loss") in scores:
            scores[name] = self.statistics.mean(name, otherwise=scores[name])
        return scores | {"perplexity": perplexity(scores["loss"])}

    def _summary_scores(self, predictions: Sequence[Prediction]) -> Scores:
        outputs, documents = [p["output"] for p in predictions], [p["input"] for p in predictions]
        references = references_of(predictions)
        self.signatures["rouge"] = SIGNATURE
        num_words = mean_words(outputs)
        scores: Scores = {**rouge(outputs, references)}
        for size, runs in enumerate(("unigrams", "bigrams", "trigrams"), start=1):
            scores[f"novel_{runs}"] = novelty(outputs, documents, size=size)
        scores["num_words"] = num_words
        scores["length_ratio"] = num_words / max(1e-9, mean_words([text for texts in references for text in texts]))
        return scores

    def attention_pictures(self, num: int, data: Any) -> list[AttentionPicture]:
        """Pictures of `num` test summaries, of the shorter half of documents so that they can be read."""
        return self.predictor.pictures_of_some(shorter_half(self.predictions), num)


def shorter_half(predictions: Sequence[Prediction]) -> list[Prediction]:
    """Those of the shorter half of documents, in their order."""
    by_length = sorted(predictions, key=lambda p: len(p["input"]))
    shorter = {p["id"] for p in by_length[: (len(by_length) + 1) // 2]}
    return [p for p in predictions if p["id"] in shorter]
