"""Files of weights: what is read of them, and that nothing of them is run."""

import collections
import json
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import Tensor, nn

from attnlab.errors import UserError
from attnlab.models.weight_files import read_weights, unwrapped


@pytest.fixture
def weights() -> dict[str, Tensor]:
    return {
        "a.weight": torch.arange(6.0).view(2, 3),
        "a.steps": torch.tensor(7),
        "b": torch.ones(5, dtype=torch.bfloat16),
        "empty": torch.zeros(0, 3),
        "mask": torch.tensor([True, False]),
    }


def _same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    same = all(torch.equal(value, other[name]) and value.dtype == other[name].dtype for name, value in one.items())
    return same and list(one) == list(other)


@pytest.mark.parametrize("legacy", [False, True])
def test_torchs_files_are_read(tmp_path: Path, weights: dict[str, Tensor], legacy: bool) -> None:
    path = tmp_path / "weights.pth"
    torch.save(collections.OrderedDict(weights), path, _use_new_zipfile_serialization=not legacy)
    assert _same(weights, read_weights(path, key="init_from"))


def test_safetensors_are_read_as_their_library_reads_them(tmp_path: Path, weights: dict[str, Tensor]) -> None:
    path = tmp_path / "weights.safetensors"
    safetensors.torch.save_file(weights, path, {"format": "pt"})
    found = read_weights(path, key="init_from")
    assert _same(dict(sorted(weights.items())), dict(sorted(found.items())))


def test_wrappings_are_taken_off(weights: dict[str, Tensor]) -> None:
    wrapped = {f"module.{name}": value for name, value in weights.items()}
    for stored in (wrapped, {"state_dict": wrapped, "epoch": 3}, {"model": {"state_dict": wrapped}}):
        assert _same(weights, unwrapped(stored))
    assert unwrapped([1]) == unwrapped({"lr": 3.0}) == {}


def test_what_is_none_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "words.pth").write_text("words")
    (tmp_path / "words.safetensors").write_text("words")
    (tmp_path / "cut.safetensors").write_bytes((99).to_bytes(8, "little") + b"{}")
    torch.save(nn.Linear(2, 3), tmp_path / "module.pth")
    torch.save({"lr": 0.1}, tmp_path / "none.pth")
    header = json.dumps({"a": {"dtype": "F9", "shape": [1], "data_offsets": [0, 1]}}).encode()
    (tmp_path / "kind.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + b"x")
    for name, message in (
        ("gone.pth", r"no such file of weights, got .*gone.pth \(set model.weights\)"),
        ("words.pth", r"words.pth"),
        ("words.safetensors", r"this is no file of weights, got .*words.safetensors: .* \(set model.weights\)"),
        ("cut.safetensors", r"this is no file of weights, got "),
        ("kind.safetensors", r"this is no file of weights, got "),
        (
            "module.pth",
            r"tensors and plain values alone, got others in .*module.pth: .* \(save a state_dict, or set model.w",
        ),
        ("none.pth", r"holds tensors by name, got none in .*none.pth \(set model.weights\)"),
    ):
        with pytest.raises(UserError, match=message) as caught:
            read_weights(tmp_path / name, key="model.weights")
        assert "\n" not in str(caught.value)
