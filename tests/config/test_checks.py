"""A wrong override is one clear line that names the key and the choices."""

import pytest
from omegaconf import OmegaConf

from attnlab.config.checks import check_key, leads_up, missing_keys
from attnlab.config.compose import compose_run
from attnlab.errors import UserError


@pytest.mark.parametrize(
    "override, message",
    [
        (
            "attention=scaled_dt",
            r"no attention is named 'scaled_dt' \(did you mean scaled_dot\?\) \(set attention; attnlab list ",
        ),
        ("task=nosuch", r"no task is named 'nosuch'; choose from .*translation"),
        ("model.dmi=64", r"no key 'model.dmi' \(did you mean model.dim\?\); model has .*dim.*dropout"),
        ("colour=red", r"no key 'colour'; the top level has attention, callbacks, "),
        ("+colour=red", r"nothing reads a key 'colour', got \+colour=red \(drop it, or refer to it by \$\{colour\}\)"),
        ("++sed=3", r"nothing reads a key 'sed', got \+\+sed=3 \(did you mean seed\?\) \(drop it"),
        ("seed.x=1", r"no key 'seed.x': seed is a value, 0 \(set seed=...\)"),
        ("model.cross_attention.dropout=0.1", r"no mechanism of its own, it takes that of attention "
         r"\(set attention.dropout=..., or give it one that has such a key, as model.cross_attention=NAME\)"),
        ("model.cross_attention.core.window=4", r"takes that of attention \(give it one that has such"),
        ("trainer.val_check_interval=0.25", r"\(it is a count, not a share: write trainer.val_ch"),
        ("task.optimizer.lr=1", r"task.optimizer is what optimizer says, got task.optimizer.lr \(set optimizer.lr\)"),
        ("+task.optimizer.ls=1", r"task.optimizer is what optimizer says, got task.optimizer.ls \(set optimizer.ls\)"),
        ("model.attention.dropoot=1", r"model.attention is what attention says.*\(set attention.dropoot\)"),
        ("logger.csv=[1]", r"logger.csv must be a group of values, got \[1\] \(set logger.csv.*, or logger.csv=null\)"),
        (f"callbacks={'x' * 5000}", r"no callbacks has so long a name, got 'x{40}'... of 5000 letters \(choose from "),
        ("logger.csv={a:1}", r"logger.csv has other keys, got {a:1} \(set logger.csv.KEY=VALUE, or"),
        ("attention@model.cross_attention=3", r"no attention is named '3' for model.cross_attention"),
        (f"init_from=a/{'x' * 300}", r"at most 255 bytes, got a/x{38}... of 302 letters \(set init_from\)"),
        ("seed=abc", r"seed must be a whole number, got 'abc' \(the default is 0\)"),
        ("trainer.max_steps=2k", r"got '2k' \(write trainer.max_steps=2000\)"),
        ("trainer.max_steps='1.5M'", r"\(write trainer.max_steps=1500000\)"),
        ("trainer.max_steps='10'", r"got '10' \(write trainer.max_steps=10, without quotes\)"),
        ("model.dim='６４'", r"got '６４' \(write model.dim=64, with the keyboard's digits\)"),
        ("optimizer.lr='1e-3'", r"got '1e-3' \(write optimizer.lr=1e-3, without quotes\)"),
        ("trainer.max_steps=1.5", r"trainer.max_steps must be a whole number, got 1.5"),
        ("fresh=1", r"fresh must be true or false, got 1"),
        ("optimizer.lr=fast", r"optimizer.lr must be a number, got 'fast'"),
        ("data.source=1", r"data.source must be text, got 1"),
        (
            "data=parallel_text",
            r"data.source \(a lang.*\) and data.target \(.*\) must be given \(set data.source=",
        ),
    ],
)  # fmt: skip
def test_a_wrong_override_is_named_with_the_choices(override: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        compose_run([override])


def test_a_key_of_ones_own_may_be_added_for_others_to_refer_to() -> None:
    assert compose_run(["+width=12", "model.dim=${width}"]).model.dim == 12


def test_a_mechanism_for_a_model_without_attention_is_refused() -> None:
    with pytest.raises(UserError, match=r"model=seq2seq has no attention to swap, got attention=additive"):
        compose_run(["model=seq2seq", "attention=additive"])


@pytest.mark.parametrize(
    "override, message",
    [
        ("seed=-1", r"seed must be from 0 to 4294967295, got -1 \(set seed\)"),
        ("seed=4294967296", "seed must be from 0 to 4294967295, got 4294967296"),
        ("data.source=1e5", r"""data.source must be text, got 1e5 \(write data.source="'1e5'"\)"""),
        ("continue_from=7", r"continue_from must be text, got 7 \(write"),
        ("init_from=3", r"init_from must be text, got 3 \(write init_from=\"'3'\"\)"),
        ("task=null", r"task is needed \(choose from .*translation"),
        ("name=null", r"name is needed, got null \(set name=...\)"),
        ("name=", r"name is needed, got '' \(set name=...\)"),
        ("output_dir=' '", r"output_dir is needed, got ' ' \(set output_dir=...\)"),
        ("output_root=null", r"output_root is needed, got null"),
        ("output_dir=null", r"output_dir is needed, got null"),
        ("run_path=null", r"run_path is needed, got null"),
        ("run_path=../../x", r"a run lies within the folder of all runs, got run_path=../../x \(set run_path\)"),
        (
            "output_root='a\tb'",
            r"output_root must be of characters that can be printed, got 'a.tb' \(set output_root",
        ),
        ("run_path=mine", r"run_path must begin with translation/, got mine \(set output_dir instead\)"),
        ("seed=null", r"seed is needed, got null"),
        ("~seed", r"seed is needed, got null"),
        ("fresh=null", r"fresh is needed, got null"),
        ("~model", r"model is needed \(choose from "),
        ("scheduler=null", r"scheduler is needed \(choose from constant, "),
        ("~optimizer", r"optimizer is needed \(choose from adam, "),
        (
            "callbacks.samples=3",
            r"must be a group of values, got 3 \(set callbacks.samples.\* or callbacks.samples=null",
        ),
        ("optimizer=1", "no optimizer is named '1'; choose from"),
        ("optimizer.betas=0.9", r"optimizer.betas must be a list, got 0.9"),
        ("model.attention=3", "model.attention must be a group of values, got 3"),
        ("model.dropout=true", "model.dropout must be a number, got True"),
    ],
)
def test_a_value_of_another_kind_or_range_is_named(override: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        compose_run([override])


def test_a_key_is_there_though_its_value_is_yet_to_be_given() -> None:
    config = OmegaConf.create({"data": {"root": "???", "batch_size": 3}, "seed": 1})
    for key in ("data", "data.root", "data.batch_size", "seed"):
        check_key(config, key)
    with pytest.raises(UserError, match=r"no key 'data.rot' \(did you mean data.root\?\); data has batch_size, root"):
        check_key(config, "data.rot")
    with pytest.raises(UserError, match=r"no key 'seed.x': seed is a value, 1 \(set seed=\.\.\.\)"):
        check_key(config, "seed.x")


def test_what_must_be_given_is_found_at_any_depth() -> None:
    node = {"a": "???", "b": {"c": {"d": "???", "e": "${b.c.d}"}, "f": ["???"]}, "g": None}
    assert list(missing_keys(node)) == ["a", "b.c.d"]
    assert list(missing_keys({})) == []


@pytest.mark.parametrize("name, up", [("..", True), ("../../up", True), ("/abs", True), ("a/..", True), ("~x", False)])
def test_a_name_leads_nowhere_up(name: str, up: bool) -> None:
    assert leads_up(name) == up
