"""Sweeps as overrides: which runs they stand for, and which values stand for the others."""

import pytest

from attnlab.config.sweep_overrides import expand_sweep, first_job, in_whole_numbers, others, params_of, with_params
from attnlab.errors import UserError


def test_a_sweep_shows_its_first_run_and_each_other_value_and_both_ends() -> None:
    overrides = ["seed=1", "optimizer.lr=interval(0.1,0.5)", "model.num_layers=range(1,4)", "attention=dot,cosine"]
    assert first_job(overrides) == ["seed=1", "optimizer.lr=0.1", "model.num_layers=1", "attention=dot"]
    assert others(overrides) == ["optimizer.lr=0.5", "model.num_layers=4", "attention=cosine"]


def test_what_files_sweep_gives_way_to_the_command_line() -> None:
    """Nested as `+hydra.sweeper.params.optimizer.lr=...` makes them, or by dotted keys."""
    params = params_of({"optimizer": {"lr": "interval(0.1,0.5)"}, "seed": "1,2", "+data.new": None})
    assert params == {"optimizer.lr": "interval(0.1,0.5)", "seed": "1,2", "+data.new": "null"}
    given = ["seed=3", "model.dim=8"]
    assert with_params(given, params) == ["optimizer.lr=interval(0.1,0.5)", "+data.new=null", *given]
    with pytest.raises(UserError, match=r"got 'seed' \(set hydra.sweeper.params\)"):
        params_of("seed")


def test_a_sweep_is_every_combination() -> None:
    jobs = expand_sweep(["attention=additive,uniform", "seed=1,2", "model.dim=64"])
    assert len(jobs) == 4
    assert ["attention=uniform", "seed=2", "model.dim=64"] in jobs


@pytest.mark.parametrize("empty", ["seed=range(3,1)", "model.dim=range(4,4)"])
def test_a_sweep_of_no_run_is_a_mistake(empty: str) -> None:
    with pytest.raises(UserError) as caught:
        expand_sweep(["attention=dot,cosine", empty])
    assert str(caught.value) == (
        f"a sweep must have a run, got none of attention=dot,cosine {empty} (give a later END, which range(FIRST,END) "
        "doesn't count)"
    )


def test_an_interval_of_whole_ends_draws_whole_numbers_where_the_default_is_one() -> None:
    given = ["model.dim=interval(8,64)", "optimizer.lr=interval(1,2)", "model.num_layers=interval(1.5,2)", "seed=1"]
    assert in_whole_numbers(given) == ["model.dim=int(interval(8,64))", *given[1:]]
    assert in_whole_numbers(["model.dim=tag(log,interval(8,64))"]) == ["model.dim=tag(log,int(interval(8,64)))"]
    assert first_job(in_whole_numbers(given))[0] == "model.dim=8"
