"""Where training begins."""

from pathlib import Path

import pytest
import torch
from tiny import tiny, write_corpus

from attnlab.config.compose import compose_run
from attnlab.errors import UserError
from attnlab.runs import build
from attnlab.runs.beginning import begun
from attnlab.runs.random_state import random_state


@pytest.fixture
def config(tmp_path: Path) -> build.Config:
    return build.plain(compose_run(tiny(write_corpus(tmp_path / "corpus"))[1:]))


@pytest.mark.text
def test_the_same_seed_begins_with_the_same_weights_and_generators(config: build.Config) -> None:
    once = begun(config)
    state = random_state(torch.device("cpu"))["torch"]
    torch.rand(3)
    twice = begun(config)
    assert torch.equal(random_state(torch.device("cpu"))["torch"], state)
    weights = twice.task.state_dict()
    assert all(torch.equal(value, weights[name]) for name, value in once.task.state_dict().items())
    assert once.data.checksum == twice.data.checksum


@pytest.mark.text
def test_a_process_without_data_is_refused(config: build.Config) -> None:
    many = config | {"trainer": config["trainer"] | {"accelerator": "cpu", "devices": 8, "num_nodes": 1}}
    with pytest.raises(UserError, match=r"needs an example of test, got 7 \(set trainer\.devices"):
        begun(many)
