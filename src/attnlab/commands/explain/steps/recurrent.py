"""Mechanisms that keep a state, to which keys write and of which queries read."""

from collections.abc import Callable, Iterator
from functools import partial

from torch import Tensor, nn

from attnlab.attention import (
    DeltanetAttention,
    GatedDeltanetAttention,
    GlaAttention,
    KdaAttention,
    Mamba2Attention,
    RetnetAttention,
    Rwkv7Attention,
)
from attnlab.commands.explain.steps.arithmetic import weighted_sum
from attnlab.commands.explain.steps.step import Asked, Step, each_key, floats, matrix_of, vector, vectors
from attnlab.language import Words

SCALED = Words(
    "The query divided by the square root of its width: it reads the state", "查询除以宽度的平方根，用来读取状态"
)
BENT = Words("The query put through SiLU: it reads the state", "查询经 SiLU，用来读取状态")
UNIT = Words(
    "The query put through SiLU, of the length 1, divided by the square root of its width: it reads the state",
    "查询经 SiLU，长度变为 1，再除以宽度的平方根，用来读取状态",
)
PLAIN = Words("The query as it is: it reads the state", "查询原样，用来读取状态")
KEYS = Words("Each key as it is: with it its value is written to the state", "每个键原样，用它把值写入状态")
STEPPED = Words(
    "Each key put through SiLU, times its step size: with it its value is written",
    "每个键经 SiLU，乘以步长，用它把值写入",
)
STRONG = Words(
    "Each key put through SiLU and brought to the length 1, times its strength β: with it its value is written",
    "每个键经 SiLU，长度变为 1，再乘以强度 β，用它把值写入",
)
MIXED = Words("Each key times 1 + (a - 1) μ: with it its value is written", "每个键乘以 1 + (a - 1) μ，用它把值写入")


def _recurrent(asked: Asked, *, reads: Words, writes: Words) -> Iterator[Step]:
    notes = asked.notes
    yield vector(reads, asked.query(notes.first("_terms", "0")))
    yield vectors(writes, asked.labels, matrix_of(notes.first("_terms", "1")))
    if (log_decay := _noted(asked, "log_decay")) is not None:
        kept = matrix_of(log_decay).exp().expand(len(asked.labels), -1)
        title = Words("The share of the state that is kept at each key", "到每个键时状态保留的份额")
        yield each_key(title, asked.labels, floats(kept)) if kept.size(1) == 1 else vectors(title, asked.labels, kept)
    if (removed := _noted(asked, "c")) is not None:
        title = Words(
            "What is read of the state with this is the old value, which goes out before",
            "用它从状态读出旧值，先行擦除",
        )
        yield vectors(title, asked.labels, matrix_of(removed))
    title = Words(
        "The weights that this amounts to: what the query reads of each key's value, from both sides where it may",
        "这相当于下列权重：查询从每个键的值读到多少（可以时两个方向都读）",
    )
    yield each_key(title, asked.labels, asked.weights, bars=True)
    total = asked.query(notes.first("_finished", "x"))
    yield weighted_sum(
        asked, total, Words("The values, each times its weight, added up", "各个值乘以各自的权重，再相加")
    )
    title = Words(
        "The output: normed, and times what is learned and the gates that there are",
        "输出：归一化，再乘以学到的增益以及所有的门",
    )
    yield vector(title, asked.output)


def _noted(asked: Asked, name: str) -> Tensor | None:
    """Of a term, by its name, where the mechanism has it."""
    place = {"log_decay": "2", "c": "4"}[name]
    try:
        return asked.notes.first("_terms", place)
    except LookupError:
        return None


STEPS: dict[type[nn.Module], Callable[[Asked], Iterator[Step]]] = {
    DeltanetAttention: partial(_recurrent, reads=UNIT, writes=STRONG),
    GatedDeltanetAttention: partial(_recurrent, reads=UNIT, writes=STRONG),
    GlaAttention: partial(_recurrent, reads=SCALED, writes=KEYS),
    KdaAttention: partial(_recurrent, reads=UNIT, writes=STRONG),
    Mamba2Attention: partial(_recurrent, reads=BENT, writes=STEPPED),
    RetnetAttention: partial(_recurrent, reads=SCALED, writes=KEYS),
    Rwkv7Attention: partial(_recurrent, reads=PLAIN, writes=MIXED),
}
