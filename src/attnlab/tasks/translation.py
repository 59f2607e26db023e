"""Machine translation: teacher-forced training, greedy validation, beam-search test."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import sacrebleu
import torch
from lightning.pytorch import LightningModule
from torch import Tensor

from attnlab.data import TextPairBatch, TranslationCodec
from attnlab.decoding import Hypothesis, beam_search
from attnlab.models import EncoderDecoder
from attnlab.special_tokens import PAD
from attnlab.tasks.clipping import check_clip_norm, clip_gradients
from attnlab.tasks.monitored import check_monitored
from attnlab.tasks.results import AttentionPicture, Prediction, gather_predictions
from attnlab.tasks.running_mean import RunningMean
from attnlab.tasks.scores import report_scores
from attnlab.tasks.token_loss import token_loss
from attnlab.tasks.writing import prediction, source_pictures, trimmed, write_texts


class TranslationTask(LightningModule):
    """Trains an encoder-decoder on label-smoothed cross-entropy per target token.

    Losses are in nats a token, end of sentence included; BLEU and chrF are sacrebleu's, from 0 to 100.

    Raises:
        ValueError: a share or count out of its range, a metric that isn't measured, or a mode that isn't its.
    """

    unit = "tokens"
    data_members = ("source", "target")
    model_members = ("start", "step", "max_source_length", "max_target_length")

    def __init__(
        self,
        model: EncoderDecoder,
        codec: TranslationCodec,
        *,
        optimizer: Callable[..., Any],
        scheduler: Callable[..., Any],
        monitor: str,
        mode: Literal["min", "max"],
        label_smoothing: float,
        clip_norm: float | None,
        beam_size: int,
        length_penalty: float,
        num_val_translations: int,
    ) -> None:
        super().__init__()
        if not 0 <= label_smoothing < 1:
            raise ValueError(f"label_smoothing must lie in [0, 1), got {label_smoothing} (set task.label_smoothing)")
        if beam_size < 1:
            raise ValueError(f"beam_size must be 1 or more, got {beam_size} (set task.beam_size)")
        check_clip_norm(clip_norm)
        if num_val_translations < 0:
            raise ValueError(
                f"num_val_translations must be 0 or more, got {num_val_translations} (set task.num_val_translations)"
            )
        if length_penalty < 0:
            raise ValueError(f"length_penalty must be 0 or more, got {length_penalty} (set task.length_penalty)")
        measured = ["val/loss", "val/perplexity"] + (["val/bleu", "val/chrf"] if num_val_translations else [])
        check_monitored(monitor, mode, measured=measured)
        self.model, self.codec = model, codec
        self.optimizer, self.scheduler = optimizer, scheduler
        self.monitor, self.mode = monitor, mode
        self.label_smoothing, self.clip_norm = label_smoothing, clip_norm
        self.beam_size, self.length_penalty = beam_size, length_penalty
        self.num_val_translations = num_val_translations
        self.train_loss, self.val_loss, self.test_loss = RunningMean(), RunningMean(), RunningMean()
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
        return self._step(batch, self.train_loss, label_smoothing=self.label_smoothing)

    def train_scores(self) -> dict[str, float | Tensor]:
        """The means since they were last asked for."""
        rate: float = self.trainer.optimizers[0].param_groups[0]["lr"]
        return {"train/loss": self.train_loss.take(self.trainer.strategy.reduce), "train/lr": rate}

    def count(self, batch: TextPairBatch) -> tuple[Tensor, int]:
        """Real tokens of source and target in the batch, and all its cells."""
        return (batch.source != PAD).sum() + (batch.target != PAD).sum(), batch.source.numel() + batch.target.numel()

    def _step(self, batch: TextPairBatch, mean: RunningMean, *, label_smoothing: float = 0.0) -> Tensor:
        logits = self.model(batch.source, batch.target[:, :-1])  # (B, Tt, V)
        found = token_loss(logits, batch.target[:, 1:], label_smoothing=label_smoothing)
        mean.add(found.total, found.num_tokens)
        return found.loss

    # Validation and test

    def on_validation_epoch_start(self) -> None:
        self.val_predictions = []

    def validation_step(self, batch: TextPairBatch, batch_idx: int) -> None:
        self._step(batch, self.val_loss)
        # The order is by length: every k-th id is a fair sample of the whole split.
        num_pairs = self.trainer.datamodule.num_pairs("val")  # type: ignore[attr-defined]
        if self.num_val_translations:
            chosen = batch.ids % max(1, num_pairs // self.num_val_translations) == 0
            if chosen.any():
                self.val_predictions += self._translate_batch(batch, chosen, "val", beam_size=1)

    def on_validation_epoch_end(self) -> None:
        loss = self.val_loss.take(self.trainer.strategy.reduce)
        scores: dict[str, float | Tensor] = {"val/loss": loss, "val/perplexity": loss.exp()}
        self.val_predictions = gather_predictions(self.val_predictions)
        if self.val_predictions:
            scores |= self._corpus_scores("val", self.val_predictions)
        report_scores(self, scores, bar=("val/loss",))

    def on_test_epoch_start(self) -> None:
        self.predictions = []

    def test_step(self, batch: TextPairBatch, batch_idx: int) -> None:
        self._step(batch, self.test_loss)
        everything = torch.ones_like(batch.ids, dtype=torch.bool)
        self.predictions += self._translate_batch(batch, everything, "test", beam_size=self.beam_size)

    def on_test_epoch_end(self) -> None:
        loss = self.test_loss.take(self.trainer.strategy.reduce)
        self.predictions = gather_predictions(self.predictions)
        scores: dict[str, float | Tensor] = {"test/loss": loss, "test/perplexity": loss.exp()}
        report_scores(self, scores | self._corpus_scores("test", self.predictions))

    def _translate_batch(self, batch: TextPairBatch, rows: Tensor, split: str, *, beam_size: int) -> list[Prediction]:
        source, ids = batch.source[rows], batch.ids[rows].tolist()
        texts = [self.trainer.datamodule.texts(split, each) for each in ids]  # type: ignore[attr-defined]
        found = self._search(source, beam_size)
        return [
            prediction(each, text, self.codec.decode_target(best.ids), best, target)
            for each, (text, target), best in zip(ids, texts, found, strict=True)
        ]

    def _search(self, source: Tensor, beam_size: int) -> list[Hypothesis]:
        found = beam_search(
            self.model,
            trimmed(source),
            beam_size=beam_size,
            max_length=self.model.max_target_length,
            length_penalty=self.length_penalty,
        )
        return [hypotheses[0] for hypotheses in found]

    def _corpus_scores(self, split: str, predictions: Sequence[Prediction]) -> dict[str, float | Tensor]:
        outputs = [p["output"] for p in predictions]
        references = [[p["target"] or "" for p in predictions]]
        scores: dict[str, float | Tensor] = {}
        for name, metric in (("bleu", sacrebleu.BLEU()), ("chrf", sacrebleu.CHRF())):
            scores[f"{split}/{name}"] = float(metric.corpus_score(outputs, references).score)
            self.signatures[name] = str(metric.get_signature())
        return scores

    # Use

    @torch.inference_mode()
    def predict_texts(self, texts: Sequence[str], *, batch_size: int = 32) -> Iterator[Prediction]:
        """Translate texts, in order; `details` holds the tokens and the alignment (Tt, Ts), the mean over heads."""
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
        """Alignment pictures of `num` test predictions of readable length, spread over the split."""
        return source_pictures(self.model, self.codec, self.predictions, num, device=self.device)

    # Resume: sums in the making belong to the run

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["train_loss"] = self.train_loss.state()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.train_loss.restore(checkpoint["train_loss"])
