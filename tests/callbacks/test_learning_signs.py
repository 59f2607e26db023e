"""That nothing was learned stands with the results, and only where something could have been."""

from types import SimpleNamespace
from typing import Any

import pytest

from attnlab.callbacks import learning_signs
from attnlab.callbacks.learning_signs import FEWEST_UPDATES, LearningSigns

INTERVAL = 20


class Run:
    """A trainer and a task in one's hands."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, answer: str = "", networks: int = 1) -> None:
        monkeypatch.setattr(learning_signs, "task_of", lambda task: task)
        monkeypatch.setattr(learning_signs, "data_of", lambda trainer: trainer.data)
        self.trainer: Any = SimpleNamespace(
            global_step=0,
            log_every_n_steps=INTERVAL,
            accumulate_grad_batches=1,
            lightning_module=SimpleNamespace(batches_per_update=None),
            callback_metrics={},
            data=SimpleNamespace(overfit_batches=None, summary={}, num_examples=lambda split: 500),
        )
        answers = [{"output": answer or str(number), "target": str(number)} for number in range(23)]
        self.task: Any = SimpleNamespace(
            trainer=self.trainer, networks=dict.fromkeys(range(networks)), started_from={}, tested={"f1": 0.5},
            predictions=answers,
        )  # fmt: skip

    def train(self, callback: LearningSigns, updates: range, loss: float) -> None:
        for step in updates:
            self.trainer.global_step = step + 1
            self.trainer.callback_metrics["train/loss"] = loss
            callback.on_train_batch_end(self.trainer, self.task, None, None, step)

    def kinds(self, callback: LearningSigns) -> list[str]:
        callback.on_test_end(self.trainer, self.task)
        return [each["kind"] for each in callback.warnings]


def _signs() -> LearningSigns:
    return LearningSigns(begins=True, rate=0.25)


def test_a_dead_run_says_so_and_what_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    run, signs = Run(monkeypatch, answer="a"), _signs()
    run.train(signs, range(FEWEST_UPDATES), 2.3)
    assert run.kinds(signs) == ["loss_not_fallen", "answers_alike"]
    remedies = [each["message"].rpartition("(")[2] for each in signs.warnings]
    assert remedies == [f"try {rate} optimizer.lr, now 0.25, or more updates)" for rate in ("another", "a lower")]
    run.task.predictions, run.task.tested = [], {"f1": 0.0}
    assert run.kinds(signs) == ["loss_not_fallen", "nothing_right"]


def test_a_run_that_learns_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    run, signs = Run(monkeypatch), _signs()
    run.train(signs, range(INTERVAL), 2.3)
    run.train(signs, range(INTERVAL, FEWEST_UPDATES), 2.0)
    assert run.kinds(signs) == []


def test_a_short_run_a_few_batches_over_and_over_and_two_networks_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    run, signs = Run(monkeypatch, answer="a"), _signs()
    run.train(signs, range(FEWEST_UPDATES - 1), 2.3)
    assert run.kinds(signs) == []
    run.train(signs, range(FEWEST_UPDATES - 1, FEWEST_UPDATES), 2.3)
    run.trainer.data.overfit_batches = 1
    assert run.kinds(signs) == []
    pair = Run(monkeypatch, answer="a", networks=2)
    pair.train(again := _signs(), range(FEWEST_UPDATES), 2.3)
    assert pair.kinds(again) == []


def test_a_loss_whose_beginning_another_run_saw_tells_nothing_but_a_resumed_ones_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, first = Run(monkeypatch), _signs()
    run.train(first, range(5 * INTERVAL), 2.3)
    later, unaware = _signs(), _signs()
    later.load_state_dict(first.state_dict())
    for signs in (later, unaware):
        run.train(signs, range(5 * INTERVAL, 2 * FEWEST_UPDATES), 2.3)
    assert run.kinds(later) == ["loss_not_fallen"]
    assert run.kinds(unaware) == []  # went on from a checkpoint without what it knows
    run.task.started_from = {"init_from": {}}
    assert run.kinds(later) == []


def test_answers_that_counting_gives_as_often_arent_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    run, signs = Run(monkeypatch), _signs()
    run.task.predictions, run.trainer.global_step = [], FEWEST_UPDATES
    run.task.tested = {"accuracy": 0.52}
    assert run.kinds(signs) == []  # of texts
    run.trainer.data.summary["commonest"] = 0.49
    assert run.kinds(signs) == ["no_better_than_counting"]
    assert "in each sequence, 0.49: nothing is looked up" in signs.warnings[0]["message"]
    run.task.tested = {"accuracy": 0.54}  # beyond two standard errors
    assert run.kinds(signs) == []
