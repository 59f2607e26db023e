"""What a study's plan costs, before it runs: each arm in parameters and operations, all runs in time."""

from collections.abc import Iterator, Mapping, Sequence

from attnlab.language import Words, either
from attnlab.reporting.numbers import NOTHING
from attnlab.reporting.reasons import example_in_chinese
from attnlab.study.changed_data import Changed
from attnlab.study.expected_time import ExpectedTime
from attnlab.study.plan import Plan
from attnlab.study.verdict_table import columns
from attnlab.study.workshop import PlannedArm

HEADS = (
    ("arm", "组"),
    ("parameters", "参数量"),
    ("trainable", "可训练"),
    ("in attention", "注意力中"),
    ("FLOPs forward", "前向 FLOPs"),
    ("FLOPs training", "训练 FLOPs"),
    ("elementwise", "逐元素运算"),
)
STATE = ("bytes kept + a token written + a token read", "保留的字节 + 每写一词元 + 每读一词元")


def cost_lines(plan: Plan) -> Iterator[str]:
    """The table of arms, and what of them was counted."""
    written = any(each.costs.state is not None for each in plan.arms)
    heads = [either(*each) for each in (*HEADS, *([STATE] if written else []))]
    rows = [[*heads, either("slots", "槽位")], *(_row(each, written=written) for each in plan.arms)]
    yield from ("", either("what each arm costs", "各组的代价"), *columns(rows))
    counted = (
        f"operations of {plan.example}, in evaluation. FLOPs are of matrix products and convolutions, a",
        "multiplication and an addition each; elementwise operations (tanh, sums) count one an element given.",
        "Training: the forward pass, and the backward pass as twice that.",
    )
    in_chinese = (
        f"运算量针对评估时的{example_in_chinese(plan.example)}。FLOPs 只计矩阵乘法与卷积，一乘一加各算一次；",
        "逐元素运算（tanh、求和等）每得出一个元素算一次。训练：前向计算，加上按其两倍计的反向计算。",
    )
    yield from (f"  {line}" for line in either("\n".join(counted), "\n".join(in_chinese)).split("\n"))


def _row(each: PlannedArm, *, written: bool) -> Sequence[str]:
    costs, forward, state = each.costs, each.costs.forward, each.costs.state
    counts: list[int | None] = [costs.parameters.total, costs.parameters.trainable, costs.parameters.attention]
    counts += [None] * 3 if forward is None else [forward.flops, costs.training_flops, forward.elements]
    cells = [NOTHING if count is None else f"{count:,}" for count in counts]
    if written:
        kept = NOTHING
        if state is not None:
            kept = f"{state.fixed:,} + {state.per_written_token:,} + {state.per_source_token:,}"
        cells.append(kept)
    slots = ", ".join(f"{slot}={mechanism}" for slot, mechanism in costs.slots.items())
    added = either(" (added)", "（自动加入）") if each.arm.added else ""
    return [each.name + added, *cells, slots or NOTHING]


def time_lines(plan: Plan, times: Mapping[str, ExpectedTime]) -> Iterator[str]:
    """How many runs there are, what is left of them, and how long that takes, as far as it is known."""
    trials = 0 if plan.tuning is None else len({each.job.folder for each in plan.tuning.trials})
    left, total = sum(each.left for each in times.values()), plan.num_runs + trials
    of_trials = either(f", {trials} of them trials", f"（其中试验 {trials} 次）") if trials else ""
    done = total - left
    yield from (
        "",
        either(f"runs: {total}{of_trials}, {done} done", f"运行：共 {total} 次{of_trials}，已完成 {done} 次"),
    )
    yield _expected(times)
    for name, each in times.items():
        if each.seconds_a_run is not None:
            source = either(" (probed)", "（试跑所得）") if each.probed else ""
            took = _duration(each.seconds_a_run)
            yield either(
                f"    {name}: {each.left} left, {took} a run{source}",
                f"    {name}：还剩 {each.left} 次，每次 {took}{source}",
            )


def changed_lines(changed: Changed | None, *, anew: bool) -> Iterator[str]:
    """Why runs that are there are left: their data has changed; `anew`, the command trains them so."""
    if changed is None:
        return
    if anew or not changed.own:
        remedy = Words("they are trained anew", "它们会重新训练")
    else:
        remedy = Words("restore it, or add --fresh to train them anew", "请恢复数据，或加 --fresh 重新训练")
    yield either(f"  {changed.said.en} ({remedy.en})", f"  {changed.said.zh}（{remedy.zh}）")


def _expected(times: Mapping[str, ExpectedTime]) -> str:
    known = [each.seconds for each in times.values() if each.seconds is not None]
    if len(known) < len(times):
        unknown = [name for name, each in times.items() if each.seconds is None]
        return either(
            f"  expected time: not known until the first run of {', '.join(unknown)} is done (or add --probe)",
            f"  预计用时：要等 {'、'.join(unknown)} 的第一次运行完成才知道（或加 --probe）",
        )
    more = ""
    if any(each.probed for each in times.values()):
        more = either(
            "; of training alone where it was probed, validation and test come on top",
            "；试跑所得只含训练，验证与测试另计",
        )
    took = _duration(sum(known))
    return either(
        f"  expected time: {took} one after another on this machine{more}",
        f"  预计用时：在这台机器上逐次运行需 {took}{more}",
    )


def _duration(seconds: float) -> str:
    """`3 h 20 min`, `4 min 10 s` or `12 s`."""
    whole = round(seconds)
    hour, minute, second = either("h", "小时"), either("min", "分"), either("s", "秒")
    if whole >= 3600:
        return f"{whole // 3600} {hour} {whole % 3600 // 60} {minute}"
    return f"{whole // 60} {minute} {whole % 60} {second}" if whole >= 60 else f"{seconds:.3g} {second}"
