"""A mechanism's file of one's own that makes none is one line that names the file and what to write there."""

import inspect
from pathlib import Path

import pytest

from attnlab.attention import MultiHeadAttention
from attnlab.attention.core_checks import GIVEN
from attnlab.config.compose import compose_run, load_group
from attnlab.config.mechanism_files import OF_MODEL, OF_SHELL, file_with, filled
from attnlab.errors import UserError

SHELL = "defaults: [_shell, _self_]\n"
TARGET = "_target_: attnlab.attention.DotAttention"
CORE = f"core:\n  {TARGET}\n  _partial_: true\n"
NEED = "core must be a mapping with _target_ and _partial_: true, got "
CLASS = "attention.core must have a _target_, the dotted name of the class to make, got "
PARTIAL = "so it must have _partial_: true, got "
OF_MAPS = "_target_: attnlab.feature_attention.SeFeatureAttention\n"

WRONG = [
    (SHELL + "core: my_mech.Mine\n", f"{NEED}'my_mech.Mine' (write core: {{_target_: my_mech.Mine, _partial_: true}}"),
    (SHELL + "core:\n", f"{NEED}null (write core: {{_target_: ..., _partial_: true}} in "),
    (SHELL + "core: 5\n", f"{NEED}5 "),
    (SHELL + f"core:\n- {TARGET}\n", f"{NEED}a list of 1 "),
    (SHELL + "core: {}\n", f"{CLASS}none (write _target_: my_package.MyAttention under core: in "),
    (SHELL + "core:\n  _target_: 5\n", f"{CLASS}5 "),
    (SHELL + "core:\n  _target_:\n", f"{CLASS}null "),
    (SHELL + "core:\n  _target_: true\n", f"{CLASS}true "),
    (SHELL + "core:\n  _target_: [a.B]\n", f"{CLASS}a list of 1 "),
    (SHELL + "core:\n  _target_: {a: b}\n", f"{CLASS}a mapping of a "),
    (SHELL + "core:\n  _target_: .my_mech\n", "core._target_ must be the dotted name of a class, got '.my_mech'"),
    (SHELL + f"core:\n  {TARGET}\n", f"{PARTIAL}none (write _partial_: true beside its _target_ under core: in "),
    (SHELL + f"core:\n  {TARGET}\n  _partial_: 'true'\n", f"{PARTIAL}'true' "),
    (SHELL + f"core:\n  {TARGET}\n  _partial_: false\n", f"{PARTIAL}false "),
    (SHELL + "core:\n  core:\n    _target_: a.B\n", "core must have a _target_ itself, got a core in it"),
    (SHELL + CORE + "  _args_: [1, 2]\n", "attention.core is given each value by its name, got _args_: a list of 2 "),
    (SHELL + CORE + "  _convert_: foo\n", "core._convert_ must be one of none, partial, object, all, got 'foo'"),
    (SHELL + CORE + "  _recursive_: foo\n", "attention.core._recursive_ must be true or false, got 'foo'"),
    (SHELL + CORE + "  _partail_: 1\n", "core has no _partail_ (did you mean _partial_?) (drop it under core:"),
    (SHELL + CORE + "  dropout: 0.1\n", "got 0.1 (write dropout: 0.1 above core: in "),
    (SHELL + CORE + "  num_heads: 8\n", "core.num_heads is given by what makes it, whatever a file says, got 8"),
    (SHELL + CORE + "  max_length: 8\n", "core.max_length is given by what makes it, whatever a file says, got 8"),
    (SHELL + "num_heads: 8\n" + CORE, "attention.num_heads is given by what makes it, whatever a file says, got 8"),
    (SHELL + CORE + "  5: 3\n", "attention.core takes values by names, got '5' (drop it under core: in "),
    (SHELL, "attention must have a core, got none (write core: {_target_: my_package.MyAttention, "),
    (SHELL + "_partial_: 'yes'\n" + CORE, f"{PARTIAL}'yes' (write _partial_: true beside its _target_ in "),
    (CORE, "attention must stand in the shell, got core alone (begin "),
    ("", "attention must stand in the shell, got nothing alone (begin "),
    ("my_mech.Mine\n", "attention must be a group of values, got only my_mech.Mine (write defaults: [_shell, "),
    ("- a\n- b\n", "attention must be a group of values, got a list of 2 "),
    ("# @package _global_\n" + SHELL + CORE, "values of attention must stand at their own place, got "),
    ("5\n", "a configuration file must hold KEY: VALUE, got 5 alone in "),
    ("defaults: _shell\n" + CORE, "defaults must be a list, got '_shell' in "),
    ("defaults:\n" + CORE, "defaults must be a list, got null in "),
    ("defaults: {_shell: _self_}\n" + CORE, "defaults must be a list, got {'_shell': '_self_'} in "),
    ("defaults: [5]\n" + CORE, "each of the defaults must be NAME or GROUP: NAME, got 5 in "),
    ("defaults: [{_shell: a, b: c}]\n" + CORE, "each of the defaults must be NAME or GROUP: NAME, got {'_shell': "),
    ("defaults: [_mine, _self_]\n" + CORE, "mine.yaml has _mine in its defaults, and there is none (correct"),
    ("defaults: [_shel, _self_]\n" + CORE, "has _shel in its defaults, and there is none (did you mean _shell?)"),
    ("defaults: [_shell, _slef_]\n" + CORE, "has _slef_ in its defaults, and there is none (did you mean _self_?)"),
]  # fmt: skip


def _written(group: str, text: str) -> str:
    file = Path("own", group, "mine.yaml")
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return str(file)


@pytest.mark.parametrize("text, said", WRONG)
def test_a_file_that_makes_no_mechanism_is_named_with_what_to_write(text: str, said: str) -> None:
    file = _written("attention", text)
    with pytest.raises(UserError) as alone:
        load_group("attention", "mine", config_dirs=["own"])
    assert said in str(alone.value)
    assert "++" not in str(alone.value)
    assert file in str(alone.value) or "mine.yaml has " in str(alone.value)


@pytest.mark.parametrize("text, said", [WRONG[0], WRONG[5], WRONG[-9], WRONG[-7]])
@pytest.mark.parametrize("chosen", ["attention=mine", "attention@model.encoder_attention=mine"])
def test_a_run_says_the_same_before_anything_is_built(text: str, said: str, chosen: str) -> None:
    _written("attention", text)
    with pytest.raises(UserError) as caught:
        compose_run(["task=translation", "model=transformer", chosen], config_dirs=["own"])
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "text, said",
    [
        ("my_mech.Gate\n", "feature_attention must be a group of values, got only my_mech.Gate (write _target_: "),
        ("- a\n", "feature_attention must be a group of values, got a list of 1 "),
        (f"core:\n  {OF_MAPS}", "attention must have a _target_, the dotted name of the class to make, got none"),
        (OF_MAPS + "_partial_: 'true'\n", f"{PARTIAL}'true' (write _partial_: true beside its _target_ in own/feature"),
        (OF_MAPS + "_partial_: true\n_args_: 3\n", "feature_attention is given each value by its name, got _args_: 3 "),
        ("_target_: 5\n", "got 5 (write _target_: my_package.MyAttention in own/feature_attention/mine.yaml)"),
    ],
)  # fmt: skip
def test_so_is_one_on_feature_maps(text: str, said: str) -> None:
    _written("feature_attention", text)
    with pytest.raises(UserError) as caught:
        load_group("feature_attention", "mine", config_dirs=["own"])
    assert said in str(caught.value)


def test_what_an_override_sets_is_not_blamed_on_the_file() -> None:
    _written("attention", SHELL + CORE)
    run = ["task=ner", "model=transformer_tagger", "attention=mine"]
    assert compose_run([*run, "attention.dropout=0.5"], config_dirs=["own"]).attention.dropout == 0.5
    with pytest.raises(UserError, match=r"^attention\.core\._target_ must be text, got 5 \(write attention\.core"):
        compose_run([*run, "attention.core._target_=5"], config_dirs=["own"])


def test_the_file_that_says_so_is_found_and_no_other() -> None:
    file = _written("attention", SHELL + CORE)
    load_group("attention", "mine", config_dirs=["own"])
    assert file_with("attention", "DotAttention") == f" in {file}"
    assert file_with("attention", "AdditiveAttention") == ""
    assert file_with("model", "DotAttention") == ""
    load_group("attention", "dot")
    assert file_with("attention", "DotAttention") == ""


def test_a_value_that_refers_to_nothing_is_one_line() -> None:
    _written("attention", SHELL + CORE + "  rate: ${nowhere.x}\n")
    node = load_group("attention", "mine", config_dirs=["own"])
    with pytest.raises(UserError, match=r"^attention\.core\.rate refers to what isn't there: .*'nowhere\.x' not found"):
        filled(node)
    assert filled(load_group("feature_attention", "axial"), around=load_group("attention", "dot"))["attention"]["core"]


def test_what_is_given_anyway_is_what_the_shell_and_models_give() -> None:
    assert OF_SHELL == GIVEN
    taken = set(inspect.signature(MultiHeadAttention).parameters) - {"core", "dropout", "num_kv_heads"}
    assert set(OF_MODEL) == taken
