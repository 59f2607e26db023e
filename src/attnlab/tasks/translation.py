"""Machine translation: teacher-forced training, greedy validation, beam-search test."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, cast

import sacrebleu
import torch
import torch.nn.functional as F
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from attnlab.attention import capture_attention
from attnlab.data import TranslationBatch, TranslationCodec
from attnlab.decoding import Hypothesis, beam_search
from attnlab.models import EncoderDecoder
from attnlab.special_tokens import BOS, EOS, PAD
from attnlab.tasks.clipping import clip_gradients
from attnlab.tasks.results import AttentionPicture, Prediction, gather_predictions
from attnlab.tasks.running_mean import RunningMean
from attnlab.tasks.scores import report_scores

log = logging.getLogger(__name__)


class TranslationTask(LightningModule):
    """Trains an encoder-decoder on label-smoothed cross-entropy per target token.

    Losses are in nats a token, end of sentence included; BLEU and chrF are sacrebleu's, from 0 to 100.

    Raises:
        ValueError: a share, count or mode out of its range.
    """

    unit = "tokens"

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
        if clip_norm is not None and clip_norm <= 0:
            raise ValueError(f"clip_norm must be above 0, or null, got {clip_norm} (set task.clip_norm)")
        if num_val_translations < 0:
            raise ValueError(
                f"num_val_translations must be 0 or more, got {num_val_translations} (set task.num_val_translations)"
            )
        if length_penalty < 0:
            raise ValueError(f"length_penalty must be 0 or more, got {length_penalty} (set task.length_penalty)")
        measured = ["val/loss", "val/perplexity"] + (["val/bleu", "val/chrf"] if num_val_translations else [])
        if monitor not in measured:
            raise ValueError(f"monitor must be one of {', '.join(measured)}, got {monitor!r} (set task.monitor)")
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

    def training_step(self, batch: TranslationBatch, batch_idx: int) -> Tensor:
        return self._step(batch, self.train_loss, label_smoothing=self.label_smoothing)

    def train_scores(self) -> dict[str, float | Tensor]:
        """The means since they were last asked for."""
        rate: float = self.trainer.optimizers[0].param_groups[0]["lr"]
        return {"train/loss": self.train_loss.take(), "train/lr": rate}

    def count(self, batch: TranslationBatch) -> tuple[Tensor, int]:
        """Real tokens of source and target in the batch, and all its cells."""
        return (batch.source != PAD).sum() + (batch.target != PAD).sum(), batch.source.numel() + batch.target.numel()

    def _step(self, batch: TranslationBatch, mean: RunningMean, *, label_smoothing: float = 0.0) -> Tensor:
        logits = self.model(batch.source, batch.target[:, :-1])  # (B, Tt, V)
        labels = batch.target[:, 1:]
        # float32 whatever the precision: bfloat16 sums over a vocabulary lose the small probabilities.
        log_probs = F.log_softmax(logits.float(), dim=-1)
        real = labels != PAD
        losses = -log_probs.gather(2, labels.unsqueeze(2)).squeeze(2)[real]  # (N,)
        num_tokens = real.sum()
        mean.add(losses.detach().sum(), num_tokens)
        loss = losses.mean()
        if label_smoothing:
            loss = (1 - label_smoothing) * loss - label_smoothing * log_probs.mean(dim=2)[real].mean()
        return loss

    # Validation and test

    def on_validation_epoch_start(self) -> None:
        self.val_predictions = []

    def validation_step(self, batch: TranslationBatch, batch_idx: int) -> None:
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

    def test_step(self, batch: TranslationBatch, batch_idx: int) -> None:
        self._step(batch, self.test_loss)
        everything = torch.ones_like(batch.ids, dtype=torch.bool)
        self.predictions += self._translate_batch(batch, everything, "test", beam_size=self.beam_size)

    def on_test_epoch_end(self) -> None:
        loss = self.test_loss.take(self.trainer.strategy.reduce)
        self.predictions = gather_predictions(self.predictions)
        scores: dict[str, float | Tensor] = {"test/loss": loss, "test/perplexity": loss.exp()}
        report_scores(self, scores | self._corpus_scores("test", self.predictions))

    def _translate_batch(
        self, batch: TranslationBatch, rows: Tensor, split: str, *, beam_size: int
    ) -> list[Prediction]:
        source, ids = batch.source[rows], batch.ids[rows].tolist()
        texts = [self.trainer.datamodule.texts(split, each) for each in ids]  # type: ignore[attr-defined]
        found = self._search(source, beam_size)
        return [
            _prediction(each, text, self.codec.decode_target(best.ids), best, target)
            for each, (text, target), best in zip(ids, texts, found, strict=True)
        ]

    def _search(self, source: Tensor, beam_size: int) -> list[Hypothesis]:
        source = source[:, : int((source != PAD).sum(dim=1).max())]
        found = beam_search(
            self.model,
            source,
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
        self._warn_of_cuts(texts)
        for start in range(0, len(texts), batch_size):
            chunk = texts[start : start + batch_size]
            rows = [torch.tensor(self.codec.encode_source(text)[: self.model.max_source_length - 1]) for text in chunk]
            # Truncation may have cut the end of sentence, which every source of training had.
            rows = [
                row if len(row) and row[-1] == EOS else torch.cat([row.long(), torch.tensor([EOS])]) for row in rows
            ]
            source = pad_sequence(rows, batch_first=True, padding_value=PAD).to(self.device)
            for offset, best in enumerate(self._search(source, self.beam_size)):
                text = chunk[offset]
                prediction = _prediction(start + offset, text, self.codec.decode_target(best.ids), best, None)
                picture = self.picture(rows[offset], best.ids, name=str(start + offset))
                prediction["details"]["source_tokens"] = self.codec.source_tokens(rows[offset].tolist())
                prediction["details"]["target_tokens"] = self.codec.target_tokens([*best.ids, EOS])
                if picture is not None:
                    alignment = picture.weights.mean(dim=0)
                    prediction["details"]["alignment"] = [[round(w, 4) for w in row] for row in alignment.tolist()]
                yield prediction

    def _warn_of_cuts(self, texts: Sequence[str]) -> None:
        cap = self.model.max_source_length
        if cut := sum(len(self.codec.encode_source(text)) > cap for text in texts):
            log.warning("cut %d of %d inputs to the %d tokens that the model reads", cut, len(texts), cap)

    @torch.no_grad()
    def picture(self, source: Tensor, target: Sequence[int], *, name: str) -> AttentionPicture | None:
        """Where each target token looked in the source (Ts,), from one teacher-forced pass; None without attention."""
        source = source[source != PAD].to(self.device)
        previous = torch.tensor([[BOS, *target]], device=self.device)
        network = cast(nn.Module, self.model)
        with capture_attention(network) as maps:
            network(source[None], previous)
        crossing = [key for key in maps if getattr(network.get_submodule(key), "role", "") == "cross"]
        if not crossing:
            return None
        last = crossing[-1]
        return AttentionPicture(
            name=f"{name}_{last.replace('.', '_')}",
            title=self.codec.decode_target(list(target)),
            weights=maps[last][0],
            query_labels=self.codec.target_tokens([*target, EOS]),
            key_labels=self.codec.source_tokens(source.tolist()),
        )

    def attention_pictures(self, num: int) -> list[AttentionPicture]:
        """Alignment pictures of `num` test predictions of readable length, spread over the split."""
        readable = [p for p in self.predictions if 4 <= len(p["details"]["ids"]) <= 24] or self.predictions
        pictures = []
        for prediction in readable[:: max(1, len(readable) // max(1, num))][:num]:
            source = torch.tensor(self.codec.encode_source(prediction["input"])[: self.model.max_source_length])
            picture = self.picture(source, prediction["details"]["ids"], name=str(prediction["id"]))
            if picture is not None:
                pictures.append(picture)
        return pictures

    # Resume: sums in the making belong to the run

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["train_loss"] = self.train_loss.state()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.train_loss.restore(checkpoint["train_loss"])


def _prediction(number: int, text: str, output: str, best: Hypothesis, target: str | None) -> Prediction:
    return {
        "id": number,
        "input": text,
        "output": output,
        "target": target,
        "score": round(best.score, 4),
        "details": {"log_prob": round(best.log_prob, 4), "ids": list(best.ids)},
    }
