"""A device is named as torch names it; another name is told the one that was meant."""

import pytest
import torch
from torch import nn

from attnlab.errors import UserError
from attnlab.runs import device
from attnlab.runs.device import check_device, move


@pytest.mark.parametrize(
    "name, guessed",
    [
        ("gpu", " (did you mean cuda?)"),
        ("GPU:1", " (did you mean cuda:1?)"),
        ("cuda1", " (did you mean cuda:1?)"),
        ("CPU", " (did you mean cpu?)"),
        ("tpu", ""),
        ("0", ""),
        ("", ""),
    ],
)
def test_a_name_that_is_no_devices_is_told_what_was_meant(name: str, guessed: str) -> None:
    with pytest.raises(UserError) as caught:
        check_device(name)
    assert str(caught.value) == f"a device is cpu, cuda, cuda:1 or mps, got {name!r}{guessed} (set --device)"


def test_a_gpu_is_counted_from_0_and_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    check_device("cpu")
    monkeypatch.setattr(device, "may_have_gpu", lambda: False)
    with pytest.raises(UserError, match="torch finds no GPU here that it can use, got 'cuda'"):
        check_device("cuda")
    monkeypatch.setattr(device, "may_have_gpu", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    check_device("cuda:1")
    with pytest.raises(UserError, match="this machine has 2 GPUs, counted from 0, got 'cuda:2'"):
        check_device("cuda:2")


def test_what_cannot_be_put_there_is_one_line() -> None:
    module = nn.Linear(3, 5)
    move({"model": module}, "meta")
    assert module.weight.is_meta
    with pytest.raises(UserError, match=r"^this device can't be used, got 'cpu': .* \(set --device\)$"):
        move({"model": module}, "cpu")
