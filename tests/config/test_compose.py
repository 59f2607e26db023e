"""Each part of a run is one override, and what isn't one run's is one clear line."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnlab.config.compose import compose_run, load_group, options, parse, sugar
from attnlab.errors import UserError


@pytest.mark.parametrize(
    "override, message",
    [
        ("seed", r"an override is KEY=VALUE, got 'seed' \(write seed=VALUE\)"),
        ("data.root=/a=b", r"""got 'data.root=/a=b' \('=' must be quoted: write data.root="'/a=b'"\)"""),
        ("data.root=a&b", r"""'&' must be quoted: write data.root="'a&b'"\)"""),
        ("data.root=/mes données", r"""'é' must be quoted: write data.root="'/mes données'"\)"""),
        ("model.dim=[3", r"""brackets, braces and quotes come in pairs, or are quoted: write model.dim="'\[3'"\)"""),
        ("name=2024", r"""name must be text, got 2024 \(write name="'2024'"\)"""),
        (
            "output_dir=run::1",
            r"output_dir must be a path on this machine, without :: or a scheme:, got run::1 \(set output",
        ),
        ("output_dir=file:x", r"output_dir must be a path on this machine, without :: or a scheme:, got file:x"),
        ("init_from=s3://x/y", r"init_from must be a path on this machine, without :: or a scheme:, got s3://x/y"),
        ("name=''", r"name is needed, got '' \(set name=...\)"),
        (
            "optimizer.lr=0,001",
            r"got 'optimizer.lr=0,001' \(write optimizer.lr=0.001 for one number, or add -m",
        ),
        ("trainer.max_steps=1,600", r"\(write trainer.max_steps=1600 for one number, or add -m\)"),
        ("seed=1,2", r"several values make a sweep, got 'seed=1,2' \(add -m\)"),
    ],
)
def test_what_is_no_override_of_one_run_is_refused(override: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        compose_run([override])


def test_each_part_is_one_override() -> None:
    config = compose_run(["task=translation", "model=transformer", "attention=additive", "optimizer=adam"])
    assert config.model.attention.core._target_ == "attnlab.attention.AdditiveAttention"
    assert config.model._target_ == "attnlab.models.Transformer"
    assert config.task.optimizer._target_ == "torch.optim.Adam"


def test_one_slot_of_a_model_is_one_override() -> None:
    config = compose_run(["model=transformer", sugar("model.cross_attention=uniform")])
    assert config.model.cross_attention.core._target_ == "attnlab.attention.UniformAttention"
    assert config.model.attention.core._target_ == "attnlab.attention.ScaledDotAttention"
    assert config.model.encoder_attention is None


def test_the_command_line_wins_over_an_experiment() -> None:
    config = compose_run(["experiment=translation_quickstart", "attention=uniform", "seed=5"])
    assert config.attention.core._target_ == "attnlab.attention.UniformAttention"
    assert config.seed == 5


@pytest.mark.parametrize(
    "given, meant",
    [
        ("model.cross_attention=additive", "attention@model.cross_attention=additive"),
        ("model.cross_attention=additive,uniform", "attention@model.cross_attention=additive,uniform"),
        ("+model.own_attention=dot", "attention@model.own_attention=dot"),
        ("model.cross_attention=null", "model.cross_attention=null"),
        ("model.cross_attention.core.window=7", "model.cross_attention.core.window=7"),
        ("attention=additive", "attention=additive"),
        ("attention=1,true", "attention='1','true'"),
        ("+callbacks=nan", "+callbacks='nan'"),
        ("model.cross_attention=v1.5", "attention@model.cross_attention=v1.5"),
        ("model.cross_attention=1", "attention@model.cross_attention='1'"),
        ("attention=null", "attention=null"),
        ("data.root=~/a b", "data.root='~/a b'"),
        ("~callbacks.samples", "~callbacks.samples"),
        ("name='~x'", "name='~x'"),
        ("name=1e5", "name='1e5'"),
        ("name=字", "name='字'"),
        ("name=a,字,x", "name=a,'字',x"),
        ("data.root=/données/字.txt", "data.root='/données/字.txt'"),
        ("name=true,a,007,1_000", "name='true',a,007,'1_000'"),
        ("output_dir=2024", "output_dir='2024'"),
        ("init_from=null", "init_from=null"),
        ("seed=007", "seed=007"),
        ("trainer.precision=32", "trainer.precision=32-true"),
        ("trainer.precision=bf16", "trainer.precision=bf16-mixed"),
        ("trainer.devices=auto", "trainer.devices=-1"),
        ("trainer.lightning={benchmark:true}", "++trainer.lightning={benchmark:true}"),
        ("trainer.lightning.benchmark=true", "++trainer.lightning.benchmark=true"),
    ],
)
def test_what_may_be_written_shorter_stands_for_hydras_own_way(given: str, meant: str) -> None:
    assert sugar(given) == meant


def test_a_file_of_a_group_is_composed_alone() -> None:
    local = load_group("attention", "local", ["attention.core.window=7"])
    assert local.core.window == 7
    assert "model" not in local
    with pytest.raises(UserError, match=r"no attention is named 'locl' \(did you mean local\?\) \(set attention; "):
        load_group("attention", "locl")


@pytest.mark.parametrize("name", ["1", "1e3", "true", "nan", "null", "a b"])
def test_a_file_of_ones_own_may_be_named_as_a_number_or_a_word_of_yamls(name: str, tmp_path: Path) -> None:
    own = tmp_path / "attention" / f"{name}.yaml"
    own.parent.mkdir()
    own.write_text("defaults: [local, _self_]\n")
    assert load_group("attention", name, ["attention.core.window=7"], config_dirs=[str(tmp_path)]).core.window == 7
    given = ["task=translation", sugar(f"attention={name}")]
    if name != "null":
        assert compose_run(given, config_dirs=[str(tmp_path)]).attention.core._target_.endswith("LocalAttention")
        return
    with pytest.raises(UserError, match=r"^null is no file's name, got attention=null \(rename attention/null.yaml\)"):
        compose_run(given, config_dirs=[str(tmp_path)])


def test_options_are_in_order_without_the_parts_that_files_share() -> None:
    names = options("attention")
    assert names == sorted(names)
    assert {"scaled_dot", "uniform"} <= set(names)
    assert not any(name.startswith("_") for name in names)


def test_a_home_is_where_paths_of_one_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/of me")
    config = compose_run([sugar("output_root=~/runs"), sugar("init_from=~/run"), "name=x"])
    assert config.output_dir.startswith("/home/of me/runs/translation/x/")
    assert config.init_from == "/home/of me/run"


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_words_of_any_script_are_text_as_they_are_typed(text: str) -> None:
    """Other texts may be refused, by nothing but a UserError."""
    for key in ("name", "data.root"):
        value: object = None
        with suppress(UserError):
            value = parse([sugar(f"{key}={text}")])[0].value()
        if text.replace("/", "").isalpha() and not text.isascii():
            assert value == text


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(UserError, match=r"an override must be UTF-8, got 'data.root=\\udcff' \(rename it\)"):
        parse(["data.root=\udcff"])
