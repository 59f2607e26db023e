"""Every training command of the pages trains, for two updates of few examples: `make test-docs`."""

import os
import re
from pathlib import Path

import pytest
import torch
import torchvision
from fork_server import ForkServer
from page_lines import commands
from page_pictures import write_pictures
from page_workplace import Workplace, few, write_code
from standard_data import standard
from tiny_language import write_corpus

from attnlab.config.sweep_overrides import first_job

pytestmark = pytest.mark.skipif(not os.environ.get("ATTNLAB_TEST_DOCS"), reason="takes minutes: make test-docs")

TRAINING = [command for command in commands() if command.startswith("attnlab train ")]
LIMITS = [
    *("trainer.max_steps=2", "trainer.val_check_interval=2"),
    *("trainer.limit_val_batches=1", "trainer.limit_test_batches=1"),
]
# Of other sweeps the first job trains; tests/launch has their launchers and samplers.
WHOLE = "attnlab train -m hydra/launcher=local trainer.threads=1 seed=1,2,3,4"
DOWNLOADED = {"data.root=DIR": "multi30k", "experiment=object_detection_bccd": "bccd"}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data is prepared once, by whichever of pytest's processes comes to it first."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "pages-cache"


def _job(words: list[str]) -> list[str]:
    if "-m" not in words:
        return words
    return [each for each in first_job([word for word in words if word != "-m"]) if not each.startswith("hydra")]


def _downloaded(command: str) -> list[str]:
    """Where the data lies that the command would download."""
    for shown, name in DOWNLOADED.items():
        if shown in command:
            root = standard(name)
            if not root.is_dir():
                pytest.skip(f"needs {name}, which would be downloaded")
            return [f"data.root={root}"]
    return []


def _few(job: list[str]) -> list[str]:
    if "--config-dir" in job:
        return ["data.batch_tokens=256"]
    return few(job)


@pytest.mark.parametrize("command", TRAINING, ids=[each.removeprefix("attnlab train ")[:90] for each in TRAINING])
def test_it_trains(command: str, tmp_path: Path, cache: Path, server: ForkServer) -> None:
    place = Workplace(tmp_path, server, cache=cache)
    if own := re.search(r"data=(\w+) data\.root=photos", command):
        write_pictures(tmp_path / "photos", own[1])
    if "data.root=FOLDER" in command:
        for path in write_corpus(tmp_path / "FOLDER").iterdir():
            path.write_text(path.read_text() * 20)  # blocks of the shipped length, in each split
    if weights := re.search(r"model\.weights=(\S+)", command):
        torch.save(torchvision.models.resnet18().state_dict(), tmp_path / weights[1])
    write_code(tmp_path)
    words = place.words(command)[2:]
    job = _job(words)
    place.attnlab(["train", *(words if command == WHOLE else job), *LIMITS, *_few(job), *_downloaded(command)])
    trained = list((tmp_path / "outputs").rglob("metrics.json"))
    assert len(trained) == (4 if command == WHOLE else 1)


def test_a_sweep_is_run_whole() -> None:
    assert WHOLE in TRAINING
