from pathlib import Path

import pytest
from tiny_study import ARMS, made_arm
from tiny_tasks import config_of

from attnlab.errors import UserError
from attnlab.study.design import of_values
from attnlab.study.workshop import Workshop, with_value


def test_a_value_changes_where_the_model_copies_it_too() -> None:
    config = config_of("image_classification", "model=resnet", "feature_attention=se")
    changed = with_value(config, "feature_attention.reduction", 3)
    assert changed["feature_attention"]["reduction"] == changed["model"]["feature_attention"]["reduction"] == 3
    assert config["feature_attention"]["reduction"] == 16
    assert with_value(config, "model.dim", 24)["model"]["dim"] == 24


@pytest.mark.parametrize("key", ["model.nosuch", "model.norm_first", "model.activation"])
def test_arms_are_matched_by_a_whole_number(key: str) -> None:
    study = of_values("small", Path("small.yaml"), {"control": "uniform", "arms": ARMS})
    arm = made_arm("additive")
    arm.configs[0]["model"] = {"norm_first": True, "activation": "gelu"}
    with pytest.raises(UserError, match=rf"{key} must be a whole number to match arms by, got .* in additive"):
        Workshop(study, []).nearest(arm, key, 7, parameters=True)
