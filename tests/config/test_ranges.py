"""A number that can't be meant is refused with its key, wherever it stands in a configuration."""

import math
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from attnlab.config.compose import compose_run
from attnlab.config.conf_path import conf_dir
from attnlab.config.ranges import FARTHEST, LARGEST, OF_LIBRARIES, Range, check_numbers
from attnlab.errors import UserError


def _of(target: str, **values: Any) -> dict[str, Any]:
    return {"part": {"_target_": target, **values}}


@pytest.mark.parametrize(
    "overrides, message",
    [
        (["optimizer.lr=1e30"], r"optimizer.lr must be from 0 to 1000, got 1e\+30 \(set optimizer.lr\)"),
        (["task.length_penalty=-inf"], r"task.length_penalty must be a finite number, got -inf \(set task.length_pen"),
        (["scheduler=step", "scheduler.step_size=0"], "scheduler.step_size must be from 1 to 4294967295, got 0"),
    ],
)
def test_a_number_that_cannot_be_meant_is_refused_as_it_is_composed(overrides: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        compose_run(overrides)


@pytest.mark.parametrize(
    "target, name, value, message",
    [
        ("torch.optim.AdamW", "lr", 1e6, r"part.lr must be from 0 to 1000, got 1000000.0 \(set part.lr\)"),
        ("torch.optim.AdamW", "betas", [0.9, 1.0], r"part.betas must lie in \[0, 1\), got 1.0 \(set part.betas\)"),
        ("torch.optim.SGD", "momentum", 7.0, r"part.momentum must lie in \[0, 1\), got 7.0"),
        ("torch.optim.lr_scheduler.ReduceLROnPlateau", "factor", -0.5, r"part.factor must lie in \(0, 1\), got -0.5"),
        ("torch.optim.lr_scheduler.ReduceLROnPlateau", "factor", None, r"part.factor must lie in \(0, 1\), got null"),
        ("lightning.pytorch.callbacks.EarlyStopping", "patience", -1, "part.patience must be from 0 to 4294967295"),
    ],
)
def test_what_libraries_let_pass_is_refused(target: str, name: str, value: Any, message: str) -> None:
    with pytest.raises(UserError, match=message):
        check_numbers(_of(target, **{name: value}))


@given(st.floats() | st.integers(), st.booleans())
def test_every_number_is_looked_at_however_deep_it_lies(value: float, in_list: bool) -> None:
    config = {"a": {"b": [1, {"c": 2}], "d": [value] if in_list else value}}
    largest = LARGEST if isinstance(value, int) else FARTHEST
    if math.isfinite(value) and abs(value) <= largest:
        check_numbers(config)
        return
    with pytest.raises(UserError, match=r"^a\.d must be .*\(set a\.d\)$"):
        check_numbers(config)


@given(st.floats(allow_nan=False), st.floats(allow_nan=False), st.booleans(), st.booleans(), st.floats())
def test_a_range_holds_what_lies_between_its_ends(
    least: float, most: float, above: bool, below: bool, value: float
) -> None:
    assume(least <= most)
    known = Range(least, most, above=above, below=below)
    assert known.holds(least) == (not above and (least < most or not below))
    assert not known.holds(math.nan)
    if known.holds(value):
        assert least <= value <= most


def test_the_defaults_that_are_shipped_lie_in_the_ranges_of_their_libraries() -> None:
    seen = set()
    for path in [*(conf_dir() / "optimizer").glob("*.yaml"), *(conf_dir() / "scheduler").glob("*.yaml")]:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
        seen |= set(config) & set(OF_LIBRARIES.get(config["_target_"].rpartition(".")[0], ()))
        check_numbers({"part": config})
    assert {"lr", "betas", "alpha", "momentum", "eta_min", "pct_start", "factor", "gamma", "patience"} <= seen


def test_a_library_that_nobody_knows_takes_any_finite_number() -> None:
    check_numbers({"optimizer": {"_target_": "my_package.Optimizer", "lr": 1e6, "momentum": -7.0}})
