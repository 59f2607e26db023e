"""`attnlab check` on what stands in the shell's place: a sound one passes, a fault fails, a mistake is one line."""

import json
from pathlib import Path
from typing import Any

import pytest
from torch import Tensor, nn

from attnlab.attention import KeyValue, LatentAttention, MultiHeadAttention, RoleError, ScaledDotAttention
from attnlab.attention.conformance import checks as conformance
from attnlab.attention.conformance.shell import SIBLING_CHECKS
from attnlab.commands import cli
from attnlab.commands.check.meanings import MEANINGS

# As a user would write them; named on the command line as test_check_sibling.Scaled.


@pytest.fixture(autouse=True)
def _in_the_users_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent)


class Scaled(nn.Module):
    """The shell with its output multiplied."""

    def __init__(
        self,
        dim: int,
        *,
        num_heads: int,
        role: Any,
        max_length: int,
        dropout: float = 0.0,
        key_dim: int | None = None,
        value_dim: int | None = None,
        gain: float = 2.0,
    ) -> None:
        super().__init__()
        if gain <= 0:
            raise ValueError(f"gain must be above 0, got {gain}")
        self.shell = MultiHeadAttention(
            dim,
            num_heads=num_heads,
            core=ScaledDotAttention,
            role=role,
            max_length=max_length,
            dropout=dropout,
            key_dim=key_dim,
            value_dim=value_dim,
        )
        self.gain = gain

    @property
    def core(self) -> Any:
        return self.shell.core

    def project(self, key: Tensor, value: Tensor | None = None) -> KeyValue:
        return self.shell.project(key, value)

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        *,
        kv: KeyValue | None = None,
        key_mask: Tensor | None = None,
        bias: Tensor | None = None,
    ) -> Any:
        return self.gain * self.shell(query, key, value, kv=kv, key_mask=key_mask, bias=bias)

    def attend(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        *,
        kv: KeyValue | None = None,
        key_mask: Tensor | None = None,
        bias: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        output, weights = self.shell.attend(query, key, value, kv=kv, key_mask=key_mask, bias=bias)
        return self.gain * output, weights


class SeesPadding(Scaled):
    def forward(self, query: Tensor, *source: Any, **given: Any) -> Any:
        given["key_mask"] = None
        return super().forward(query, *source, **given)


class NotForDecoding(Scaled):
    def __init__(self, dim: int, *, role: Any, **arguments: Any) -> None:
        if role == "causal":
            raise RoleError("sees all places at once, got role causal")
        super().__init__(dim, role=role, **arguments)


class NoCore(Scaled):
    core = None


class NoAttend(nn.Module):
    def __init__(self, dim: int, **arguments: Any) -> None:
        super().__init__()

    def project(self, key: Tensor) -> None: ...

    def forward(self, query: Tensor) -> Tensor:
        return query


class NoRole(LatentAttention):
    def __init__(
        self, dim: int, *, num_heads: int, max_length: int, dropout: float, key_dim: int, value_dim: int
    ) -> None:
        super().__init__(dim, num_heads=num_heads, role="self", max_length=max_length)


def check(capsys: pytest.CaptureFixture[str], status: int, *arguments: str) -> dict[str, Any]:
    assert cli.main(["check", *arguments, "--json"]) == status
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert report["contract"] == "shell"
    return report


def test_a_sound_one_goes_through_every_check_and_those_of_the_shell(capsys: pytest.CaptureFixture[str]) -> None:
    report = check(capsys, 0, "test_check_sibling.Scaled", "--set", "gain=3.0")
    expected = [
        (each.__name__, role) for each in (*conformance.CHECKS, *SIBLING_CHECKS) for role in ("self", "causal", "cross")
    ]
    assert [(each["check"], each["role"]) for each in report["checks"]] == expected


@pytest.mark.parametrize("target", ["latent", "attention/latent", "attnlab.attention.LatentAttention"])
def test_the_shipped_one_passes_by_any_name(capsys: pytest.CaptureFixture[str], target: str) -> None:
    assert check(capsys, 0, target, "--set", "latent_dim=3")["serves"] == ["self", "causal", "cross"]


def test_the_text_says_which_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "test_check_sibling.NotForDecoding"]) == 0
    text = capsys.readouterr().out
    assert " implements the contract of the shell (attnlab.attention.MultiHeadAttention)\n" in text
    assert "\n  causal is refused: sees all places at once, got role causal\n" in text
    assert "all 46 checks pass" in text


def test_a_fault_fails_in_the_check_that_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    report = check(capsys, 1, "test_check_sibling.SeesPadding")
    found = [each for each in report["checks"] if each["check"] == "masked_keys_do_not_leak"]
    assert [each["passed"] for each in found] == [False] * 3
    assert found[0]["meaning"] == MEANINGS["masked_keys_do_not_leak"]


def test_a_yaml_of_ones_own_is_told_by_its_target(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("mine/attention/scaled.yaml")
    path.parent.mkdir(parents=True)
    path.write_text("_target_: test_check_sibling.Scaled\n_partial_: true\ndropout: 0.2\ngain: 3.0\n")
    by_file, by_name = check(capsys, 0, str(path)), check(capsys, 0, "scaled", "--config-dir", "mine")
    assert by_file["checks"] == by_name["checks"]
    assert cli.main(["check", "scaled", "--config-dir", "mine", "--set", "gain=-1.0"]) == 2
    assert "gain must be above 0, got -1.0" in capsys.readouterr().err


@pytest.mark.parametrize(
    "target, expected",
    [
        ("test_check_sibling.NoCore", "NoCore misses `core`: the mechanism behind its projections"),
        ("test_check_sibling.NoAttend", "NoAttend misses `attend`: a method that gives the output"),
        ("test_check_sibling.NoRole", "the constructor of NoRole must take role: every mechanism is built with dim, "),
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
