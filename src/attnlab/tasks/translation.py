"""Machine translation: teacher-forced training, greedy validation, beam-search test."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from lightning.pytorch import Trainer
from torch import Tensor

from attnlab.data import TextPairBatch, TranslationCodec, TranslationDataModule
from attnlab.data.module import DataModule
from attnlab.errors import UserError, at_least
from attnlab.metrics.records.contract import Records, by_id, joined
from attnlab.metrics.records.texts import TRANSLATION_SCORES, of_translations
from attnlab.metrics.translation import Quality, can_score, check_tokenizer, quality
from attnlab.models import EncoderDecoder
from attnlab.models.encoder_decoders.predictor import WritingPredictor
from attnlab.models.predictors import Prediction
from attnlab.reporting.pictures import AttentionPicture
from attnlab.tasks.task import Learning, Monitored, Scores, Task, data_of
from attnlab.tasks.writing.texts import MODEL_MEMBERS, Writer, count_tokens, measured, references_of
from attnlab.tasks.writing.token_loss import TOKEN_SCORES, TokenLosses, perplexity


class TranslationTask(Task[WritingPredictor]):
    """Trains an encoder-decoder on label-smoothed cross-entropy per target token.

    Losses are in nats a token, end of sentence included; BLEU and chrF are sacrebleu's, from 0 to 100. They leave case
    out of account where the model writes small letters only.

    Args:
        bleu_tokenizer: "auto", as the target language asks for, or one of sacrebleu's.

    Raises:
        ValueError: a share or count out of its range, a metric that isn't measured, a mode that isn't its, or another
            tokenizer.
    """

    unit = "tokens"
    predictor_type = WritingPredictor
    codec_type = TranslationCodec
    model_members = MODEL_MEMBERS
    model: EncoderDecoder

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
        bleu_tokenizer: str,
    ) -> None:
        check_tokenizer(bleu_tokenizer)
        at_least(0, "task", num_val_translations=num_val_translations)
        predictor = WritingPredictor(model, codec, beam_size=beam_size, length_penalty=length_penalty)
        metrics = measured({"val/bleu": "max", "val/chrf": "max"}, written=num_val_translations)
        super().__init__(predictor, Learning(optimizer, scheduler, clip_norm), Monitored(monitor, mode, metrics))
        self.token_loss = TokenLosses(self.losses, label_smoothing=label_smoothing)
        self.writer = Writer(predictor, num_in_validation=num_val_translations)
        self.bleu_tokenizer = bleu_tokenizer

    def check_data(self, data: DataModule, trainer: Trainer) -> None:
        """UserError where BLEU is to choose the best checkpoint, and can't be given of what validation writes."""
        if self.monitor != "val/bleu" or not isinstance(data, TranslationDataModule):
            return
        references = self.writer.some_references(data)
        if not can_score(references, language=self.codec.target, tokenizer=self.bleu_tokenizer):
            raise _too_short()

    # Training

    def training_step(self, batch: TextPairBatch, batch_idx: int) -> Tensor:
        return self._step(batch, "train")

    def train_scores(self) -> Scores:
        return self.with_rate({"loss": self.taken(self.losses["train"])})

    def count(self, batch: TextPairBatch) -> tuple[Tensor, int]:
        return count_tokens(batch)

    def _step(self, batch: TextPairBatch, split: str) -> Tensor:
        logits = self.model(batch.source, batch.target[:, :-1])  # (B, Tt, V)
        found = self.token_loss(logits, batch.target[:, 1:], split)
        if split == "test":
            self.statistics.add("loss", batch.ids, found.of_rows())
        return found.loss

    # Validation and test

    def on_validation_start(self) -> None:
        self.writer.begin_validation(num_examples=data_of(self.trainer).num_examples("val"))

    def validation_step(self, batch: TextPairBatch, batch_idx: int) -> None:
        self._step(batch, "val")
        self.predicted["val"] += self.writer.some(batch)

    def on_validation_epoch_end(self) -> None:
        scores = self.concluded("val")
        scores["perplexity"] = perplexity(scores["loss"])
        if self.val_predictions:
            found = self._quality(self.val_predictions)
            if self.monitor == "val/bleu" and "bleu" not in found.scores:
                raise _too_short()
            scores |= found.scores
        self.report("val", scores, bar=["loss"])

    def test_step(self, batch: TextPairBatch, batch_idx: int) -> None:
        self._step(batch, "test")
        self.predicted["test"] += self.writer.all(batch)

    def on_test_epoch_end(self) -> None:
        scores = self.concluded("test")
        scores["perplexity"] = perplexity(scores["loss"])
        found = self._quality(self.predictions)
        self.signatures = found.signatures
        self.warnings += found.warnings
        self.report("test", scores | found.scores)

    def records(self) -> Records:
        """Losses, and sacrebleu's counts."""
        outputs = [p["output"] for p in self.predictions]
        rows = of_translations(outputs, references_of(self.predictions), signatures=self.signatures)
        given = {name: score for name, score in TRANSLATION_SCORES.items() if name in self.signatures}
        return Records(joined(self.statistics, by_id(self.predictions, rows)), TOKEN_SCORES | given)

    def _quality(self, predictions: Sequence[Prediction]) -> Quality:
        return quality(
            [p["output"] for p in predictions],
            references_of(predictions),
            language=self.codec.target,
            tokenizer=self.bleu_tokenizer,
            lowercase=self.codec.target_tokenizer.lowercase,
        )

    def attention_pictures(self, num: int, data: Any) -> list[AttentionPicture]:
        """Alignment pictures of `num` test predictions of readable length, spread over the split."""
        return self.predictor.pictures_of_some(self.predictions, num)


def _too_short() -> UserError:
    return UserError(
        "val/bleu needs a reference with four tokens, got none in val (set task.monitor=val/chrf, or val/loss with "
        "task.mode=min)"
    )
