"""Object detection: boxes with a class each, scored by average precision."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, cast

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.utilities import rank_zero_only
from torch import Tensor, nn

from attnlab.data.detection.batch import DetectionBatch
from attnlab.data.detection.codec import DetectionCodec
from attnlab.data.detection.module import DetectionDataModule
from attnlab.data.detection.sets import BoxedObjects
from attnlab.data.module import DataModule
from attnlab.errors import UserError
from attnlab.metrics.detection import ScoredPicture, average_precision, signature
from attnlab.metrics.records.contract import Records
from attnlab.metrics.records.matches import of_picture, scores_of_pictures
from attnlab.models.detectors.detector import Detector, LimitsObjects, ObjectLimit, Objects
from attnlab.models.detectors.predictor import DetectingPredictor, FoundObjects, in_original, rounded
from attnlab.models.predictors import Prediction
from attnlab.processes import gathered
from attnlab.reporting.pictures import BoxesPicture, ChannelPicture, ImagePicture, some_of
from attnlab.tasks.task import Better, Learning, Monitored, Scores, Task, data_of
from attnlab.tasks.training.batch_of_one import check_batch_of_one, on_one
from attnlab.tasks.training.pretrained import normalise_for
from attnlab.tasks.training.running_mean import RunningMeans

log = logging.getLogger(__name__)

NUM_VAL_PREDICTIONS = 16  # of which the samples are taken
IN_VALIDATION: dict[str, Better] = {"ap": "max", "ap50": "max", "ap75": "max"}


class ObjectDetectionTask(Task[DetectingPredictor]):
    """Trains a detector on the sum of its own losses, whose parts are reported, too.

    A prediction lists what is found with at least `score_threshold`, the best first, as `label`, `score` and `box`
    (left, top, right, bottom in pixels of the original image); average precision counts everything found.

    Raises:
        ValueError: a share or norm out of its range, a metric that isn't measured, or a mode that isn't its.
    """

    unit = "images"
    predictor_type = DetectingPredictor
    codec_type = DetectionCodec
    model: Detector
    codec: DetectionCodec

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
        normalise_for(model, codec)
        metrics: dict[str, Better] = {"val/loss": "min", **{f"val/{name}": way for name, way in IN_VALIDATION.items()}}
        predictor = DetectingPredictor(model, codec, score_threshold=score_threshold)
        super().__init__(predictor, Learning(optimizer, scheduler, clip_norm), Monitored(monitor, mode, metrics))
        self.train_parts = RunningMeans()
        self.resumed["train_parts"] = self.train_parts
        self.scored: dict[str, list[ScoredPicture]] = {"val": [], "test": []}

    def setup(self, stage: str) -> None:
        self._check_most_objects(data_of(self.trainer))  # of an evaluation, which has no `check_data`

    def _check_most_objects(self, data: DataModule) -> None:
        if isinstance(data, DetectionDataModule) and isinstance(self.model, LimitsObjects):
            self._warn_of_more_than(self.model.limit, data.most_objects)

    def _warn_of_more_than(self, limit: ObjectLimit, most_objects: Mapping[str, int]) -> None:
        split = max(most_objects, key=most_objects.__getitem__, default=None)
        if split is None or most_objects[split] <= limit.num or self.data_warnings:
            return
        message = (
            f"{split} has up to {most_objects[split]} objects an image, and this model finds at most {limit.num}: it "
            f"can't find all ({limit.remedy})"
        )
        self.data_warnings = [{"kind": "more_objects_than_found", "message": message}]
        self.warnings += self.data_warnings
        rank_zero_only(log.warning)("%s", message)

    # Training

    def check_data(self, data: DataModule, trainer: Trainer) -> None:
        """UserError for batches that the model can't learn from, or a val without objects that is to choose by them."""
        self._check_most_objects(data)
        unseen = isinstance(data, DetectionDataModule) and data.most_objects.get("val") == 0
        if unseen and self.monitor.removeprefix("val/") in IN_VALIDATION:
            raise UserError(
                f"{self.monitor} can't choose the best checkpoint where val has no objects, got none in it "
                f"({data.remedies['val']}, or set task.monitor=val/loss and task.mode=min)"
            )
        codec = self.codec
        one = torch.zeros(1, codec.channels, codec.height, codec.width), torch.tensor([[codec.height, codec.width]])
        check_batch_of_one(data, trainer.world_size, lambda: on_one(cast(nn.Module, self.model), *one))

    def training_step(self, batch: DetectionBatch, batch_idx: int) -> Tensor:
        objects = Objects(batch.boxes, batch.labels)
        output = self.model(batch.images, batch.extents, objects)
        loss, parts = self._loss(output, batch, "train")
        weight = batch.ids.new_tensor(len(batch.ids))
        for name, part in parts.items():
            self.train_parts.add(name, part.detach() * weight, weight)
        return loss

    def train_scores(self) -> Scores:
        loss = self.taken(self.losses["train"])
        parts = self.train_parts.take(self.trainer.strategy.reduce)
        return self.with_rate({"loss": loss, **{f"loss_{name}": mean for name, mean in parts.items()}})

    def count(self, batch: DetectionBatch) -> tuple[int, int]:
        """Images in the batch, all of one canvas."""
        return len(batch.ids), len(batch.ids)

    def _loss(self, output: Any, batch: DetectionBatch, split: str) -> tuple[Tensor, dict[str, Tensor]]:
        parts = self.model.losses(output, batch.extents, Objects(batch.boxes, batch.labels))
        loss = torch.stack(list(parts.values())).sum()
        weight = batch.ids.new_tensor(len(batch.ids))
        self.losses[split].add(loss.detach() * weight, weight)
        return loss, parts

    # Validation and test

    def on_validation_start(self) -> None:
        self.scored["val"] = []

    def validation_step(self, batch: DetectionBatch, batch_idx: int) -> None:
        scored = self._evaluate(batch, "val")
        if batch_idx == 0:
            self.predicted["val"] = self._judged(scored[:NUM_VAL_PREDICTIONS], batch)

    def on_validation_epoch_end(self) -> None:
        scores, found = self.concluded("val"), self._precision("val")
        self.report(
            "val", scores | {name: found[name] for name in IN_VALIDATION if name in found}, bar=["loss", "ap50"]
        )

    def on_test_start(self) -> None:
        self.scored["test"] = []

    def test_step(self, batch: DetectionBatch, batch_idx: int) -> None:
        self.predicted["test"] += self._judged(self._evaluate(batch, "test"), batch)

    def on_test_epoch_end(self) -> None:
        self.signatures["ap"] = signature()
        self.report("test", self.concluded("test") | self._precision("test"))

    def _evaluate(self, batch: DetectionBatch, split: str) -> list[ScoredPicture]:
        """What was found in each picture, beside what is there; it is kept to be scored."""
        output = self.model(batch.images, batch.extents)
        self._loss(output, batch, split)
        assert batch.truth is not None
        detections = self.model.detections(output, batch.extents)
        rows = zip(batch.ids.tolist(), batch.extents.tolist(), detections, batch.truth, strict=True)
        scored = [
            _scored(number, in_original(found, tuple(extent), truth.size), truth.objects)
            for number, extent, found, truth in rows
        ]
        self.scored[split] += scored
        return scored

    def _judged(self, scored: Sequence[ScoredPicture], batch: DetectionBatch) -> list[Prediction]:
        """Predictions for the first pictures of a batch, which were scored."""
        assert batch.truth is not None
        judged = []
        for each, truth in zip(scored, batch.truth, strict=False):
            found = FoundObjects(each.boxes, each.scores, each.labels)
            prediction = self.predictor.prediction(each.id, truth.name, found, truth.size)
            prediction["target"] = [
                {"label": self.codec.classes[label], "box": rounded(box)} | ({"ignored": True} if ignored else {})
                for box, label, ignored in zip(*truth.objects[:3], strict=True)
            ]
            judged.append(prediction)
        return judged

    def _precision(self, split: str) -> dict[str, float]:
        """Of the pictures of all processes, each once."""
        unique = {picture.id: picture for part in gathered(self.scored[split]) for picture in part}
        self.scored[split] = [unique[key] for key in sorted(unique)]
        return average_precision(self.scored[split], self.codec.classes)

    def records(self) -> Records:
        """Which found boxes match an object, at each overlap; a loss is of a batch and none of a picture."""
        rows = {picture.id: of_picture(picture, self.codec.classes) for picture in self.scored["test"]}
        scores = scores_of_pictures(list(rows.values()), self.codec.classes)
        return Records(rows, scores, without={"loss": "it is of batches, and no sum over pictures"})

    def attention_pictures(self, num: int, data: Any) -> list[BoxesPicture | ImagePicture | ChannelPicture]:
        """Pictures of `num` test images, spread over the split: boxes found and true, and what was attended to."""
        return [
            picture
            for each in some_of(self.predictions, num)
            for picture in self.predictor.compared_pictures(each, data.picture("test", each["id"]))
        ]


def _scored(number: int, found: FoundObjects, there: BoxedObjects) -> ScoredPicture:
    return ScoredPicture(
        number,
        found.boxes,
        found.scores,
        found.labels,
        true_boxes=there.boxes,
        true_labels=there.labels,
        ignored=there.ignored,
        true_areas=there.areas,
    )
