from pathlib import Path
from typing import Any

import pytest
from tiny_study import ARMS

from attnlab.errors import UserError
from attnlab.study import budgets
from attnlab.study.budgets import check_free, spending
from attnlab.study.data import StudyData
from attnlab.study.design import Budget, of_values


def not_composed() -> dict[str, Any]:
    raise AssertionError("composed")


@pytest.mark.parametrize(
    "budget, overrides",
    [
        (None, []),
        (Budget(unit="updates", amount=800), ["trainer.max_steps=800", "trainer.max_epochs=null"]),
        (Budget(unit="seconds", amount=93_784), ["trainer.max_time='01:02:03:04'"]),
    ],
)
def test_a_budget_is_overrides(budget: Budget | None, overrides: list[str]) -> None:
    assert spending(budget, not_composed, StudyData()) == overrides


def test_tokens_are_updates_of_the_arms_own_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "updates_of_tokens", lambda config, data, tokens: tokens // config["size"])
    monkeypatch.setattr(StudyData, "of", lambda self, config: None)
    found = spending(Budget(unit="tokens", amount=700), lambda: {"size": 7}, StudyData())
    assert found == ["trainer.max_steps=100", "trainer.max_epochs=null"]


def test_what_a_budget_sets_isnt_set_by_hand() -> None:
    path = Path("small.yaml")
    study = of_values("small", path, {"control": "uniform", "arms": ARMS, "budget": {"updates": 8}})
    with pytest.raises(UserError, match=r"got trainer\.max_steps=9 in arm additive \(drop it, or budget from small"):
        check_free(study, "additive", ["trainer.max_steps=9"])
    check_free(study, "additive", ["trainer.max_time='00:00:01:00'"])
    check_free(of_values("small", path, {"control": "uniform", "arms": ARMS}), "additive", ["trainer.max_steps=9"])
