"""What a run begins from is looked for before it is begun, and what can't be said so early is let through."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from omegaconf import OmegaConf

from attnlab.config.choices import choice
from attnlab.config.compose import load_group, options
from attnlab.config.conf_path import conf_dir
from attnlab.errors import UserError
from attnlab.runs import sources
from attnlab.runs.sources import check_data, check_machine, check_sources


@pytest.mark.parametrize(
    "init_from, said",
    [
        ("words.pt", r"this is no file of weights, got words.pt, which begins with b'wo' \(set init_from"),
        ("empty.ckpt", r"this is no file of weights, got empty.ckpt, which is empty \(set init_from"),
        ("folder", r"got the folder folder without checkpoints/best.ckpt \(set init_from to a run's folder\)"),
        ("gone.ckpt", r"got gone.ckpt, which isn't there \(set init_from"),
    ],
)
def test_what_cant_be_is_one_line(init_from: str, said: str) -> None:
    Path("words.pt").write_text("words")
    Path("empty.ckpt").touch()
    Path("folder").mkdir()
    with pytest.raises(UserError, match=said):
        check_sources({"init_from": init_from})


def test_what_may_be_passes() -> None:
    torch.save({"a": torch.ones(1)}, "new.pt")
    torch.save({"a": torch.ones(1)}, "old.pt", _use_new_zipfile_serialization=False)
    Path("run/checkpoints").mkdir(parents=True)
    Path("run/checkpoints/best.ckpt").touch()
    Path("some.safetensors").touch()  # which says itself what is wrong
    for each in ("new.pt", "old.pt", "run", "some.safetensors", None):
        check_sources({"init_from": each})


def test_data_and_gpus_that_arent_here_are_told_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "may_have_gpu", lambda: False)
    with pytest.raises(UserError, match=r"the data's folder must be there, got nowhere \(set data.root\)"):
        check_machine(_config(root="nowhere"))
    with pytest.raises(UserError, match=r"torch finds no GPU that it can use, got trainer.accelerator=gpu \(set tr"):
        check_machine(_config(accelerator="gpu"))
    monkeypatch.setattr(sources, "may_have_gpu", lambda: True)  # which torch then is asked for
    check_machine(_config(accelerator="gpu"))
    for fine in (_config(), _config(root="."), _config(root="nowhere", target="mine.Data")):
        check_machine(fine)


@pytest.mark.parametrize("name", options("data"))
def test_data_that_reads_no_files_is_not_asked_where_they_are(name: str) -> None:
    """Its configuration says so beside `root`; a folder is refused for what it is, whether or not it is there."""
    (root,) = (key for key in choice("data", name, [conf_dir()]).keys if key.name == "data.root")
    made_up = "made up" in str(root.said.en)
    data = OmegaConf.to_container(load_group("data", name), resolve=False)
    assert isinstance(data, dict)
    for given in ("nowhere", "."):
        if made_up:
            with pytest.raises(UserError, match=rf"this data is made up and read from no files, got {given} \(drop"):
                check_data({str(key): value for key, value in data.items()} | {"root": given})
    if not made_up:
        with pytest.raises(UserError, match="the data's folder must be there, got nowhere"):
            check_data({str(key): value for key, value in data.items()} | {"root": "nowhere"})


def _config(*, root: str | None = None, accelerator: str = "auto", target: str = "attnlab.data.Any") -> dict[str, Any]:
    return {"data": {"_target_": target, "root": root}, "trainer": {"accelerator": accelerator}}


LIGHT = """
import sys
from attnlab.commands.cli import main
assert main(["train", "task=ner", "output_dir=run", *sys.argv[1:]]) == 2
assert "torch" not in sys.modules
"""


def test_the_command_tells_so_before_torch_is_loaded() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LIGHT, "data=conll", "data.root=nowhere"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == "error: the data's folder must be there, got nowhere (set data.root)\n"
