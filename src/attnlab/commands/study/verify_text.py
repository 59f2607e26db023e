"""What came of verifying a row, as a person reads it."""

from collections.abc import Iterator
from typing import Any

from attnlab.language import either
from attnlab.study.verdict_table import columns
from attnlab.study.verifying import Check, Compared, Verification
from attnlab.study.wording.spoken import spoken

SHORT = 12  # digits of a hash
CHECKED = {"configuration": "配置", "seed": "种子", "lock file": "锁文件"}  # those that no page names


def verified_lines(found: Verification) -> Iterator[str]:
    """The receipt, the losses, and the finding."""
    row = f"{found.job.arm}/{found.job.seed}"
    yield either(f"row {row}: {found.job.folder}", f"行 {row}：{found.job.folder}")
    yield from columns([_row(each) for each in found.checks])
    if found.compared is not None:
        yield from (f"  {line}" for line in _losses(found.compared))
    if (failed := found.failed) is not None:
        yield either(
            f"  its first updates can't be trained again: {failed}", f"  最初的更新无法重新训练，程序报告：“{failed}”"
        )
    if found.holds:
        yield either("verified: this code and data give this run", "核验通过：这份代码与数据给出的就是这次运行")
    else:
        yield either("NOT verified: ", "核验未通过：") + _why(found)


def _row(check: Check) -> list[str]:
    if check.holds:
        return [_named(check), _shown(check.recorded), either("as on record", "与记录一致")]
    weight = "" if check.decides else either(", which alone decides nothing", "，单凭这一点不作判定")
    now = _shown(check.now)
    return [_named(check), _shown(check.recorded), either(f"DIFFERS: {now} now", f"不同：现在是 {now}") + weight]


def _named(check: Check) -> str:
    """A part of the receipt, or a file."""
    return either(check.what, CHECKED.get(check.what) or spoken().receipt(check.what))


def _shown(value: Any) -> str:
    if value is None:
        return spoken().NOT_RECORDED
    return value[:SHORT] if isinstance(value, str) else str(value)


def _losses(compared: Compared) -> Iterator[str]:
    rows = compared.rows
    updates = f"{rows} {'update' if rows == 1 else 'updates'}"
    if compared.by_update:
        yield either(
            f"losses: each of the first {updates}, trained again", f"损失：重新训练最初 {rows} 次更新，逐次比较"
        )
    else:
        yield either(
            f"losses: means in its log, older than records of each, at {updates}, trained again",
            f"损失：它早于逐次记录，重新训练后比较日志里 {rows} 处的均值",
        )
    place = either("on the same type of machine, with as many threads", "机器类型与线程数相同时")
    if compared.elsewhere:
        place = either("elsewhere", "机器或线程数不同时")
    allowed = either(f"({compared.tolerance:g} is allowed {place})", f"（{place}允许 {compared.tolerance:g}）")
    yield f"  {_largest(compared)}{either(' ', '')}{allowed}"
    yield from (f"  {why}" for why in compared.elsewhere)


def _largest(compared: Compared) -> str:
    if compared.difference == 0:
        return either("equal to the last bit", "到最后一位都相同")
    step, name = compared.where
    most = f"{compared.difference:.3g}"
    return either(
        f"largest relative difference {most}, of {name} at update {step}",
        f"最大的相对差 {most}，是第 {step} 次更新的 {name}",
    )


def _why(found: Verification) -> str:
    decisive = [each for each in found.checks if each.decides and not each.holds]
    if decisive:
        what = _named(decisive[0])
        return either(f"another {what} than on record", f"{what}与记录不同")
    if found.compared is None:
        return either("this code doesn't train it", "这份代码训练不了它")
    return either("the losses aren't those on record", "损失与记录不同")
