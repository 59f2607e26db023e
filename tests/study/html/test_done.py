"""What runs did."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from attnlab.study.html.done import data_of, done
from attnlab.study.html.subject import Run, SubjectArm

BIBLE = {"data": {"_target_": "attnlab.data.TranslationDataModule", "corpus": {"_target_": "attnlab.data.BibleEnEs"}}}
RECORD = {"task": "translation", "steps": 1200, "test_examples": {"scored": 661}}


def arm(config: dict[str, Any], **record: Any) -> SubjectArm:
    runs = [Run(seed, Path(str(seed)), {**RECORD, **record}) for seed in (0, 1)]
    return SubjectArm(
        name="dot", added=False, runs=runs, failures=[], differences=[], costs=None, command=None, config=config
    )


def test_the_task_the_data_the_languages_and_how_much_are_said() -> None:
    [said] = done([arm(BIBLE, data={"source": "es", "target": "en"})] * 2)
    assert said.english == (
        "Task: translation; data: bible_en_es, from Spanish into English; 1,200 updates a run; 661 test examples."
    )
    assert "数据：bible_en_es，由西班牙语译为英语；" in said.chinese


def test_what_runs_do_not_share_or_nobody_knows_is_not_said() -> None:
    found = arm(BIBLE, data={"source": "xx", "target": "en"})
    other = replace(found, config={"data": {"_target_": "attnlab.data.ImageFolderDataModule"}}, runs=())
    [said] = done([found, other])
    assert said.english == "Task: translation; 1,200 updates a run; 661 test examples."
    assert data_of([{"data": {"_target_": "mine.Data"}}], []) is None
    unknown = data_of([BIBLE], [{"data": {"source": "xx", "target": "en"}}])
    assert unknown is not None
    assert unknown.english.endswith("from xx into English")
    assert done([replace(found, runs=())]) == []


def test_data_without_languages_are_named_alone() -> None:
    found = data_of([BIBLE], [{"data": {"checksum": "0"}}])
    assert found is not None
    assert found.english == "data: bible_en_es"
