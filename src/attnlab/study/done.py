"""What runs did, first on every report: their task, model and data, for how long, and how much they were tested on."""

from collections.abc import Mapping, Sequence
from typing import Any

from attnlab.config.conf_path import conf_dir
from attnlab.config.described import name_of_target
from attnlab.language import Words
from attnlab.reporting.glossary import task_in_chinese

LANGUAGES = {
    "de": Words("German", "德语"),
    "en": Words("English", "英语"),
    "es": Words("Spanish", "西班牙语"),
    "fr": Words("French", "法语"),
    "zh": Words("Chinese", "汉语"),
}

# Where a configuration says what its examples are read from; the rest is the same for all data of a task.
READ_FROM = ("corpus", "source", "images", "sequences")

Record = Mapping[str, Any]


def done(configs: Sequence[Record], records: Sequence[Record]) -> Words | None:
    """What all runs have in common, by the arms' configurations and the runs' records; nothing of what they haven't."""
    if not records:
        return None
    task, steps = (_shared(records, key) for key in ("task", "steps"))
    counts = [each.get("test_examples") for each in records]
    tested = _shared([each for each in counts if isinstance(each, dict)], "scored") if all(counts) else None
    said = []
    if isinstance(task, str):
        said.append(Words(f"Task: {task}", f"任务：{task_in_chinese(task)}"))
    if (model := _only_name(configs, "model", ("model",))) is not None:
        said.append(Words(f"model: {model}", f"模型：{model}"))
    if (data := data_of(configs, records)) is not None:
        said.append(data)
    if isinstance(steps, int):
        said.append(
            Words(f"{steps:,} updates", f"{steps:,} 次更新")
            if len(records) == 1
            else Words(f"{steps:,} updates a run", f"每次运行 {steps:,} 次更新")
        )
    if isinstance(tested, int):
        said.append(Words(f"{tested:,} test examples", f"{tested:,} 个测试样本"))
    if not said:
        return None
    return Words(f"{'; '.join(each.en for each in said)}.", f"{'；'.join(each.zh for each in said)}。")


def data_of(configs: Sequence[Record], records: Sequence[Record]) -> Words | None:
    """Their name, as `data=NAME` has it, and of a translation from which language into which."""
    name = _only_name(configs, "data", *(("data", key) for key in READ_FROM), ("data",))
    if name is None:
        return None
    found = [each for each in (record.get("data") for record in records) if isinstance(each, dict)]
    source, into = (_shared(found, key) if len(found) == len(records) else None for key in ("source", "target"))
    if not isinstance(source, str) or not isinstance(into, str):
        return Words(f"data: {name}", f"数据：{name}")
    source, into = (LANGUAGES.get(each, Words(each, f" {each} ")) for each in (source, into))
    return Words(
        f"data: {name}, from {source.en} into {into.en}",
        f"数据：{name}，由{source.zh}译为{into.zh}".rstrip(),
    )


def _only_name(configs: Sequence[Record], group: str, *paths: Sequence[str]) -> str | None:
    """By which name a group has the class that all configurations give at the first of these paths that has one."""
    targets = {next((found for path in paths if (found := _target(config, path))), None) for config in configs}
    target = targets.pop() if len(targets) == 1 else None
    return None if target is None else name_of_target(conf_dir() / group, target)


def _target(config: Record, path: Sequence[str]) -> str | None:
    node: Any = config
    for key in (*path, "_target_"):
        node = node.get(key) if isinstance(node, Mapping) else None
    return node if isinstance(node, str) else None


def _shared(records: Sequence[Record], key: str) -> Any:
    """A value that all have; else None."""
    values = [each.get(key) for each in records]
    return values[0] if values and all(each == values[0] for each in values) else None
