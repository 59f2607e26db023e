"""Every mechanism in conf/feature_attention against the contract and against its reference."""

import inspect

import feature_references
import pytest
import torch
from feature_mechanisms import AROUND_A_CORE, FACTORIES, GATES, NAMES

from attnlab import feature_attention
from attnlab.feature_attention.conformance import checks as conformance
from attnlab.feature_attention.conformance.checks import CHECKS
from attnlab.feature_attention.conformance.inputs import CHANNELS, MAX_SIZE, SIZES, build, feature_map, reordered


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_mechanism_conforms(name, check):
    check(FACTORIES[name])


@pytest.mark.parametrize("name", NAMES)
def test_mechanism_equals_its_reference_in_loops(name):
    reference = getattr(feature_references, name, None)
    assert reference is not None, (
        f"conf/feature_attention/{name}.yaml has no reference: write {name}() in feature_references.py"
    )
    mechanism = build(FACTORIES[name])
    for size in SIZES:
        x = feature_map(size)[:2]
        results = [reference(mechanism, image) for image in x.tolist()]
        expected = torch.tensor([output for output, _ in results], dtype=torch.float64)
        torch.testing.assert_close(mechanism(x), expected, rtol=0, atol=1e-9)
        if mechanism.properties.weights_over is not None:
            weights = torch.tensor([weights for _, weights in results], dtype=torch.float64)
            torch.testing.assert_close(mechanism.weights(x), weights, rtol=0, atol=1e-9)


def test_properties_are_those_expected():
    found = {name: build(FACTORIES[name]).properties for name in NAMES}
    assert {name: (p.weights_over, p.equivariant_to) for name, p in found.items()} == feature_references.PROPERTIES


@pytest.mark.parametrize("what", ["positions", "lines"])
@pytest.mark.parametrize("name", NAMES)
def test_what_may_not_be_reordered_matters(name, what):
    """So that no mechanism claims less than it could: the check of what it claims would pass by default."""
    mechanism, x = build(FACTORIES[name]), feature_map(SIZES[0])
    claimed = mechanism.properties.equivariant_to
    if claimed == "positions" or claimed == what:
        return
    difference = mechanism(reordered(x, what)) - reordered(mechanism(x), what)
    assert difference.abs().max() > 1e-3


@pytest.mark.parametrize("name", GATES)
def test_no_parameter_of_a_gate_is_idle(name):
    """As a bias before a softmax or a batch normalisation would be."""
    mechanism = build(FACTORIES[name]).train()
    mechanism(feature_map(SIZES[0])).pow(3).sum().backward()
    idle = [key for key, parameter in mechanism.named_parameters() if parameter.grad.abs().max() < 1e-6]
    assert not idle


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"none"}))
def test_mechanism_does_something(name):
    mechanism, x = build(FACTORIES[name]), feature_map(SIZES[0])
    assert (mechanism(x) - x).abs().max() > 1e-2


@pytest.mark.parametrize("name", NAMES)
def test_yaml_bears_the_name_of_its_class_and_sets_every_argument_of_its_own(name):
    factory = FACTORIES[name]
    assert factory.func.__name__ == "".join(word.capitalize() for word in name.split("_")) + "FeatureAttention"
    assert getattr(feature_attention, factory.func.__name__) is factory.func
    parameters = inspect.signature(factory.func).parameters
    assert set(parameters) == {"channels", "max_size"} | set(factory.keywords)
    assert all(p.kind is p.KEYWORD_ONLY for key, p in parameters.items() if key != "channels")
    assert factory.func.__doc__


@pytest.mark.parametrize("name", NAMES)
def test_yaml_gives_the_defaults_of_the_constructor(name):
    defaults = {
        key: parameter.default
        for key, parameter in inspect.signature(FACTORIES[name].func).parameters.items()
        if key not in ("channels", "max_size", "attention")
    }
    given = {key: value for key, value in FACTORIES[name].keywords.items() if key != "attention"}
    assert given == defaults


def test_suite_runs_every_check_it_defines():
    defined = {
        function
        for name, function in inspect.getmembers(conformance, inspect.isfunction)
        if function.__module__ == conformance.__name__ and not name.startswith("_")
    }
    assert set(CHECKS) == defined


@pytest.mark.parametrize("name", NAMES)
def test_every_place_gets_its_own_mechanism(name):
    first, second = (FACTORIES[name](CHANNELS, max_size=MAX_SIZE) for _ in range(2))
    shared = {id(module) for module in first.modules()} & {id(module) for module in second.modules()}
    assert not shared


def test_those_around_a_core_are_told_by_their_yaml():
    assert AROUND_A_CORE == ["axial", "non_local"]
