"""What a run is, as it is printed before anything is trained."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from attnlab.language import either
from attnlab.reporting.glossary import slot_in_chinese, task_in_chinese, term
from attnlab.reporting.terminal.text import pad

NAME_WIDTH = 12  # columns
SPLITS = {"train": "training set", "val": "validation set", "test": "test set"}


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A run that is about to train.

    Attributes:
        model: its class; `parameters` of all its networks, by their names where there are several.
        slots: which mechanism stands where.
        direction: from which language into which, of data that is translated.
        sizes: examples of each split.
        precision: as the trainer has it.
        updates: of the whole run, of which `done` are done before; `validated_every` so many.
        folder: where it lies.
    """

    name: str
    task: str
    seed: int
    model: str
    parameters: int
    slots: Mapping[str, str]
    data: str
    sizes: Mapping[str, int]
    device: str
    threads: int
    precision: str
    updates: int
    done: int
    validated_every: int
    folder: Path
    direction: tuple[str, str] | None = None


def opening_lines(run: Opening) -> Iterator[str]:
    """A line for each thing to know, below the run's name."""
    yield run.name
    yield _row(term("task"), either(f"{run.task}, seed {run.seed}", f"{task_in_chinese(run.task)}，种子 {run.seed}"))
    model = either(f"{run.model}, {run.parameters:,} parameters", f"{run.model}，{run.parameters:,} 个参数")
    yield _row(term("model"), model)
    if run.slots:
        english = ", ".join(f"{slot} {mechanism}" for slot, mechanism in run.slots.items())
        chinese = "，".join(f"{slot_in_chinese(slot)}：{mechanism}" for slot, mechanism in run.slots.items())
        yield _row(term("attention"), either(english, chinese))
    data = run.data if run.direction is None else f"{run.data} {' → '.join(run.direction)}"
    yield _row(term("data"), either(f"{data}: ", f"{data}：") + _sizes(run))
    yield _row(either("on", "设备"), f"{run.device}{_threads(run)}{either(', ', '，')}{run.precision}")
    yield _row(either("updates", "更新次数"), _updates(run))
    yield _row(either("folder", "目录"), str(run.folder))


def _sizes(run: Opening) -> str:
    english = ", ".join(f"{number:,} {split}" for split, number in run.sizes.items())
    named = (f"{term(SPLITS.get(split, split))} {number:,}" for split, number in run.sizes.items())
    return either(english, "，".join(named))


def _threads(run: Opening) -> str:
    if not run.device.endswith("cpu"):
        return ""
    return either(f", {run.threads} thread{'' if run.threads == 1 else 's'}", f"，{run.threads} 个线程")


def _updates(run: Opening) -> str:
    begun = f"{run.updates:,}"
    if run.done:
        begun += either(f", of which {run.done:,} are done", f"，其中 {run.done:,} 次已完成")
    if run.validated_every <= run.updates:
        return begun + either(f", validated every {run.validated_every:,}", f"，每 {run.validated_every:,} 次验证一次")
    return begun + either(", without validation", "，不验证")


def _row(name: str, value: str) -> str:
    return f"  {pad(name, NAME_WIDTH)}{value}"
