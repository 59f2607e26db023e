"""A wrong override is one clear line that names the key and the choices; a right one is one part of the config."""

import pytest

from attnlab.config.compose import compose_run, sugar
from attnlab.config.sweep_overrides import expand_sweep
from attnlab.errors import UserError


@pytest.mark.parametrize(
    "override, message",
    [
        (
            "attention=scaled_dt",
            r"no attention is named 'scaled_dt' \(did you mean scaled_dot\?\); choose from additive, ",
        ),
        ("task=nosuch", r"no task is named 'nosuch'; choose from .*translation"),
        ("model.dmi=64", r"no key 'model.dmi' \(did you mean model.dim\?\); model has .*dim.*dropout"),
        ("colour=red", r"no key 'colour'; the top level has attention, callbacks, "),
        ("seed.x=1", r"no key 'seed.x': seed is a value, 0 \(set seed=...\)"),
        ("seed=abc", r"seed must be a whole number, got 'abc' \(the default is 0\)"),
        ("trainer.max_steps=1.5", r"trainer.max_steps must be a whole number, got 1.5"),
        ("fresh=1", r"fresh must be true or false, got 1"),
        ("optimizer.lr=fast", r"optimizer.lr must be a number, got 'fast'"),
        ("data.source=1", r"data.source must be text, got 1"),
        ("data=parallel_text", r"data.source, data.target must be given \(set data.source=...\)"),
        ("seed", r"an override is KEY=VALUE, got 'seed'"),
        ("seed=1,2", r"several values make a sweep, got 'seed=1,2' \(add -m\)"),
    ],
)
def test_a_wrong_override_is_named_with_the_choices(override: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        compose_run([override])


def test_a_mechanism_for_a_model_without_attention_is_refused() -> None:
    with pytest.raises(UserError, match=r"model=seq2seq has no attention to swap, got attention=additive"):
        compose_run(["model=seq2seq", "attention=additive"])


def test_each_part_is_one_override() -> None:
    config = compose_run(["task=translation", "model=transformer", "attention=additive", "optimizer=adam"])
    assert config.model.attention.core._target_ == "attnlab.attention.AdditiveAttention"
    assert config.model._target_ == "attnlab.models.Transformer"
    assert config.task.optimizer._target_ == "torch.optim.Adam"


@pytest.mark.text
@pytest.mark.parametrize("version, fused", [("2.3.1+cu121", False), ("2.14.1", True)])
def test_optimizers_are_fused_where_torch_has_that_for_every_device(
    version: str, fused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attnlab.config.resolvers.version", lambda _: version)
    assert compose_run(["optimizer=adamw"]).optimizer.fused is fused
    assert compose_run(["optimizer=adam", "optimizer.fused=false"]).optimizer.fused is False


def test_one_slot_of_a_model_is_one_override() -> None:
    config = compose_run(["model=transformer", sugar("model.cross_attention=uniform")])
    assert config.model.cross_attention.core._target_ == "attnlab.attention.UniformAttention"
    assert config.model.attention.core._target_ == "attnlab.attention.ScaledDotAttention"
    assert config.model.encoder_attention is None


def test_the_command_line_wins_over_an_experiment() -> None:
    config = compose_run(["experiment=translation_quickstart", "attention=uniform", "seed=5"])
    assert config.attention.core._target_ == "attnlab.attention.UniformAttention"
    assert config.seed == 5


def test_the_folder_follows_what_is_computed_and_nothing_else() -> None:
    folder = str(compose_run(["seed=1"]).output_dir)
    assert folder.startswith("outputs/translation/attention_seq2seq-scaled_dot/")
    assert str(compose_run(["seed=1"]).output_dir) == folder
    assert str(compose_run(["seed=1", "logger=none", "trainer.enable_progress_bar=false"]).output_dir) == folder
    assert str(compose_run(["seed=2"]).output_dir) != folder
    assert str(compose_run(["seed=1", "optimizer.lr=0.01"]).output_dir) != folder


def test_how_fast_data_is_read_is_no_part_of_what_is_computed() -> None:
    of_files = ["task=object_detection", "data=voc", "data.root=folder"]
    folder = str(compose_run(of_files).output_dir)
    for same in ("data.num_workers=3", "data.memory_mb=0", "data.cache_dir=elsewhere"):
        assert str(compose_run([*of_files, same]).output_dir) == folder
    for other in ("data.batch_size=3", "data.root=elsewhere", "trainer.threads=1"):
        assert str(compose_run([*of_files, other]).output_dir) != folder


def test_a_run_without_attention_is_not_named_after_one() -> None:
    assert compose_run(["model=seq2seq"]).name == "seq2seq"


def test_a_sweep_is_every_combination() -> None:
    jobs = expand_sweep(["attention=additive,uniform", "seed=1,2", "model.dim=64"])
    assert len(jobs) == 4
    assert ["attention=uniform", "seed=2", "model.dim=64"] in jobs


def test_the_users_own_folder_adds_options(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "optimizer").mkdir()
    (tmp_path / "optimizer" / "mine.yaml").write_text("_target_: torch.optim.SGD\n_partial_: true\nlr: 0.5\n")
    assert compose_run(["optimizer=mine"], config_dirs=[str(tmp_path)]).optimizer.lr == 0.5
    with pytest.raises(UserError, match="no optimizer is named 'mine'"):
        compose_run(["optimizer=mine"])
