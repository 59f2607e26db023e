"""Summarization: teacher-forced training, greedy validation, beam-search test beside the document's beginning."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import torch
from lightning.pytorch import LightningModule
from torch import Tensor

from attnlab.data import SummarizationCodec, TextPairBatch
from attnlab.decoding import Hypothesis, beam_search
from attnlab.metrics.novelty import mean_words, novelty
from attnlab.metrics.rouge import MEASURES, SIGNATURE, num_unreadable, rouge
from attnlab.models import EncoderDecoder, ReadingModel
from attnlab.special_tokens import PAD
from attnlab.tasks.clipping import check_clip_norm, clip_gradients
from attnlab.tasks.monitored import check_monitored
from attnlab.tasks.results import AttentionPicture, Prediction, gather_predictions
from attnlab.tasks.running_mean import RunningMean
from attnlab.tasks.scores import report_scores
from attnlab.tasks.token_loss import token_loss
from attnlab.tasks.writing import prediction, source_pictures, trimmed, write_texts

log = logging.getLogger(__name__)


class SummarizationTask(LightningModule):
    """Trains an encoder-decoder on label-smoothed cross-entropy per token of the summary.

    Losses are in nats a token, end of summary included. A model with coverage is trained on c times its mean overlap
    besides, c = `coverage_weight` (See et al., 2017, eq. 13).

    `rouge*` are ROUGE's F1 from 0 to 1, and on the test split `lead_rouge*` those of LEAD, the beginning of each
    document as the data has it. `novel_unigrams`, `novel_bigrams` and `novel_trigrams` are the shares of a summary that
    aren't in its document, `num_words` its mean length, and `length_ratio` that over the references' length.

    Raises:
        ValueError: a share or count out of its range, a metric that isn't measured, or a mode that isn't its.
    """

    unit = "tokens"
    data_members = ("lead", "document_name")
    model_members = ("start", "step", "max_source_length", "max_target_length")

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
        super().__init__()
        if not 0 <= label_smoothing < 1:
            raise ValueError(f"label_smoothing must lie in [0, 1), got {label_smoothing} (set task.label_smoothing)")
        check_clip_norm(clip_norm)
        for key, value, least in (
            ("coverage_weight", coverage_weight, 0),
            ("beam_size", beam_size, 1),
            ("length_penalty", length_penalty, 0),
            ("no_repeat_ngram_size", no_repeat_ngram_size, 0),
            ("num_val_summaries", num_val_summaries, 0),
        ):
            if value < least:
                raise ValueError(f"{key} must be {least} or more, got {value} (set task.{key})")
        if not 0 <= min_length <= model.max_target_length:
            raise ValueError(
                f"min_length must lie between 0 and max_target_length {model.max_target_length}, got {min_length} "
                "(set task.min_length or data.max_target_length)"
            )
        measured = ["val/loss", "val/perplexity"] + [f"val/{name}" for name in MEASURES if num_val_summaries]
        check_monitored(monitor, mode, measured=measured)
        self.model, self.codec = model, codec
        self.optimizer, self.scheduler = optimizer, scheduler
        self.monitor, self.mode = monitor, mode
        self.label_smoothing, self.coverage_weight, self.clip_norm = label_smoothing, coverage_weight, clip_norm
        self.beam_size, self.length_penalty = beam_size, length_penalty
        self.min_length, self.no_repeat_ngram_size = min_length, no_repeat_ngram_size
        self.num_val_summaries = num_val_summaries
        self.train_loss, self.val_loss, self.test_loss = RunningMean(), RunningMean(), RunningMean()
        self.train_overlap, self.val_overlap, self.test_overlap = RunningMean(), RunningMean(), RunningMean()
        self.val_predictions: list[Prediction] = []
        self.predictions: list[Prediction] = []
        self.signatures: dict[str, str] = {}

    # Training

    def configure_optimizers(self) -> Any:
        optimizer = self.optimizer(self.parameters())
        schedule = self.scheduler(optimizer, total_steps=self.trainer.max_steps)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def configure_gradient_clipping(self, optimizer: Any, *_: Any, **__: Any) -> None:
        clip_gradients(self, optimizer, self.clip_norm)

    def training_step(self, batch: TextPairBatch, batch_idx: int) -> Tensor:
        return self._step(batch, self.train_loss, self.train_overlap, label_smoothing=self.label_smoothing)

    def train_scores(self) -> dict[str, float | Tensor]:
        """The means since they were last asked for."""
        rate: float = self.trainer.optimizers[0].param_groups[0]["lr"]
        return {**self._losses("train", self.train_loss, self.train_overlap), "train/lr": rate}

    def count(self, batch: TextPairBatch) -> tuple[Tensor, int]:
        """Real tokens of document and summary in the batch, and all its cells."""
        return (batch.source != PAD).sum() + (batch.target != PAD).sum(), batch.source.numel() + batch.target.numel()

    def _step(
        self, batch: TextPairBatch, mean: RunningMean, mean_overlap: RunningMean, *, label_smoothing: float = 0.0
    ) -> Tensor:
        previous, labels = batch.target[:, :-1], batch.target[:, 1:]
        if not isinstance(self.model, ReadingModel) or not self.model.coverage:
            found = token_loss(self.model(batch.source, previous), labels, label_smoothing=label_smoothing)
            mean.add(found.total, found.num_tokens)
            return found.loss
        reading = self.model.read(batch.source, previous)
        assert reading.overlap is not None
        found = token_loss(reading.logits, labels, label_smoothing=label_smoothing)
        mean.add(found.total, found.num_tokens)
        overlap = reading.overlap[found.real].sum()
        mean_overlap.add(overlap.detach(), found.num_tokens)
        return found.loss + self.coverage_weight * overlap / found.num_tokens

    def _losses(self, split: str, mean: RunningMean, mean_overlap: RunningMean) -> dict[str, float | Tensor]:
        losses: dict[str, float | Tensor] = {f"{split}/loss": mean.take(self.trainer.strategy.reduce)}
        if isinstance(self.model, ReadingModel) and self.model.coverage:
            losses[f"{split}/coverage_loss"] = mean_overlap.take(self.trainer.strategy.reduce)
        return losses

    # Validation and test

    def on_validation_epoch_start(self) -> None:
        self.val_predictions = []

    def validation_step(self, batch: TextPairBatch, batch_idx: int) -> None:
        self._step(batch, self.val_loss, self.val_overlap)
        # The order is by length: every k-th id is a fair sample of the whole split.
        num_documents = self.trainer.datamodule.num_pairs("val")  # type: ignore[attr-defined]
        if self.num_val_summaries:
            chosen = batch.ids % max(1, num_documents // self.num_val_summaries) == 0
            if chosen.any():
                self.val_predictions += self._summarize_batch(batch, chosen, "val", beam_size=1)

    def on_validation_epoch_end(self) -> None:
        scores = self._losses("val", self.val_loss, self.val_overlap)
        scores["val/perplexity"] = torch.as_tensor(scores["val/loss"]).exp()
        self.val_predictions = gather_predictions(self.val_predictions)
        if self.val_predictions:
            scores |= self._summary_scores("val", self.val_predictions)
        report_scores(self, scores, bar=("val/loss",))

    def on_test_epoch_start(self) -> None:
        self.predictions = []

    def test_step(self, batch: TextPairBatch, batch_idx: int) -> None:
        self._step(batch, self.test_loss, self.test_overlap)
        everything = torch.ones_like(batch.ids, dtype=torch.bool)
        self.predictions += self._summarize_batch(batch, everything, "test", beam_size=self.beam_size)

    def on_test_epoch_end(self) -> None:
        scores = self._losses("test", self.test_loss, self.test_overlap)
        scores["test/perplexity"] = torch.as_tensor(scores["test/loss"]).exp()
        self.predictions = gather_predictions(self.predictions)
        lead = self.trainer.datamodule.lead  # type: ignore[attr-defined]
        found = rouge([lead(p["input"]) for p in self.predictions], _references(self.predictions))
        scores |= self._summary_scores("test", self.predictions)
        scores |= {f"test/lead_{name}": value for name, value in found.items()}
        self.signatures["lead"] = f"{type(lead).__name__}|count:{lead.count}"
        if unreadable := num_unreadable(_references(self.predictions)):
            log.warning(
                "ROUGE reads only a-z and 0-9: %d of %d test documents have no reference with any of these",
                unreadable,
                len(self.predictions),
            )
        report_scores(self, scores)

    def _summarize_batch(self, batch: TextPairBatch, rows: Tensor, split: str, *, beam_size: int) -> list[Prediction]:
        data = self.trainer.datamodule  # type: ignore[attr-defined]
        found = self._search(batch.source[rows], beam_size)
        predictions = []
        for number, best in zip(batch.ids[rows].tolist(), found, strict=True):
            document, references = data.texts(split, number)
            each = prediction(number, document, self.codec.decode_target(best.ids), best, references[0])
            if len(references) > 1:
                each["details"]["references"] = references
            if (name := data.document_name(split, number)) is not None:
                each["details"]["document"] = name
            predictions.append(each)
        return predictions

    def _search(self, source: Tensor, beam_size: int) -> list[Hypothesis]:
        found = beam_search(
            self.model,
            trimmed(source),
            beam_size=beam_size,
            max_length=self.model.max_target_length,
            min_length=self.min_length,
            no_repeat_ngram_size=self.no_repeat_ngram_size,
            length_penalty=self.length_penalty,
        )
        return [hypotheses[0] for hypotheses in found]

    def _summary_scores(self, split: str, predictions: Sequence[Prediction]) -> dict[str, float | Tensor]:
        outputs, documents = [p["output"] for p in predictions], [p["input"] for p in predictions]
        references = _references(predictions)
        self.signatures["rouge"] = SIGNATURE
        num_words = mean_words(outputs)
        scores = rouge(outputs, references) | {
            f"novel_{runs}": novelty(outputs, documents, size=size)
            for size, runs in enumerate(("unigrams", "bigrams", "trigrams"), start=1)
        }
        scores["num_words"] = num_words
        scores["length_ratio"] = num_words / max(1e-9, mean_words([text for texts in references for text in texts]))
        return {f"{split}/{name}": value for name, value in scores.items()}

    # Use

    @torch.inference_mode()
    def predict_texts(self, texts: Sequence[str], *, batch_size: int = 32) -> Iterator[Prediction]:
        """Summarize texts, in order; `details` holds the tokens, the alignment (Tt, Ts) and the share of copying."""
        self.eval()
        yield from write_texts(
            self.model,
            self.codec,
            texts,
            search=lambda source: self._search(source, self.beam_size),
            device=self.device,
            batch_size=batch_size,
        )

    def attention_pictures(self, num: int) -> list[AttentionPicture]:
        """Pictures of `num` test summaries, of the shorter half of documents so that they can be read."""
        by_length = sorted(self.predictions, key=lambda p: len(p["input"]))
        shorter = {p["id"] for p in by_length[: (len(by_length) + 1) // 2]}
        chosen = [p for p in self.predictions if p["id"] in shorter]
        return source_pictures(self.model, self.codec, chosen, num, device=self.device)

    # Resume: sums in the making belong to the run

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["train_loss"] = self.train_loss.state()
        checkpoint["train_overlap"] = self.train_overlap.state()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.train_loss.restore(checkpoint["train_loss"])
        self.train_overlap.restore(checkpoint["train_overlap"])


def _references(predictions: Sequence[Prediction]) -> list[list[str]]:
    """The summaries that people wrote of each document."""
    return [p["details"].get("references", [p["target"]]) for p in predictions]
