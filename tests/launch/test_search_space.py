"""What a study draws from is what the overrides of its sweep say."""

from functools import partial
from typing import Any

import pytest
from omegaconf import OmegaConf
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import GridSampler, RandomSampler

from attnlab.errors import UserError
from attnlab.launch import search_space


@pytest.mark.parametrize(
    "override, distribution",
    [
        ("a=interval(0.1,0.5)", FloatDistribution(0.1, 0.5)),
        ("a=tag(log,interval(1e-4,1e-2))", FloatDistribution(1e-4, 1e-2, log=True)),
        ("a=int(interval(1,5))", IntDistribution(1, 5)),
        ("a=tag(log,int(interval(1,64)))", IntDistribution(1, 64, log=True)),
        ("a=range(1,7,2)", IntDistribution(1, 7, step=2)),
        ("a=range(0.0,0.3,0.1)", FloatDistribution(0.0, 0.3, step=0.1)),
        ("a=1,two,null", CategoricalDistribution(["1", "two", "null"])),
        ("a=shuffle(range(1,4))", CategoricalDistribution(["1", "2", "3"])),
        ("+a.b=choice(true,false)", CategoricalDistribution(["True", "False"])),
    ],
)
def test_each_way_to_sweep_is_a_distribution(override: str, distribution: Any) -> None:
    space = search_space.of([override, "c=3"], None)
    (found,) = space.values()
    if override.startswith("a=shuffle"):
        found = CategoricalDistribution(sorted(found.choices))  # type: ignore[attr-defined]  # one of choices
    assert found == distribution
    assert list(space) == [override.split("=")[0]]
    assert search_space.fixed([override, "c=3"]) == ["c=3"]


def test_the_older_way_gives_way_to_overrides() -> None:
    old = OmegaConf.create(
        {"lr": {"type": "float", "low": 0.1, "high": 1, "log": True}, "dim": {"type": "int", "low": 1, "high": 3}}
    )
    space = search_space.of(["dim=4"], old)
    assert space == {"lr": FloatDistribution(0.1, 1, log=True)}
    for node in ({"type": "real", "low": 1}, {"type": "int", "low": 1}, 3):
        with pytest.raises(UserError, match=r"\(set hydra.sweeper.search_space.lr\)$"):
            search_space.of([], OmegaConf.create({"lr": node}))


def test_an_empty_interval_is_one_line() -> None:
    with pytest.raises(UserError, match=r"got 'a=interval\(3,1\)' \(set a\)"):
        search_space.of(["a=interval(3,1)"], None)


def test_a_grid_has_every_value_of_a_range_and_none_of_an_interval() -> None:
    grid = partial(GridSampler, seed=0)
    space = search_space.of(["a=range(1,7,2)", "b=range(0.0,0.3,0.1)", "c=x,y"], None)
    assert search_space.grid_size(grid, space) == 4 * 4 * 2
    assert isinstance(search_space.sampler(grid, space), GridSampler)
    assert search_space.grid_size(RandomSampler(), space) is None
    with pytest.raises(UserError, match=r"a grid has values in a row, got an interval of a "):
        search_space.sampler(grid, search_space.of(["a=interval(0.1,0.5)"], None))


def test_drawn_values_are_overrides_to_the_last_digit() -> None:
    assert [search_space.text(value) for value in (0.1 + 0.2, 1e-7, 3, "null", None)] == [
        "0.30000000000000004", "1e-07", "3", "null", "null"
    ]  # fmt: skip


def test_a_function_that_is_not_there_is_one_line() -> None:
    assert search_space.custom(None) is None
    with pytest.raises(UserError, match=r"no function is 'nosuch.space' \(set hydra.sweeper.custom_search_space\)"):
        search_space.custom("nosuch.space")
