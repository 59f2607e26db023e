"""Callbacks and loggers that take the place of the usual ones are told of, and those that stand beside them aren't."""

import pytest

from attnlab.commands.train.left_out import tell_what_is_left_out, tell_which_length_counts
from attnlab.config.compose import compose_run, sugar


@pytest.mark.parametrize("chosen", ["callbacks=early_stopping", "callbacks=[early_stopping]"])
def test_what_is_left_out_is_told_with_what_keeps_it(chosen: str, capsys: pytest.CaptureFixture[str]) -> None:
    tell_what_is_left_out(compose_run([chosen]), [chosen])  # type: ignore[arg-type]  # OmegaConf's is a mapping
    [line] = capsys.readouterr().err.splitlines()
    assert "attention_maps" in line
    assert "throughput" in line
    assert "(callbacks=[default,early_stopping] keeps them)" in line


@pytest.mark.parametrize(
    "chosen", ["callbacks=[default,early_stopping]", "callbacks=none", "callbacks=null", "logger=csv"]
)
def test_what_was_meant_is_passed_over(chosen: str, capsys: pytest.CaptureFixture[str]) -> None:
    override = sugar(chosen)
    tell_what_is_left_out(compose_run([override]), [override])  # type: ignore[arg-type]  # as above
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "typed, said",
    [
        (["trainer.max_steps=4", "seed=1", "+trainer.max_epochs=3"], ["+trainer.max_epochs=3", "trainer.max_steps=4"]),
        (["trainer.max_epochs=3"], []),
        (["trainer.max_epochs=null", "trainer.max_steps=4"], []),
    ],
)
def test_of_two_lengths_that_which_counts_is_told(
    typed: list[str], said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    tell_which_length_counts(typed)
    expected = [f"{said[0]} counts, and {said[1]} doesn't (drop one)"] if said else []
    assert capsys.readouterr().err.splitlines() == expected
