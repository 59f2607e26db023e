"""What every task is, and what all of them do alike."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar, cast

from lightning.pytorch import LightningModule, Trainer
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from attnlab.data.module import DataModule
from attnlab.errors import UserError, closest_metric
from attnlab.metrics.records.kept import KeptStatistics
from attnlab.models.predictors import Prediction, Predictor
from attnlab.processes import gathered
from attnlab.tasks.training.clipping import check_clip_norm, clip_gradients
from attnlab.tasks.training.running_mean import RunningMean
from attnlab.tasks.training.schedules import check_length, scheduled
from attnlab.tasks.training.scores import report_scores
from attnlab.tasks.training.weight_decay import optimized

P = TypeVar("P", bound=Predictor)

Scores = dict[str, float | Tensor]
Better = Literal["min", "max"]
"""Which of a metric's values is the better one."""


@dataclass(frozen=True)
class Learning:
    """How weights are moved: an optimizer is made of parameters, and a scheduler of it (`training.schedules`).

    Raises:
        ValueError: the norm of gradients isn't one.
    """

    optimizer: Callable[..., Any]
    scheduler: Callable[..., Any]
    clip_norm: float | None

    def __post_init__(self) -> None:
        check_clip_norm(self.clip_norm)


@dataclass(frozen=True)
class Monitored:
    """The metric by which the best checkpoint is chosen, of those that are `measured` in validation.

    Raises:
        ValueError: a metric that isn't measured, or a mode that would keep its worst value.
    """

    monitor: str
    mode: Better
    measured: Mapping[str, Better]

    def __post_init__(self) -> None:
        if self.monitor not in self.measured:
            raise ValueError(f"{not_measured(self.monitor, self.measured)} (set task.monitor)")
        if self.mode != (better := self.measured[self.monitor]):
            raise ValueError(f"mode must be {better} for {self.monitor}, got {self.mode!r} (set task.mode)")


def not_measured(monitor: str, measured: Collection[str]) -> str:
    """What to tell of a metric that isn't among those of validation, but for the key to set."""
    return f"monitor must be one of {', '.join(measured)}, got {monitor!r}{closest_metric(monitor, list(measured))}"


class Resumable(Protocol):
    """What is in the making in a process, and survives it."""

    def state(self) -> Any:
        """Plain values for a checkpoint; all processes must call this."""
        ...

    def restore(self, state: Any) -> None:
        """Go on from `state()`."""
        ...


class Task(LightningModule, Generic[P]):
    """Trains and scores what a predictor holds.

    A task's own constructor makes the predictor, and its own steps add to `losses` and `predicted`. The bodies here are
    finished, and the same for all that leave stepping the optimizer to Lightning; each task says what it counts and
    what it scores in training (`count`, `train_scores`).

    Attributes:
        unit: what is counted: "tokens", "images".
        predictor_type: of the predictor.
        codec_type: of the data that fits the task; object for any.
        model_members: what the task asks of its model.
        measured: metrics of validation that the best checkpoint may be chosen by, and which values are the better.
        networks: what is trained, each in a piece.
        batches_per_update: of a task that steps its optimizers itself; None: as many as the trainer accumulates.
        losses: by split.
        resumed: sums in the making, by the keys that checkpoints have for them.
        predicted: of the last validation and of the test.
        statistics: of the test's examples, by their ids; what steps measured for `records`.
        tested: the test's scores, as they were computed: Lightning keeps them in 32 bits.
        signatures: of metrics, what tells a number from one that was computed otherwise.
        data_warnings: of data that the task checked, for the record: `kind` and `message`.
        warnings: these, and those of the test.
        started_from: which weights training began with, by the keys that name them, for its record.
    """

    unit: ClassVar[str]
    predictor_type: ClassVar[type[Any]]
    codec_type: ClassVar[type[Any]] = object
    model_members: ClassVar[tuple[str, ...]] = ()
    model: Any
    codec: Any

    def __init__(self, predictor: P, learning: Learning, monitored: Monitored) -> None:
        super().__init__()
        self.predictor, self.model, self.codec = predictor, predictor.model, predictor.codec
        self.optimizer, self.scheduler, self.clip_norm = learning.optimizer, learning.scheduler, learning.clip_norm
        self.monitor, self.mode, self.measured = monitored.monitor, monitored.mode, monitored.measured
        self.networks: dict[str, nn.Module] = {"model": self.model}
        self.batches_per_update: int | None = None
        self.losses = {split: RunningMean() for split in ("train", "val", "test")}
        self.resumed: dict[str, Resumable] = {"train_loss": self.losses["train"]}
        self.predicted: dict[str, list[Prediction]] = {"val": [], "test": []}
        self.statistics = KeptStatistics()
        self.tested: dict[str, float] = {}
        self.signatures: dict[str, str] = {}
        self.data_warnings: list[dict[str, Any]] = []
        self.warnings: list[dict[str, Any]] = []
        self.started_from: dict[str, Any] = {}

    @property
    def val_predictions(self) -> list[Prediction]:
        """Of the last validation, in the order of their ids once it is over; some of the split, or none."""
        return self.predicted["val"]

    @property
    def predictions(self) -> list[Prediction]:
        """Of the test, in the order of their ids once it is over; empty for a task that answers nothing."""
        return self.predicted["test"]

    # Training

    def configure_optimizers(self) -> Any:
        optimizer = self.optimizer(optimized(self, self.optimizer))
        # Lightning would step one that waits for validations only once the checkpoint of a validation is written.
        schedule = {"scheduler": self.schedule(optimizer), "interval": "step", "reduce_on_plateau": False}
        return {"optimizer": optimizer, "lr_scheduler": schedule}

    def schedule(self, optimizer: Optimizer, *, multiple: float = 1.0) -> LRScheduler:
        """What moves an optimizer's rate in this run; `multiple` is of rates that the schedule itself is given.

        Raises:
            UserError: it can't be made, or ends before the run does.
        """
        num_updates = self.trainer.max_steps
        try:
            schedule = scheduled(self.scheduler, optimizer, total_steps=num_updates, mode=self.mode, multiple=multiple)
            check_length(schedule, num_updates)
        except ValueError as error:
            raise UserError(str(error)) from error
        return schedule

    def lr_scheduler_step(self, scheduler: Any, metric: Any) -> None:
        """At each update; what waits for a validation is stepped by `report`."""
        if not isinstance(scheduler, ReduceLROnPlateau):
            super().lr_scheduler_step(scheduler, metric)

    def configure_gradient_clipping(self, optimizer: Any, *_: Any, **__: Any) -> None:
        clip_gradients(self, optimizer, self.clip_norm)

    def count(self, batch: Any) -> tuple[Tensor | int, int]:
        """Real units in a batch, and all its cells, padding included."""
        raise NotImplementedError

    def train_scores(self) -> Scores:
        """The means since they were last asked for, by metrics' whole names."""
        raise NotImplementedError

    def with_rate(self, means: Mapping[str, Tensor]) -> Scores:
        """The scores of training: these, and the first optimizer's learning rate."""
        rate: float = self.trainer.optimizers[0].param_groups[0]["lr"]
        return {**{f"train/{name}": mean for name, mean in means.items()}, "train/lr": rate}

    def taken(self, mean: RunningMean) -> Tensor:
        """A mean over all processes, which then begins anew."""
        return mean.take(self.trainer.strategy.reduce)

    # Validation and test

    def on_validation_epoch_start(self) -> None:
        self.predicted["val"] = []

    def on_test_epoch_start(self) -> None:
        self.predicted["test"], self.warnings, self.statistics = [], list(self.data_warnings), KeptStatistics()

    def concluded(self, split: str) -> Scores:
        """The loss of an evaluation that is over; what was kept of its examples becomes all processes', each once.

        A test's is of what was kept, in 64 bits, so that it can be had again from the examples' records.
        """
        loss: float | Tensor = self.taken(self.losses[split])
        unique = {each["id"]: each for part in gathered(self.predicted[split]) for each in part}
        self.predicted[split] = [unique[key] for key in sorted(unique)]
        if split == "test":
            self.statistics = self.statistics.gathered()
            loss = self.statistics.mean("loss", otherwise=loss)
        return {"loss": loss}

    def report(self, split: str, scores: Mapping[str, float | Tensor], *, bar: Collection[str] = ()) -> None:
        """Give an evaluation's scores to whoever wants them, and those named in `bar` to the progress bar."""
        if split == "test":
            self.tested = {name: float(value) for name, value in scores.items()}
            scores = self.tested
        named = {f"{split}/{name}": value for name, value in scores.items()}
        report_scores(self, named, bar=[f"{split}/{name}" for name in bar])
        if split == "val" and self.monitor in named:
            for each in self.trainer.lr_scheduler_configs:
                if isinstance(each.scheduler, ReduceLROnPlateau):
                    each.scheduler.step(float(named[self.monitor]))

    # Resume: sums in the making belong to the run

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        for key, sums in self.resumed.items():
            checkpoint[key] = sums.state()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        for key, sums in self.resumed.items():
            sums.restore(checkpoint[key])


# Lightning hands around modules and data modules of any kind; a run's are these


def task_of(module: LightningModule) -> Task[Any]:
    """The module as the task that it is (`build_task` lets no other pass)."""
    return cast(Task[Any], module)


def data_of(trainer: Trainer) -> DataModule:
    """The data module that a trainer was given."""
    return cast(DataModule, trainer.datamodule)  # type: ignore[attr-defined]  # set by a connector
