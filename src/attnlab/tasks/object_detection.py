"""Object detection: boxes with a class each, scored by average precision."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Literal

import numpy as np
import torch
from lightning.pytorch import LightningModule
from torch import Tensor

from attnlab.data.detection_batch import DetectionBatch
from attnlab.data.detection_codec import DetectionCodec, Fitted
from attnlab.data.detection_sets import BoxedObjects
from attnlab.metrics.detection import ScoredPicture, average_precision, signature
from attnlab.models.detector import Detections, Detector, Objects
from attnlab.tasks.clipping import check_clip_norm, clip_gradients
from attnlab.tasks.image_pictures import map_pictures
from attnlab.tasks.monitored import check_monitored
from attnlab.tasks.processes import gathered
from attnlab.tasks.results import BoxesPicture, ChannelPicture, ImagePicture, Prediction, gather_predictions
from attnlab.tasks.running_mean import RunningMean
from attnlab.tasks.scores import report_scores

NUM_VAL_PREDICTIONS = 16  # of which the samples are taken
MOST_OBJECT_MAPS = 9  # beside an image
IN_VALIDATION = ("ap", "ap50", "ap75")


class ObjectDetectionTask(LightningModule):
    """Trains a detector on the sum of its own losses, whose parts are reported, too.

    A prediction lists what is found with at least `score_threshold`, the best first, as `label`, `score` and `box`
    (left, top, right, bottom in pixels of the original image); average precision counts everything found.

    Raises:
        ValueError: a share or norm out of its range, a metric that isn't measured, or a mode that isn't its.
    """

    unit = "images"

    def __init__(
        self,
        model: Detector,
        codec: DetectionCodec,
        *,
        optimizer: Callable[..., Any],
        scheduler: Callable[..., Any],
        monitor: str,
        mode: Literal["min", "max"],
        clip_norm: float | None,
        score_threshold: float,
    ) -> None:
        super().__init__()
        check_clip_norm(clip_norm)
        if not 0 <= score_threshold <= 1:
            raise ValueError(f"score_threshold must lie from 0 to 1, got {score_threshold} (set task.score_threshold)")
        measured = ["val/loss", *(f"val/{name}" for name in IN_VALIDATION)]
        check_monitored(monitor, mode, measured=measured)
        self.model, self.codec = model, codec
        self.optimizer, self.scheduler = optimizer, scheduler
        self.monitor, self.mode = monitor, mode
        self.clip_norm, self.score_threshold = clip_norm, score_threshold
        self.train_loss, self.val_loss, self.test_loss = RunningMean(), RunningMean(), RunningMean()
        self.train_parts: dict[str, RunningMean] = {}
        self.scored: list[ScoredPicture] = []
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

    def training_step(self, batch: DetectionBatch, batch_idx: int) -> Tensor:
        objects = Objects(batch.boxes, batch.labels)
        output = self.model(batch.images, batch.extents, objects)
        loss, parts = self._loss(output, batch, self.train_loss)
        weight = batch.ids.new_tensor(len(batch.ids))
        for name, part in parts.items():
            self.train_parts.setdefault(name, RunningMean()).add(part.detach() * weight, weight)
        return loss

    def train_scores(self) -> dict[str, float | Tensor]:
        """The means since they were last asked for."""
        rate: float = self.trainer.optimizers[0].param_groups[0]["lr"]
        reduce = self.trainer.strategy.reduce
        parts = {f"train/loss_{name}": mean.take(reduce) for name, mean in self.train_parts.items()}
        return {"train/loss": self.train_loss.take(reduce), **parts, "train/lr": rate}

    def count(self, batch: DetectionBatch) -> tuple[int, int]:
        """Images in the batch, all of one canvas."""
        return len(batch.ids), len(batch.ids)

    def _loss(self, output: Any, batch: DetectionBatch, mean: RunningMean) -> tuple[Tensor, dict[str, Tensor]]:
        parts = self.model.losses(output, batch.extents, Objects(batch.boxes, batch.labels))
        loss = torch.stack(list(parts.values())).sum()
        weight = batch.ids.new_tensor(len(batch.ids))
        mean.add(loss.detach() * weight, weight)
        return loss, parts

    # Validation and test

    def on_validation_epoch_start(self) -> None:
        self.val_predictions, self.scored = [], []

    def validation_step(self, batch: DetectionBatch, batch_idx: int) -> None:
        scored = self._evaluate(batch, "val", self.val_loss)
        self.scored += scored
        if batch_idx == 0:
            self.val_predictions = [self._judged(each, "val") for each in scored[:NUM_VAL_PREDICTIONS]]

    def on_validation_epoch_end(self) -> None:
        loss = self.val_loss.take(self.trainer.strategy.reduce)
        self.val_predictions = gather_predictions(self.val_predictions)
        found = average_precision(_of_all_processes(self.scored), self.codec.classes)
        scores: dict[str, float | Tensor] = {f"val/{name}": found[name] for name in IN_VALIDATION}
        report_scores(self, {"val/loss": loss} | scores, bar=("val/loss", "val/ap50"))

    def on_test_epoch_start(self) -> None:
        self.predictions, self.scored = [], []

    def test_step(self, batch: DetectionBatch, batch_idx: int) -> None:
        scored = self._evaluate(batch, "test", self.test_loss)
        self.scored += scored
        self.predictions += [self._judged(each, "test") for each in scored]

    def on_test_epoch_end(self) -> None:
        loss = self.test_loss.take(self.trainer.strategy.reduce)
        self.predictions = gather_predictions(self.predictions)
        self.signatures["ap"] = signature()
        found = average_precision(_of_all_processes(self.scored), self.codec.classes)
        report_scores(self, {"test/loss": loss, **{f"test/{name}": score for name, score in found.items()}})

    def _evaluate(self, batch: DetectionBatch, split: str, mean: RunningMean) -> list[ScoredPicture]:
        output = self.model(batch.images, batch.extents)
        self._loss(output, batch, mean)
        data: Any = self.trainer.datamodule  # type: ignore[attr-defined]
        scored = []
        found = self.model.detections(output, batch.extents)
        for number, extent, each in zip(batch.ids.tolist(), batch.extents.tolist(), found, strict=True):
            there: BoxedObjects = data.objects(split, number)
            size: tuple[int, int] = data.picture_size(split, number)
            boxes, scores, labels = _in_original(each, tuple(extent), size)
            scored.append(ScoredPicture(number, boxes, scores, labels, *there))
        return scored

    def _judged(self, picture: ScoredPicture, split: str) -> Prediction:
        data: Any = self.trainer.datamodule  # type: ignore[attr-defined]
        prediction = self._prediction(
            picture.id,
            data.image_name(split, picture.id),
            picture,
            data.picture_size(split, picture.id),
        )
        prediction["target"] = [
            {"label": self.codec.classes[label], "box": _rounded(box)} | ({"ignored": True} if ignored else {})
            for box, label, ignored in zip(picture.true_boxes, picture.true_labels, picture.ignored, strict=True)
        ]
        return prediction

    def _prediction(self, number: int, name: str, found: ScoredPicture, size: tuple[int, int]) -> Prediction:
        """The objects found with at least the threshold's score; the score is that of the best."""
        objects = [
            {"label": self.codec.classes[label], "score": round(float(score), 4), "box": _rounded(box)}
            for box, score, label in zip(found.boxes, found.scores, found.labels, strict=True)
            if score >= self.score_threshold
        ]
        return {
            "id": number,
            "input": name,
            "output": objects,
            "target": None,
            "score": objects[0]["score"] if objects else 0.0,
            "details": {"height": size[0], "width": size[1]},
        }

    # Use

    @torch.inference_mode()
    def predict_images(self, images: Iterable[tuple[str, Fitted]], *, batch_size: int = 32) -> Iterator[Prediction]:
        """Find the objects of images, in order: their names, and what the codec's `prepare` made of them."""
        self.eval()
        remaining, start = iter(images), 0
        while chunk := list(islice(remaining, batch_size)):
            names, fitted = zip(*chunk, strict=True)
            canvases, extents = self._inputs(fitted)
            found = self.model.detections(self.model(canvases, extents), extents)
            for row, (name, each, detections) in enumerate(zip(names, fitted, found, strict=True)):
                nothing = np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.zeros(0, np.bool_)
                scored = ScoredPicture(start + row, *_in_original(detections, each.extent, each.size), *nothing)
                yield self._prediction(start + row, name, scored, each.size)
            start += len(chunk)

    def _inputs(self, fitted: Sequence[Fitted]) -> tuple[Tensor, Tensor]:
        """Canvases and extents as the model takes them."""
        canvases, extents = self.codec.canvases([each.pixels for each in fitted])
        return self.codec.normalise(canvases.to(self.device)).to(self.dtype), extents.to(self.device)

    @torch.no_grad()
    def image_pictures(self, image: Fitted, *, name: str, title: str) -> list[ImagePicture | ChannelPicture]:
        """What the query of each object found looked at; what the net's blocks attended to."""
        if not hasattr(self.model, "query_maps"):  # a model of the user's own may have none
            return []
        self.eval()
        canvases, extents = self._inputs([image])
        [detections] = self.model.detections(self.model(canvases, extents), extents)
        looked = self.model.query_maps(canvases, extents)
        canvas = self.codec.canvases([image.pixels])[0][0]  # the maps lie over all of it
        pictures: list[ImagePicture | ChannelPicture] = []
        if looked is not None and (maps := self._object_maps(detections, looked[0].float().cpu())):
            pictures.append(ImagePicture(f"{name}_objects", title, canvas, maps, strided=True))
        return pictures + map_pictures(self.model.image_maps(canvases), canvas, name=name, title=title)

    def _object_maps(self, detections: Detections, maps: Tensor) -> dict[str, Tensor]:
        """What the queries of the best objects looked at, of maps (Q, h, w)."""
        found: dict[str, Tensor] = {}
        for score, label, source in zip(*(part.tolist() for part in detections[1:]), strict=True):
            if score < self.score_threshold or len(found) == MOST_OBJECT_MAPS:
                break
            found[f"{len(found) + 1} {self.codec.classes[label]} {score:.0%}"] = maps[source]
        return found

    def attention_pictures(self, num: int) -> list[BoxesPicture | ImagePicture | ChannelPicture]:
        """Pictures of `num` test images, spread over the split: boxes found and true, and what was attended to."""
        chosen = self.predictions[:: max(1, len(self.predictions) // max(1, num))][:num]
        pictures: list[BoxesPicture | ImagePicture | ChannelPicture] = []
        for each in chosen:
            image: Fitted = self.trainer.datamodule.picture("test", each["id"])  # type: ignore[attr-defined]
            found, target = (_scaled(objects, image.scale()) for objects in (each["output"], each["target"]))
            name, title = str(each["id"]), f"{each['input']}: {len(found)} found, {len(target)} there"
            pictures.append(BoxesPicture(f"{name}_boxes", title, image.pixels, self.codec.classes, found, target))
            pictures += self.image_pictures(image, name=name, title=title)
        return pictures

    # Resume: sums in the making belong to the run

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["train_loss"] = self.train_loss.state()
        checkpoint["train_parts"] = {name: mean.state() for name, mean in self.train_parts.items()}

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.train_loss.restore(checkpoint["train_loss"])
        for name, state in checkpoint["train_parts"].items():
            self.train_parts.setdefault(name, RunningMean()).restore(state)


def _of_all_processes(mine: Sequence[ScoredPicture]) -> list[ScoredPicture]:
    unique = {picture.id: picture for part in gathered(list(mine)) for picture in part}
    return [unique[key] for key in sorted(unique)]


def _in_original(found: Detections, extent: tuple[int, ...], size: tuple[int, int]) -> tuple[Any, Any, Any]:
    """Boxes in pixels of the original image, scores and labels, as arrays."""
    scale = np.array([size[1] / extent[1], size[0] / extent[0]] * 2, dtype=np.float32)
    boxes, scores, labels, _ = (part.detach().cpu() for part in found)
    return boxes.float().numpy() * scale, scores.float().numpy(), labels.numpy()


def _rounded(box: Any) -> list[float]:
    return [round(float(each), 2) for each in box]


def _scaled(objects: Sequence[dict[str, Any]], scale: Tensor) -> list[dict[str, Any]]:
    return [each | {"box": (torch.tensor(each["box"]) * scale).tolist()} for each in objects]
