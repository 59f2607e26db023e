"""Every file of conf/ composes and builds, and says what it is."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
from omegaconf import DictConfig, OmegaConf
from packaging.version import Version

from attnlab.commands.list.catalogue import GROUPS, catalogue
from attnlab.config import compose, fitting
from attnlab.config.conf_path import conf_dir
from attnlab.config.sweep_overrides import expand_sweep, first_job
from attnlab.errors import UserError
from attnlab.runs import build

ROOT = Path(__file__).parents[2]
NAMES = {group: list(names) for group, names in catalogue([conf_dir()]).items()}
# What a file needs besides its name, and a task that it fits.
NEEDS = {
    "data=parallel_table": ["data.source=en", "data.target=es"],
    "data=parallel_text": ["data.source=en", "data.target=es"],
    "data=coco": ["data.root=."],
    "data=voc": ["data.root=."],
    "data=yolo": ["data.root=."],
    "data=labelme": ["data.root=."],
    "data=boxes_csv": ["data.root=."],
    "data=associative_recall": ["task=language_modelling"],
    "data=induction": ["task=language_modelling"],
    "data=image_folder": ["task=image_classification", "data.root=images"],
    "tokenizer=words": ["task=ner"],
    "adversarial_loss=hinge": ["task=image_generation"],
    "adversarial_loss=non_saturating": ["task=image_generation"],
    "extractor=fashion_mnist_cnn": ["task=image_generation"],
    "extractor=inception": ["task=image_generation"],
    "extractor=torchvision_inception": ["task=image_generation"],
    "extractor=trained_classifier": ["task=image_generation", "extractor.run=run"],
}


def _fitting_task(group: str, name: str) -> list[str]:
    """For a model, the default task if it fits, else the first in the grid; for data, the first of the same kind."""
    if group == "model":
        tasks = [task for task, models in fitting.read()["cells"].items() if name in models]
        assert tasks, f"no task in grid.json has the model {name}: run make grid"
    elif group == "data":
        kind = _kind_of_data(f"data/{name}")
        tasks = [task for task in NAMES["task"] if _kind_of_data(f"data/{_default_data(task)}") == kind]
    else:
        return []
    return [] if "translation" in tasks else [f"task={task}" for task in tasks[:1]]


def _needs(choice: str) -> list[str]:
    return [*_fitting_task(*choice.split("=")), *NEEDS.get(choice, [])]


def _kind_of_data(name: str) -> str:
    config = OmegaConf.load(conf_dir() / f"{name}.yaml")
    assert isinstance(config, DictConfig)
    return str(config["_target_"])


@cache
def _default_data(task: str) -> str:
    config = OmegaConf.load(conf_dir() / "task" / f"{task}.yaml")
    assert isinstance(config, DictConfig)
    return next(str(each["/data"]) for each in config["defaults"] if "/data" in each)


def _rehearse(*overrides: str) -> build.Config:
    config = build.plain(compose.compose_run(overrides))
    build.rehearse(config)
    return config


# What this machine may lack, and the words it is refused with.
NEEDS_GPU = {
    "trainer=gpu": "torch finds no GPU that it can use",
    "trainer=ddp": "torch finds no GPU that it can use",
    "trainer=fsdp": "torch finds no GPU that it can use",
    "trainer=mps": "torch finds no GPU that it can use",
}


# What this environment may lack: torchtext, which needs an old torch; what that torch doesn't have; weights that tests
# don't download.
LACKS = {
    "tokenizer=torchtext": (find_spec("torchtext") is None, "this tokenizer is torchtext's"),
    "trainer=fsdp": (Version(torch.__version__) < Version("2.6"), "strategy fsdp needs torch 2.6 or later"),
    "extractor=inception": (True, "torch-fidelity's, which isn't installed|no such file, got .*weights-inception-2015"),
    "extractor=torchvision_inception": (True, "no such file, got .*inception_v3_google"),
    "extractor=trained_classifier": (True, r"no such run folder or checkpoint, got run \(set extractor.run"),
}


def _choices() -> Iterator[Any]:
    for group in GROUPS:
        # What torch's own classes are made of may be built otherwise by another torch.
        marks = [pytest.mark.text] if group in ("trainer", "optimizer", "scheduler", "tokenizer") else []
        for name in NAMES[group] if group not in ("attention", "feature_attention", "study") else ():
            yield pytest.param(f"{group}={name}", marks=marks)


@pytest.mark.parametrize("choice", list(_choices()))
def test_every_option_builds(choice: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", "empty")  # where a developer may keep such downloads
    needs = _needs(choice)
    lacking, words = LACKS.get(choice, (False, ""))
    if lacking:
        with pytest.raises(UserError, match=words):
            _rehearse(choice, "trainer.accelerator=cpu", *needs)
        return
    if choice in NEEDS_GPU and not torch.backends.mps.is_available() and torch.cuda.device_count() < 2:
        with pytest.raises(UserError, match=re.escape(NEEDS_GPU[choice])):
            _rehearse(choice)
        choice += " trainer.accelerator=cpu"
    _rehearse(*choice.split(), *needs)


def test_every_file_says_in_its_first_line_what_it_is() -> None:
    silent = [f"{g}/{n}" for g, names in catalogue([conf_dir()]).items() for n, what in names.items() if not what]
    assert not silent


def test_every_experiment_opens_with_command_cost_and_outcome() -> None:
    for path in (conf_dir() / "experiment").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        for word in ("# command", "# cost", "# outcome"):
            assert word in text, f"{path} has no line {word!r}"


def _jobs(readme: str) -> set[tuple[str, ...]]:
    """The overrides of every run that a README's commands begin."""
    lines = re.findall(r"^\$ attnlab train (.*?)(?: +#.*)?$", (ROOT / readme).read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) > 3
    jobs = set()
    for line in lines:
        words = [compose.sugar(word) for word in line.split()]
        if "--config-dir" in words:
            continue  # the reader's own folder; tests/project/test_own_mechanism.py follows that page
        jobs |= {*map(tuple, expand_sweep([w for w in words if w != "-m"]))} if "-m" in words else {tuple(words)}
    return jobs


def test_every_training_command_of_the_readmes_composes() -> None:
    for job in sorted(_jobs("README.md") | _jobs("README.zh.md")):
        compose.compose_run(job)


PAGES = [*ROOT.glob("README*.md"), *(ROOT / "docs").glob("*.md")]


def test_every_training_command_of_the_docs_composes() -> None:
    commands = set()
    for page in (ROOT / "docs").glob("*.md"):
        text = page.read_text(encoding="utf-8").replace("\\\n", " ")
        commands |= {*re.findall(r"^\$ attnlab train (.*?)(?: +#.*)?$", text, re.MULTILINE)}
    assert len(commands) > 9
    for command in sorted(commands):
        compose.compose_run(first_job([word for word in shlex.split(command) if word != "-m"]))


def test_what_pages_have_installed_is_this_checkout_with_extras_that_there_are() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    lines = [
        line for page in PAGES for line in re.findall(r"^\$ pip install .*", page.read_text("utf-8"), re.MULTILINE)
    ]
    assert lines
    for line in lines:
        found = re.match(r"\$ pip install -e '\.\[([\w,]+)\]'", line)
        assert found, f"{line} installs what no index has"
        assert {*found[1].split(",")} <= extras.keys()


@pytest.mark.parametrize("path", sorted(conf_dir().rglob("*.yaml")), ids=lambda path: path.stem)
def test_every_file_says_what_it_is_in_chinese_too(path: Path) -> None:
    opening = re.match(r"(?:#.*\n)+", path.read_text(encoding="utf-8"))
    assert opening is not None
    said, *labelled = re.findall(r"^# zh: (.+)$", opening[0], re.MULTILINE)
    assert re.search(r"[\u4e00-\u9fff].*。$", said)
    assert all(re.match(r"(代价|结果)  \S", each) for each in labelled)


@pytest.mark.parametrize("path", sorted(conf_dir().rglob("*.yaml")), ids=lambda path: path.stem)
def test_what_a_key_means_is_said_in_chinese_below(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines):
        comment = re.match(r"(?P<key>[^#'\"]*\S[^#'\"]* +)# ", line)
        if comment is not None:
            column = " " * len(comment["key"]) + "# "
            more = next(
                i for i in range(number + 1, len(lines) + 1) if i == len(lines) or not lines[i].startswith(column)
            )
            assert lines[more - 1].startswith(f"{column}zh: "), line


def test_what_is_said_in_chinese_is_told_from_what_is_said_in_english() -> None:
    said = [what for names in catalogue([conf_dir()]).values() for what in names.values()]
    assert not [what for what in said if re.search(r"zh:|[\u4e00-\u9fff]", what)]
