"""A sign is named once when it has lasted, its end is taken down, and a resumed run says the same."""

import logging
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from attnlab.callbacks import FailureSigns

WINDOW, EVERY = 30, 10


def _fail(num: int, *, seed: int) -> Any:
    raise RuntimeError("out of memory")


class _Run:
    """A trainer and a task as the callback sees them, of one process."""

    def __init__(self) -> None:
        torch.manual_seed(3)
        self.real, self.samples = (torch.randint(0, 256, (256, 1, 4, 5), dtype=torch.uint8) for _ in range(2))
        self.trainer: Any = SimpleNamespace(
            global_step=0,
            log_every_n_steps=EVERY,
            callback_metrics={},
            state=SimpleNamespace(fn="fit"),
            accumulate_grad_batches=1,
            datamodule=SimpleNamespace(
                num_examples={"val": len(self.real)}.__getitem__, image=lambda split, number: self.real[number]
            ),
        )
        self.task: Any = SimpleNamespace(
            trainer=self.trainer,
            extractor=SimpleNamespace(classes=None),
            batches_per_update=None,
            predictor=SimpleNamespace(
                classes=None,
                latents=_fail,
                draw=_fail,
                sample_pictures=_fail,
                generate=lambda num, *, seed: iter([(self.samples[:num], None)]),
            ),
        )
        self.trainer.lightning_module = self.task

    def train(self, signs: FailureSigns, shares: list[float]) -> None:
        """Ten updates for each of these shares of real and of generated images that were judged right."""
        for share in shares:
            for _ in range(EVERY):
                self.trainer.global_step += 1
                if self.trainer.global_step % EVERY == 0:
                    names = ("discriminator_real", "discriminator_fake")
                    self.trainer.callback_metrics |= {f"train/{name}": torch.tensor(share) for name in names}
                signs.on_train_batch_end(self.trainer, self.task, None, None, self.trainer.global_step - 1)

    def validate(self, signs: FailureSigns, *, alike: bool) -> None:
        self.samples[:] = self.samples[0] if alike else self.real.flip(0)
        signs.on_validation_end(self.trainer, self.task)


def test_a_saturated_discriminator_is_named_once_it_has_lasted(caplog: pytest.LogCaptureFixture) -> None:
    run, signs = _Run(), FailureSigns(window=WINDOW)
    with caplog.at_level(logging.INFO):
        run.train(signs, [1.0] * 3)  # a pair that has only begun
        run.train(signs, [1.0, 1.0, 0.9, 1.0, 1.0])
        assert not signs.warnings, "it erred after 60 updates"
        run.train(signs, [1.0])
        (warning,) = signs.warnings
        assert (warning["kind"], warning["first_step"], warning["last_step"]) == ("discriminator_saturation", 60, None)
        run.train(signs, [1.0] * 4)
        assert len(caplog.records) == 1, "said once"
        run.train(signs, [0.6])
        assert warning["last_step"] == 140
        run.train(signs, [1.0] * 3)
    assert [each["first_step"] for each in signs.warnings] == [60, 140]
    assert [record.getMessage() for record in caplog.records] == [
        "discriminator saturation since update 60: the discriminator judges 100.0% of real and 100.0% of generated "
        "images right",
        "discriminator saturation is over at update 140",
        "discriminator saturation since update 140: the discriminator judges 100.0% of real and 100.0% of generated "
        "images right",
    ]


def test_what_comes_in_the_first_updates_is_no_sign() -> None:
    run, signs = _Run(), FailureSigns(window=WINDOW)
    run.train(signs, [1.0] * 5)
    assert not signs.warnings
    run.train(signs, [1.0])
    assert [each["first_step"] for each in signs.warnings] == [WINDOW]


def test_a_collapse_is_named_in_the_second_validation_and_its_end_taken_down() -> None:
    run, signs = _Run(), FailureSigns(window=WINDOW)
    run.validate(signs, alike=True)
    assert not signs.state_dict()["since"], "nothing counts yet"
    for step, alike in ((40, True), (50, False), (60, True), (70, True), (80, True), (90, False)):
        run.trainer.global_step = step
        run.validate(signs, alike=alike)
        assert len(signs.warnings) == (step >= 70)
    message = "samples differ from each other by 0% of what real images do"
    expected = {"kind": "mode_collapse", "message": message, "first_step": 60, "last_step": 90}
    assert signs.warnings == [expected]


def test_only_classes_that_real_images_have_are_missed() -> None:
    """Of a classifier's three classes, by the first pixel, the data has two, and samples one."""
    run, signs = _Run(), FailureSigns(window=WINDOW)
    run.trainer.global_step = 50
    run.trainer.callback_metrics |= {"test/precision": torch.tensor(0.9), "test/recall": torch.tensor(0.5)}
    run.task.extractor = SimpleNamespace(
        classes=["a", "b", "c"],
        features=lambda pictures: pictures[:, 0, 0, 0],
        logits=lambda features: torch.nn.functional.one_hot(features.long(), 3).float(),
    )
    run.real[:, 0, 0, 0] = torch.arange(256) % 2
    run.samples[:, 0, 0, 0] = torch.arange(256) % 2
    signs.on_test_end(run.trainer, run.task)
    assert not signs.warnings
    run.samples[:, 0, 0, 0] = 1
    signs.on_test_end(run.trainer, run.task)
    (warning,) = signs.warnings
    assert "90% of samples look real, but 1 of 2 classes are missing" in warning["message"]


def test_the_best_checkpoint_is_looked_at_once_and_ends_nothing() -> None:
    run, signs = _Run(), FailureSigns(window=WINDOW)
    run.trainer.global_step = 50
    run.samples[:] = run.samples[0]
    signs.on_test_end(run.trainer, run.task)
    (warning,) = signs.warnings
    assert warning["message"].endswith(", of the best checkpoint")
    run.samples[:] = run.real
    signs.on_test_end(run.trainer, run.task)
    assert signs.warnings == [warning]
    assert warning["last_step"] is None


@pytest.mark.parametrize("stop", range(1, 9))
def test_a_resumed_run_says_what_one_without_a_break_does(stop: int) -> None:
    shares = [0.5, 0.5, 0.5, 1.0, 1.0, 1.0, 1.0, 0.5, 1.0]
    run, whole = _Run(), FailureSigns(window=WINDOW)
    run.train(whole, shares)
    again, first, second = _Run(), FailureSigns(window=WINDOW), FailureSigns(window=WINDOW)
    again.train(first, shares[:stop])
    second.load_state_dict(first.state_dict())
    again.train(second, shares[stop:])
    assert second.state_dict() == whole.state_dict()
    assert len(whole.warnings) == 1


def test_other_tasks_and_samples_that_fail_are_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    run, signs = _Run(), FailureSigns(window=WINDOW)
    run.trainer.global_step = 50
    other: Any = SimpleNamespace(trainer=run.trainer, predictor=None)
    signs.on_train_batch_end(run.trainer, other, None, None, 49)
    signs.on_validation_end(run.trainer, other)
    signs.on_test_end(run.trainer, other)
    assert not caplog.records
    run.task.predictor.generate = _fail
    signs.on_validation_end(run.trainer, run.task)
    assert "samples weren't looked through: out of memory" in caplog.text
    assert not signs.warnings


def test_a_window_without_updates_is_refused() -> None:
    with pytest.raises(ValueError, match=r"window must be 1 or more, got 0 \(set callbacks.failure_signs.window\)"):
        FailureSigns(window=0)
