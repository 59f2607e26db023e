"""A study's results as a page in Markdown, `report.md`: verdicts first, then all that they rest on."""

import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from attnlab.reporting.terminal.text import one_line, score_text
from attnlab.runs import run_folder
from attnlab.study.marks import marks
from attnlab.study.plan import Job
from attnlab.study.result_files import receipt
from attnlab.study.running import Results
from attnlab.study.statistics import english, english_of_this_test_set
from attnlab.study.verdict_table import NOTHING, correlation, footnotes, heads, rows
from attnlab.study.workshop import PlannedArm

SHORT = 12  # digits of a hash


def report_lines(results: Results) -> Iterator[str]:
    """The whole page."""
    records = {job.folder: _record(job) for job in results.jobs if job.folder not in results.failures}
    yield from _head(results)
    yield from _verdicts(results)
    yield from _section("What must be known", _bullets(marks(results)))
    yield from _section("What each arm costs", _costs(results))
    yield from _section(f"Differences from {results.plan.study.control}", _differences(results))
    yield from _section("Without what attention has learned", _ablations(results))
    yield from _section("Other scores", _other_scores(results, records))
    yield from _section("Receipts", _receipts(results, records))


def _head(results: Results) -> Iterator[str]:
    study, chosen = results.plan.study, results.plan.judged
    seeds = ", ".join(str(seed) for seed in study.seeds[: list(results.judgements)[-1]])
    better = "greater" if chosen.better == "max" else "smaller"
    yield f"# {study.name}"
    yield ""
    yield (
        f"{len(results.plan.arms)} arms, compared by the test's {chosen.metric} ({better} is better) with the control "
        f"{study.control}; seeds {seeds}. `attnlab study {study.name}`"
    )
    yield ""


def _verdicts(results: Results) -> Iterator[str]:
    judgement = results.judgement
    yield "## Verdicts"
    yield ""
    for verdict in judgement.verdicts:
        yield f"- {_text(english(verdict))}"
        for beside in (english_of_this_test_set(verdict), correlation(verdict)):
            if beside is not None:
                yield f"  - {_text(beside)}"
    yield ""
    yield from table(heads(judgement), list(rows(judgement)))
    yield ""
    yield from (f"{line}  " for line in footnotes(judgement))
    yield ""
    yield "![Differences from the control, with plain 95 % intervals](forest.svg)"
    yield ""


def _costs(results: Results) -> Iterator[str]:
    names = ["arm", "parameters", "trainable", "in attention", "FLOPs forward", "FLOPs training", "elementwise"]
    names += ["bytes kept", "a token written", "a token read", "slots"]
    yield from table(names, [_cost_row(each) for each in results.plan.arms])
    yield ""
    yield f"Of {results.plan.example}, in evaluation; training counts the backward pass as twice the forward."
    for name, why in results.plan.left_out.items():
        yield f"  \nControl arm {name} is left out: {_text(why)}."


def _cost_row(each: PlannedArm) -> list[str]:
    costs, forward, state = each.costs, each.costs.forward, each.costs.state
    counts: list[int | None] = [costs.parameters.total, costs.parameters.trainable, costs.parameters.attention]
    counts += [None] * 3 if forward is None else [forward.flops, costs.training_flops, forward.elements]
    counts += [None] * 3 if state is None else [state.fixed, state.per_written_token, state.per_source_token]
    slots = ", ".join(f"{slot}={mechanism}" for slot, mechanism in costs.slots.items())
    name = each.name + (" (confounded)" if each.confounders else "") + (" (added)" if each.arm.added else "")
    return [name, *(NOTHING if count is None else f"{count:,}" for count in counts), slots or NOTHING]


def _differences(results: Results) -> Iterator[str]:
    found = [
        [each.name, difference.key, str(difference.control), str(difference.arm), difference.kind]
        for each in results.plan.arms
        for difference in each.differences
    ]
    yield from table(["arm", "key", "control's", "arm's", "kind"], found)


def _ablations(results: Results) -> Iterator[str]:
    if not results.ablations:
        return
    yield "Runs tested again with every weight of attention even: means over them, of the differences with their sd."
    yield ""
    cells = []
    for name, found in results.ablations.items():
        if found.score is None or found.ablated is None or found.difference is None:
            cells.append([name, NOTHING, NOTHING, NOTHING, NOTHING, "0", found.why or NOTHING])
            continue
        scores = [score_text(found.score), score_text(found.ablated), f"{found.difference:+.3g}"]
        spread = NOTHING if found.sd is None else f"{found.sd:.2g}"
        cells.append([name, *scores, spread, str(len(found.tested)), found.why or NOTHING])
    yield from table(["arm", results.judgement.metric, "ablated", "difference", "sd", "runs", "not tested"], cells)
    yield ""
    yield "Each run: [ablations.csv](ablations.csv)."


def _other_scores(results: Results, records: dict[Any, dict[str, Any]]) -> Iterator[str]:
    """Exploratory: means alone."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for job in results.jobs:
        for metric, score in records.get(job.folder, {}).get("test", {}).items():
            if metric != results.judgement.metric:
                found[metric][job.arm].append(float(score))
    if not found:
        return
    names = [each.name for each in results.plan.arms]
    yield "Exploratory: the study asked nothing of them. Means, with the number of runs."
    yield ""
    yield from table(
        ["score", *names], [[name, *(_mean(of[each]) for each in names)] for name, of in sorted(found.items())]
    )


def _mean(scores: Sequence[float]) -> str:
    return f"{score_text(sum(scores) / len(scores))} ({len(scores)})" if scores else NOTHING


def _receipts(results: Results, records: dict[Any, dict[str, Any]]) -> Iterator[str]:
    metric = results.judgement.metric
    runs = [(job, receipt(job, records[job.folder])) for job in results.jobs if job.folder in records]
    for what in ("results", "commit", "lock", "data", "hardware", "precision"):
        values = dict.fromkeys(_shown(found[what]) for _, found in runs)
        yield f"- {what}: {'; '.join(values)}"
    yield ""
    cells = [
        [job.arm, str(job.seed), repr(records[job.folder]["test"].get(metric)), found["config"]] for job, found in runs
    ]
    yield from table(["arm", "seed", metric, "config"], cells)
    yield ""
    for arm in results.plan.arms:
        yield f"- {arm.name}: `{shlex.join(['attnlab', 'train', *arm.arm.overrides, 'seed=SEED'])}`"
    yield ""
    yield "All scores: [results.csv](results.csv). Times: [costs.csv](costs.csv). More: [receipts.json](receipts.json)."


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    if value is None:
        return "not recorded"
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
