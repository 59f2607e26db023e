"""Named entity recognition: a label for each word, scored by the entities that the labels mark."""

import logging
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from typing import Any, Literal, cast

import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from attnlab.attention import capture_attention
from attnlab.data import TaggedText, TaggingBatch, TaggingCodec
from attnlab.data.label_schemes import spans
from attnlab.data.tagged_sentences import cut
from attnlab.metrics.entities import Tagged, confusion_counts, overall_scores, scores_by_type
from attnlab.models.tagger import Tagger, word_mask
from attnlab.tasks.clipping import check_clip_norm, clip_gradients
from attnlab.tasks.monitored import check_monitored
from attnlab.tasks.results import AttentionPicture, Confusion, Prediction, gather_predictions
from attnlab.tasks.running_mean import RunningMean
from attnlab.tasks.scores import report_scores

log = logging.getLogger(__name__)

MONITORED = ("val/f1", "val/precision", "val/recall", "val/token_accuracy", "val/loss")


class NERTask(LightningModule):
    """Trains a tagger on -log p(labels | sentence), in nats a word.

    Predicted labels are the model's most probable valid IOB2 sequence, or, where a direction hides words, chosen one by
    one. A sentence longer than the model reads is labelled in pieces. `test/commonest_label_*` scores the baseline that
    gives each word its commonest label in training, O if it never stood there; `*unseen_*` are over entities whose
    text, case-folded, is none of training's.

    Raises:
        ValueError: a norm out of its range, a metric that isn't measured, or a mode that isn't its.
    """

    unit = "tokens"
    data_members = ("train_entities", "commonest_labels")
    model_members = ("label_scores", "reading", "max_length")

    def __init__(
        self,
        model: Tagger,
        codec: TaggingCodec,
        *,
        optimizer: Callable[..., Any],
        scheduler: Callable[..., Any],
        monitor: str,
        mode: Literal["min", "max"],
        clip_norm: float | None,
    ) -> None:
        super().__init__()
        check_clip_norm(clip_norm)
        check_monitored(monitor, mode, measured=MONITORED)
        self.model, self.codec = model, codec
        self.optimizer, self.scheduler = optimizer, scheduler
        self.monitor, self.mode = monitor, mode
        self.clip_norm = clip_norm
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

    def training_step(self, batch: TaggingBatch, batch_idx: int) -> Tensor:
        loss, _ = self._step(batch, self.train_loss)
        return loss

    def train_scores(self) -> dict[str, float | Tensor]:
        """The means since they were last asked for."""
        rate: float = self.trainer.optimizers[0].param_groups[0]["lr"]
        return {"train/loss": self.train_loss.take(self.trainer.strategy.reduce), "train/lr": rate}

    def count(self, batch: TaggingBatch) -> tuple[Tensor, int]:
        """Real words in the batch, and all its cells."""
        return word_mask(batch.words).sum(), batch.words.numel()

    def _step(self, batch: TaggingBatch, mean: RunningMean) -> tuple[Tensor, Tensor]:
        """The loss a word, and the emissions (B, T, C)."""
        mask = word_mask(batch.words)
        emissions = self.model(batch.words, batch.characters)
        total = self.model.label_scores(emissions, batch.labels, mask).sum()
        num_words = mask.sum()
        mean.add(total.detach(), num_words)
        return total / num_words, emissions

    # Validation and test

    def on_validation_epoch_start(self) -> None:
        self.val_predictions = []

    def validation_step(self, batch: TaggingBatch, batch_idx: int) -> None:
        self.val_predictions += self._predict_batch(batch, "val", self.val_loss)

    def on_validation_epoch_end(self) -> None:
        loss = self.val_loss.take(self.trainer.strategy.reduce)
        self.val_predictions = gather_predictions(self.val_predictions)
        scores = self._scores("val", *_tagged(self.val_predictions))
        report_scores(self, {"val/loss": loss, **scores}, bar=("val/loss", "val/f1"))

    def on_test_epoch_start(self) -> None:
        self.predictions = []

    def test_step(self, batch: TaggingBatch, batch_idx: int) -> None:
        self.predictions += self._predict_batch(batch, "test", self.test_loss)

    def on_test_epoch_end(self) -> None:
        loss = self.test_loss.take(self.trainer.strategy.reduce)
        self.predictions = gather_predictions(self.predictions)
        self.signatures["entities"] = f"seqeval|version:{version('seqeval')}|mode:strict|scheme:IOB2"
        targets, outputs = _tagged(self.predictions)
        scores: dict[str, float | Tensor] = {"test/loss": loss, **self._scores("test", targets, outputs)}
        scores |= {f"test/{name}": value for name, value in scores_by_type(targets, outputs).items()}
        baseline = self._scores("test", targets, self._commonest("test"))
        scores |= {name.replace("test/", "test/commonest_label_"): value for name, value in baseline.items()}
        report_scores(self, scores)

    def _predict_batch(self, batch: TaggingBatch, split: str, mean: RunningMean) -> list[Prediction]:
        _, emissions = self._step(batch, mean)
        found: dict[int, list[tuple[list[int], float]]] = {}
        for number, piece in zip(batch.ids.tolist(), self._decode(emissions, word_mask(batch.words)), strict=True):
            found.setdefault(number, []).append(piece)  # a long sentence is several rows of one batch
        return [
            self._prediction(number, self.trainer.datamodule.texts(split, number), pieces)  # type: ignore[attr-defined]
            for number, pieces in found.items()
        ]

    def _decode(self, emissions: Tensor, mask: Tensor) -> Iterator[tuple[list[int], float]]:
        """Each row's best label ids and their log-probability."""
        labels = self.model.label_scores.decode(emissions, mask)
        losses = self.model.label_scores(emissions, labels, mask)
        for row, length, loss in zip(labels.tolist(), mask.sum(1).tolist(), losses.tolist(), strict=True):
            yield row[:length], -loss

    def _prediction(
        self, number: int, sentence: TaggedText, pieces: Sequence[tuple[list[int], float]], *, target: bool = True
    ) -> Prediction:
        labels = self.codec.decode_labels(label for ids, _ in pieces for label in ids)
        log_prob = sum(log_prob for _, log_prob in pieces)
        details = {"words": [list(each) for each in sentence.offsets], "labels": labels}
        return {
            "id": number,
            "input": sentence.text,
            "output": spans(labels, sentence.offsets, sentence.text),
            "target": spans(sentence.labels, sentence.offsets, sentence.text) if target else None,
            "score": round(log_prob / max(1, len(labels)), 4),
            "details": details | ({"target_labels": sentence.labels} if target else {}),
        }

    def _scores(self, split: str, targets: list[Tagged], outputs: list[Tagged]) -> dict[str, float | Tensor]:
        seen = self.trainer.datamodule.train_entities  # type: ignore[attr-defined]
        return {f"{split}/{name}": value for name, value in overall_scores(targets, outputs, seen=seen).items()}

    def _commonest(self, split: str) -> list[Tagged]:
        """The baseline's answer to each of `predictions`."""
        data: Any = self.trainer.datamodule  # type: ignore[attr-defined]
        commonest, tagged = data.commonest_labels(split), []
        for prediction in self.predictions:
            labels, sentence = commonest[prediction["id"]], data.texts(split, prediction["id"])
            tagged.append(Tagged(labels, spans(labels, sentence.offsets, sentence.text)))
        return tagged

    def confusion(self) -> Confusion:
        """Which type the test split's words were taken for."""
        targets, outputs = _tagged(self.predictions)
        counts = confusion_counts(targets, outputs, types=self.codec.types)
        return Confusion(name="words of the test split by type", labels=["O", *self.codec.types], counts=counts)

    # Use

    @torch.inference_mode()
    def predict_texts(self, texts: Sequence[str], *, batch_size: int = 32) -> Iterator[Prediction]:
        """Find the entities of texts, in order; the output is a list of spans, code points, end exclusive."""
        self.eval()
        cap, everything = self.model.max_length, [self._sentence(text) for text in texts]
        if longer := sum(len(each.words) > cap for each in everything):
            log.warning("cut %d of %d inputs into pieces of the %d words that the model reads", longer, len(texts), cap)
        for start in range(0, len(texts), batch_size):
            sentences = everything[start : start + batch_size]
            pieces = [(row, piece) for row, sentence in enumerate(sentences) for piece in self._pieces(sentence)]
            found: list[list[tuple[list[int], float]]] = [[] for _ in sentences]
            for first in range(0, len(pieces), batch_size):
                chunk = pieces[first : first + batch_size]
                words, characters = self._inputs([piece for _, piece in chunk])
                decoded = self._decode(self.model(words, characters), word_mask(words))
                for (row, _), labels in zip(chunk, decoded, strict=True):
                    found[row].append(labels)
            for row, sentence in enumerate(sentences):
                yield self._prediction(start + row, sentence, found[row], target=False)

    def _sentence(self, text: str) -> TaggedText:
        return _sentence_at(text, self.codec.split(text))

    def _pieces(self, sentence: TaggedText) -> list[list[str]]:
        bounds = cut(len(sentence.words), self.model.max_length)
        return [sentence.words[start:end] for start, end in bounds if end > start]

    def _inputs(self, pieces: Sequence[Sequence[str]]) -> tuple[Tensor, Tensor]:
        """Word ids (B, T) and character ids (B, T, Lc) on the model's device."""
        encoded = [self.codec.encode(piece) for piece in pieces]
        words = pad_sequence([torch.tensor(ids) for ids, _ in encoded], batch_first=True)
        letters = [torch.tensor(each) for _, characters in encoded for each in characters]
        lengths = [len(piece) for piece in pieces]
        characters = pad_sequence([*torch.split(pad_sequence(letters, batch_first=True), lengths)], batch_first=True)
        return words.to(self.device), characters.to(self.device)

    def text_pictures(self, text: str, *, name: str) -> list[AttentionPicture]:
        """What each word of a text attended to in the last layer of attention, a picture for each piece read."""
        return self._pictures(self._sentence(text), name)

    @torch.no_grad()
    def _pictures(self, sentence: TaggedText, name: str) -> list[AttentionPicture]:
        self.eval()
        pictures = []
        for piece in self._pieces(sentence):
            with capture_attention(cast(nn.Module, self.model)) as maps:
                self.model(*self._inputs([piece]))
            layer, weights = list(maps.items())[-1]
            pictures.append(
                AttentionPicture(
                    name=f"{name}_{layer.replace('.', '_')}",
                    title=sentence.text,
                    weights=self.model.reading.arrange_map(weights[0]),
                    query_labels=piece,
                    key_labels=piece,
                )
            )
        return pictures

    def attention_pictures(self, num: int) -> list[AttentionPicture]:
        """Pictures of `num` test sentences with entities and of readable length, spread over the split."""
        readable = [p for p in self.predictions if p["target"] and 4 <= len(p["details"]["words"]) <= 24]
        readable = readable or self.predictions
        chosen = readable[:: max(1, len(readable) // max(1, num))][:num]
        return [each for p in chosen for each in self._pictures(_sentence_of(p), str(p["id"]))[:1]]

    # Resume: sums in the making belong to the run

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["train_loss"] = self.train_loss.state()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.train_loss.restore(checkpoint["train_loss"])


def _sentence_at(text: str, offsets: Sequence[tuple[int, int]]) -> TaggedText:
    return TaggedText(text, list(offsets), [text[start:end] for start, end in offsets], [])


def _sentence_of(prediction: Prediction) -> TaggedText:
    """The words that were labelled, which the corpus may have split otherwise than the codec would."""
    return _sentence_at(prediction["input"], [(start, end) for start, end in prediction["details"]["words"]])


def _tagged(predictions: Sequence[Prediction]) -> tuple[list[Tagged], list[Tagged]]:
    """Targets and outputs."""
    return (
        [Tagged(p["details"]["target_labels"], p["target"]) for p in predictions],
        [Tagged(p["details"]["labels"], p["output"]) for p in predictions],
    )
