"""`attnlab check` on what stands in the shell's place: a sound one passes, a fault fails, a mistake is one line."""

import json
from pathlib import Path
from typing import Any

import pytest

from attnlab.attention.conformance import checks as conformance
from attnlab.attention.conformance.shell import SIBLING_CHECKS
from attnlab.commands import cli
from attnlab.commands.check.meanings import MEANINGS


def check(capsys: pytest.CaptureFixture[str], status: int, *arguments: str) -> dict[str, Any]:
    assert cli.main(["check", *arguments, "--json"]) == status
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert report["contract"] == "shell"
    return report


def test_a_sound_one_goes_through_every_check_and_those_of_the_shell(capsys: pytest.CaptureFixture[str]) -> None:
    report = check(capsys, 0, "own_siblings.Scaled", "--set", "gain=3.0")
    expected = [
        (each.__name__, role) for each in (*conformance.CHECKS, *SIBLING_CHECKS) for role in ("self", "causal", "cross")
    ]
    assert [(each["check"], each["role"]) for each in report["checks"]] == expected


@pytest.mark.parametrize("target", ["latent", "attention/latent", "attnlab.attention.LatentAttention"])
def test_the_shipped_one_passes_by_any_name(capsys: pytest.CaptureFixture[str], target: str) -> None:
    assert check(capsys, 0, target, "--set", "latent_dim=3")["serves"] == ["self", "causal", "cross"]


def test_the_text_says_which_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "own_siblings.NotForDecoding"]) == 0
    text = capsys.readouterr().out
    assert " implements the contract of the shell (attnlab.attention.MultiHeadAttention)\n" in text
    assert "\n  causal is refused: sees all places at once, got role causal\n" in text
    assert "all 62 checks pass" in text


def test_a_fault_fails_in_the_check_that_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    report = check(capsys, 1, "own_siblings.SeesPadding")
    found = [each for each in report["checks"] if each["check"] == "masked_keys_do_not_leak"]
    assert [each["passed"] for each in found] == [False] * 3
    assert found[0]["meaning"] == MEANINGS["masked_keys_do_not_leak"]


def test_a_key_value_taken_for_a_pair_is_told_what_to_write(capsys: pytest.CaptureFixture[str]) -> None:
    report = check(capsys, 1, "own_siblings.UnpacksAPair")
    (found,) = [each for each in report["checks"] if each["role"] == "self"]
    message = "ValueError: too many values to unpack (expected 2"
    assert message in found["message"]
    assert "(of a KeyValue, which has sides and a mask, too, write kv.k and kv.v)" in found["message"]


def test_a_yaml_of_ones_own_is_told_by_its_target(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("mine/attention/scaled.yaml")
    path.parent.mkdir(parents=True)
    path.write_text("_target_: own_siblings.Scaled\n_partial_: true\ndropout: 0.2\ngain: 3.0\n")
    by_file, by_name = check(capsys, 0, str(path)), check(capsys, 0, "scaled", "--config-dir", "mine")
    assert by_file["checks"] == by_name["checks"]
    assert cli.main(["check", "scaled", "--config-dir", "mine", "--set", "gain=-1.0"]) == 2
    assert "gain must be above 0, got -1.0" in capsys.readouterr().err


@pytest.mark.parametrize(
    "target, expected",
    [
        ("own_siblings.NoCore", "NoCore misses `core`: the mechanism behind its projections"),
        ("own_siblings.NoAttend", "NoAttend misses `attend`: a method that gives the output"),
        ("own_siblings.NoRole", "the constructor of NoRole must take role: every mechanism is built with dim, "),
        ("mine/attention/bare.yaml", "called as the shell is, with project and attend, got AlibiAttention"),
        ("mine/attention/bare.yaml", "(in mine/attention/bare.yaml, a core goes under core: with defaults: "),
    ],
)
def test_a_mistake_is_one_line(capsys: pytest.CaptureFixture[str], target: str, expected: str) -> None:
    Path("mine/attention").mkdir(parents=True)
    Path("mine/attention/bare.yaml").write_text("_target_: attnlab.attention.AlibiAttention\n_partial_: true\n")
    assert cli.main(["check", target]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert expected in error
