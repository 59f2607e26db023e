"""A study's plan as a person reads it before it runs."""

from collections.abc import Iterator, Mapping

from attnlab.commands.study.plan_costs import cost_lines, time_lines
from attnlab.language import either
from attnlab.reporting.glossary import score_in_chinese, set_off
from attnlab.reporting.terminal.text import score_text
from attnlab.study.arms import value_text
from attnlab.study.earlier_looks import asked_before, judged_before
from attnlab.study.expected_time import ExpectedTime
from attnlab.study.matching import Matched
from attnlab.study.plan import Plan
from attnlab.study.prospects import Prospect
from attnlab.study.statistics.looks import alpha_at
from attnlab.study.verdict_table import columns
from attnlab.study.wording.spoken import spoken

UNITS = {"updates": "次更新", "tokens": "个训练词元", "seconds": "秒"}


def plan_lines(plan: Plan, times: Mapping[str, ExpectedTime], expected: Mapping[str, Prospect]) -> Iterator[str]:
    """The whole of it."""
    yield from _head(plan)
    if plan.judged.margin is not None:
        yield from _margin(plan.judged.margin, len(plan.study.seeds), expected)
    yield from cost_lines(plan)
    yield from _differences(plan)
    reason = spoken().reason
    for title, reasons in (
        (either("left out", "略去的对照组"), plan.left_out),
        (either("not matched", "没有匹配的组"), plan.unmatched),
    ):
        if reasons:
            yield from ("", title, *columns([[name, reason(why)] for name, why in reasons.items()]))
    yield from _trials(plan)
    yield from time_lines(plan, times)


def _head(plan: Plan) -> Iterator[str]:
    study = plan.study
    earlier = [
        either(
            f"judged with {each} before: seeds that are added make it exploratory",
            f"曾在 {each} 个种子时判定过：再加种子，结果就是探索性的",
        )
        for each in judged_before(plan)
    ]
    otherwise = [f"{key} {value_text(before)}" for key, before in asked_before(plan).items()]
    paired = (
        either("by seeds", "按种子"),
        either("none: seeds count as independent between arms", "无：各组的种子视为独立"),
    )
    rows = [
        (either("metric", "指标"), _metric(plan)),
        (either("control", "对照组"), study.control),
        (either("seeds", "种子"), _seeds(plan)),
        ("", spoken().of_runs(len(study.seeds))),
        *(("", each) for each in earlier),
        *(
            ("", either(f"judged with {each} before: exploratory now", f"曾以 {each} 判定过：现在是探索性的"))
            for each in otherwise
        ),
        (either("pairing", "配对"), paired[0] if study.pairing == "seeds" else paired[1]),
        (either("budget", "预算"), _budget(plan)),
        (either("tuning", "调参"), _tuning(plan)),
        (either("ablations", "消融"), _ablations(plan)),
        (either("match", "匹配的组"), _match(plan)),
        (either("results", "结果"), str(plan.folder)),
    ]
    yield either(f"study {study.name} ({study.path})", f"研究 {study.name}（{study.path}）")
    yield from columns(rows)


def _metric(plan: Plan) -> str:
    chosen = plan.judged
    better = either("greater", "越大越好") if chosen.better == "max" else either("smaller", "越小越好")
    margin = either("without a margin nothing is judged the same", "没有界限，因此不会判为相同")
    if chosen.margin is not None:
        least = score_text(chosen.margin)
        margin = either(f"a difference below {least} doesn't matter", f"小于 {least} 的差别无关紧要")
    metric = set_off(score_in_chinese(chosen.metric)).rstrip()
    return either(f"test {chosen.metric}, {better} is better; {margin}", f"测试集上的{metric}，{better}；{margin}")


def _seeds(plan: Plan) -> str:
    study = plan.study
    looks = [(seeds, f"{alpha_at(study.looks, seeds=seeds):g}") for seeds in study.looks or (len(study.seeds),)]
    named = [str(each) for each in study.seeds]
    english = ", ".join(f"{seeds} at alpha {alpha}" for seeds, alpha in looks)
    chinese = "、".join(f"{seeds} 个种子时（alpha {alpha}）" for seeds, alpha in looks)
    return either(f"{', '.join(named)}; judged with {english}", f"{'、'.join(named)}；判定：{chinese}")


def _budget(plan: Plan) -> str:
    budget = plan.study.budget
    if budget is None:
        return either("as long as its base says", "由 base 决定")
    english, chinese = f"{budget.amount:,} {budget.unit} a run", f"每次运行 {budget.amount:,} {UNITS[budget.unit]}"
    if budget.unit == "seconds":
        english += ", or trainer.max_steps updates: how many fit is this machine's affair"
        chinese += "，或 trainer.max_steps 次更新：其间能做多少次取决于这台机器"
    return either(english, chinese)


def _ablations(plan: Plan) -> str:
    first = plan.study.seeds[0]
    which = {
        "all": either("every run", "每次运行"),
        "first": either(f"each arm's run of seed {first}", f"每组种子 {first} 的运行"),
    }
    if (tested := which.get(plan.study.ablations)) is None:
        return either("none", "无")
    return either(
        f"{tested} is tested again with even attention; the expected time leaves that out",
        f"{tested}消融（注意力改为均匀）之后再测一次；预计用时不含这一项",
    )


def _match(plan: Plan) -> str:
    study = plan.study
    if study.match == "none":
        return either("none", "无")
    what = "FLOPs" if study.match == "flops" else "参数量"
    return either(f"{study.match} by {study.match_key}", f"{what}，通过 {study.match_key}")


def _tuning(plan: Plan) -> str:
    tune, tuning = plan.study.tune, plan.tuning
    if tune is None or tuning is None:
        return either("none: every arm has the values that its file gives it", "无：各组取各自文件中的值")
    drawn = ", ".join(f"{key}={values}" for key, values in tune.space.items())
    better = either("greater", "越大越好") if tuning.better == "max" else either("smaller", "越小越好")
    monitor = set_off(score_in_chinese(tuning.monitor)).rstrip()
    return either(
        f"{tune.trials} trials of every arm, with seed {tune.seed}, by {tuning.monitor} ({better} is better): {drawn}",
        f"每组 {tune.trials} 次试验，种子 {tune.seed}，按{monitor}（{better}）选取：{drawn}",
    )


def _trials(plan: Plan) -> Iterator[str]:
    """The draws, and which arm was the best with which."""
    tune, tuning = plan.study.tune, plan.tuning
    if tune is None or tuning is None:
        return
    yield from ("", either("trials of tuning, the same of every arm", "调参的试验，各组相同"))
    for number, values in enumerate(tune.draws(), 1):
        best = [name for name, each in tuning.chosen.items() if each.number == number]
        drawn = ", ".join(f"{key}={value}" for key, value in values.items())
        chosen = either(f" (best of {', '.join(best)})", f"（{'、'.join(best)} 的最佳）") if best else ""
        yield f"  {number}: {drawn}{chosen}"
    for name, keys in tuning.lacking.items():
        yield either(f"  {name} has no {', '.join(keys)}", f"  {name} 没有 {'、'.join(keys)}")


def _margin(margin: float, seeds: int, expected: Mapping[str, Prospect]) -> Iterator[str]:
    """Whether arms that are the same could be found so, by finished runs of theirs."""
    asked = score_text(margin)
    yield ""
    yield either(f"can the margin of {asked} be met with {seeds} seeds?", f"{seeds} 个种子够不够满足界限 {asked}？")
    yield from columns([[name, _met(each, margin)] for name, each in expected.items()])


def _met(found: Prospect, margin: float) -> str:
    if (least := found.smallest_margin) is None:
        why = found.why or ""
        return either(f"not known: {why}", f"未知：{spoken().reason(why)}")
    mine, theirs = found.runs
    said = either("yes", "够") if found.meets(margin) else either("NO", "不够")
    return either(
        f"{said}: a margin below {score_text(least)} can't be met, by {mine} finished runs of it and {theirs} of the "
        "control",
        f"{said}：从它的 {mine} 次和对照组的 {theirs} 次已完成的运行看，小于 {score_text(least)} 的界限无法满足",
    )


def _differences(plan: Plan) -> Iterator[str]:
    control, words = plan.study.control, spoken()
    yield from ("", either(f"differences from {control}", words.differences_from(control)))
    for each in plan.arms:
        if each.name == control:
            continue
        label = either(
            ", CONFOUNDED: it may score otherwise for what isn't attention", "，混杂：分数不同可能另有原因，不在注意力"
        )
        yield f"  {each.name}{label if each.confounders else ''}"
        rows = []
        for one in each.differences:
            theirs, own = words.values(one)
            kind = words.kind(one.kind)
            values = either(f"{own} for {theirs}", f"{own}，对照组为 {theirs}")
            rows.append([one.key, values, either(f"({kind})", f"（{kind}）")])
        yield from (f"  {line}" for line in columns(rows))
        if each.matched is not None:
            yield f"    {_matched(each.matched)}"


def _matched(found: Matched) -> str:
    far = either(", MORE THAN 2 %", "，超过 2 %") if found.far else ""
    place = f"{found.key}={found.value}"
    return either(
        f"{place}: {found.cost:,} for {found.target:,}, {found.gap:+.2%}{far}",
        f"{place}：{found.cost:,}，目标 {found.target:,}，相差 {found.gap:+.2%}{far}",
    )
