"""The page of a study or a comparison, of all its parts."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from attnlab.reporting.pages.report.contents import Report, Table, Text
from attnlab.reporting.pages.report.report_page import report_page
from attnlab.study.html import costs, curves, diagnoses, pictures, receipts, samples, scores, verdicts
from attnlab.study.html.subject import Subject, done, told
from attnlab.study.html.tuned import Tuned


def page_of(
    subject: Subject,
    *,
    ablation: Table | None = None,
    ablation_about: Text | None = None,
    ledger_about: Sequence[Text] = (),
    tuning: Tuned | None = None,
    maps: Any = None,
) -> str:
    """Its HTML: one file that fetches nothing."""
    chosen = samples.samples(subject, partial(pictures.pictures_of, subject))
    ledger = [costs.cost_table(subject.arms), costs.difference_table(subject)]
    return report_page(
        Report(
            title=subject.title,
            arms=[each.name for each in subject.arms],
            about=[*subject.about, *([] if (said := done(subject.arms)) is None else [said])],
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
            tuning_about=tuning.about if tuning else (),
            tuning=tuning.chart if tuning else None,
            tuned=tuning.table if tuning else None,
            curves=list(curves.curves(subject)),
            samples_about=chosen.about,
            samples=chosen.groups,
            box_key=chosen.box_key,
            maps=maps,
            ablation=ablation,
            ablation_about=ablation_about,
            diagnoses=diagnoses.diagnoses(subject),
            diagnoses_about=diagnoses.ABOUT,
            ledger=[table for table in ledger if table is not None],
            ledger_about=ledger_about,
            scores=scores.all_scores(subject),
            receipts=list(receipts.receipts(subject)),
            runs=receipts.run_table(subject),
            commands=list(receipts.commands(subject)),
        )
    )
