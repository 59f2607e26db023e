"""The page of a study or a comparison, of all its parts."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from attnlab.reporting.pages.report.contents import Maps, Report, Tables, Text, Tuning
from attnlab.reporting.pages.report.report_page import report_page
from attnlab.study.html import costs, curves, diagnoses, pictures, receipts, samples, scores, verdicts
from attnlab.study.html.subject import Run, Subject, did, shown_by, told


def page_of(
    subject: Subject,
    *,
    ablation: Tables | None = None,
    ledger_about: Sequence[Text] = (),
    tuning: Tuning | None = None,
    maps: Maps | None = None,
) -> str:
    """Its HTML: one file that fetches nothing."""
    return report_page(
        Report(
            title=subject.title,
            arms=[each.name for each in subject.arms],
            about=[*subject.about, *did(subject)],
            told=told(subject),
            pairs=verdicts.pairs_of(subject),
            summary=list(verdicts.summary(subject)),
            findings=list(verdicts.findings(subject)),
            verdicts=verdicts.table(subject),
            footnotes=verdicts.notes_below(subject),
            notes=subject.notes,
            forest=scores.forest(subject),
            leaderboard=scores.leaderboard(subject),
            costs=list(costs.against_costs(subject)),
            tuning=tuning,
            curves=list(curves.curves(subject)),
            samples=samples.samples(subject, partial(pictures.pictures_of, subject)),
            maps=maps,
            ablation=ablation,
            diagnoses=diagnoses.diagnoses(subject),
            ledger=costs.ledger(subject, about=ledger_about),
            scores=scores.all_scores(subject),
            receipts=list(receipts.receipts(subject)),
            runs=receipts.run_table(subject),
            commands=list(receipts.commands(subject)),
        )
    )


def maps_of(linked: Any, runs: Mapping[str, Run]) -> Maps | None:
    """Linked maps with which runs they are of; none of which there is none."""
    return None if linked is None else Maps(shown_by(runs), linked)
