"""The contract of mechanisms on feature maps: those that can be chosen say of themselves what it asks, for good."""

import dataclasses

import pytest
from feature_mechanisms import AROUND_A_CORE, FACTORIES, GATES, NAMES

from attnlab.attention.core import Core
from attnlab.feature_attention.contract import Properties


@pytest.mark.parametrize("name", NAMES)
def test_a_mechanism_has_properties_that_nobody_changes_and_is_no_core(name: str) -> None:
    mechanism = FACTORIES[name](16, max_size=(7, 5))
    assert isinstance(mechanism.properties, Properties)
    with pytest.raises(dataclasses.FrozenInstanceError):
        mechanism.properties.gates = False  # type: ignore[misc]
    assert not isinstance(mechanism, Core)


@pytest.mark.parametrize("name", GATES)
def test_who_says_what_its_weights_weigh_has_weights(name: str) -> None:
    mechanism = FACTORIES[name](16, max_size=(7, 5))
    assert (mechanism.properties.weights_over is not None) == hasattr(mechanism, "weights")


@pytest.mark.parametrize("name", AROUND_A_CORE)
def test_those_around_a_core_leave_weights_to_it(name: str) -> None:
    mechanism = FACTORIES[name](16, max_size=(7, 5))
    assert mechanism.properties.weights_over is None
    assert any(isinstance(part, Core) for part in mechanism.modules())
