"""Scores of arms on a page: the leaderboard with the differences, and all scores of the test."""

from collections.abc import Iterator, Sequence
from math import sqrt
from statistics import fmean

import numpy as np
from scipy.special import stdtrit

from attnlab.reporting.charts import made
from attnlab.reporting.charts.marks import Difference, Mean, Reference
from attnlab.reporting.glossary import score_in_chinese, score_in_english, set_off
from attnlab.reporting.numbers import column
from attnlab.reporting.pages.report.contents import Chart, Table, Text, plain
from attnlab.study.html.subject import Subject, SubjectArm
from attnlab.study.html.verdicts import label as label_of
from attnlab.study.reference_scores import reference
from attnlab.study.statistics.effects import LEAST_SEEDS, varies

DECIDED = ("better", "worse", "the same")


def forest(subject: Subject) -> Chart | None:
    """The differences from the control; none of an arm alone."""
    judgement = subject.judgement
    rows = []
    for verdict in judgement.ranked:
        name = verdict.comparison.arm.name
        said = [label_of(verdict)]
        if subject.of[name].confounded:
            said.append(Text("confounded", "混杂"))
        label = Text(", ".join(each[0] for each in said), "、".join(each[1] for each in said))
        row = Difference(name, label, verdict.finding in DECIDED, None)
        if (effect := verdict.measured.effect) is not None:
            row = row._replace(difference=effect.difference, low=effect.low, high=effect.high)
        rows.append(row)
    if all(each.difference is None for each in rows):
        return None
    control, margin = judgement.control, judgement.margin
    return made.forest(rows, metric=subject.metric, control=control, margin=margin, better=subject.better)


# As a line of the leaderboard is named.
REFERENCES = {"lead": Text("LEAD", "LEAD"), "commonest_label": Text("commonest label", "最常见标签")}


def leaderboard(subject: Subject) -> Chart:
    """The best mean first; arms of which no run finished have none."""
    rows = [mean for each in subject.arms if (mean := mean_of(subject, each)) is not None]
    rows.sort(key=lambda each: each.mean, reverse=subject.better == "max")
    control = subject.judgement.control if len(subject.arms) > 1 else None
    found = reference(subject.judgement)
    references = [] if found is None else [Reference(REFERENCES[found.kind], found.score)]
    return made.leaderboard(rows, metric=subject.metric, control=control, better=subject.better, references=references)


def mean_of(subject: Subject, arm: SubjectArm) -> Mean | None:
    """Of an arm's runs as they are judged: t's 95 % interval over seeds, from 3 of them on."""
    scores = subject.judgement.scores[arm.name]
    if not scores:
        return None
    mean = float(np.mean(scores))
    if len(scores) < LEAST_SEEDS or not varies(np.array(scores)):
        return Mean(arm.name, mean, None, None, scores)
    half = float(stdtrit(len(scores) - 1, 0.975)) * float(np.std(scores, ddof=1)) / sqrt(len(scores))
    return Mean(arm.name, mean, mean - half, mean + half, scores)


def all_scores(subject: Subject) -> Table | None:
    """Means as reported, with the number of runs; what isn't judged is exploratory."""
    names = sorted({metric for arm in subject.arms for run in arm.runs for metric in run.scores})
    if not names:
        return None
    names.sort(key=lambda metric: metric != subject.metric)
    return Table(
        name="score-table",
        caption=Text(
            f"Means as reported, with the number of runs; all but {score_in_english(subject.metric)} are exploratory: "
            "no verdict was planned by them.",
            f"报告值的均值，括号内为运行次数；除{set_off(score_in_chinese(subject.metric))}外均属探索性，没有预先提出问题。",
        ),
        heads=[Text("score", "分数"), *(plain(each.name) for each in subject.arms)],
        rows=[[named_score(name), *_means(subject.arms, name)] for name in names],
    )


def named_score(metric: str) -> Text:
    """With its key in Chinese, by which files have it."""
    said = score_in_chinese(metric)
    return Text(score_in_english(metric), metric if said == metric else f"{said}（{metric}）")


def _means(arms: Sequence[SubjectArm], metric: str) -> Iterator[Text]:
    found = [[float(run.scores[metric]) for run in arm.runs if metric in run.scores] for arm in arms]
    means = column([fmean(scores) if scores else None for scores in found])
    for scores, mean in zip(found, means, strict=True):
        yield plain(f"{mean} ({len(scores)})" if scores else mean)
