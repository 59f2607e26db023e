"""A study's results as a page in Markdown: verdicts first, then all that they rest on."""

import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from attnlab.language import Words
from attnlab.reporting.numbers import column
from attnlab.reporting.terminal.text import one_line
from attnlab.runs import run_folder
from attnlab.study import ablation_table, cost_table, other_pairs
from attnlab.study.arm_words import what_they_are
from attnlab.study.done import done
from attnlab.study.marks import marks
from attnlab.study.plan import Job
from attnlab.study.result_files import receipt
from attnlab.study.running import Results
from attnlab.study.tuning.outcomes import tuning_row
from attnlab.study.verdict_table import beside, footnotes
from attnlab.study.verdict_table import table as verdict_cells
from attnlab.study.wording.contract import Question, Wording
from attnlab.study.workshop import PlannedArm

SHORT = 12  # digits of a hash
RECEIPTS = ("results", "commit", "lock", "data", "hardware", "precision")


def report_lines(results: Results, words: Wording) -> Iterator[str]:
    """The whole page, in a language."""
    records = {job.folder: _record(job) for job in results.jobs if job.folder not in results.failures}
    titles = words.TITLES
    yield from _head(results, records, words)
    yield from _section(titles.verdicts, _verdicts(results, words))
    yield from _section(titles.known, _bullets(marks(results, words)))
    yield from _section(titles.pairs, _pairs(results, words))
    yield from _section(titles.costs, _costs(results, words))
    yield from _section(titles.tuning, _tuning(results, words))
    yield from _section(words.differences_from(results.plan.study.control), _differences(results, words))
    yield from _section(titles.ablations, _ablations(results, words))
    yield from _section(titles.others, _other_scores(results, records, words))
    yield from _section(titles.receipts, _receipts(results, records, words))


def _head(results: Results, records: Mapping[Path, Any], words: Wording) -> Iterator[str]:
    study, chosen = results.plan.study, results.plan.judged
    seeds = study.seeds[: list(results.judgements)[-1]]
    question = Question(chosen.metric, chosen.better == "max", chosen.margin)
    asked = words.asked(len(results.plan.arms), question, control=study.control, seeds=seeds)
    yield from (f"# {study.name}", "", f"{asked} `attnlab study {study.said}` {words.other_language()}", "")
    if (did := done([each.arm.config for each in results.plan.arms], list(records.values()))) is not None:
        yield from (words.said(did), "")
    told = what_they_are(
        {each.name: each.arm.config for each in results.plan.arms}, words, metric=chosen.metric, control=study.control
    )
    if told:
        yield from (*(f"- {_text(line)}" for line in told), "")


def _verdicts(results: Results, words: Wording) -> Iterator[str]:
    judgement = results.judgement
    for verdict in judgement.ranked:
        yield f"- {_text(words.verdict(verdict))}"
        yield from (f"  - {_text(line)}" for line in beside(verdict, words))
    yield ""
    heads, *rows = verdict_cells(judgement, words)
    yield from table(heads, rows)
    yield ""
    yield from (f"{line}  " for line in footnotes(judgement, words))
    yield ""
    yield f"![{words.forest()}](forest.svg)"


def _pairs(results: Results, words: Wording) -> Iterator[str]:
    """Of the arms without the control."""
    if not (found := other_pairs.other_pairs(results.judgement)):
        return
    control, best = results.judgement.control, other_pairs.best_of(results.judgement)
    yield words.pairs(control, num=len(found), best=best, folder=str(results.plan.folder))
    yield ""
    heads, *rows = other_pairs.table(found, words)
    yield from table(heads, rows)
    for note in other_pairs.notes(found, words):
        yield from ("", _text(note))


def _costs(results: Results, words: Wording) -> Iterator[str]:
    costs = {_name(each, words): each.costs for each in results.plan.arms}
    heads, *rows = cost_table.table(costs, words)
    yield from table(heads, rows)
    yield ""
    yield words.counted_on(results.plan.example)
    for name, why in results.plan.left_out.items():
        yield f"  \n{words.left_out(name, _text(why))}"


def _name(each: PlannedArm, words: Wording) -> str:
    return words.arm_name(each.name, confounded=bool(each.confounders), added=each.arm.added)


def _tuning(results: Results, words: Wording) -> Iterator[str]:
    """What each arm's trials gave, and what they took."""
    plan = results.plan
    if plan.study.tune is None or plan.tuning is None:
        return
    tuning, tune = plan.tuning, plan.study.tune
    better = tuning.better == "max"
    yield words.tuning(tune.trials, monitor=tuning.monitor, higher_is_better=better, seed=tune.seed)
    yield ""
    yield from table(words.HEADS.tuning, [tuning_row(plan, each.name) for each in plan.arms])
    yield ""
    for name, keys in tuning.lacking.items():
        yield f"{words.lacking(name, keys)}  "
    yield f"![{words.expected_best()}](tuning.svg) [tuning.csv](tuning.csv) [trials.csv](trials.csv)"


def _differences(results: Results, words: Wording) -> Iterator[str]:
    found = [
        [each.name, difference.key, *words.values(difference), words.kind(difference.kind)]
        for each in results.plan.arms
        for difference in each.differences
    ]
    yield from table(words.HEADS.differences, found)


def _ablations(results: Results, words: Wording) -> Iterator[str]:
    if not results.ablations:
        return
    yield ablation_table.about(results.ablations, words, learning_nothing=results.learning_nothing)
    yield ""
    heads, *rows = ablation_table.table(results.ablations, results.judgement.metric, words)
    yield from table(heads, rows)
    yield ""
    yield words.each_ablation()


def _other_scores(results: Results, records: dict[Any, dict[str, Any]], words: Wording) -> Iterator[str]:
    """Exploratory: means alone."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for job in results.jobs:
        for metric, score in records.get(job.folder, {}).get("test", {}).items():
            if metric != results.judgement.metric:
                found[metric][job.arm].append(float(score))
    if not found:
        return
    names = [each.name for each in results.plan.arms]
    yield words.exploratory()
    yield ""
    cells = [[words.score(name), *_means([of[each] for each in names])] for name, of in sorted(found.items())]
    yield from table([words.HEADS.others, *names], cells)


def _means(found: Sequence[Sequence[float]]) -> Iterator[str]:
    """Of one score in every arm."""
    means = [fmean(scores) if scores else None for scores in found]
    for scores, mean in zip(found, column(means), strict=True):
        yield f"{mean} ({len(scores)})" if scores else mean


def _receipts(results: Results, records: dict[Any, dict[str, Any]], words: Wording) -> Iterator[str]:
    metric = results.judgement.metric
    runs = [(job, receipt(job, records[job.folder])) for job in results.jobs if job.folder in records]
    for what in RECEIPTS:
        values = dict.fromkeys(_shown(found[what], words) for _, found in runs)
        said = words.said(Words("; ", "；")).join(values)
        yield f"- {words.receipt(what)}{words.said(Words(': ', '：'))}{said}"
    yield ""
    scores = column([records[job.folder]["test"].get(metric) for job, _ in runs])
    cells = [[job.arm, str(job.seed), score, found["config"]] for (job, found), score in zip(runs, scores, strict=True)]
    arm, seed, config = words.HEADS.receipts
    yield from table([arm, seed, words.score(metric), config], cells)
    yield ""
    folder = results.plan.study.given_folder
    yield f"- `attnlab study {results.plan.study.said}`"
    colon = words.said(Words(": ", "："))
    for each in results.plan.arms:
        yield f"- {each.name}{colon}`{shlex.join(['attnlab', 'train', *each.arm.overrides, 'seed=SEED', *folder])}`"
    yield ""
    yield words.verify(results.plan.study.said)
    yield ""
    yield words.files()


def _shown(value: Any, words: Wording) -> str:
    if isinstance(value, dict):
        comma = words.said(Words(", ", "，"))
        return comma.join(f"{words.receipt(str(key))} {each}" for key, each in value.items())
    if value is None:
        return words.NOT_RECORDED
    return value[:SHORT] if isinstance(value, str) and len(value) > SHORT else str(value)


def _record(job: Job) -> dict[str, Any]:
    found = run_folder.finished(job.folder)
    assert found is not None, f"{job.folder} has no metrics.json"
    return found


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Without a line, nothing."""
    if found := list(lines):
        yield from (f"## {title}", "", *found, "")


def _bullets(lines: Iterable[str]) -> Iterator[str]:
    yield from (f"- {_text(line)}" for line in lines)


def table(names: Sequence[str], cells: Sequence[Sequence[str]]) -> Iterator[str]:
    """In Markdown; nothing without a row."""
    if cells:
        yield from (_line(names), _line(["---"] * len(names)), *map(_line, cells))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_text(cell).replace('|', chr(92) + '|') for cell in cells)} |"


def _text(value: str) -> str:
    return one_line(value)
