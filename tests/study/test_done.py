"""What runs did."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from attnlab.config.conf_path import conf_dir
from attnlab.study.done import data_of, done

BIBLE = {"data": {"_target_": "attnlab.data.TranslationDataModule", "corpus": {"_target_": "attnlab.data.BibleEnEs"}}}
RECORD = {"task": "translation", "steps": 1200, "test_examples": {"scored": 661}}


DATA = sorted(conf_dir().glob("data/*.yaml"))


def test_the_task_the_model_the_data_the_languages_and_how_much_are_said() -> None:
    config = BIBLE | {"model": {"_target_": "attnlab.models.Seq2Seq"}}
    said = done([config] * 2, [RECORD | {"data": {"source": "es", "target": "en"}}] * 4)
    assert said is not None
    assert said.en == (
        "Task: translation; model: seq2seq; data: bible_en_es, from Spanish into English; 1,200 updates a run; "
        "661 test examples."
    )
    assert "模型：seq2seq；数据：bible_en_es，由西班牙语译为英语；" in said.zh


def test_what_runs_do_not_share_or_nobody_knows_is_not_said() -> None:
    other: dict[str, Any] = {
        "model": {"_target_": "attnlab.models.Seq2Seq"},
        "data": {"_target_": "attnlab.data.ImageFolderDataModule"},
    }
    said = done([BIBLE, other], [RECORD] * 2)
    assert said is not None
    assert said.en == "Task: translation; 1,200 updates a run; 661 test examples."
    assert data_of([{"data": {"_target_": "mine.Data"}}], []) is None
    unknown = data_of([BIBLE], [{"data": {"source": "xx", "target": "en"}}])
    assert unknown is not None
    assert unknown.en.endswith("from xx into English")
    assert done([BIBLE], []) is None
    assert done([{}], [{}]) is None


def test_data_without_languages_are_named_alone() -> None:
    found = data_of([BIBLE], [{"data": {"checksum": "0"}}])
    assert found is not None
    assert found.en == "data: bible_en_es"


@pytest.mark.parametrize("path", DATA, ids=lambda path: path.stem)
def test_all_shipped_data_have_their_name(path: Path) -> None:
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    said = data_of([{"data": config}], [])
    assert said is not None
    assert said.en == f"data: {path.stem}"
