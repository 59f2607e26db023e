"""What `attnlab evaluate` prints."""

import json
from pathlib import Path
from typing import Any

import pytest

from attnlab.commands import cli
from attnlab.runs import evaluate
from attnlab.runs.evaluate import Evaluation

SCORES = {"loss": 2.5, "chrf": 36.25, "num_examples": 7}
FOUND = Evaluation(SCORES, of_examples=7, warnings=[], signatures={"chrf": "nrefs:1"}, monitored="chrf", ablated=None)
ABLATED = FOUND._replace(ablated={"loss": 3.5, "chrf": 19.25})


def _printed(
    found: Evaluation, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> list[str]:
    def evaluated(path: str, overrides: list[str], **asked: Any) -> Evaluation:
        assert (path, overrides) == ("run", ["task.beam_size=1"])
        assert asked == {"trust": (), "ablate": "--ablate" in arguments, "diagnose": "--diagnose" in arguments}
        return found

    monkeypatch.setattr(evaluate, "evaluate", evaluated)
    Path("run").mkdir(exist_ok=True)
    assert cli.main(["evaluate", "run", "task.beam_size=1", *arguments]) == 0
    return capsys.readouterr().out.splitlines()


def test_a_line_a_score(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines = _printed(FOUND, [], monkeypatch, capsys)
    assert [line.split() for line in lines] == [
        ["test", "loss", "2.5"],
        ["test", "chrf", "36.25"],
        ["test", "num_examples", "7"],
    ]


def test_a_run_is_named_for_short_within_an_override_too(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []

    def evaluated(path: str, overrides: list[str], **asked: Any) -> Evaluation:
        given.extend([path, *overrides])
        return FOUND

    monkeypatch.setattr(evaluate, "evaluate", evaluated)
    run = Path("outputs/image_generation/a/3fa1234567")
    run.mkdir(parents=True)
    (run / "metrics.json").write_text("{}")
    assert cli.main(["evaluate", "3fa", "extractor=trained_classifier", "extractor.run=last"]) == 0
    assert given == [str(run), "extractor=trained_classifier", f"extractor.run={run}"]


def test_ablated_scores_stand_beside_and_the_last_line_says_what_it_costs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = _printed(ABLATED, ["--ablate"], monkeypatch, capsys)
    assert lines[0].split() == ["test", "loss", "2.5", "3.5", "ablated"]
    assert lines[2].split() == ["test", "num_examples", "7"]
    assert lines[3:] == [
        "ablated: chrf is 19.25 and not 36.25 (-17) where every learned weight of attention is its query's or image's "
        "mean"
    ]
    same = _printed(ABLATED._replace(ablated=ABLATED.scores), ["--ablate"], monkeypatch, capsys)
    assert same[-1].startswith("ablated: chrf stays 36.25 where every learned weight")
    unmeasured = _printed(ABLATED._replace(monitored="fid"), ["--ablate"], monkeypatch, capsys)
    assert unmeasured == lines[:3]


def test_baselines_are_no_score_to_ablate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    scores = {"lead_rouge1": 0.25, "chrf": 36.25}
    lines = _printed(ABLATED._replace(scores=scores, ablated=scores), ["--ablate"], monkeypatch, capsys)
    assert [line.split()[1:] for line in lines[:2]] == [["lead_rouge1", "0.25"], ["chrf", "36.25", "36.25", "ablated"]]


def test_one_object_has_all(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = _printed(FOUND, ["--json"], monkeypatch, capsys)
    whole = {**SCORES, "of_examples": 7, "warnings": [], "signatures": {"chrf": "nrefs:1"}}
    assert json.loads(line) == whole
    (line,) = _printed(ABLATED, ["--json", "--ablate"], monkeypatch, capsys)
    assert json.loads(line) == whole | {"ablated": {"loss": 3.5, "chrf": 19.25}}
