"""A right override is one part of the config, and the command line has the last word."""

from attnlab.config.compose import compose_run, sugar


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
