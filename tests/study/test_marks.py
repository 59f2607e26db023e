"""What stands on every page."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_results import made_results

from attnlab.callbacks.csv_log import MetricsCSV
from attnlab.study.job_states import JobStates
from attnlab.study.latex import latex_lines
from attnlab.study.marks import ledger, marks
from attnlab.study.report import report_lines
from attnlab.study.running import Results
from attnlab.study.wording import english


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return made_results(tmp_path_factory.mktemp("study"))


def test_every_page_says_what_is_confounded_matched_from_afar_and_failed(results: Results) -> None:
    for page in (report_lines(results, english), latex_lines(results), marks(results)):
        text = "\n".join(page).replace("\\", "")
        assert "none is confounded: it differs from uniform in more than its attention (model.depth)." in text
        assert "additive has 103 parameters for 100, +3.00%, more than 2 % (model.dim=9)." in text
        assert "none with seed 4 diverged: the loss is nan." in text
    assert "additive 1,234 and 7,000, none 1,234." in ledger(results)
    assert ledger(results) in "\n".join(latex_lines(results)).replace("\\", "")


def test_every_page_says_which_arms_are_larger_and_that_training_ended_too_soon(tmp_path: Path) -> None:
    results = made_results(tmp_path)
    arms = [
        replace(each, costs=replace(each.costs, parameters=replace(each.costs.parameters, total=1000 + 70 * place)))
        for place, each in enumerate(results.plan.arms)
    ]
    for job in results.jobs:
        record = json.loads((job.folder / "metrics.json").read_text())
        record["best"] = {"monitor": "val/loss", "score": 1.0, "step": 8}
        (job.folder / "metrics.json").write_text(json.dumps(record))
        log = MetricsCSV(job.folder)
        for step, loss in ((4, 2.0), (8, 1.0)):
            log.log_metrics({"val/loss": loss}, step)
    results = replace(results, plan=replace(results.plan, arms=tuple(arms)))
    control, larger, _ = (each.name for each in arms)
    for page in (report_lines(results, english), latex_lines(results), marks(results)):
        text = "\n".join(page).replace("\\", "")
        assert f"Not of {control}'s size, by more than 2 %: {larger} +7.0 % parameters; " in text
        assert "Training ended while validation still improved (val/loss, 3 of 3 arms; " in text
        assert text.count("5 runs of an arm: ") == 1


def test_earlier_looks_that_found_otherwise_are_told(results: Results) -> None:
    looked = replace(results.plan.study, looks=(5, 10))
    first = replace(results.judgement, verdicts=results.judgement.verdicts[::-1])
    swapped = replace(first, verdicts=tuple(replace(each, finding="the same") for each in results.judgement.verdicts))
    twice = replace(results, plan=replace(results.plan, study=looked), judgements={5: swapped, 10: results.judgement})
    said = list(marks(twice))
    assert "Looks were planned at seeds 5 at alpha 0.01, 10 at alpha 0.04; the last taken was at 10." in said
    assert "At 5 seeds additive was the same." in said


def test_what_failed_before_and_finished_then_is_told(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    first = results.jobs[0]
    monkeypatch.setattr(
        JobStates, "tried_again", lambda self, job: "diverged: the loss is nan" if job is first else None
    )
    said = [each for each in marks(results) if f"{first.arm} with seed {first.seed}" in each]
    assert len(said) == 1
    assert "diverged: the loss is nan" in said[0]
