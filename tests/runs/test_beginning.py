"""Where training begins."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny import tiny, write_corpus
from torch import nn

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


def _dropped(folder: Path, attention: str) -> dict[str, list[torch.Tensor]]:
    """What is dropped while a batch is first read, by the path of what drops it."""
    given = (f"attention={attention}", "attention.dropout=0", "model.dropout=0.3")
    ready = begun(build.plain(compose_run(tiny(folder / "corpus", *given)[1:])))
    found: dict[str, list[torch.Tensor]] = {}

    def note(path: str) -> Callable[..., None]:
        return lambda module, read, left: found.setdefault(path, []).append((left == 0) & (read[0] != 0))

    for path, module in ready.task.model.named_modules():
        if isinstance(module, nn.Dropout):
            module.register_forward_hook(note(path))
    batch = ready.data.batch_of("train", np.arange(3))
    ready.task.model.train()(batch.source, batch.target[:, :-1])
    return found


@pytest.mark.text
def test_dropout_coincides_where_models_differ_in_a_core_alone(tmp_path: Path) -> None:
    write_corpus(tmp_path / "corpus")
    dot, *others = (_dropped(tmp_path, name) for name in ("dot", "additive", "uniform"))
    assert any(mask.any() for masks in dot.values() for mask in masks)
    for other in others:
        assert other.keys() == dot.keys()
        for path, masks in dot.items():
            assert all(torch.equal(*each) for each in zip(masks, other[path], strict=True)), path


@pytest.mark.text
def test_a_process_without_data_is_refused(config: build.Config) -> None:
    many = config | {"trainer": config["trainer"] | {"accelerator": "cpu", "devices": 8, "num_nodes": 1}}
    with pytest.raises(UserError, match=r"needs an example of test, got 7 \(set trainer\.devices"):
        begun(many)
