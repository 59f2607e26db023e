"""Answers of a run that isn't finished are said to be."""

import json
from pathlib import Path

import pytest
from tiny_maps import stored_run

from attnlab.commands import cli
from attnlab.commands.predict.unfinished import how_far, is_unfinished


def test_a_run_that_is_not_finished_says_how_far_it_came_before_its_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = stored_run(tmp_path / "run", "translation")
    (run / "config.json").write_text("{}")
    assert cli.main(["predict", str(run), "one two"]) == 0
    assert "this run isn't finished: never validated" in capsys.readouterr().err
    path, config = run / "checkpoints" / "best.ckpt", {"trainer": {"max_steps": 1600}}
    assert how_far(path, config, step=249)[0] == "this run isn't finished: update 249 of 1,600, never validated"
    (run / "metrics.csv").write_text("step,metric,value\n200,val/loss,1.5\n")
    assert how_far(path, config, step=249)[0] == "this run isn't finished: update 249 of 1,600"
    (run / "metrics.json").write_text(json.dumps({"best": {"monitor": "val/loss", "score": 1.5}, "test": {}}))
    assert not is_unfinished(path)
