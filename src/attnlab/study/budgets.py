"""What each run of a study may spend, as overrides of `attnlab train`."""

from collections.abc import Callable, Sequence

from attnlab.config import compose
from attnlab.errors import UserError
from attnlab.runs import build
from attnlab.study.data import StudyData, updates_of_tokens
from attnlab.study.design import Budget, Study

LENGTH = ("trainer.max_steps", "trainer.max_epochs")
TIME = ("trainer.max_time",)


def check_free(study: Study, name: str, overrides: Sequence[str]) -> None:
    """Raise UserError where an arm sets by hand what the study's budget sets."""
    if study.budget is None:
        return
    own = {each.input_line for each in compose.parse(study.base)}
    taken = TIME if study.budget.unit == "seconds" else LENGTH
    for override in compose.parse(overrides):
        if override.key_or_group in taken:
            where = "base" if override.input_line in own else f"arm {name}"
            raise UserError(
                f"a study's budget sets how long runs are, got {override.input_line} in {where} (drop it, or budget "
                f"from {study.path})"
            )


def spending(budget: Budget | None, compose_arm: Callable[[], build.Config], data: StudyData) -> list[str]:
    """The overrides that hold an arm to the budget; its configuration is composed only where they depend on it.

    Seconds are of training and validation, on the machine where it runs: updates may then differ by arm, and a run
    ends before them where `trainer.max_steps` does.

    Raises:
        UserError: tokens, of data that hasn't any.
    """
    if budget is None:
        return []
    if budget.unit == "seconds":
        return [f"trainer.max_time={_clock(budget.amount)}"]
    updates = budget.amount
    if budget.unit == "tokens":
        config = compose_arm()
        updates = updates_of_tokens(config, data.of(config), budget.amount)
    return [f"trainer.max_steps={updates}", "trainer.max_epochs=null"]


def _clock(seconds: int) -> str:
    """As `trainer.max_time` has it, DD:HH:MM:SS, quoted for Hydra."""
    minutes, hours = seconds // 60, seconds // 3600
    return f"'{hours // 24:02d}:{hours % 24:02d}:{minutes % 60:02d}:{seconds % 60:02d}'"
