"""The page of a study: `report.html`."""

import shlex

from attnlab.reporting.pages.linked_maps import linked
from attnlab.reporting.pages.report.contents import Table, Tables, Text, pairs, plain
from attnlab.runs import run_folder
from attnlab.study import ablation_table
from attnlab.study.html.page import maps_of, page_of
from attnlab.study.html.subject import Failure, Run, Subject, SubjectArm, in_both
from attnlab.study.html.tuned import tuned
from attnlab.study.marks import marks
from attnlab.study.running import Results
from attnlab.study.wording import chinese, english
from attnlab.study.wording.contract import Question, Wording
from attnlab.study.workshop import PlannedArm


def study_page(results: Results) -> str:
    """Its HTML."""
    return page_of(
        subject_of(results),
        ablation=_ablation(results),
        ledger_about=_ledger(results),
        tuning=tuned(results.plan),
        maps=maps_of(linked(results.maps), _of_first_seed(results)),
    )


def _of_first_seed(results: Results) -> dict[str, Run]:
    """The runs whose maps are shown."""
    first = results.plan.study.seeds[0]
    found = {job.arm: run_folder.finished(job.folder) for job in results.jobs if job.seed == first}
    folders = {job.arm: job.folder for job in results.jobs if job.seed == first}
    return {arm: Run(first, folders[arm], record) for arm, record in found.items() if record is not None}


def subject_of(results: Results) -> Subject:
    """A study's arms with the runs of the looks that were taken."""
    study, chosen = results.plan.study, results.plan.judged
    seeds = study.seeds[: list(results.judgements)[-1]]

    def asked(words: Wording) -> str:
        question = Question(chosen.metric, chosen.better == "max", chosen.margin)
        return words.asked(len(results.plan.arms), question, control=study.control, seeds=seeds)

    return Subject(
        trusted=True,
        title=plain(study.name),
        about=[in_both(asked)],
        folder=str(results.plan.folder),
        command=f"attnlab study {study.said}",
        judgement=results.judgement,
        better=chosen.better,
        arms=[_arm(results, each) for each in results.plan.arms],
        notes=pairs(marks(results, english), marks(results, chinese)),
    )


def _arm(results: Results, arm: PlannedArm) -> SubjectArm:
    runs, failures = [], []
    for job in results.jobs:
        if job.arm != arm.name:
            continue
        if (state := results.failures.get(job.folder)) is not None:
            failures.append(Failure(job.seed, state.status))
        elif (record := run_folder.finished(job.folder)) is not None:
            runs.append(Run(job.seed, job.folder, record))
    return SubjectArm(
        name=arm.name,
        added=arm.arm.added,
        runs=sorted(runs, key=lambda run: results.plan.study.seeds.index(run.seed)),
        failures=failures,
        differences=arm.differences,
        costs=arm.costs,
        command=shlex.join(["attnlab", "train", *arm.arm.overrides, "seed=SEED", *results.plan.study.given_folder]),
        config=arm.arm.config,
    )


def _ledger(results: Results) -> list[Text]:
    """How costs were counted, and the control arms that aren't there."""
    plan = results.plan
    said = [in_both(lambda words: words.counted_on(plan.example))]
    left_out = list(plan.left_out.items())
    return said + [Text(english.left_out(*each), chinese.left_out(*each)) for each in left_out]


def _ablation(results: Results) -> Tables | None:
    """Runs tested again with every learned weight of attention even."""
    if not results.ablations:
        return None
    metric, learning_nothing = results.judgement.metric, results.learning_nothing
    both = (ablation_table.table(results.ablations, metric, words) for words in (english, chinese))
    heads, *rows = (pairs(*each) for each in zip(*both, strict=True))
    table = Table(
        name="ablation-table",
        caption=in_both(lambda words: words.TITLES.ablations),
        heads=heads,
        rows=rows,
        words=[0, *([len(heads) - 1] if heads[-1].english == english.HEADS.ablations[-1] else [])],
    )
    about = in_both(lambda words: ablation_table.about(results.ablations, words, learning_nothing=learning_nothing))
    return Tables([about], [table])
