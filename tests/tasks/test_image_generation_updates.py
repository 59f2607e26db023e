"""Two networks that are trained in turns: each update is what the equations say, and is counted once."""

import re
from collections.abc import Callable
from contextlib import nullcontext
from copy import deepcopy
from functools import partial
from typing import Any

import pytest
import torch
from lightning.pytorch import Trainer
from lightning.pytorch.plugins import MixedPrecision
from tiny_generation import Loader, TinyExtractor, TinyPair, sizes, trainer_of
from torch import Tensor, nn
from torch.amp import GradScaler
from torch.optim import SGD, Adam

from attnlab.data import ImageBatch, ImageCodec
from attnlab.models.adversarial.predictor import draw_latents
from attnlab.runs.divergence import finite
from attnlab.tasks import AdversarialLoss, HingeLoss, ImageGenerationTask, NonSaturatingLoss
from attnlab.tasks.adversarial.averaged_weights import decay_at
from attnlab.tasks.adversarial.sampling import SampleScores
from attnlab.tasks.training.schedules import constant, warmup_cosine

# There is nothing to validate here.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:.*have no `val_dataloader`")

RATE, TIMES = 0.05, 3.0
CODEC = ImageCodec(classes=list("abcdefghij"), channels=1, height=28, width=28, mean=[0.3], std=[0.4])


def _task(model: nn.Module, **changes: Any) -> ImageGenerationTask:
    given: dict[str, Any] = {
        "extractor": TinyExtractor(),
        "adversarial_loss": HingeLoss(),
        "optimizer": partial(SGD, lr=RATE),
        "scheduler": partial(constant, warmup_steps=0),
        "monitor": None,
        "mode": "min",
        "discriminator_updates": 1,
        "discriminator_rate": TIMES,
        "accumulate": 1,
        "averaging": 0.9,
        "clip_norm": None,
        "num_samples": None,
    }
    return ImageGenerationTask(model, CODEC, **given | changes)


def _pair(**changes: Any) -> TinyPair:
    torch.manual_seed(3)
    return TinyPair(**sizes() | changes)


def _batches(num: int, size: int = 5) -> list[ImageBatch]:
    draw = torch.Generator().manual_seed(11)
    return [
        ImageBatch(
            torch.arange(size),
            CODEC.normalise(torch.randint(0, 256, (size, 1, 28, 28), generator=draw, dtype=torch.uint8)),
            torch.randint(0, 10, (size,), generator=draw),
        )
        for _ in range(num)
    ]


def _fit(task: ImageGenerationTask, batches: list[ImageBatch], updates: int, **changes: Any) -> Trainer:
    trainer = trainer_of(max_steps=updates, **changes)
    trainer.fit(task, Loader(batches))
    return trainer


def _moved(network: nn.Module, gradient_of: Callable[[], Tensor], rate: float, clip_norm: float | None) -> None:
    """One step of plain gradient descent, on no other parameters than the network's."""
    parameters = list(network.parameters())
    gradients = torch.autograd.grad(gradient_of(), parameters)
    norm = torch.cat([gradient.flatten() for gradient in gradients]).norm().item()
    factor = 1.0 if clip_norm is None or norm <= clip_norm else clip_norm / (norm + 1e-6)
    with torch.no_grad():
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter -= rate * factor * gradient


@pytest.mark.parametrize("loss", [HingeLoss(), NonSaturatingLoss()])
@pytest.mark.parametrize(
    "accumulate, discriminator_updates, clip_norm", [(1, 1, None), (3, 1, None), (1, 2, None), (2, 3, 0.05)]
)
def test_an_update_is_what_the_equations_say(
    loss: AdversarialLoss, accumulate: int, discriminator_updates: int, clip_norm: float | None
) -> None:
    """Against a loop that knows nothing of batches added up: it takes their images as one batch.

    The generator is shown against the discriminator as it is after its last step, on the labels of that step.
    """
    updates, per_update = 3, accumulate * discriminator_updates
    pair, batches = _pair(latent_share=0.0), _batches(3 * per_update)
    expected, average = deepcopy(pair), deepcopy(pair.generator)
    task = _task(
        pair,
        adversarial_loss=loss,
        accumulate=accumulate,
        discriminator_updates=discriminator_updates,
        clip_norm=clip_norm,
    )
    trainer = _fit(task, batches, updates)

    generator, discriminator = expected.generator, expected.discriminator
    remaining = iter(batches)
    for update in range(1, updates + 1):
        for _ in range(discriminator_updates):
            taken = [next(remaining) for _ in range(accumulate)]
            labels = torch.cat([batch.labels for batch in taken])
            images = 2 * CODEC.unit(torch.cat([batch.images for batch in taken])) - 1
            latents = torch.zeros(len(labels), 5)

            def of_discriminator(images: Tensor = images, latents: Tensor = latents, labels: Tensor = labels) -> Tensor:
                generated = generator(latents, labels).detach()
                return loss.discriminator(discriminator(images, labels), discriminator(generated, labels))

            _moved(discriminator, of_discriminator, TIMES * RATE, clip_norm)
        _moved(
            generator,
            lambda latents=latents, labels=labels: loss.generator(discriminator(generator(latents, labels), labels)),  # type: ignore[misc]
            RATE,
            clip_norm,
        )
        decay = decay_at(update, 0.9)
        with torch.no_grad():
            for mean, parameter in zip(average.parameters(), generator.parameters(), strict=True):
                mean.copy_(decay * mean + (1 - decay) * parameter)

    assert trainer.global_step == updates
    for found, wanted in ((pair, expected), (task.averaged, average)):
        for (name, mine), theirs in zip(found.named_parameters(), wanted.parameters(), strict=True):
            assert torch.allclose(mine, theirs, rtol=1e-4, atol=1e-6), name
    for first, last in zip(_pair().parameters(), pair.parameters(), strict=True):
        assert not torch.equal(first, last)


def test_updates_of_the_generator_alone_are_counted() -> None:
    task = _task(_pair(), optimizer=partial(Adam, lr=1e-3), accumulate=2, discriminator_updates=3)
    assert task.batches_per_update == 6
    loader, trainer = Loader(_batches(40)), trainer_of(max_steps=5)
    trainer.fit(task, loader)
    assert trainer.global_step == 5
    assert loader.num_given == 30
    steps = [{int(state["step"]) for state in each.state.values()} for each in trainer.optimizers]
    assert steps == [{5}, {15}]


def test_both_rates_follow_the_schedule_of_updates() -> None:
    seen: list[tuple[float, float]] = []
    task = _task(_pair(), scheduler=partial(warmup_cosine, warmup_steps=2, final_factor=0.1), discriminator_updates=2)
    record = task.on_before_optimizer_step

    def note(optimizer: Any) -> None:
        seen.append(tuple(each.param_groups[0]["lr"] for each in task.trainer.optimizers))  # type: ignore[arg-type]
        record(optimizer)

    task.on_before_optimizer_step = note  # type: ignore[method-assign]
    _fit(task, _batches(8), 4)
    generator, discriminator = (list(rates) for rates in zip(*seen[::3], strict=True))
    assert generator[:2] == [RATE / 2, RATE]
    assert generator[2] > generator[3] > 0.1 * RATE
    assert discriminator == pytest.approx([TIMES * rate for rate in generator])


def test_labels_are_for_conditional_pairs() -> None:
    task = _task(_pair(conditional=False))
    _fit(task, _batches(3), 3)
    pictures, labels = next(iter(task.predictor.generate(3, seed=0)))
    assert pictures.shape == (3, 1, 28, 28)
    assert labels is None


def test_mixed_precision_gives_every_weight_a_gradient_and_averages_in_float32() -> None:
    """A weight cast for a pass without gradients must not be taken for the next one, nor one from before its step."""
    found = {}
    for precision in ("32-true", "bf16-mixed"):
        task = _task(_pair(latent_share=0.0))
        _fit(task, _batches(3), 3, precision=precision)
        assert all(parameter.dtype == torch.float32 for parameter in task.parameters())
        for name, parameter in task.model.named_parameters():
            assert parameter.grad is not None, name
            assert parameter.grad.any(), name
        found[precision] = dict(task.named_parameters())
    for name, parameter in found["32-true"].items():
        start = dict(_task(_pair(latent_share=0.0)).named_parameters())[name]
        change = (parameter - start).norm()
        assert (found["bf16-mixed"][name] - parameter).norm() < 0.1 * change + 1e-6, name


@pytest.mark.parametrize("optimizer", [partial(SGD, lr=RATE), partial(Adam, lr=1e-3, fused=True)])
def test_a_loss_scale_changes_no_update(optimizer: Callable[..., Any]) -> None:
    """Of half precision, which GPUs have; here with weights large enough for it: clipped as without it."""
    found = []
    for scaler in (None, GradScaler("cpu", init_scale=1024.0)):
        task = _task(_pair(latent_share=0.0), optimizer=optimizer, clip_norm=0.05, accumulate=2)
        trainer = trainer_of(max_steps=3)
        if scaler is not None:
            trainer.strategy._precision_plugin = _Scaled(scaler)
        trainer.fit(task, Loader(_batches(6)))
        assert trainer.global_step == 3
        found.append(dict(task.named_parameters()))
    for name, parameter in found[0].items():
        assert torch.allclose(parameter, found[1][name], rtol=1e-3, atol=1e-5), name


class _Scaled(MixedPrecision):
    """Scales losses as 16-mixed does, and casts nothing."""

    def __init__(self, scaler: GradScaler) -> None:
        super().__init__("16-mixed", "cpu", scaler)

    def forward_context(self) -> Any:
        return nullcontext()


# What is used


def test_a_picture_depends_on_seed_number_and_label_alone() -> None:
    task = _task(_pair())
    made = {
        (num, size): [pictures for pictures, _ in task.predictor.generate(num, seed=7, batch_size=size)]
        for num, size in ((3, 64), (70, 64), (70, 11), (131, 200))
    }
    whole = torch.cat(made[131, 200])
    assert whole.shape == (131, 1, 28, 28)
    assert whole.dtype == torch.uint8
    for (num, size), parts in made.items():
        assert torch.equal(torch.cat(parts), whole[:num])
        assert max(map(len, parts)) <= min(size, 64)
    assert not torch.equal(whole[:3], torch.cat([pictures for pictures, _ in task.predictor.generate(3, seed=8)]))
    assert len({picture.numpy().tobytes() for picture in whole}) == 131


def test_the_classes_take_turns_unless_asked_for() -> None:
    task = _task(_pair())
    labels = torch.cat([labels for _, labels in task.predictor.generate(23, seed=0) if labels is not None])
    assert labels.tolist() == [number % 10 for number in range(23)]
    asked = torch.full((3,), 4)
    (pictures, labels), *_ = task.predictor.generate(3, seed=0, labels=asked)
    assert torch.equal(labels, asked)
    all_four = torch.cat([found for found, _ in task.predictor.generate(70, seed=0, labels=torch.full((70,), 4))])
    assert torch.equal(pictures, all_four[:3])


def test_generating_leaves_training_as_it_was() -> None:
    task = _task(_pair())
    task.train()
    before = torch.get_rng_state(), deepcopy(task.state_dict())
    list(task.predictor.generate(3, seed=0))
    assert torch.equal(before[0], torch.get_rng_state())
    assert all(torch.equal(value, task.state_dict()[name]) for name, value in before[1].items())
    assert task.model.generator.training


@pytest.mark.parametrize("num_samples", [3, 11, 23])
def test_each_sample_is_scored_once_with_its_number_and_label(num_samples: int) -> None:
    """Fewer than there are images, as many, or more; whoever has the image, in whatever batch."""
    scored: list[tuple[float, int]] = []
    labels = torch.tensor([4, 2, 7, 7, 0, 9, 1, 3, 2, 8, 5])

    def draw(latents: Tensor, chosen: Tensor | None) -> Tensor:
        assert chosen is not None
        scored.extend(zip(latents[:, 0].tolist(), chosen.tolist(), strict=True))
        return torch.zeros(len(latents), 1, 6, 6, dtype=torch.uint8)

    scores = SampleScores(TinyExtractor(), classes=None)
    latents = draw_latents(num_samples, 5, seed=3)
    scores.begin(latents, num_images=11)
    for ids in torch.tensor([8, 3, 10, 0, 5, 1, 9, 2, 7, 6, 4]).split(4):
        pictures = torch.zeros(len(ids), 1, 6, 6, dtype=torch.uint8)
        scores.update(ids, pictures, labels[ids], draw)
    assert scores.num_samples() == num_samples
    expected = [(float(latents[number, 0]), int(labels[number % 11])) for number in range(num_samples)]
    assert sorted(scored) == sorted(expected)


def test_what_an_optimizer_keeps_must_be_numbers_too() -> None:
    """A square that overflowed would stop its weight for good, which stays a number."""
    task = _task(_pair(), optimizer=partial(Adam, lr=1e-3))
    trainer = _fit(task, _batches(1), 1)
    assert finite(trainer)
    state = trainer.optimizers[1].state[task.model.discriminator.logit.weight]
    state["exp_avg_sq"][0, 2] = float("inf")
    assert not finite(trainer)


# Refusals


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"accumulate": 0}, "accumulate must be 1 or more, got 0 (set task.accumulate)"),
        ({"discriminator_updates": 0}, "discriminator_updates must be 1 or more, got 0"),
        ({"num_samples": 3}, "num_samples must be 4 or more, got 3 (set task.num_samples)"),
        *(
            (
                {"discriminator_rate": rate},
                f"discriminator_rate must be above 0 and finite, got {rate} (set task.discriminator_rate)",
            )
            for rate in (0.0, float("nan"), float("inf"))
        ),
        ({"averaging": 1.0}, "averaging must lie in [0, 1), got 1.0 (set task.averaging)"),
        ({"clip_norm": 0.0}, "clip_norm must be above 0, or null, got 0.0 (set task.clip_norm)"),
        ({"monitor": "val/loss"}, "monitor must be one of val/fid_tiny, val/kid_tiny, val/precision, val/recall"),
        ({"mode": "max"}, "mode must be min for val/fid_tiny, got 'max' (set task.mode)"),
        ({"monitor": "val/recall"}, "mode must be max for val/recall, got 'min' (set task.mode)"),
    ],
)
def test_a_value_out_of_range_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        _task(_pair(), **changes)


@pytest.mark.parametrize(
    "changes, message",
    [
        (
            {"accumulate_grad_batches": 2},
            "here the task accumulates: accumulate_grad_batches must be 1, got 2 (set task.accumulate)",
        ),
        ({"precision": "bf16-true"}, "got precision bf16-true (set trainer.precision=bf16-mixed)"),
        (
            {"strategy": "fsdp"},
            "trained in turns need strategy auto or ddp, got ModelParallelStrategy (set trainer.strategy)",
        ),
    ],
)
def test_a_trainer_that_does_not_fit_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        _task(_pair()).check_trainer(trainer_of(**changes))
