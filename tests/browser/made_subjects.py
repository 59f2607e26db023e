"""Arms and runs that never were: scores, curves, costs and answers, of which pages are made."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from made_answers import WORDS, Answer
from PIL import Image
from tiny_results import RECORD
from tiny_runs import EXAMPLES, finished_run
from tiny_study import COSTS

from attnlab.callbacks.csv_log import MetricsCSV
from attnlab.reporting.pages.report.contents import Text, plain
from attnlab.study.arms import Difference
from attnlab.study.html.subject import Failure, Run, Subject, SubjectArm
from attnlab.study.judging import judged_groups

DIFFERENT = (
    Difference("model.attention.core._target_", "attnlab.attention.A", "attnlab.attention.B", "mechanism"),
    Difference("model.a_key_that_is_long.and_lies_deep.in_its_model.num_layers", 1, None, "confounded"),
)
NOTES = [
    Text("A note with <b>markup</b> & more.", "带 <b>标记</b> 的说明。"),
    plain("An_unbroken_note_" + "that_goes_on_" * 19),
]


def made_subject(folder: Path, rights: Mapping[str, float], *, failed: Mapping[str, int], seeds: int) -> Subject:
    """Arms that are right in such a share of examples, the first of which is the control; the last is confounded."""
    names = list(rights)
    runs = {}
    for number, (name, right) in enumerate(rights.items()):
        runs[name] = [
            made_run(folder / str(number) / str(seed), right, seed) for seed in range(seeds - failed.get(name, 0))
        ]
    judgement = judged_groups(
        {name: [run.folder for run in found] for name, found in runs.items()},
        control=names[0],
        metric="accuracy",
        higher_is_better=True,
        margin=0.01,
        failed=failed,
    )
    arms = [
        SubjectArm(
            name=name,
            added=name == "wider",
            runs=runs[name],
            failures=[Failure(seeds - 1 - each, "diverged") for each in range(failed.get(name, 0))],
            differences=DIFFERENT[: 2 if name == names[-1] else 1] if name != names[0] else (),
            costs=replace(COSTS, parameters=replace(COSTS.parameters, total=1234 * 7**number)),
            command=f"attnlab train 'attention={name}' " + "model.key=value " * (9 * number) + "seed=SEED",
            config={},
        )
        for number, name in enumerate(names)
    ]
    return Subject(
        folder="outputs/studies/made/0123456789",
        command="attnlab study made",
        trusted=True,
        title=plain("a_study" + "_of_a_long_name" * (len(arms) // 3)),
        about=[Text("An English sentence.", "一句中文。")],
        judgement=judgement,
        better="max",
        arms=arms,
        notes=NOTES if len(arms) > 1 else (),
    )


def made_run(folder: Path, right: float, seed: int, **record: Any) -> Run:
    """One that is right in such a share of examples, with its curves; `record` changes what `metrics.json` says."""
    random = np.random.default_rng([seed, int(1000 * right)])
    finished_run(folder, [int(each) for each in random.random(EXAMPLES) < right], seed=seed, **RECORD | record)
    log = MetricsCSV(folder)
    for step in range(10, 110, 10):
        noise = float(random.random()) / 20
        reached = right * step / 100 + noise
        log.log_metrics({"train/loss": 1 - reached, "val/loss": 1.1 - reached, "val/accuracy": reached}, step)
    return Run(seed, folder, json.loads((folder / "metrics.json").read_text()))


def write_answers(subject: Subject, answer: Answer) -> None:
    """`predictions.jsonl` of every run; arms are right in turn."""
    for place, arm in enumerate(subject.arms):
        for run in arm.runs:
            write_answers_of(run.folder, answer, arm=arm.name, first=place)


def write_answers_of(folder: Path, answer: Answer, *, arm: str = "", first: int = 0) -> None:
    """One run's, every other one right."""
    lines = [json.dumps(answer(number, arm, (number + first) % 2 == 0)) for number in range(len(WORDS))]
    (folder / "predictions.jsonl").write_text("".join(f"{each}\n" for each in lines), encoding="utf-8")


def write_grid(subject: Subject) -> None:
    """What generators made."""
    for arm in subject.arms:
        for run in arm.runs:
            (run.folder / "samples").mkdir()
            pixels = np.random.default_rng(run.seed).integers(0, 255, (64, 96, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(run.folder / "samples" / "grid.png")
