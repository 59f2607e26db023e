"""Image generation: an adversarial pair of networks, scored by how its samples' features compare with real images'."""

import logging
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, Literal

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_only
from torch import Tensor, nn
from torch.optim import Optimizer

from attnlab.data.image_batch import ImageBatch
from attnlab.data.image_codec import ImageCodec
from attnlab.metrics.generation import FEWEST
from attnlab.tasks.adversarial_game import AdversarialGame
from attnlab.tasks.adversarial_losses import AdversarialLoss
from attnlab.tasks.averaged_weights import average_into, decay_at
from attnlab.tasks.clipping import check_clip_norm, clip_gradients
from attnlab.tasks.extractor_classes import check_classes
from attnlab.tasks.generation_pictures import generation_pictures
from attnlab.tasks.monitored import check_monitored
from attnlab.tasks.own_steps import backward, check_own_steps, step
from attnlab.tasks.processes import share_statistics
from attnlab.tasks.results import ChannelPicture, ImagePicture, Prediction, QueryPicture
from attnlab.tasks.sampling import AT_ONCE, SampleScores, draw_latents, to_pictures
from attnlab.tasks.scores import report_scores

log = logging.getLogger(__name__)

FEW = 10_000  # samples, below which the bias of a FID may be larger than what tells two models apart
# Of the latents whose images are scored: those that choose the best checkpoint don't test it.
SEEDS = {"val": 1, "test": 2}


class ImageGenerationTask(LightningModule):
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
    data_members = ("image", "image_name")
    model_members = ("generator", "discriminator", "latent_dim", "conditional")

    def __init__(
        self,
        model: Any,
        codec: ImageCodec,
        *,
        extractor: Any,
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
        super().__init__()
        for key, count, fewest in (
            ("discriminator_updates", discriminator_updates, 1),
            ("accumulate", accumulate, 1),
            ("num_samples", num_samples, FEWEST),
        ):
            if count is not None and count < fewest:
                raise ValueError(f"{key} must be {fewest} or more, got {count} (set task.{key})")
        if not 0 < discriminator_rate < float("inf"):
            raise ValueError(
                f"discriminator_rate must be above 0 and finite, got {discriminator_rate} (set task.discriminator_rate)"
            )
        if not 0 <= averaging < 1:
            raise ValueError(f"averaging must lie in [0, 1), got {averaging} (set task.averaging)")
        check_clip_norm(clip_norm)
        self.automatic_optimization = False
        self.model, self.codec = model, codec
        self.averaged = deepcopy(model.generator).requires_grad_(False)
        self.monitor = f"val/fid_{extractor.name}" if monitor is None else monitor
        self.mode = mode
        measured = [f"fid_{extractor.name}", f"kid_{extractor.name}", "precision", "recall"]
        measured += ["class_accuracy"] * model.conditional
        check_monitored(self.monitor, mode, measured=[f"val/{name}" for name in measured])
        self.extractor = extractor
        classes = codec.classes if codec is not None and model.conditional else None
        self.scores = {split: SampleScores(extractor, classes=classes) for split in SEEDS}
        self.game = AdversarialGame(model, adversarial_loss)
        self.optimizer, self.scheduler = optimizer, scheduler
        self.discriminator_updates, self.discriminator_rate = discriminator_updates, discriminator_rate
        self.accumulate, self.averaging = accumulate, averaging
        self.clip_norm, self.num_samples = clip_norm, num_samples
        self._sizes: list[tuple[int, Tensor | None]] = []  # of the batches of an update in the making, and their labels
        self.val_predictions: list[Prediction] = []
        self.predictions: list[Prediction] = []
        self.warnings: list[dict[str, Any]] = []  # of the test, for its record
        self.signatures: dict[str, str] = {}

    # Training

    @property
    def batches_per_update(self) -> int:
        """Batches that the trainer takes for an update."""
        return self.accumulate * self.discriminator_updates

    @property
    def networks(self) -> list[nn.Module]:
        """What is trained."""
        return [self.model.generator, self.model.discriminator]

    def rehearse(self, trainer: Trainer) -> None:
        """Find what would be found later: an extractor without its weights, a trainer for tasks of another kind.

        Raises:
            ValueError: the trainer can't do something where the task steps its optimizers itself.
            UserError: the extractor's files are missing or damaged.
        """
        self.extractor.load()
        check_own_steps(trainer)
        if trainer.precision == "bf16-true":
            raise ValueError(
                "the average of the weights moves by less than bfloat16 can tell, got precision bf16-true "
                "(set trainer.precision=bf16-mixed)"
            )

    def configure_optimizers(self) -> Any:
        optimizers = [self.optimizer(network.parameters()) for network in self.networks]
        for group in optimizers[1].param_groups:
            group["lr"] *= self.discriminator_rate
        return optimizers, [self.scheduler(each, total_steps=self.trainer.max_steps) for each in optimizers]

    def on_fit_start(self) -> None:
        check_classes(self.extractor, self.codec.classes, monitor=self.monitor)
        # Other latents in each process; a resume puts back the states of random generators after this.
        if self.global_rank:
            torch.manual_seed(torch.initial_seed() + self.global_rank)

    def on_train_batch_start(self, batch: ImageBatch, batch_idx: int) -> None:
        # As DDP would: a checkpoint holds the first process's, from which all go on after a resume.
        share_statistics(self.model)

    def training_step(self, batch: ImageBatch, batch_idx: int) -> None:
        generator, discriminator = self.optimizers()  # type: ignore[attr-defined]  # two
        images, labels = self._signed(batch.images), batch.labels if self.model.conditional else None
        if batch_idx % self.accumulate == 0:
            self._sizes = []
            discriminator.zero_grad()
        self._sizes.append((len(images), labels))
        backward(self, self.game.discriminator_loss(images, self._new_latents(len(images)), labels) / self.accumulate)
        if (batch_idx + 1) % self.accumulate:
            return
        step(self, discriminator, counts=False)
        if (batch_idx + 1) % self.batches_per_update:
            return
        # Only now, and against one discriminator, as if the batches had been one.
        generator.zero_grad()
        for num, labels in self._sizes:
            backward(self, self.game.generator_loss(self._new_latents(num), labels) / self.accumulate)
        step(self, generator, counts=True)
        average_into(self.averaged, self.model.generator, decay_at(self.global_step, self.averaging))
        for schedule in self.lr_schedulers():  # type: ignore[union-attr]
            schedule.step()

    def _new_latents(self, num: int) -> Tensor:
        return torch.randn(num, self.model.latent_dim, device=self.device)

    def on_before_optimizer_step(self, optimizer: Optimizer) -> None:
        clip_gradients(self, optimizer, self.clip_norm)

    def train_scores(self) -> dict[str, float | Tensor]:
        """The means since they were last asked for."""
        rate: float = self.trainer.optimizers[0].param_groups[0]["lr"]
        means = self.game.take(self.trainer.strategy.reduce)
        return {f"train/{name}": mean for name, mean in means.items()} | {"train/lr": rate}

    def count(self, batch: ImageBatch) -> tuple[int, int]:
        """Images in the batch; nothing is padded."""
        return len(batch.labels), len(batch.labels)

    def _signed(self, images: Tensor) -> Tensor:
        """Images of the data as the networks take them, in [-1, 1]."""
        return 2 * self.codec.unit(images) - 1

    # Validation and test

    def on_validation_epoch_start(self) -> None:
        self._begin("val")

    def validation_step(self, batch: ImageBatch, batch_idx: int) -> None:
        self._evaluate(batch, "val")

    def on_validation_epoch_end(self) -> None:
        report_scores(self, self._scored("val"), bar=(self.monitor,))

    def on_test_epoch_start(self) -> None:
        self._begin("test")

    def test_step(self, batch: ImageBatch, batch_idx: int) -> None:
        self._evaluate(batch, "test")

    def on_test_epoch_end(self) -> None:
        num = self.scores["test"].num_samples()
        if num < FEW:
            message = f"scores of {num} samples are biased and differ from those of more (fewer than {FEW})"
            self.warnings = [{"kind": "few_samples", "message": message}]
            rank_zero_only(log.warning)("%s", message)
        self.signatures |= self.scores["test"].scores.signatures()
        report_scores(self, self._scored("test") | {"test/num_samples": float(num)})

    def _begin(self, split: str) -> None:
        share_statistics(self.averaged)
        num_images = int(self.trainer.datamodule.summary["images"][split])  # type: ignore[attr-defined]
        latents = self.latents(self.num_samples or num_images, SEEDS[split])
        self.scores[split].begin(latents, num_images=num_images)

    def _evaluate(self, batch: ImageBatch, split: str) -> None:
        labels = batch.labels if self.model.conditional else None
        self.scores[split].update(batch.ids, to_pictures(self._signed(batch.images)), labels, self.draw)

    def _scored(self, split: str) -> dict[str, float | Tensor]:
        return {f"{split}/{name}": value for name, value in self.scores[split].compute().items()}

    # Use

    def latents(self, num: int, seed: int) -> Tensor:
        """(num, latent_dim), on the CPU; the first ones are the same for any `num`."""
        return draw_latents(num, self.model.latent_dim, seed=seed)

    def generate(
        self, num: int, *, seed: int, labels: Tensor | None = None, batch_size: int = AT_ONCE
    ) -> Iterator[tuple[Tensor, Tensor | None]]:
        """Pictures (b, C, H, W) uint8 in order, at most `batch_size` at a time, and their labels (b,), if conditional.

        A picture has the same bits for its seed, its number and its label, whatever `num` and `batch_size`: they are
        always made so many at once. Without labels the classes take turns.
        """
        padded = -(-num // AT_ONCE) * AT_ONCE
        latents = self.latents(padded, seed)
        if self.model.conditional:
            turns = torch.arange(padded) % self.model.num_classes
            labels = turns if labels is None else torch.cat([labels.cpu(), turns[num:]])
        for start in range(0, num, AT_ONCE):
            many = slice(start, start + AT_ONCE)
            of_many = None if labels is None else labels[many]
            pictures = self.draw(latents[many], of_many)[: num - start]
            for first in range(0, len(pictures), batch_size):
                few = slice(first, min(first + batch_size, len(pictures)))
                yield pictures[few], None if of_many is None else of_many[few]

    def draw(self, latents: Tensor, labels: Tensor | None) -> Tensor:
        """Pictures (B, C, H, W) uint8 of latents, and labels if conditional."""
        return to_pictures(self._images(latents, labels))

    @torch.no_grad()
    def _images(self, latents: Tensor, labels: Tensor | None) -> Tensor:
        """Those of the averaged generator, in float32 whatever the precision."""
        self.averaged.eval()
        with torch.autocast(self.device.type, enabled=False):
            return self.averaged(latents.to(self.device), None if labels is None else labels.to(self.device))  # type: ignore[no-any-return]  # a network's

    def sample_pictures(
        self, num: int, *, seed: int, labels: Tensor | None = None
    ) -> list[QueryPicture | ImagePicture | ChannelPicture]:
        """What both networks attend to in the first samples of a seed, of those labels, or classes in turns."""
        latents = self.latents(num, seed).to(self.device)
        if self.model.conditional:
            labels = torch.arange(num) % self.model.num_classes if labels is None else labels[:num]
            labels = labels.to(self.device)
        images = self._images(latents, labels)
        networks = {"generator": (self.averaged, latents), "discriminator": (self.model.discriminator, images)}
        return generation_pictures(networks, labels, to_pictures(images))

    def attention_pictures(self, num: int) -> list[QueryPicture | ImagePicture | ChannelPicture]:
        """Pictures of the first `num` samples of the test."""
        return self.sample_pictures(num, seed=SEEDS["test"]) if num else []

    # Resume: sums in the making belong to the run

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["game"] = self.game.state()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.game.restore(checkpoint["game"])
