"""What a finished run leaves: `metrics.json`, `predictions.jsonl` and the summary in the terminal."""

import json
import platform
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from lightning.pytorch import Callback, Trainer

from attnlab.callbacks import Throughput
from attnlab.callbacks.what_loggers_take import SummaryLogger
from attnlab.config import identity
from attnlab.data.module import DataModule
from attnlab.files import write_text
from attnlab.models.layers.slots import HasSlots
from attnlab.reporting.terminal.text import pad, score_text
from attnlab.runs import build
from attnlab.runs.checkpoints import Checkpoints
from attnlab.runs.run_folder import leaves
from attnlab.tasks.task import Task

SCHEMA = 1
RECORDED = (
    "torch",
    "torchvision",
    "lightning",
    "hydra-core",
    "tokenizers",
    "sacrebleu",
    "rouge-score",
    "seqeval",
    "pytorch-crf",
    "faster-coco-eval",
    "torchmetrics",
    "wandb",
    "numpy",
    "pillow",
)


@runtime_checkable
class _Warns(Protocol):
    """Has found something out that belongs with the results."""

    warnings: list[dict[str, Any]]


@runtime_checkable
class _LeavesFiles(Protocol):
    """The class of what leaves files in a run's folder: how their names look, and what they are."""

    files: Mapping[str, str]


def write(
    directory: Path,
    config: dict[str, Any],
    trainer: Trainer,
    task: Task[Any],
    data: DataModule,
    *,
    command: Sequence[str],
) -> dict[str, Any]:
    """Write `predictions.jsonl`, if there are any, and `metrics.json`, whose presence says that the run is finished."""
    lines = [json.dumps(prediction, ensure_ascii=False) for prediction in task.predictions]
    if lines:
        write_text(directory / "predictions.jsonl", "".join(line + "\n" for line in lines))

    callbacks: list[Callback] = trainer.callbacks  # type: ignore[attr-defined]  # set by a connector
    checkpoints = next(each for each in callbacks if isinstance(each, Checkpoints))
    throughput = next((each for each in callbacks if isinstance(each, Throughput)), None)
    results = {
        "schema": SCHEMA,
        "results": identity.RESULTS,
        "task": config["run_path"].split("/")[0],
        "name": config["name"],
        "test": {
            name.removeprefix("test/"): float(value)
            for name, value in trainer.callback_metrics.items()
            if name.startswith("test/")
        },
        "signatures": task.signatures | data.signatures,
        "best": {"monitor": checkpoints.monitor, "score": checkpoints.best_score, "step": checkpoints.best_step},
        "steps": trainer.global_step,
        "parameters": _parameters(task),
        "attention_slots": task.model.slots if isinstance(task.model, HasSlots) else {},
        f"{task.unit}_per_second": throughput.per_second if throughput else None,
        "padding_share": throughput.padding_share if throughput else None,
        "warnings": [warning for part in (task, *callbacks) if isinstance(part, _Warns) for warning in part.warnings],
        "wall_seconds": round(checkpoints.wall_seconds, 1),
        "seed": config["seed"],
        "precision": str(trainer.precision),
        "devices": f"{trainer.world_size} x {trainer.strategy.root_device.type}",
        "data": {"checksum": data.checksum, **data.summary},
        "versions": {"attnlab": version("attnlab"), "python": platform.python_version()}
        | {name: version(name) for name in RECORDED},
        "git_commit": _git_commit(),
        "command": shlex.join(["attnlab", *command]),
    }
    write_text(directory / "metrics.json", json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    for logger in trainer.loggers:
        if isinstance(logger, SummaryLogger):
            kept = {k: results[k] for k in ("test", "best", "parameters", "wall_seconds")}
            logger.log_summary(dict(leaves(kept | {"warnings": [each["kind"] for each in results["warnings"]]})))
    return results


def _parameters(task: Task[Any]) -> dict[str, int]:
    """How many numbers the model holds and learns; of two networks that learn against each other, each one's."""
    counts = {
        "total": sum(p.numel() for p in task.model.parameters()),
        "trainable": sum(p.numel() for p in task.model.parameters() if p.requires_grad),
    }
    if len(task.networks) > 1:
        counts |= {name: sum(p.numel() for p in network.parameters()) for name, network in task.networks.items()}
    return counts


def _git_commit() -> str | None:
    """The commit of the checkout this code runs from; None for an installed wheel."""
    here = Path(__file__).resolve().parent
    if not (here.parents[2] / ".git").exists():
        return None
    try:
        found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, check=False)
    except OSError:  # git isn't installed
        return None
    return found.stdout.strip() or None


def report(directory: Path, config: dict[str, Any], results: dict[str, Any], *, headline: str) -> None:
    """Print scores, samples and the files of a run."""
    rows = list(_score_rows(results["test"]))
    best = results["best"]
    if best["score"] is not None:
        rows.append((f"best {best['monitor']}", f"{score_text(best['score'])} at update {best['step']}"))
    rows += [(f"warning: {each['kind'].replace('_', ' ')}", _warning(each)) for each in results.get("warnings", [])]
    counts = results["parameters"]
    networks = ", ".join(f"{name} {count:,}" for name, count in counts.items() if name not in ("total", "trainable"))
    rows.append(("parameters", f"{counts['total']:,}" + (f" ({networks})" if networks else "")))
    rows += [(f"attention: {slot}", mechanism) for slot, mechanism in results["attention_slots"].items()]
    speed = next(((k, v) for k, v in results.items() if k.endswith("_per_second")), None)
    if speed is not None and speed[1] is not None:
        rows.append((speed[0].replace("_per_second", "/s in training"), f"{speed[1]:,.0f}"))
        if results["padding_share"]:  # images have none
            rows.append(("padding", f"{results['padding_share']:.1%}"))
    rows.append(("time", f"{results['wall_seconds'] / 60:.1f} min"))
    print(f"\n{results['name']} {headline}")
    for name, value in rows:
        print(f"  {pad(name, max(24, *(len(each) + 1 for each, _ in rows)))}{value}")
    as_read = build.predictor_type(config["task"]["_target_"]).readable
    for line in _samples(directory / "predictions.jsonl", as_read):
        print(line)
    print("files")
    for name, what in _files(config).items():
        if found := sorted(directory.glob(name)):
            more = f" (+{len(found) - 1} more)" if len(found) > 1 else ""
            print(f"  {pad(what, 24)}{found[0]}{more}")


def _warning(warning: dict[str, Any]) -> str:
    """What it says, and of which updates, if of any in particular."""
    if "first_step" not in warning:
        return str(warning["message"])
    last = "the end" if warning["last_step"] is None else warning["last_step"]
    return f"{warning['message']} (update {warning['first_step']} to {last})"


def _score_rows(scores: dict[str, float]) -> Iterator[tuple[str, str]]:
    """A row a score, but one row for the F1, precision and recall of the same, and for a score and its error."""
    for name, value in scores.items():
        if f"{name}_error" in scores:
            yield f"test {name}", f"{score_text(value)} (standard error {scores[f'{name}_error']:.2g})"
            continue
        if name.removesuffix("_error") in scores and name.endswith("_error"):
            continue
        kin = [re.sub(r"(^|_)(f1|precision|recall)(?=_|$)", rf"\1{measure}", name) for measure in _MEASURES]
        if len(set(kin)) < len(kin) or any(each not in scores for each in kin):
            yield f"test {name}", score_text(value)
        elif name == kin[0]:
            yield f"test {name}", f"{value:.4g} (precision {scores[kin[1]]:.4g}, recall {scores[kin[2]]:.4g})"


_MEASURES = ("f1", "precision", "recall")

_FILES = {"metrics.json": "scores", "predictions.jsonl": "test predictions"}  # what this module writes


def _files(config: dict[str, Any]) -> dict[str, str]:
    """What a run leaves, by its names: this module's, its callbacks', checkpoints, its loggers'."""
    groups = [
        [build.resolve(node["_target_"], f"{group}.{name}") for name, node in config[group].items()]
        for group in ("callbacks", "logger")
    ]
    found = dict(_FILES)
    for kind in (*groups[0], Checkpoints, *groups[1]):
        if isinstance(kind, _LeavesFiles):
            found |= kind.files
    return found


def _samples(path: Path, as_read: Callable[[str, Any], str], num: int = 3) -> Iterator[str]:
    """A few test predictions: short ones, so that they fit the terminal, with something to be found."""
    if not path.is_file():
        return
    predictions = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    readable = [p for p in predictions if 20 <= len(p["input"]) <= 90 and p["target"]] or predictions
    step = max(1, len(readable) // num)
    yield "samples"
    for prediction in readable[::step][:num]:
        yield f"  {pad('input', 10)}{prediction['input']}"
        for key in ("output", "target"):
            yield f"  {pad(key, 10)}{as_read(prediction['input'], prediction[key])}"
        yield ""
