"""Of which tasks each name is."""

from pathlib import Path

import pytest

from attnlab.commands.list import fits
from attnlab.commands.list.catalogue import catalogue
from attnlab.config import fitting
from attnlab.config.conf_path import conf_dir

GRID = fitting.read()


@pytest.fixture(scope="module")
def tasks() -> fits.Tasks:
    return fits.tasks_of(catalogue([conf_dir()]), GRID, [conf_dir()])


def test_each_name_of_what_is_of_a_task_says_of_which(tasks: fits.Tasks) -> None:
    groups = catalogue([conf_dir()])
    for group in ("task", "data", "model", "tokenizer", "experiment", "study", "extractor", "adversarial_loss"):
        assert tasks[group].keys() == groups[group].keys()
        assert all(tasks[group].values()), group
    assert tasks["data"]["image_folder"] == ["image_classification", "image_generation"]
    assert tasks["tokenizer"] == GRID["fits"]["tokenizer"]
    assert tasks["tokenizer"]["words"] == ["ner"]
    assert tasks["study"]["attention_in_classification"] == ["image_classification"]
    assert tasks["experiment"]["object_detection_bccd"] == ["object_detection"]
    assert tasks["extractor"]["inception"] == ["image_generation"]
    assert "scheduler" not in tasks


def test_a_mechanism_is_of_a_task_where_a_model_takes_it(tasks: fits.Tasks) -> None:
    for group in ("attention", "feature_attention"):
        for name, found in tasks[group].items():
            for task, models in GRID["cells"].items():
                taken = any("refused" not in cells[group].get(name, {"refused": ""}) for cells in models.values())
                assert (task in found) == taken


def test_of_ones_own_data_the_class_tells_and_what_nobody_knows_stays(tmp_path: Path) -> None:
    for name, target in (("known", "attnlab.data.TranslationDataModule"), ("own", "mine.DataModule")):
        path = tmp_path / "data" / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"_target_: {target}\n")
    folders = [conf_dir(), tmp_path]
    groups = catalogue(folders)
    tasks = fits.tasks_of(groups, GRID, folders)
    assert tasks["data"]["known"] == ["translation"]
    assert "own" not in tasks["data"]
    assert {"known", "own"} & fits.of_task("ner", groups, tasks)["data"].keys() == {"own"}
