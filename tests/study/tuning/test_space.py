"""What is drawn, from what, and what can't be."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from attnlab.errors import UserError
from attnlab.study.design import of_values
from attnlab.study.tuning.space import Tune

SPACE = {
    "optimizer.lr": "tag(log, interval(1e-4, 1e-2))",
    "model.dropout": "interval(0, 0.5)",
    "model.dim": "int(interval(3, 5))",
    "model.num_layers": "range(1, 4)",
    "scheduler": "constant,plateau",
}


def draws_of(space: dict[str, str], *, trials: int = 400, seed: int = 1000) -> Sequence[dict[str, str]]:
    return Tune(trials=trials, space=space, seed=seed).draws()


def test_values_lie_in_their_space_evenly() -> None:
    draws = draws_of(SPACE)
    rates = [float(each["optimizer.lr"]) for each in draws]
    assert all(1e-4 <= rate <= 1e-2 for rate in rates)
    assert 0.42 < sum(rate < 1e-3 for rate in rates) / len(rates) < 0.58  # the middle of the logarithm
    assert 0.42 < sum(float(each["model.dropout"]) < 0.25 for each in draws) / len(draws) < 0.58
    assert {each["model.dim"] for each in draws} == {"3", "4", "5"}
    assert {each["model.num_layers"] for each in draws} == {"1", "2", "3"}
    assert {each["scheduler"] for each in draws} == {"constant", "plateau"}


def test_a_draw_is_decided_by_seed_key_and_number_alone() -> None:
    rate = {"optimizer.lr": SPACE["optimizer.lr"]}
    alone, beside = draws_of(rate, trials=3), draws_of(SPACE, trials=5)
    assert [each["optimizer.lr"] for each in beside[:3]] == [each["optimizer.lr"] for each in alone]
    assert len({each["optimizer.lr"] for each in beside}) == 5
    assert draws_of(rate, trials=3, seed=1001) != alone
    # On every machine, and in every version: trials are runs that are named by their values.
    assert [each["optimizer.lr"] for each in alone] == EXPECTED


EXPECTED: list[str] = ["0.0001187", "0.005339", "0.0005564"]


def tune_in(given: Any, **values: Any) -> Tune | None:
    study = {"control": "a", "arms": {"a": ["attention=uniform"], "b": ["attention=dot"]}, "tune": given} | values
    return of_values("small", Path("small.yaml"), study).tune


def test_a_studys_file_says_it() -> None:
    assert tune_in(None) is None
    found = tune_in({"trials": 3, "space": {"model.dropout": [0.0, 0.1], "optimizer.lr": "interval(1e-4,1e-3)"}})
    space = {"model.dropout": "choice(0.0,0.1)", "optimizer.lr": "interval(1e-4,1e-3)"}
    assert found == Tune(trials=3, space=space, seed=1000)


@pytest.mark.parametrize(
    "given, said",
    [
        (3, "tune must be {trials: N, space: {KEY: VALUES}}, or null, got 3 (set tune in"),
        ({"trial": 3}, "tune has trials, space and seed alone, got 'trial' (set tune in"),
        ({"trials": 0}, "trials must be how many each arm gets, from 1 to 1000, got 0 (set tune.trials in"),
        ({"trials": 3}, "space must be what is tuned, as KEY: VALUES, got null (set tune.space in"),
        ({"trials": 3, "seed": 2}, "tuning needs a seed that is none of the study's own, got 2 (set tune.seed in"),
        ({"trials": 3, "seed": -1}, "a seed must be a whole number from 0 to 4294967295, got -1"),
    ],
)
def test_a_mistake_is_one_line_with_its_key(given: Any, said: str) -> None:
    with pytest.raises(UserError) as refusal:
        tune_in(given)
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    "key, values, said",
    [
        ("seed", "1,2", "a key of space must be that of a value of a run"),
        ("attention", "dot,additive", "a key of space must be that of a value of a run"),
        ("task.monitor", "a,b", "a key of space must be that of a value of a run"),
        ("trainer.limit_test_batches", "1,2", "a key of space must be that of a value of a run"),
        ("optimizer.lr", 0.1, "values must be choice(A, B), interval(A, B)"),
        ("optimizer.lr", "interval(0.1", "values must be choice(A, B), interval(A, B)"),
        ("optimizer.lr", "glob(*)", "values must be choice(A, B), interval(A, B)"),
        ("optimizer.lr", "interval(1, 0.1)", "an interval must have a lower and an upper end, got 'interval(1, 0.1)'"),
        ("optimizer.lr", "tag(log, interval(0, 0.1))", "an interval whose logarithm is drawn must lie above 0"),
    ],
)
def test_what_cant_be_drawn_is_one_line(key: str, values: Any, said: str) -> None:
    with pytest.raises(UserError) as refusal:
        tune_in({"trials": 3, "space": {key: values}})
    assert said in str(refusal.value)
    assert "set tune.space" in str(refusal.value)


def test_what_something_else_sets_isnt_drawn() -> None:
    rate = {"trials": 3, "space": {"optimizer.lr": "interval(0.1, 0.2)"}}
    arms = {"a": ["attention=uniform"], "b": ["attention=dot", "optimizer.lr=0.1"]}
    with pytest.raises(UserError, match=r"what is tuned isn't set in an arm, got 'optimizer\.lr=0\.1' \(set arms\.b"):
        tune_in(rate, arms=arms)
    assert tune_in(rate, base=["optimizer.lr=0.1"]) is not None
    size = {"trials": 3, "space": {"model.dim": "8,16"}}
    with pytest.raises(UserError, match=r"what arms are matched by isn't tuned, got 'model\.dim'"):
        tune_in(size, match="flops", match_key="model.dim")
