"""Objects of configuration nodes: each refusal is one line that names the key, whoever refuses."""

import re
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest
import torch

from attnlab.errors import UserError
from attnlab.runs.instantiation import call, check_target, instantiate, resolve


class Part:
    """As a constructor of ours."""

    def __init__(
        self,
        size: int,
        *,
        rate: float = 0.5,
        on: bool = False,
        kind: Literal["a", "b"] = "a",
        widths: Sequence[int] = (),
        name: str | None = None,
        inner: Any = None,
    ) -> None:
        if size < 1:
            raise ValueError(f"size must be 1 or more, got {size} (set part.size)")
        if rate > 1:
            raise ValueError("rate is\n too high")
        self.given = (size, rate, on, kind, list(widths), name)
        self.inner = inner


Part.__init__.__module__ = "attnlab"  # signatures of others aren't held against values
TARGET = f"{__name__}.Part"


def test_what_fits_is_built() -> None:
    node = {
        "_target_": TARGET,
        "size": 3,
        "rate": 1,
        "kind": "b",
        "widths": [5, 7],
        "inner": {"_target_": TARGET, "size": 2},
    }
    part = instantiate(node, "part", on=True)
    assert part.given == (3, 1, True, "b", [5, 7], None)
    assert part.inner.given[0] == 2


@pytest.mark.parametrize(
    "values, message",
    [
        ({"size": 0}, "size must be 1 or more, got 0 (set part.size)"),
        ({"size": 3, "rate": 2}, "rate is too high (set part.rate)"),
        ({"size": "big"}, "part.size must be a whole number, got 'big' (set part.size)"),
        ({"size": True}, "part.size must be a whole number, got True (set part.size)"),
        ({"size": 3, "rate": "fast"}, "part.rate must be a number, got 'fast' (set part.rate)"),
        ({"size": 3, "on": 1}, "part.on must be true or false, got 1 (set part.on)"),
        ({"size": 3, "kind": "c"}, "part.kind must be one of a, b, got 'c' (set part.kind)"),
        (
            {"size": 3, "widths": [5, "x"]},
            "part.widths must be a list (each a whole number), got [5, 'x'] (set part.widths)",
        ),
        ({"size": 3, "name": 7}, "part.name must be text or null, got 7 (set part.name)"),
        (
            {"size": 3, "colour": "red"},
            "part takes no 'colour'; it takes size, rate, on, kind, widths, name, inner (drop part.colour)",
        ),
        (
            {"size": 3, "inner": {"_target_": TARGET, "size": 1.5}},
            "part.inner.size must be a whole number, got 1.5 (set part.inner.size)",
        ),
        (
            {"size": 3, "inner": [{"_target_": "no.such"}]},
            "nothing can be imported as 'no.such': no module is named 'no' (looked in what is installed; set "
            "part.inner[0]._target_)",
        ),
    ],
)
def test_a_mistake_is_one_line_that_names_the_key(values: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=f"^{re.escape(message)}$"):
        instantiate({"_target_": TARGET} | values, "part")


def _refuses() -> None:
    raise ValueError("no good")


def _breaks() -> None:
    raise KeyError("colour")


def _takes(size: int) -> None:
    """One argument."""


def _lacks() -> None:
    raise ModuleNotFoundError("neither of two is installed")


@pytest.mark.parametrize(
    "factory, given, message",
    [
        (_refuses, {}, r"no good \(set model\.\*\)"),
        (_lacks, {}, r"neither of two is installed \(set model\.\*\)"),
        (
            _breaks,
            {},
            r"model can't be made: KeyError: 'colour' \(correct \S*instantiation\.py:\d+, or set model\.\*\)",
        ),
        (_takes, {}, r"_takes needs size \(set \+model\.size\)"),
        (
            _takes,
            {"size": 1, "foo": 2},
            r"_takes takes no 'foo' \(drop model\.foo\)",
        ),
        (3, {}, r"model can't be made: TypeError: 'int' object is not callable \(set model\.\*\)"),
    ],
)
def test_a_factorys_refusal_is_one_line(factory: Any, given: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=f"^{message}$"):
        call(factory, "model", **given)


def test_what_hydra_lets_nobody_make_is_one_line_with_its_key() -> None:
    core = {"_target_": "os.system", "_partial_": True}
    message = r"^os\.system could run anything, so no part of a run is made of it \(set attention\.core\._target_\)$"
    for node, key in (
        (core, "attention.core"),
        ({"_target_": "builtins.dict", "core": core}, "attention"),
        ({"_target_": "builtins.dict", "attention": {"_target_": "builtins.dict", "core": core}}, "model"),
    ):
        with pytest.raises(UserError, match=message):
            instantiate(node, key)


def test_sizes_beyond_any_memory_are_one_line() -> None:
    for size in (10**12, 10**25):
        with pytest.raises(UserError, match=r"^model is too large for any memory \(set model\.\* to smaller sizes\)$"):
            call(partial(torch.nn.Linear, size), "model", out_features=size)


class OwnCore:
    def __init__(self, dropout: float) -> None:
        raise ValueError(f"dropout is odd, got {dropout}")


def _with_core(dropout: float) -> OwnCore:
    return OwnCore(dropout + 1)


def test_what_a_class_within_raises_is_said_with_its_name_and_no_key_of_another() -> None:
    said = r"^dropout is odd, got 3 \(OwnCore\.__init__, test_instantiation\.py line \d+\)$"
    with pytest.raises(UserError, match=said):
        call(_with_core, "model", dropout=2)
    with pytest.raises(UserError, match=r"^dropout is odd, got 2 \(set part\.dropout\)$"):
        call(OwnCore, "part", dropout=2)


def test_a_module_that_cannot_be_read_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "needs_another.py").write_text("import math\nimport no_such_library\n")
    (tmp_path / "leads_on.py").write_text("import needs_another\n")
    (tmp_path / "stops.py").write_text("nothing\n")
    (tmp_path / "raises.py").write_text("raise RuntimeError('boom')\n")
    (tmp_path / "lacks_name.py").write_text("\nfrom attnlab.attention import Propertis\n")
    (tmp_path / "misspelt.py").write_text("class Part(:\n")
    (tmp_path / "empty_module.py").write_text("")
    (Path() / "calendar.py").write_text("class Part: pass\n")
    for target, why in [
        (
            "needs_another.Part",
            r": No module named 'no_such_library' \(install no_such_library, or correct \S*needs_another\.py:2\)$",
        ),
        ("raises.Part", r": RuntimeError: boom \(correct \S*raises\.py:1\)$"),
        (
            "lacks_name.Part",
            r": attnlab\.attention has no 'Propertis' \(did you mean Properties\?\) \(correct \S*lacks_name\.py:2\)$",
        ),
        ("misspelt.Part", r": invalid syntax .*\(correct \S*misspelt\.py:1\)$"),
        ("leads_on.Part", r": No module named 'no_such_library' .* correct \S*needs_another\.py:2\)$"),
        ("stops.Part", r": name 'nothing' is not defined \(correct \S*stops\.py:1\)$"),
        (
            "empty_module.Part",
            r": empty_module has no 'Part' \(looked in \S+empty_module\.py; set callbacks\.x\._target_\)$",
        ),
        ("Part", r", the callbacks\.x\._target_: a class is named with its module \(write calendar\.Part\)$"),
        ("empty_module:Part", r", the .*_target_: a class is named with dots \(write empty_module\.Part\)$"),
        (
            "calendar.Part",
            r", the .*: calendar\.py is hidden by another module of its name, Python's own \(rename yours",
        ),
    ]:
        with pytest.raises(UserError, match=f"^nothing can be imported as '{target}'{why}"):
            resolve(target, "callbacks.x")


@pytest.mark.parametrize("node", [{"lr": 0.1}, None, "adam"])
def test_a_node_must_say_what_is_made_of_it(node: Any) -> None:
    with pytest.raises(UserError, match=r"^optimizer must have a _target_.*\(set \+\+optimizer\._target_=\.\.\.\)$"):
        check_target(node, "optimizer")


def test_a_target_is_what_it_names() -> None:
    assert resolve(TARGET, "part") is Part


def test_what_looks_like_a_reference_in_a_value_is_text() -> None:
    made = instantiate({"_target_": "builtins.dict", "a": "a: ${x}", "b": {"c": ["${y}"]}}, "logger.wandb")
    assert made == {"a": "a: ${x}", "b": {"c": ["${y}"]}}


class Exits:
    def __init__(self) -> None:
        sys.exit(0)


class NeverBegun(torch.nn.Module):
    def __init__(self) -> None:
        self.inner = torch.nn.Identity()


MADE = torch.nn.Identity()


def test_a_module_already_made_makes_nothing() -> None:
    with pytest.raises(UserError, match=r"^part must name a class or a function, got \S+, which is a Identity already"):
        resolve(f"{__name__}.MADE", "part")


def test_a_constructor_that_ends_the_program_is_named_with_its_line() -> None:
    for make in (lambda: instantiate({"_target_": f"{__name__}.Exits"}, "part"), lambda: call(Exits, "part")):
        with pytest.raises(
            UserError, match=r"^test_instantiation.py ends the program in line \d+, sys.exit\(0\), where"
        ):
            make()


class Misnames:
    def __init__(self) -> None:
        self.scale = self.scalee  # type: ignore[attr-defined]


def test_a_constructor_that_breaks_is_named_with_its_own_line() -> None:
    with pytest.raises(UserError, match=r"AttributeError: .* 'scalee' \(correct \S*test_instantiation\.py:\d+\)$"):
        call(Misnames, "part")


def test_a_module_that_is_not_begun_is_told_what_to_write() -> None:
    with pytest.raises(
        UserError, match=r"^part can't be made: .*\(write super\(\).__init__\(\) first in its __init__\)$"
    ):
        call(NeverBegun, "part")
