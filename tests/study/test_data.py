from types import SimpleNamespace
from typing import Any

import pytest
from tiny_study import tiny_base

from attnlab.config.compose import compose_run
from attnlab.errors import UserError
from attnlab.runs import build
from attnlab.study.arms import seeded
from attnlab.study.data import StudyData, updates_of_tokens


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> build.Config:
    base = tiny_base(tmp_path_factory.mktemp("data"))
    return build.plain(compose_run([*base, "trainer.accumulate_grad_batches=3"]))


def test_data_is_prepared_once_for_all_seeds(config: build.Config) -> None:
    data = StudyData()
    first = data.of(config)
    assert first.prepared
    assert data.of(seeded(config, ["seed", "data.seed"], 7)) is first
    assert data.example(config) is data.example(config)
    assert data.of(config | {"data": config["data"] | {"max_source_length": 20}}) is not first


def test_tokens_are_those_of_training_without_padding(config: build.Config) -> None:
    data: Any = SimpleNamespace(train_tokens=400, num_train_batches=lambda epoch, world_size: 4)
    assert updates_of_tokens(config, data, 400 * 10) == round(4000 / (100 * 3))
    assert updates_of_tokens(config, data, 1) == 1


def test_images_have_no_tokens(config: build.Config) -> None:
    data: Any = SimpleNamespace(train_tokens=None)
    with pytest.raises(UserError, match=r"a budget of tokens needs data that has them, got 9 tokens"):
        updates_of_tokens(config, data, 9)
