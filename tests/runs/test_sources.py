"""What a run begins from is looked for before it is begun, and what can't be said so early is let through."""

from pathlib import Path

import pytest
import torch

from attnlab.errors import UserError
from attnlab.runs.sources import check_sources


@pytest.mark.parametrize(
    "init_from, said",
    [
        ("words.pt", r"this is no file of weights, got words.pt, which begins with b'wo' \(set init_from"),
        ("empty.ckpt", r"this is no file of weights, got empty.ckpt, which begins with b''"),
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
