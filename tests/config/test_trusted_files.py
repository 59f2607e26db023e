"""A torch that can be made to run code by a file reads only those that are said to be the user's own."""

import os
from pathlib import Path

import pytest

from attnlab.commands import cli
from attnlab.config import trusted_files
from attnlab.config.trusted_files import check_file, trust_all, trusted
from attnlab.errors import UserError

pytestmark = pytest.mark.text


@pytest.fixture
def of_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """torchtext's."""
    monkeypatch.setattr(trusted_files, "version", lambda name: "2.3.1")
    monkeypatch.setattr(trusted_files, "_OWN", type(trusted_files._OWN)("_OWN", default=()))


OLD_AND_NEW = [
    *(("2.3.1", False), ("2.6.0", False), ("2.9.1+cu128", False)),
    *(("2.10.0", True), ("2.14.1+cu130", True), ("3.0", True)),
]


@pytest.mark.parametrize("version, safe", OLD_AND_NEW)
def test_from_2_10_on_any_file_may_be_read(version: str, safe: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trusted_files, "version", lambda name: version)
    monkeypatch.setattr(trusted_files, "_OWN", type(trusted_files._OWN)("_OWN", default=()))
    assert trusted_files.torch_is_safe() == safe
    if safe:
        check_file(Path("any.ckpt"))
    else:
        with pytest.raises(UserError, match=r"made to run code by a checkpoint, got any.ckpt \(add --trust-file"):
            check_file(Path("any.ckpt"))


@pytest.mark.usefixtures("of_torch")
def test_ones_own_are_those_below_ones_folder(tmp_path: Path) -> None:
    for folder in ("mine", "mine_not"):
        Path(folder).mkdir()
    Path("mine/link.ckpt").symlink_to(tmp_path / "mine_not" / "evil.ckpt")
    with trusted("mine"):
        check_file(Path("mine/checkpoints/last.ckpt"))
        for other in ("mine_not/a.ckpt", "mine/../a.ckpt", "a.ckpt", "mine/link.ckpt"):
            with pytest.raises(UserError, match="--trust-file"):
                check_file(Path(other))
        with trusted("mine_not"):
            check_file(Path("mine/a.ckpt"))
    with pytest.raises(UserError, match="--trust-file"):
        check_file(Path("mine/checkpoints/last.ckpt"))


@pytest.mark.usefixtures("of_torch")
def test_all_are_if_so_said(tmp_path: Path) -> None:
    trust_all()
    assert trusted_files.all_are_trusted()
    check_file(Path(os.sep, "any", "where.ckpt"))


@pytest.mark.usefixtures("of_torch")
@pytest.mark.parametrize("command", ["predict", "evaluate", "train init_from="])
def test_a_command_reads_a_checkpoint_only_if_it_is_said_to_be_ones_own(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("strange.ckpt").write_bytes(b"\x80no checkpoint")
    words = f"{command} strange.ckpt".replace("= ", "=").split()
    if command.startswith("train"):
        words += ["task=image_classification", "data=synthetic_classification", "callbacks=none", "logger=csv"]
        words += ["data.images.num_train=40", "data.images.num_test=10", "data.num_val=10", "trainer.max_steps=1"]
    assert cli.main(words) == 2
    said = capsys.readouterr().err
    assert "torch 2.3.1 can be made to run code by a checkpoint, got strange.ckpt (add --trust-file if you" in said
    assert cli.main([*words, "--trust-file"]) == 2
    assert "--trust-file" not in (said := capsys.readouterr().err)
    assert "strange.ckpt" in said
    assert not trusted_files.all_are_trusted()  # what one command is told, the next isn't
