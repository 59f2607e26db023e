"""Callbacks and loggers that take the place of the usual ones are told of, and those that stand beside them aren't."""

import pytest

from attnlab.commands.train.left_out import tell_what_is_left_out
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
