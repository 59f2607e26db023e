"""What can be said of a run before anything is written is said then."""

import os
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from attnlab.commands.train.beforehand import check, check_writable, others_of, plain
from attnlab.errors import UserError
from attnlab.launch import sweep


def test_a_folder_that_cannot_be_made_is_named_with_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("file").touch()
    with pytest.raises(UserError, match=r"can't be made: .*file is a file \(set output_root, or output_dir\)$"):
        check_writable(Path("file", "run"))
    with pytest.raises(UserError, match=r"can't be made: .* \(set output_root, or output_dir\)$"):
        check_writable(Path("x" * 300))
    with monkeypatch.context() as patch:  # root may write to what has no such permission
        patch.setattr(os, "access", lambda *_: False)
        with pytest.raises(UserError, match=r"is read-only, got .* \(set output_root, or output_dir\)$"):
            check_writable(Path("new", "run"))
    check_writable(Path("new", "run"))
    assert not Path("new").exists()


def test_paths_are_read_as_they_are_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    found = plain(OmegaConf.create({"output_root": "~/runs", "name": "~/runs", "output_dir": "${output_root}/a"}))
    assert found == {"output_root": f"{tmp_path}/runs", "name": "~/runs", "output_dir": f"{tmp_path}/runs/a"}


def test_runs_of_a_sweep_that_would_share_a_folder_are_refused() -> None:
    shared = sweep.planned(["seed=1,2", "output_dir=run"], multirun=True, config_dirs=[])
    assert len(others_of(shared)) == 1
    with pytest.raises(UserError, match=r"share a folder \(set output_root, not output_dir\)$"):
        check(shared, others_of(shared), config_dirs=[])
    # Each has a folder named by its configuration, and starts here: none is composed twice.
    assert others_of(sweep.planned(["seed=1,2"], multirun=True, config_dirs=[])) == []
