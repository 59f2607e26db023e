"""What runs did, on a page's first lines: their task, on which data, for how long, and how much they were tested on."""

from collections.abc import Mapping, Sequence
from typing import Any

from attnlab.config.conf_path import conf_dir
from attnlab.config.described import name_of_target
from attnlab.reporting.glossary import task_in_chinese
from attnlab.reporting.pages.report.contents import Text
from attnlab.study.html.subject import SubjectArm

LANGUAGES = {
    "de": Text("German", "德语"),
    "en": Text("English", "英语"),
    "es": Text("Spanish", "西班牙语"),
    "fr": Text("French", "法语"),
    "zh": Text("Chinese", "汉语"),
}


def done(arms: Sequence[SubjectArm]) -> list[Text]:
    """What all runs have in common; nothing of what they haven't."""
    return common([arm.config for arm in arms], [run.record for arm in arms for run in arm.runs])


def common(configs: Sequence[Mapping[str, Any]], records: Sequence[Mapping[str, Any]]) -> list[Text]:
    """Likewise, by the configurations of all arms and the records of all runs."""
    if not records:
        return []
    task, steps = (_shared(records, key) for key in ("task", "steps"))
    counts = [each.get("test_examples") for each in records]
    tested = _shared([each for each in counts if isinstance(each, dict)], "scored") if all(counts) else None
    said = []
    if isinstance(task, str):
        said.append(Text(f"Task: {task}", f"任务：{task_in_chinese(task)}"))
    if (data := data_of(configs, records)) is not None:
        said.append(data)
    if isinstance(steps, int):
        said.append(Text(f"{steps:,} updates a run", f"每次运行 {steps:,} 次更新"))
    if isinstance(tested, int):
        said.append(Text(f"{tested:,} test examples", f"{tested:,} 个测试样本"))
    return [Text(f"{'; '.join(each[0] for each in said)}.", f"{'；'.join(each[1] for each in said)}。")] if said else []


def data_of(configs: Sequence[Mapping[str, Any]], records: Sequence[Mapping[str, Any]]) -> Text | None:
    """Their name, as `data=NAME` has it, and of a translation from which language into which."""
    targets = {_target(config) for config in configs}
    target = targets.pop() if len(targets) == 1 else None
    if target is None or (name := name_of_target(conf_dir() / "data", target)) is None:
        return None
    found = [each for each in (record.get("data") for record in records) if isinstance(each, dict)]
    source, into = (_shared(found, key) if len(found) == len(records) else None for key in ("source", "target"))
    if not isinstance(source, str) or not isinstance(into, str):
        return Text(f"data: {name}", f"数据：{name}")
    source, into = (LANGUAGES.get(each, Text(each, f" {each} ")) for each in (source, into))
    return Text(
        f"data: {name}, from {source.english} into {into.english}",
        f"数据：{name}，由{source.chinese}译为{into.chinese}".rstrip(),
    )


def _target(config: Mapping[str, Any]) -> str | None:
    """The class that the data are of: of a corpus, else of the module."""
    data = config.get("data")
    corpus = data.get("corpus") if isinstance(data, Mapping) else None
    for each in (corpus, data):
        target = each.get("_target_") if isinstance(each, Mapping) else None
        if isinstance(target, str):
            return target
    return None


def _shared(records: Sequence[Mapping[str, Any]], key: str) -> Any:
    """A value that all have; else None."""
    values = [each.get(key) for each in records]
    return values[0] if values and all(each == values[0] for each in values) else None
