"""A key that another option of a group has is told with the option, and how both are set."""

import pytest
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from attnlab.config.checks import check_key
from attnlab.config.compose import compose_run
from attnlab.errors import UserError

TRANSFORMER = ["task=translation", "model=transformer"]


@pytest.mark.parametrize(
    "overrides, said",
    [
        (
            [*TRANSFORMER, "attention=additive", "attention.core.window=5"],
            "'attention.core.window': additive takes no window; dilated and local do (attention=dilated "
            "attention.core.window=5)",
        ),
        (["attention=additive", "attention.window=5"], "in other models (model=transformer attention=dilated "),
        (["optimizer.nesterov=true"], "adamw takes no nesterov; sgd does (optimizer=sgd optimizer.nesterov=true)"),
        ([*TRANSFORMER, "model.cell=gru"], "transformer takes no cell; "),
        (["data.train=a.csv"], "(data=parallel_table data.corpus.train=a.csv)"),
        (["callbacks.patience=3"], "(callbacks=[default,early_stopping] callbacks.early_stopping.patience=3)"),
        (["feature_attention.window=3"], "this run has no feature_attention"),
    ],
)
def test_an_option_that_has_the_key_is_named(overrides: list[str], said: str) -> None:
    with pytest.raises(UserError) as caught:
        compose_run(overrides)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "overrides, said",
    [
        (["model.window=5"], "no key 'model.window'; model has "),  # and not a callback's, far off
        (["model.lr=5"], "(did you mean optimizer.lr?)"),
        ([*TRANSFORMER, "attention=local", "attention.window=5"], "(did you mean attention.core.window?)"),
        (["callbacks=[default,early_stopping]", "callbacks.patience=3"], "callbacks.early_stopping.patience?)"),
        # none that fits this task has it
        (["data.batch_size=3"], "(did you mean data.batch_tokens?)"),
        # none that stands in this slot has it
        ([*TRANSFORMER, "attention@model.cross_attention=additive", "model.cross_attention.core.window=5"], "has none"),
    ],
)
def test_what_is_chosen_and_what_fits_comes_first(overrides: list[str], said: str) -> None:
    with pytest.raises(UserError) as caught:
        compose_run(overrides)
    assert said in str(caught.value)


def test_of_a_configuration_on_record_no_option_is_asked() -> None:
    HydraConfig.instance().cfg = None  # as where a run is resumed, which composes nothing
    config = OmegaConf.create({"logger": {"csv": {}}})
    assert isinstance(config, DictConfig)
    with pytest.raises(UserError, match=r"no key 'logger.wandb'; logger has csv"):
        check_key(config, "logger.wandb")
