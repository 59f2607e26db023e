from pathlib import Path
from typing import Any

import pytest
from tiny_study import ARMS, write_study

from attnlab.config.compose import options
from attnlab.config.conf_path import conf_dir
from attnlab.errors import UserError
from attnlab.study.design import Budget, load, of_values


def read(folder: Path, *overrides: str, **values: Any) -> Any:
    return load("small", overrides, config_dirs=[str(write_study(folder, **values))])


def test_a_study_has_defaults_for_all_but_its_arms_and_their_control(tmp_path: Path) -> None:
    study = read(tmp_path)
    assert [arm.name for arm in study.arms] == ["uniform", "additive"]
    assert study.arms[1].overrides == ("attention=additive",)
    assert study.seeds == (0, 1, 2, 3, 4)
    assert study.controls == ("uniform", "random_frozen", "identity", "capacity")
    assert (study.looks, study.budget, study.match, study.metric, study.margin) == ((), None, "none", None, None)
    assert study.path == tmp_path / "study" / "small.yaml"


def test_a_command_line_names_the_folder_of_a_study_that_is_not_shipped(tmp_path: Path) -> None:
    assert read(tmp_path).said == f"small --config-dir {tmp_path}"
    assert load("attention_in_ner").said == "attention_in_ner"


def test_what_is_given_is_read(tmp_path: Path) -> None:
    study = read(
        tmp_path,
        "seeds=10",
        base=["task=ner"],
        looks=[5, 10],
        budget={"tokens": 7},
        match="flops",
        match_key="model.dim",
        metric="test/f1",
        margin=1,
        pairing="seeds",
        controls=[],
    )
    assert study.seeds == tuple(range(10))
    assert study.looks == (5, 10)
    assert study.budget == Budget(unit="tokens", amount=7)
    assert (study.match, study.match_key, study.metric, study.margin) == ("flops", "model.dim", "f1", 1.0)
    assert (study.pairing, study.controls, study.base) == ("seeds", (), ("task=ner",))


def test_where_a_study_writes_is_set_beside_it_and_is_the_last_word(tmp_path: Path) -> None:
    base = ["task=ner", "output_root=elsewhere"]
    study = read(tmp_path, "output_root=my/1e5", "seeds=3", base=base)
    assert study.base == ("task=ner", "output_root=my/1e5")
    assert study.seeds == (0, 1, 2)
    assert study.said == f"small seeds=3 output_root=my/1e5 --config-dir {tmp_path}"
    assert read(tmp_path, base=base).base == tuple(base)
    with pytest.raises(UserError, match=r"a study's values are set by KEY=VALUE, got 'output_root=a,b'"):
        read(tmp_path, "output_root=a,b")


@pytest.mark.parametrize(
    "override, said",
    [
        ("seeds=0", r"seeds must be how many, .*, got 0 \(set seeds=\.\.\.\)"),
        ("budget={updates:0}", r"at most 2147483647, got 0 \(set budget.updates=\.\.\.\)"),
        ("match=flops", r"match=flops needs the key .* \(set match_key in .*small.yaml\)"),
    ],
)
def test_a_mistake_is_to_be_mended_where_it_was_made(tmp_path: Path, override: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        read(tmp_path, override)
    assert read(tmp_path, "metric=f1").place_of("metric") == "metric=..."
    assert read(tmp_path, metric="f1").place_of("metric") == f"metric in {tmp_path / 'study' / 'small.yaml'}"


@pytest.mark.parametrize("in_the_arm", [True, False])
def test_an_arm_is_confounded_by_its_own_word_or_the_studys(tmp_path: Path, in_the_arm: bool) -> None:
    if in_the_arm:
        study = read(tmp_path, arms=ARMS | {"none": {"overrides": ["model=seq2seq"], "confounded": True}})
    else:
        study = read(tmp_path, arms=ARMS | {"none": ["model=seq2seq"]}, confounded=["none"])
    assert [arm.confounded for arm in study.arms] == [False, False, True]
    assert study.arms[2].overrides == ("model=seq2seq",)


def test_slots_are_written_short(tmp_path: Path) -> None:
    study = read(tmp_path, arms=ARMS | {"slot": ["model.cross_attention=additive"]})
    assert study.arms[2].overrides == ("attention@model.cross_attention=additive",)


@pytest.mark.parametrize(
    "values, said",
    [
        ({"control": "nosuch"}, "control must be one of the arms uniform, additive, got 'nosuch' (set control in"),
        ({"control": None}, "a study needs control, got none (set control in"),
        ({"arms": {"uniform": []}}, "arms must be two or more, as NAME: [OVERRIDES], got"),
        ({"arms": ARMS | {"a b": []}}, "an arm's name must be of letters, digits, _, - and ., got 'a b'"),
        ({"arms": ARMS | {"b": "attention=dot"}}, "overrides must be a list of KEY=VALUE, got 'attention=dot'"),
        ({"arms": ARMS | {"b": {"override": []}}}, "an arm has overrides and confounded alone, got 'override'"),
        ({"arms": ARMS | {"b": {"confounded": "yes!"}}}, "confounded must be true or false in an arm, got 'yes!'"),
        ({"arms": ARMS | {"b": ["seed=3"]}}, "a study sets seed itself, got 'seed=3' (set arms.b in"),
        ({"arms": ARMS | {"b": ["attention=dot,additive"]}}, "an override of a study has one value, got"),
        ({"base": ["hydra/launcher=slurm"]}, "a study sets hydra/launcher itself"),
        ({"confounded": ["aditive"]}, "confounded must name arms (did you mean additive?), got 'aditive'"),
        ({"controls": ["unifrom"]}, "controls must be of uniform, random_frozen, identity, capacity, or []"),
        ({"seeds": 0}, "seeds must be how many, from 1 to 65535, or a list of whole numbers, got 0 (set seeds in"),
        ({"seeds": [1, 1]}, "each seed may be given once, got [1, 1]"),
        ({"seeds": 70_000}, "seeds must be how many, from 1 to 65535, or a list of whole numbers, got 70000"),
        ({"seeds": [-1]}, "a seed must be from 0 to 4294967295, got -1 (set seeds in"),
        ({"looks": [3, 5]}, "looks must be [5, 10] or [5, 10, 20], got [3, 5]"),
        ({"looks": [5, 10]}, "the last look must be at all 5 seeds, got [5, 10]"),
        ({"budget": {"steps": 1}}, r"or null (did you mean updates?), got"),
        ({"budget": {"hours": 1}}, "budget must be one of updates: N, tokens: N, seconds: N, or null, got"),
        (
            {"budget": {"updates": 0.5}},
            "a budget must be a whole number, 1 or more, at most 2147483647, got 0.5",
        ),
        ({"budget": {"seconds": 10**12}}, "1 or more, at most 1000000000, got 1000000000000 (set budget.seconds in"),
        ({"match": "size"}, "match must be one of none, parameters, flops, got 'size' (set match in"),
        ({"match": "flops"}, "match=flops needs the key of a whole number, such as model.dim, got null"),
        ({"match_key": "optimizer.lr"}, "match_key must be a key of the model, such as"),
        ({"metric": "a b"}, "metric must be the name of a test score, such as accuracy, got 'a b'"),
        ({"margin": 0}, "margin must be a number above 0, in the metric's units, or null, got 0"),
        ({"margin": float("nan")}, "margin must be a number above 0"),
        ({"margin": 10**400}, "margin must be a number above 0"),
        ({"pairing": "seeds"}, "pairing by seeds needs 8 seeds or more, here are 5, got 'seeds'"),
        ({"tune": {"trials": 3}}, "space must be what is tuned, as KEY: VALUES, got null (set tune.space in"),
        ({"seed": 3}, "no key 'seed' in a study (did you mean seeds?); it has control, arms, base"),
    ],
)
def test_a_mistake_is_one_line_with_its_key(tmp_path: Path, values: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError) as refusal:
        of_values("small", tmp_path / "small.yaml", {"control": "uniform", "arms": ARMS} | values)
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_no_yaml_is_one_line(tmp_path: Path) -> None:
    write_study(tmp_path)
    (tmp_path / "study" / "small.yaml").write_text("base: [task=ner\ncontrol: a\n")
    with pytest.raises(UserError, match=r"must be YAML, got .*small\.yaml"):
        load("small", config_dirs=[str(tmp_path)])


def test_a_studys_values_are_set_plainly(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="a study's values are set by KEY=VALUE, got '\\+seeds=3'"):
        read(tmp_path, "+seeds=3")
    with pytest.raises(UserError, match="no key 'sedes' in a study"):
        read(tmp_path, "sedes=3")
    with pytest.raises(UserError, match="no study is named 'nosuch'"):
        load("nosuch")


@pytest.mark.parametrize("name", options("study"))
def test_a_shipped_study_says_all_that_there_is_to_say(name: str) -> None:
    study = load(name)
    assert study.controls == ()
    assert study.control in [arm.name for arm in study.arms]
    assert len(study.seeds) >= 5
    text = (conf_dir() / "study" / f"{name}.yaml").read_text(encoding="utf-8")
    assert all(f"# {word}" in text for word in ("command", "cost", "outcome"))


def test_the_first_and_the_last_seed_there_are_may_be_given(tmp_path: Path) -> None:
    assert read(tmp_path, seeds=[0, 4294967295]).seeds == (0, 4294967295)
