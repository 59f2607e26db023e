from functools import cache
from math import prod
from typing import Any

import pytest
import torch
from tiny_tasks import codec_of, config_of

from attnlab.data.text.text_pairs import TextPairBatch
from attnlab.errors import UserError
from attnlab.study.examples import Example
from attnlab.study.ledger import costs_of, parameters_of, shapes_of

DIM = 12
IDS = torch.ones(1, 5, dtype=torch.long)
EXAMPLE = Example(TextPairBatch(torch.zeros(1, dtype=torch.long), IDS, IDS), "five tokens")


@cache
def translator(*overrides: str) -> tuple[dict[str, Any], dict[str, int]]:
    config = config_of("translation", f"model.dim={DIM}", "model.num_heads=1", *overrides)
    return config, codec_of("translation").sizes


def test_parameters_of_attention_are_its_projections_and_its_own() -> None:
    dot, additive, uniform = (
        parameters_of(*translator(f"attention={name}")) for name in ("dot", "additive", "uniform")
    )
    projections = 4 * (DIM * DIM + DIM) + 2 * DIM * DIM  # keys and values are read of an encoder of two directions
    assert dot.attention == projections
    assert additive.attention == projections + DIM
    assert uniform.attention == projections - (DIM * DIM + DIM) - (2 * DIM * DIM + DIM)
    assert dot.total - uniform.total == dot.attention - uniform.attention
    assert dot.total == dot.trainable


def test_shapes_are_those_of_all_parameters() -> None:
    shapes = shapes_of(*translator("attention=dot"))
    assert sum(map(prod, shapes.values())) == parameters_of(*translator("attention=dot")).total
    others = shapes_of(*translator("attention=additive"))
    assert {path: shape for path, shape in others.items() if shapes.get(path) != shape}.keys() == {
        path for path in others if ".core." in path
    }


def test_where_attention_learns_and_where_its_weights_are_fixed_is_counted() -> None:
    dot, uniform = (costs_of(*translator(f"attention={name}"), EXAMPLE) for name in ("dot", "uniform"))
    assert (dot.fixed, dot.learning, dot.learns_nothing) == (0, 1, False)
    assert (uniform.fixed, uniform.learning, uniform.learns_nothing) == (1, 0, True)


def test_attention_on_feature_maps_counts() -> None:
    config = config_of("image_classification", "model=resnet", "model.dim=16", "feature_attention=eca")
    sizes = {"num_classes": 3, "in_channels": 1, "height": 8, "width": 8}
    plain = config_of("image_classification", "model=resnet", "model.dim=16", "feature_attention=none")
    found, without = parameters_of(config, sizes), parameters_of(plain, sizes)
    assert without.attention == 0
    assert found.attention == found.total - without.total > 0


def test_what_meta_cant_is_counted_on_the_cpu() -> None:
    """Linear attention switches autocast off, which meta hasn't."""
    costs = costs_of(*translator("attention=linear"), EXAMPLE)
    assert costs.forward is not None
    assert costs.slots == {"cross": "linear"}


def test_costs_dont_depend_on_the_random_state_nor_change_it() -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    first, second = (costs_of(*translator("attention=linear"), EXAMPLE) for _ in range(2))
    assert first == second
    assert torch.equal(torch.get_rng_state(), before)


def test_training_is_three_times_a_forward_pass() -> None:
    costs = costs_of(*translator("attention=dot"), EXAMPLE)
    assert costs.forward is not None
    assert costs.training_flops == 3 * costs.forward.flops
    assert costs.state is not None


def test_a_model_that_cant_read_the_example_is_refused() -> None:
    batch = TextPairBatch(IDS, torch.ones(1, 400, dtype=torch.long), IDS)
    with pytest.raises(UserError, match="this model can't read 400 tokens: "):
        costs_of(*translator("model=transformer", "model.num_heads=2"), Example(batch, "400 tokens"))
