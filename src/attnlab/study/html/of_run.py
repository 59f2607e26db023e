"""The page of one run, of what is in its folder."""

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from attnlab.callbacks.csv_log import MetricsCSV
from attnlab.errors import UserError
from attnlab.reporting.charts import made
from attnlab.reporting.charts.marks import Curve, Point
from attnlab.reporting.glossary import score_in_chinese, slot_in_chinese, task_in_chinese
from attnlab.reporting.messages.chinese import said_in_chinese
from attnlab.reporting.pages.linked_maps import RunMaps, linked
from attnlab.reporting.pages.report.contents import Answer, BoxKey, Chart, SampleGroup, Text, plain
from attnlab.reporting.pages.run_page import RunPage, run_page
from attnlab.reporting.pictures import spread
from attnlab.reporting.reasons import in_chinese, warning_in_chinese
from attnlab.reporting.terminal.text import score_text
from attnlab.runs import run_folder
from attnlab.runs.kept_maps import TestedRun
from attnlab.study.done import done
from attnlab.study.html.pictures import Picture, generated_picture
from attnlab.study.html.predictions import Line, predictions_of
from attnlab.study.html.run_scores import Record, part, score_tables
from attnlab.study.html.samples import box_key, made_group, sample

log = logging.getLogger(__name__)

ANSWER = Text("answer", "输出")
MADE = Text("What the tested checkpoint makes", "所测检查点生成的图像")
NUM = 6  # samples of a kind
MOST_POINTS = 40  # of a curve
MOST_CURVES = 6


def page_of_run(folder: Path, *, trust: tuple[str, ...] = ()) -> str:
    """The HTML of a finished run; parts that can't be had are left out, and that is said.

    Raises:
        UserError: the folder holds no finished run, or a damaged one.
    """
    record = _record(folder)
    name = str(record.get("name") or folder.name)
    try:
        run, why = TestedRun(folder, trust=trust), None
    except UserError as error:
        run, why = None, str(error)
        log.warning("no attention maps: %s", why)
    maps: RunMaps = {"examples": [], "why": why} if run is None else run.maps()
    why = maps["why"] or "there is no example to show"
    lines, no_samples = predictions_of(folder)
    key = box_key(list(lines.values()), cut=None if run is None else run.config["task"].get("score_threshold"))
    did = done([] if run is None else [run.config], [record])
    return run_page(
        RunPage(
            title=_title(record, folder),
            about=[] if did is None else [Text(did.en, did.zh)],
            scores=list(score_tables(record)),
            warnings=[*_warnings(record), *_changed(run), *_lacking(no_samples)],
            curves=list(_curves(folder, record)),
            no_curves=_no_curves(folder),
            samples=[*_made(folder), *_samples(lines, run, key)],
            box_key=key,
            maps=linked({name: maps}),
            no_maps=Text(why, in_chinese(why)),
            facts=list(_facts(record)),
            command=str(record["command"]) if record.get("command") else None,
        )
    )


def _title(record: Record, folder: Path) -> Text:
    name, seed = record.get("name") or folder.name, record.get("seed")
    return plain(str(name)) if seed is None else Text(f"{name}, seed {seed}", f"{name}，种子 {seed}")


def _record(folder: Path) -> Record:
    if not folder.is_dir():
        raise UserError(f"no such folder, got {folder} (give a run's folder)")
    found = run_folder.finished(folder)
    if found is None:
        begun = (folder / "config.json").is_file()
        what = "a run that isn't finished: give its command again" if begun else "without metrics.json: give a run's"
        raise UserError(f"a finished run's folder is shown, got {folder} ({what})")
    return found


def _warnings(record: Record) -> Iterator[Text]:
    found = record.get("warnings")
    for each in found if isinstance(found, list) else ():
        if isinstance(each, dict) and "message" in each:
            message = str(each["message"])
            yield Text(message, warning_in_chinese(str(each.get("kind", "")), message))


def _lacking(no_samples: str | None) -> Iterator[Text]:
    """That answers are left out."""
    if no_samples is not None:
        message = f"no samples: {no_samples}"
        yield Text(message, said_in_chinese(message) or f"“{message}”")


def _changed(run: TestedRun | None) -> Iterator[Text]:
    """That maps are made with other code than the run's."""
    if run is not None and run.changed is not None:
        said = warning_in_chinese("code_changed", run.changed)
        yield Text(f"the maps may not be those of the run: {run.changed}", f"这些图可能不是该运行的：{said}")


def _facts(record: Record) -> Iterator[tuple[Text, Text]]:
    best, versions, slots = (part(record, key) for key in ("best", "versions", "attention_slots"))
    found = [
        (Text("task", "任务"), _task(record.get("task"))),
        (Text("seed", "种子"), record.get("seed")),
        (Text("updates", "更新次数"), record.get("steps")),
        (Text("best checkpoint", "最佳检查点"), _best(best)),
        (Text("parameters", "参数量"), _count(part(record, "parameters").get("total"))),
        (Text("attention", "注意力"), _attention(slots)),
        (Text("seconds of training", "训练秒数"), record.get("wall_seconds")),
        (Text("precision", "精度"), record.get("precision")),
        (Text("devices", "设备"), _devices(record.get("devices"))),
        (Text("checksum of the data", "数据校验和"), part(record, "data").get("checksum")),
        (Text("versions", "版本"), f"attnlab {versions.get('attnlab', '?')}, torch {versions.get('torch', '?')}"),
        (Text("results", "结果版本"), record.get("results")),
        (Text("commit", "提交"), record.get("git_commit")),
    ]
    for what, which in found:
        if isinstance(which, Text):
            yield what, which
        elif which not in (None, ""):
            yield what, plain(str(which))


def _task(task: Any) -> Text | None:
    return None if task is None else Text(str(task), task_in_chinese(str(task)))


def _best(best: Mapping[str, Any]) -> Text | None:
    score, monitor = best.get("score"), str(best.get("monitor", "?"))
    if score is None:
        return None
    shown, step = score_text(score), best.get("step", "?")
    return Text(f"{monitor} {shown}, at update {step}", f"{score_in_chinese(monitor)} {shown}，第 {step} 次更新")


def _attention(slots: Mapping[str, Any]) -> Text | None:
    english = ", ".join(f"{place}: {name}" for place, name in slots.items())
    chinese = "，".join(f"{slot_in_chinese(place)}：{name}" for place, name in slots.items())
    return Text(english, chinese) if slots else None


def _devices(devices: Any) -> Text | None:
    """Of `2 x cuda`, 2 个 GPU."""
    if devices is None:
        return None
    number, _, kind = str(devices).partition(" x ")
    return Text(
        str(devices),
        f"{number} 个 {'CPU 进程' if kind == 'cpu' else 'GPU'}" if kind in ("cpu", "cuda") else str(devices),
    )


def _count(number: Any) -> str | None:
    return f"{number:,}" if isinstance(number, int) else None


def _curves(folder: Path, record: Record) -> Iterator[Chart]:
    """Of the score that training goes by, losses, and whatever else validation measures."""
    values: dict[str, dict[int, float]] = defaultdict(dict)
    for step, row in MetricsCSV(folder).rows():
        for metric, value in row.items():
            if isfinite(value):
                values[metric][step] = value
    monitored = str(part(record, "best").get("monitor") or "").partition("/")[2]
    losses = [name.partition("/")[2] for name in values if name.startswith("train/") and name.endswith("loss")]
    measured = [name.partition("/")[2] for name in values if name.startswith("val/")]
    for metric in list(dict.fromkeys([monitored, *losses, *measured]))[:MOST_CURVES]:
        rows = [_curve(split, values[f"{split}/{metric}"]) for split in made.SPLITS if values.get(f"{split}/{metric}")]
        if any(len(each.points) > 1 for each in rows):
            yield made.moved(rows, metric=metric)


def _no_curves(folder: Path) -> Text:
    """Why a log makes none: a curve needs two points."""
    if next(iter(MetricsCSV(folder).rows()), None) is None:
        return Text("Nothing was logged in training.", "训练中没有记录。")
    return Text(
        "The run was too short for curves: nothing was logged at two updates (set trainer.log_every_n_steps lower, or "
        "trainer.max_steps higher).",
        "这次运行太短，画不出曲线：没有哪一项在两次更新时都有记录（请把 trainer.log_every_n_steps 调小，或把 "
        "trainer.max_steps 调大）。",
    )


def _curve(split: str, values: Mapping[int, float]) -> Curve:
    steps = sorted(values)
    chosen = [steps[place] for place in spread(len(steps), MOST_POINTS)]
    return Curve(split, [Point(step, values[step], values[step], values[step]) for step in chosen])


def _made(folder: Path) -> Iterator[SampleGroup]:
    """What a generator's run left to look at."""
    if (picture := generated_picture(folder)) is not None:
        yield made_group([Answer(name=MADE, arm="", picture=picture)])


def _samples(lines: Mapping[int, Line], run: TestedRun | None, key: BoxKey | None) -> Iterator[SampleGroup]:
    """Evenly through the test, and of answers that are wrong."""
    numbers = sorted(lines)
    even = [numbers[place] for place in spread(len(numbers), NUM)]
    wrong = [number for number in numbers if lines[number].right is False and number not in even]
    for title, chosen in (
        (Text("Spread evenly over the test set", "在测试集中均匀选取"), even),
        (Text("Where it is wrong", "答错之处"), [wrong[place] for place in spread(len(wrong), NUM)]),
    ):
        if chosen:
            pictures = _pictures(chosen, run)
            found = [sample(number, [(ANSWER, "", lines[number])], pictures, key) for number in chosen]
            yield SampleGroup(title=title, samples=found)


def _pictures(numbers: Sequence[int], run: TestedRun | None) -> dict[int, Picture]:
    """Of test examples; none where the test's images aren't there, as the maps' section says."""
    try:
        images = {} if run is None else {number: run.image(number) for number in numbers}
    except (UserError, IndexError):
        return {}
    return {
        number: Picture(each["address"], (each["width"], each["height"]))
        for number, each in images.items()
        if each is not None
    }
