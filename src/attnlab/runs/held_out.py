"""The data that a trained run is scored on: such as training left out, or other data altogether."""

from pathlib import Path
from typing import Any

from attnlab.data.module import DataModule
from attnlab.errors import UserError
from attnlab.language import either
from attnlab.models.predictors import ImageGenerator
from attnlab.reading.shown import tell
from attnlab.runs import build
from attnlab.runs.own_files import told_who_reads_own_files
from attnlab.runs.seen_in_training import warn_of_seen
from attnlab.tasks.task import Task

AS_BATCHED = (
    "batch_size",
    "batch_tokens",
    "num_workers",
    "worker_timeout",
    "cache_dir",
)  # of data's keys, those that choose none of it


def prepared(config: build.Config, trained: build.Config, task: Task[Any], *, checksum: str) -> DataModule:
    """The data to score, for a model that was `trained` on what has this checksum."""
    data: DataModule = build.build_data(config)
    elsewhere = not _same_root(trained["data"], config["data"])
    # A share that is asked for is taken of other data, too.
    whole = elsewhere and _test_shares(trained["data"]) == _test_shares(config["data"])
    data.adopt(task.codec, trained_on=checksum if whole else None, any_classes=_knows_no_classes(task))
    with told_who_reads_own_files(config, trained=True):
        data.prepare_data()
    if elsewhere and not whole and _as_trained(config, trained, task).checksum == checksum:
        raise UserError(
            f"test images must be those that training left out, got training's own images in {data.root} with other "
            "shares (drop the shares, or set data.root to other images)"
        )
    if data.test_origin is not None and data.checksum != checksum:
        english = "this is other data than training's" if elsewhere else "the data has changed since training"
        chinese = "这不是训练时的数据" if elsewhere else "训练之后数据有了变化"
        tell(
            either(
                f"{english}: test may hold what the model was trained on",
                f"{chinese}：测试集里可能有模型训练时见过的内容",
            )
        )
    if _reads(trained["data"]) != _reads(config["data"]):
        warn_of_seen(data, trained)
    return data


def check_held_out(trained: dict[str, Any], given: dict[str, Any]) -> None:
    """UserError where another share would be held out of the same images: the model was trained on some of it."""
    if not _same_root(trained, given):
        return
    parts = [("data", trained, given)]
    if isinstance(trained.get("source"), dict) and isinstance(given.get("source"), dict):
        parts.append(("data.source", trained["source"], given["source"]))
    for group, before, now in parts:
        for key in ("val_share", "test_share", *(["test"] if now.get("test", "") is None else [])):
            if now.get(key) != before.get(key):
                raise UserError(
                    f"test images must be those that training left out, got {group}.{key}={now.get(key)} and not "
                    f"{before.get(key)} (drop it, or set data.root to other images)"
                )


def same_data(trained: build.Config, given: build.Config) -> bool:
    """Whether nothing is given anew that says which data it is."""
    one, other = (_reads(each) | {"root": None} for each in (trained, given))
    return one == other and _same_root(trained, given)


def _reads(data: build.Config) -> build.Config:
    """What of a data module's configuration says which data it is."""
    return {key: value for key, value in data.items() if key not in AS_BATCHED}


def _as_trained(config: build.Config, trained: build.Config, task: Task[Any]) -> DataModule:
    """The data to score, shared out as training would have done it, or as it is where that can't be."""
    shares = {key: value for key, value in trained["data"].items() if key in ("val_share", "test_share", "source")}
    data: DataModule = build.build_data(config | {"data": config["data"] | shares})
    data.adopt(task.codec, any_classes=_knows_no_classes(task))
    try:
        data.prepare_data()
    except UserError:  # too little of it to share, say
        data.checksum = ""
    return data


def _knows_no_classes(task: Task[Any]) -> bool:
    return isinstance(task.predictor, ImageGenerator) and task.predictor.classes is None


def _same_root(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two data modules read the same folder, however it is spelled."""
    places = [root and Path(str(root)).expanduser().resolve() for root in (one.get("root"), other.get("root"))]
    return places[0] == places[1]


def _test_shares(data: dict[str, Any]) -> list[Any]:
    """Of a set, and of where it comes from."""
    source = data.get("source")
    return [data.get("test_share"), source.get("test_share") if isinstance(source, dict) else None]
