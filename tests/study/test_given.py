"""Values of a study's file: what isn't said has a default, and a mistake is a line with key, value and file."""

from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from attnlab.errors import UserError
from attnlab.study.given import Given, check_within

PATH = Path("small.yaml")
VALUES: dict[str, Any] = {"control": "a", "arms": {"a": [], "b": []}}


def test_what_is_said_goes_before_the_default() -> None:
    given = Given(PATH, VALUES | {"match": "flops"})
    assert (given["match"], given["seeds"]) == ("flops", 5)
    assert given.choice("match", ["none", "flops"]) == "flops"
    assert given.overrides(["attention=dot"], "base") == ("attention=dot",)


@pytest.mark.parametrize(
    "values, said",
    [
        ([], r"a study is a group of values, got \[\] \(set control and arms in small.yaml\)"),
        ({"control": "a"}, r"a study needs arms, got none \(set arms in small.yaml\)"),
        (
            VALUES | {"seed": 3},
            r"no key 'seed' in a study \(did you mean seeds\?\).* \(correct it in small.yaml, or drop it\)",
        ),
    ],
)
def test_a_file_that_is_no_study_is_refused(values: Any, said: str) -> None:
    with pytest.raises(UserError, match=said):
        Given(PATH, values)


def test_a_value_that_does_not_fit_is_told_with_its_key() -> None:
    given = Given(PATH, VALUES | {"match": "time", "controls": "uniform"})
    with pytest.raises(UserError, match=r"match must be one of none, flops, got 'time' \(set match in small.yaml\)"):
        given.choice("match", ["none", "flops"])
    with pytest.raises(UserError, match=r"controls must be a list of names, got 'uniform' \(set controls in"):
        given.names("controls")
    with pytest.raises(UserError, match=r"a study sets seed itself, got 'seed=3' \(set base in small.yaml\)"):
        given.overrides(["seed=3"], "base")


@pytest.mark.parametrize("word, read", [("no", "false"), ("on", "true"), ("1", "a number"), ("1e3", "1000.0")])
def test_a_name_that_yaml_reads_as_something_else_is_to_be_quoted(tmp_path: Path, word: str, read: str) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(f"control: {word}\narms:\n  a: []\n  {word}: []\n")
    values = OmegaConf.to_container(OmegaConf.load(path))
    assert isinstance(values, dict)
    given = Given(path, values)
    cure = rf'which YAML reads as {read} \(write "{word}" in {path}, with its quotes\)$'
    with pytest.raises(UserError, match=f"^an arm's name must be a text, got {word} for arms, {cure}"):
        given.check_name("arms", list(given["arms"])[1])
    with pytest.raises(UserError, match=f"got {word} for control, {cure}"):
        given.check_name("control", given["control"])
    given.check_name("arms", "a")


def test_a_name_that_a_command_gives_is_quoted_there() -> None:
    given = Given(PATH, VALUES | {"control": 1}, typed=["control=1"])
    message = r"""got 1 for control, which YAML reads as a number \(set control='"1"'\)$"""
    with pytest.raises(UserError, match=message):
        given.check_name("control", given["control"])


@pytest.mark.parametrize(
    "key, said",
    [
        (
            "arms.a.confounded",
            r"arms.a is a list, got arms.a.confounded \(write arms.a=... whole, or change it in small.ya",
        ),
        ("base.data", "base is a list, got base.data"),
        ("match.of", "match is a value, 'flops', got match.of"),
    ],
)
def test_a_key_within_a_list_or_a_value_is_refused(key: str, said: str) -> None:
    written = OmegaConf.create(VALUES | {"base": ["seed=1"], "match": "flops", "looks": None})
    with pytest.raises(UserError, match=said):
        check_within(written, key, PATH)
    for fits in ("arms.c", "arms.c.overrides", "looks.x", "seeds"):
        check_within(written, fits, PATH)
