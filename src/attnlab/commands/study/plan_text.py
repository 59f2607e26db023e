"""A study's plan as a person reads it before it runs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attnlab.reporting.terminal.text import display_width, pad, score_text
from attnlab.study.earlier_looks import asked_before, judged_before
from attnlab.study.expected_time import ExpectedTime
from attnlab.study.matching import Matched
from attnlab.study.plan import Plan
from attnlab.study.prospects import Prospect
from attnlab.study.statistics import english_of_runs
from attnlab.study.statistics.looks import alpha_at
from attnlab.study.workshop import PlannedArm

GAP = "  "


def plan_lines(plan: Plan, times: Mapping[str, ExpectedTime], expected: Mapping[str, Prospect]) -> Iterator[str]:
    """The whole of it."""
    yield from _head(plan)
    if plan.judged.margin is not None:
        yield from _margin(plan.judged.margin, len(plan.study.seeds), expected)
    yield from _costs(plan)
    yield from _differences(plan)
    for title, reasons in (("left out", plan.left_out), ("not matched", plan.unmatched)):
        if reasons:
            yield from ("", title, *_indented(reasons.items()))
    yield from _trials(plan)
    yield from _time(plan, times)


def _head(plan: Plan) -> Iterator[str]:
    study, chosen = plan.study, plan.judged
    better = "greater" if chosen.better == "max" else "smaller"
    margin = "without a margin nothing is judged the same"
    if chosen.margin is not None:
        margin = f"a difference below {score_text(chosen.margin)} doesn't matter"
    looks = study.looks or (len(study.seeds),)
    alphas = [f"{looks_at} at alpha {alpha_at(study.looks, seeds=looks_at):g}" for looks_at in looks]
    budget = "as long as its base says"
    if study.budget is not None:
        budget = f"{study.budget.amount:,} {study.budget.unit} a run"
        if study.budget.unit == "seconds":
            budget += ", or trainer.max_steps updates: how many fit is this machine's affair"
    rows = [
        ("metric", f"test {chosen.metric}, {better} is better; {margin}"),
        ("control", study.control),
        ("seeds", f"{', '.join(map(str, study.seeds))}; judged with {', '.join(alphas)}"),
        ("", english_of_runs(len(study.seeds))),
        *(("", f"judged with {each} before: seeds that are added make it exploratory") for each in judged_before(plan)),
        *(
            ("", f"judged with {key} {_value(before)} before: exploratory now")
            for key, before in asked_before(plan).items()
        ),
        ("pairing", "by seeds" if study.pairing == "seeds" else "none: seeds count as independent between arms"),
        ("budget", budget),
        ("tuning", _tuning(plan)),
        ("ablations", _ablations(plan)),
        ("match", study.match if study.match == "none" else f"{study.match} by {study.match_key}"),
        ("results", str(plan.folder)),
    ]
    yield from (f"study {study.name} ({study.path})", *_indented(rows))


def _ablations(plan: Plan) -> str:
    which = {"all": "every run", "first": f"each arm's run of seed {plan.study.seeds[0]}"}
    if (tested := which.get(plan.study.ablations)) is None:
        return "none"
    return f"{tested} is tested again with even attention; the expected time leaves that out"


def _tuning(plan: Plan) -> str:
    tune, tuning = plan.study.tune, plan.tuning
    if tune is None or tuning is None:
        return "none: every arm has the values that its file gives it"
    drawn = ", ".join(f"{key}={values}" for key, values in tune.space.items())
    better = "greater" if tuning.better == "max" else "smaller"
    return (
        f"{tune.trials} trials of every arm, with seed {tune.seed}, by {tuning.monitor} ({better} is better): {drawn}"
    )


def _trials(plan: Plan) -> Iterator[str]:
    """The draws, and which arm was the best with which."""
    tune, tuning = plan.study.tune, plan.tuning
    if tune is None or tuning is None:
        return
    yield from ("", "trials of tuning, the same of every arm")
    for number, values in enumerate(tune.draws(), 1):
        best = [name for name, each in tuning.chosen.items() if each.number == number]
        drawn = ", ".join(f"{key}={value}" for key, value in values.items())
        yield f"  {number}: {drawn}" + (f" (best of {', '.join(best)})" if best else "")
    yield from (f"  {name} has no {', '.join(keys)}" for name, keys in tuning.lacking.items())


def _margin(margin: float, seeds: int, expected: Mapping[str, Prospect]) -> Iterator[str]:
    """Whether arms that are the same could be found so, by finished runs of theirs."""
    yield from ("", f"can the margin of {score_text(margin)} be met with {seeds} seeds?")
    rows = []
    for name, each in expected.items():
        said = f"not known: {each.why}"
        if (least := each.smallest_margin) is not None:
            by = f"by {each.runs[0]} finished runs of it and {each.runs[1]} of the control"
            said = f"{'yes' if each.meets(margin) else 'NO'}: a margin below {score_text(least)} can't be met, {by}"
        rows.append((name, said))
    yield from _indented(rows)


def _costs(plan: Plan) -> Iterator[str]:
    heads = ["arm", "parameters", "trainable", "in attention", "FLOPs forward", "FLOPs training", "elementwise"]
    written = any(each.costs.state is not None for each in plan.arms)
    heads += ["bytes kept + a token written + a token read"] if written else []
    rows = [[*heads, "slots"], *(_cost_row(each, written=written) for each in plan.arms)]
    yield from ("", "what each arm costs", *_table(rows))
    yield f"  operations of {plan.example}, in evaluation. FLOPs are of matrix products and convolutions, a"
    yield "  multiplication and an addition each; elementwise operations (tanh, sums) count one an element given."
    yield "  Training: the forward pass, and the backward pass as twice that."


def _cost_row(each: PlannedArm, *, written: bool) -> list[str]:
    costs, forward, state = each.costs, each.costs.forward, each.costs.state
    counts = [costs.parameters.total, costs.parameters.trainable, costs.parameters.attention]
    counts += [] if forward is None else [forward.flops, 3 * forward.flops, forward.elements]
    cells = [f"{count:,}" for count in counts] + (["-"] * 3 if forward is None else [])
    if written:
        kept = "-"
        if state is not None:
            kept = f"{state.fixed:,} + {state.per_written_token:,} + {state.per_source_token:,}"
        cells.append(kept)
    slots = ", ".join(f"{slot}={mechanism}" for slot, mechanism in costs.slots.items())
    return [each.name + (" (added)" if each.arm.added else ""), *cells, slots or "-"]


def _differences(plan: Plan) -> Iterator[str]:
    yield from ("", f"differences from {plan.study.control}")
    for each in plan.arms:
        if each.name == plan.study.control:
            continue
        label = ", CONFOUNDED: it may score otherwise for what isn't attention" if each.confounders else ""
        yield f"  {each.name}{label}"
        rows = [(d.key, f"{_value(d.arm)} for {_value(d.control)}", f"({d.kind})") for d in each.differences]
        yield from (f"  {line}" for line in _table(rows))
        if each.matched is not None:
            yield f"    {_match(each.matched)}"


def _match(found: Matched) -> str:
    far = ", MORE THAN 2 %" if found.far else ""
    return f"{found.key}={found.value}: {found.cost:,} for {found.target:,}, {found.gap:+.2%}{far}"


def _value(value: Any) -> str:
    text = "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return text.rsplit(".", 1)[1] if text.startswith("attnlab.") else text


def _time(plan: Plan, times: Mapping[str, ExpectedTime]) -> Iterator[str]:
    trials = 0 if plan.tuning is None else len({each.job.folder for each in plan.tuning.trials})
    left, total = sum(each.left for each in times.values()), plan.num_runs + trials
    of_trials = f", {trials} of them trials" if trials else ""
    yield from ("", f"runs: {total}{of_trials}, {total - left} done")
    seconds = [each.seconds for each in times.values()]
    known = [each for each in seconds if each is not None]
    if len(known) < len(seconds):
        unknown = [name for name, each in times.items() if each.seconds is None]
        yield f"  expected time: not known until the first run of {', '.join(unknown)} is done (or add --probe)"
    else:
        probed = any(each.probed for each in times.values())
        more = "; of training alone where it was probed, validation and test come on top" if probed else ""
        yield f"  expected time: {_duration(sum(known))} one after another on this machine{more}"
    for name, each in times.items():
        if each.seconds_a_run is not None:
            source = " (probed)" if each.probed else ""
            yield f"    {name}: {each.left} left, {_duration(each.seconds_a_run)} a run{source}"


def _duration(seconds: float) -> str:
    """`3 h 20 min`, `4 min 10 s` or `12 s`."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{seconds:.3g} s"


def _indented(rows: Any) -> list[str]:
    """Pairs, the second in a column."""
    return _table([list(row) for row in rows])


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells in columns, indented."""
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]
    padded = [GAP.join(pad(cell, width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return [f"  {line}".rstrip() for line in padded]
