"""`attnlab doctor`: true of the machine it stands on, quick, and never stopped by what it finds."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from attnlab.commands.doctor import hardware, installed, run, surroundings
from attnlab.commands.doctor.check import Check
from attnlab.commands.doctor.command import guarded, render
from attnlab.errors import UserError

NAMES = ["python", "requirements", "lock", "platform", "cpu", "memory", "torch", "device", "precision", "threads"]
NAMES += ["checkpoints", "slurm", "wandb", "bytecode", "outputs", "disk"]


@pytest.fixture
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the doctor used the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("_no_network")
def test_this_machine_is_examined_without_the_network(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status = run(["--json"])
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert set(NAMES) <= {check["name"] for check in found["checks"]}
    for check in found["checks"]:
        assert check["detail"]
        assert bool(check["remedy"]) == (check["status"] != "ok"), check
        assert "can't be checked" not in check["detail"]
        assert "\n" not in check["detail"] + check["remedy"]
    assert found["healthy"] == all(check["status"] != "fail" for check in found["checks"])
    assert status == (0 if found["healthy"] else 1)
    assert not list(tmp_path.iterdir()), "nothing is left behind"


def test_the_text_has_a_line_for_each_check_its_remedy_below_it_and_a_count() -> None:
    text = render(
        [Check("cpu", "ok", "two cores"), Check("memory", "warn", "little", "buy some"), Check("x", "fail", "no")]
    )
    assert text.splitlines() == [
        "ok    cpu     two cores",
        "warn  memory  little",
        "              -> buy some",
        "fail  x       no",
        "",
        "1 ok, 1 warn, 1 fail",
    ]


def test_in_chinese_the_same_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    looks = [installed.python, installed.requirements, installed.lock, hardware.threads, surroundings.slurm]
    looks += [surroundings.bytecode, lambda: surroundings.outputs(tmp_path)]
    checks = [check for look in looks for check in look()]
    for check in checks:
        english, chinese = check.said("en"), check.said("zh")
        assert english == (check.detail, check.remedy)
        assert re.search(r"[\u4e00-\u9fff]", chinese[0]) or not re.search(r"[a-z]{2,} [a-z]{2,}", chinese[0]), check
        assert bool(english[1]) == bool(chinese[1])
    text = render(checks, "zh")
    assert re.search(r"^警告  threads .*不是线程数$", text, re.MULTILINE)
    assert text.splitlines()[-1].startswith("正常 ")


def test_what_would_stop_training_exits_with_1(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "outputs").write_text("a file where a folder should be")
    assert run(["--json"]) == 1
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert checks["outputs"]["status"] == "fail"
    assert "output_root" in checks["outputs"]["remedy"]


def test_a_check_that_breaks_is_one_line_more_and_keeps_what_it_found() -> None:
    def look() -> Iterator[Check]:
        yield Check("gpu", "ok", "one")
        raise RuntimeError("driver\n  gone")

    found = guarded("gpu", look)
    assert found[0] == Check("gpu", "ok", "one")
    assert (found[1].status, found[1].detail) == ("warn", "can't be checked: driver gone")


def test_an_unknown_option_is_the_users_mistake() -> None:
    with pytest.raises(UserError, match="got task=ner"):
        run(["task=ner"])
    with pytest.raises(UserError, match="--outputs"):
        run(["--outputs"])
