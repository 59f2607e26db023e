"""Image generation: an adversarial pair of networks, scored by how its samples' features compare with real images'."""

import logging
from collections.abc import Callable
from typing import Any, Literal, cast

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.core.optimizer import LightningOptimizer
from lightning.pytorch.utilities import rank_zero_only
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from attnlab.data.images.batch import ImageBatch
from attnlab.data.images.codec import ImageCodec
from attnlab.data.module import DataModule
from attnlab.errors import at_least, below_one, between
from attnlab.metrics.extractors.contract import Extractor
from attnlab.metrics.generation.scores import FEWEST
from attnlab.metrics.records.contract import Records
from attnlab.models.adversarial.pair import AdversarialPair
from attnlab.models.adversarial.predictor import GeneratingPredictor, to_pictures
from attnlab.processes import share_statistics
from attnlab.reporting.pictures import ChannelPicture, ImagePicture, QueryPicture
from attnlab.tasks.adversarial.averaged_weights import average_into, decay_at
from attnlab.tasks.adversarial.enough_pictures import check_enough
from attnlab.tasks.adversarial.extractor_classes import check_classes
from attnlab.tasks.adversarial.game import AdversarialGame
from attnlab.tasks.adversarial.losses import AdversarialLoss
from attnlab.tasks.adversarial.own_steps import backward, check_own_steps, step
from attnlab.tasks.adversarial.sampling import SampleScores
from attnlab.tasks.task import Better, Learning, Monitored, Scores, Task, data_of
from attnlab.tasks.training.batch_of_one import check_batch_of_one, on_one
from attnlab.tasks.training.clipping import clip_gradients
from attnlab.tasks.training.weight_decay import optimized

log = logging.getLogger(__name__)

FEW = 10_000  # samples, below which the bias of a FID may be larger than what tells two models apart
# Of the latents whose images are scored: those that choose the best checkpoint don't test it.
SEEDS = {"val": 1, "test": 2}


class ImageGenerationTask(Task[GeneratingPredictor]):
    """Trains a generator against a discriminator; what is used is a slow average of the generator's weights.

    An update is one of the generator, after `discriminator_updates` of the discriminator, each by the mean gradient of
    `accumulate` batches; it takes `batches_per_update` batches, and is all that the trainer counts. Images lie in
    [-1, 1], latents are drawn from N(0, 1).

    Args:
        extractor: gives the features in which samples are compared with real images.
        monitor: None for the FID on these features.
        discriminator_rate: the discriminator's learning rate, as a multiple of the generator's (Heusel et al., 2017).
        averaging: decay of the average; 0 for the generator as it is.
        clip_norm: of the gradients of each network.
        num_samples: scored, 4 or more; scores of other numbers can't be compared. None for as many as there are images.

    Raises:
        ValueError: a share, count or norm out of its range, a metric that isn't measured, or a mode that isn't its.
    """

    unit = "images"
    predictor_type = GeneratingPredictor
    codec_type = ImageCodec
    model_members = ("generator", "discriminator", "latent_dim", "conditional")
    model: AdversarialPair
    codec: ImageCodec

    def __init__(
        self,
        model: AdversarialPair,
        codec: ImageCodec,
        *,
        extractor: Extractor,
        adversarial_loss: AdversarialLoss,
        optimizer: Callable[..., Any],
        scheduler: Callable[..., Any],
        monitor: str | None,
        mode: Literal["min", "max"],
        discriminator_updates: int,
        discriminator_rate: float,
        accumulate: int,
        averaging: float,
        clip_norm: float | None,
        num_samples: int | None,
    ) -> None:
        between(1, 1000, "task", discriminator_updates=discriminator_updates)
        between(1, 10_000, "task", accumulate=accumulate)
        if num_samples is not None:
            at_least(FEWEST, "task", num_samples=num_samples)
        if not 0 < discriminator_rate < float("inf"):
            raise ValueError(
                f"discriminator_rate must be above 0 and finite, got {discriminator_rate} (set task.discriminator_rate)"
            )
        below_one("task", averaging=averaging)
        if codec is not None and model.conditional and len(codec.classes) < 2:
            raise ValueError(
                f"images of a class that is asked for need two classes or more, got {', '.join(codec.classes)} "
                "(set model.conditional=false, or data.root)"
            )
        fid, kid = (f"val/{name}_{extractor.name}" for name in ("fid", "kid"))
        measured: dict[str, Better] = {fid: "min", kid: "min", "val/precision": "max", "val/recall": "max"}
        if model.conditional:
            measured["val/class_accuracy"] = "max"
        predictor, monitored = GeneratingPredictor(model, codec), fid if monitor is None else monitor
        super().__init__(predictor, Learning(optimizer, scheduler, clip_norm), Monitored(monitored, mode, measured))
        self.automatic_optimization = False
        self.averaged = predictor.averaged
        self.networks = {"generator": model.generator, "discriminator": model.discriminator}
        self.discriminator_updates = discriminator_updates
        self.batches_per_update = accumulate * discriminator_updates
        self.extractor = extractor
        classes = codec.classes if codec is not None and model.conditional else None
        self.scores = {split: SampleScores(extractor, classes=classes) for split in SEEDS}
        self.game = AdversarialGame(model, adversarial_loss)
        self.resumed = {"game": self.game}
        self.discriminator_rate, self.accumulate, self.averaging = discriminator_rate, accumulate, averaging
        self.num_samples = num_samples
        self._sizes: list[tuple[int, Tensor | None]] = []  # of the batches of an update in the making, and their labels

    # Training

    def read_files(self) -> None:
        """The extractor's weights."""
        self.extractor.load()

    def check_trainer(self, trainer: Trainer) -> None:
        """ValueError for one that can't do something where the task steps its optimizers itself."""
        check_own_steps(trainer)
        if trainer.precision == "bf16-true":
            raise ValueError(
                "the average of the weights moves by less than bfloat16 can tell, got precision bf16-true "
                "(set trainer.precision=bf16-mixed)"
            )

    def check_data(self, data: DataModule, trainer: Trainer) -> None:
        """UserError for images that can't be scored, or too few of them, or batches that nothing can be learnt from."""
        check_classes(self.extractor, self.codec.classes, monitor=self.monitor)
        check_batch_of_one(data, trainer.world_size, lambda: self._learn_from_one(**data.sizes))
        limits = {"val": trainer.limit_val_batches, "test": trainer.limit_test_batches}
        for split, limit in limits.items():
            if limit != 0:
                self._check_enough(split, data, trainer, limit=limit)

    def _learn_from_one(self, *, in_channels: int, height: int, width: int, num_classes: int) -> None:
        labels = torch.zeros(1, dtype=torch.long) if self.model.conditional else None
        images = torch.zeros(1, in_channels, height, width)
        on_one(self.model.generator, torch.zeros(1, self.model.latent_dim), labels)
        on_one(self.model.discriminator, images, labels)

    def _check_enough(self, split: str, data: DataModule, trainer: Trainer, *, limit: float | None) -> None:
        check_enough(data, split, limit=limit, num_samples=self.num_samples, world_size=trainer.world_size)

    def configure_optimizers(self) -> Any:
        optimizers = [self.optimizer(optimized(network, self.optimizer)) for network in self.networks.values()]
        for group in optimizers[1].param_groups:
            group["lr"] *= self.discriminator_rate
        multiples = (1.0, self.discriminator_rate)
        return optimizers, [self.schedule(each, multiple=by) for each, by in zip(optimizers, multiples, strict=True)]

    def on_fit_start(self) -> None:
        # Other latents in each process; a resume puts back the states of random generators after this.
        if self.global_rank:
            torch.manual_seed(torch.initial_seed() + self.global_rank)

    def on_train_batch_start(self, batch: ImageBatch, batch_idx: int) -> None:
        # As DDP would: a checkpoint holds the first process's, from which all go on after a resume.
        share_statistics(self.predictor.modules["model"])

    def training_step(self, batch: ImageBatch, batch_idx: int) -> dict[str, Tensor]:
        generator, discriminator = cast(list[LightningOptimizer], self.optimizers())
        images, labels = self._signed(batch.images), batch.labels if self.model.conditional else None
        if batch_idx % self.accumulate == 0:
            self._sizes = []
            discriminator.zero_grad()
        self._sizes.append((len(images), labels))
        loss = self.game.discriminator_loss(images, self._new_latents(len(images)), labels) / self.accumulate
        backward(self, loss)
        losses = {"discriminator_loss": loss.detach()}
        if (batch_idx + 1) % self.accumulate:
            return losses
        step(self, discriminator, counts=False)
        if (batch_idx + 1) % (self.accumulate * self.discriminator_updates):
            return losses
        # Only now, and against one discriminator, as if the batches had been one.
        generator.zero_grad()
        losses["generator_loss"] = torch.zeros_like(losses["discriminator_loss"])
        for num, labels in self._sizes:
            loss = self.game.generator_loss(self._new_latents(num), labels) / self.accumulate
            backward(self, loss)
            losses["generator_loss"] += loss.detach()
        step(self, generator, counts=True)
        average_into(self.averaged, self.model.generator, decay_at(self.global_step, self.averaging))
        for schedule in cast(list[LRScheduler], self.lr_schedulers()):
            self.lr_scheduler_step(schedule, None)
        return losses

    def _new_latents(self, num: int) -> Tensor:
        return torch.randn(num, self.model.latent_dim, device=self.device)

    def on_before_optimizer_step(self, optimizer: Optimizer) -> None:
        clip_gradients(self, optimizer, self.clip_norm)

    def train_scores(self) -> Scores:
        return self.with_rate(self.game.take(self.trainer.strategy.reduce))

    def count(self, batch: ImageBatch) -> tuple[int, int]:
        """Images in the batch; nothing is padded."""
        return len(batch.labels), len(batch.labels)

    def _signed(self, images: Tensor) -> Tensor:
        """Images of the data as the networks take them, in [-1, 1]."""
        return 2 * self.codec.unit(images) - 1

    # Validation and test

    def on_validation_start(self) -> None:
        self._begin("val")

    def validation_step(self, batch: ImageBatch, batch_idx: int) -> None:
        self._evaluate(batch, "val")

    def on_validation_epoch_end(self) -> None:
        self.report("val", self.scores["val"].compute(), bar=[self.monitor.removeprefix("val/")])

    def on_test_start(self) -> None:
        self._check_enough("test", data_of(self.trainer), self.trainer, limit=self.trainer.limit_test_batches)
        self._begin("test")

    def test_step(self, batch: ImageBatch, batch_idx: int) -> None:
        self._evaluate(batch, "test")

    def on_test_epoch_end(self) -> None:
        num = self.scores["test"].num_samples()
        if num < FEW:
            message = f"scores of {num} samples are biased and differ from those of more (fewer than {FEW})"
            self.warnings += [{"kind": "few_samples", "message": message}]
            rank_zero_only(log.warning)("%s", message)
        self.signatures |= self.scores["test"].scores.signatures()
        self.report("test", self.scores["test"].compute() | {"num_samples": float(num)})

    def _begin(self, split: str) -> None:
        share_statistics(self.averaged)
        num_images = data_of(self.trainer).num_examples(split)
        latents = self.predictor.latents(self.num_samples or num_images, SEEDS[split])
        self.scores[split].begin(latents, num_images=num_images)

    def _evaluate(self, batch: ImageBatch, split: str) -> None:
        labels = batch.labels if self.model.conditional else None
        pictures = to_pictures(self._signed(batch.images))
        self.scores[split].update(batch.ids, pictures, labels, self.predictor.draw)

    def records(self) -> Records:
        """Nothing of pictures: scores are of the run."""
        why = "it is of two sets of pictures, and of none of them"
        scores = self.scores["test"].scores
        return Records(of_run=scores.of_run(), without=dict.fromkeys(scores.signatures(), why))

    def attention_pictures(self, num: int, data: Any) -> list[QueryPicture | ImagePicture | ChannelPicture]:
        """Pictures of the first `num` samples of the test."""
        return self.predictor.sample_pictures(num, seed=SEEDS["test"]) if num else []
