"""The name of a class that leads nowhere is told with what was meant and where it was looked for."""

import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import attnlab
from attnlab.runs.named_class import classes_in, names_in, no_module, with_module

BUILD: dict[str, Any] = {
    "attention": partial(attnlab.build_attention, dim=6, num_heads=2, role="self", max_length=5),
    "feature_attention": partial(attnlab.build_feature_attention, channels=5),
}
MODULE = "from torch import nn\n\nclass Mine(nn.Module):\n    pass\n"


@pytest.mark.parametrize(
    "target, said",
    [
        ("own_named.Mien", "own_named has no 'Mien' (did you mean Mine?); it has Mine (looked in "),
        ("own_nmaed.Mine", "no module is named 'own_nmaed' (did you mean own_named?) (looked in this folder and in "),
        ("Mine", "a class is named with its module (write own_named.Mine)"),
        ("Other", "a class is named with its module (write my_package.Other)"),
        ("own_named:Mine", "a class is named with dots (write own_named.Mine)"),
        ("own_named.inner.Mine", "own_named has no 'inner'"),
        ("own_named.SIZE", "which is 3 (set "),
    ],
)  # fmt: skip
def test_building_names_the_file_and_what_was_meant(target: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(".")
    monkeypatch.delitem(sys.modules, "own_named", raising=False)
    Path("own_named.py").write_text(MODULE + "SIZE = 3\n")
    for group, text in (
        ("attention", f"defaults: [_shell, _self_]\ncore: {{_target_: '{target}', _partial_: true}}\n"),
        ("feature_attention", f"_target_: {target}\n_partial_: true\n"),
    ):
        file = Path("own", group, "mine.yaml")
        file.parent.mkdir(parents=True)
        file.write_text(text)
        with pytest.raises(attnlab.UserError) as caught:
            BUILD[group]("mine", config_dirs=["own"])
        assert said in str(caught.value)
        assert str(file) in str(caught.value)


def test_a_value_that_a_class_does_not_take_is_looked_for_in_its_file() -> None:
    Path("own/attention").mkdir(parents=True)
    core = "core: {_target_: attnlab.attention.LocalAttention, _partial_: true, windw: 5}"
    Path("own/attention/mine.yaml").write_text(f"defaults: [_shell, _self_]\n{core}\n")
    with pytest.raises(attnlab.UserError, match=r"\(write window: 5 in own/attention/mine\.yaml\)$"):
        attnlab.build_attention("mine", dim=6, num_heads=2, role="self", max_length=5, config_dirs=["own"])


def test_a_files_names_are_told_without_running_it() -> None:
    file = Path("own_read.py")
    file.write_text("import os\nfrom math import pi as p\n\nA = 1 / 0\nclass B: pass\ndef c(): pass\n")
    assert names_in(file) == ["os", "p", "A", "B", "c"]
    assert classes_in(file) == ["B"]
    assert with_module("B") == "own_read.B"
    for unsure in ("from os import *\n", "for x in 1, 2:\n    pass\n", "class (\n"):
        file.write_text(unsure)
        assert names_in(file) is None
    assert no_module("own_raed") == ("no module is named 'own_raed'", "looked in what is installed")
