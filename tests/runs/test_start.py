"""Where training begins that goes on: at the run's own newest checkpoint, else at that of the shorter one before it."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from tiny_checkpoint import going_on

from attnlab.config import identity
from attnlab.data.module import DataModule
from attnlab.errors import UserError
from attnlab.runs import checkpoint
from attnlab.runs.checkpoint_folder import CheckpointFolder
from attnlab.runs.start import Start, check_same_data, start_of

CODEC = {"class": "SimpleNamespace", "state": {"words": ["a"]}}


def _folder(path: str, step: int, results: int = identity.RESULTS) -> CheckpointFolder:
    folder = CheckpointFolder(Path(path, "checkpoints"), keep=2)
    folder.best.parent.mkdir(parents=True)
    folder.best.touch()
    contents = checkpoint.contents({}, {}, CODEC, "0f" * 20) | {"results": results}
    environment = {"precision": "bf16-mixed"}
    stored = {checkpoint.KEY: contents, "state_dict": {}}
    torch.save(stored | going_on(step) | {"environment": environment}, folder.lasts[0])
    Path(path, "config.json").write_text(json.dumps({"trainer": {"keep_checkpoints": 2}}))
    return folder


def test_a_run_without_a_checkpoint_begins_anew() -> None:
    assert start_of(CheckpointFolder(Path("none"), keep=2), None) is None


def test_a_runs_own_checkpoint_comes_before_that_of_the_run_which_it_makes_longer() -> None:
    own, _ = _folder("own", 7), _folder("earlier", 5)
    found = start_of(own, "earlier")
    assert found is not None
    assert (found.step, found.origin, found.environment) == (7, None, {"precision": "bf16-mixed"})
    found = start_of(CheckpointFolder(Path("none"), keep=2), "earlier")
    assert found is not None
    assert found.origin is not None
    assert (found.step, found.origin.folder, found.origin.step) == (5, "earlier", 5)


def test_only_a_longer_run_goes_on_from_other_results() -> None:
    own = _folder("own", 7, results=identity.RESULTS - 1)
    with pytest.raises(UserError, match=r"is a checkpoint of results \d+, .* \(set output_dir, or fresh=true\)"):
        start_of(own, None)
    found = start_of(CheckpointFolder(Path("none"), keep=2), "own")
    assert found is not None
    assert found.origin is not None
    assert found.origin.results == identity.RESULTS - 1


def test_other_data_or_another_vocabulary_is_said() -> None:
    start = start_of(_folder("own", 7), None)
    assert isinstance(start, Start)

    def data(checksum: str, **state: Any) -> DataModule:
        codec = SimpleNamespace(state=lambda: state)
        return cast(DataModule, SimpleNamespace(checksum=checksum, codec=codec))

    check_same_data(start, data("0f" * 20, words=["a"]))
    with pytest.raises(UserError, match=r"the data has changed since this run began: sha256 was 0f0f0f0f0f0f, now"):
        check_same_data(start, data("1f" * 20, words=["a"]))
    with pytest.raises(UserError, match="the vocabulary has changed since this run began"):
        check_same_data(start, data("0f" * 20, words=["b"]))
