"""What a run is, as it is printed before anything is trained."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from attnlab.reporting.terminal.text import pad

NAME_WIDTH = 12  # columns


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A run that is about to train.

    Attributes:
        model: its class; `parameters` of all its networks, by their names where there are several.
        slots: which mechanism stands where.
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


def opening_lines(run: Opening) -> Iterator[str]:
    """A line for each thing to know, below the run's name."""
    yield run.name
    yield _row("task", f"{run.task}, seed {run.seed}")
    yield _row("model", f"{run.model}, {run.parameters:,} parameters")
    if run.slots:
        yield _row("attention", ", ".join(f"{slot} {mechanism}" for slot, mechanism in run.slots.items()))
    sizes = ", ".join(f"{number:,} {split}" for split, number in run.sizes.items())
    yield _row("data", f"{run.data}: {sizes}")
    threads = f", {run.threads} thread{'' if run.threads == 1 else 's'}" if run.device.endswith("cpu") else ""
    yield _row("on", f"{run.device}{threads}, {run.precision}")
    yield _row("updates", _updates(run))
    yield _row("folder", str(run.folder))


def _updates(run: Opening) -> str:
    begun = f"{run.updates:,}" if run.done == 0 else f"{run.updates:,}, of which {run.done:,} are done"
    if run.validated_every <= run.updates:
        return f"{begun}, validated every {run.validated_every:,}"
    return f"{begun}, without validation"


def _row(name: str, value: str) -> str:
    return f"  {pad(name, NAME_WIDTH)}{value}"
