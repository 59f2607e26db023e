"""Every mechanism in conf/attention, in every role that it serves, against the contract and against its reference."""

import inspect
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path

import pytest
import torch
from mechanisms import ALL, FACTORIES, NAMES, REFUSALS, SERVED, SIBLINGS_SERVED, checked

from attnlab import attention
from attnlab.attention.conformance import checks as conformance
from attnlab.attention.conformance import extremes
from attnlab.attention.conformance import shell as conformance_shell
from attnlab.attention.conformance import training as conformance_training
from attnlab.attention.conformance.checks import CHECKS
from attnlab.attention.conformance.inputs import LENGTHS, build_core, qkv, ragged_mask, random_bias
from attnlab.attention.conformance.shell import SIBLING_CHECKS

pytestmark = pytest.mark.text

# Each references*.py has references in loops, and may have REFUSALS, {(name, role): reason}: what is refused, so that a
# mechanism that begins or ceases to refuse a role has to say so there, and VARIANTS, [(name, arguments)]: values of a
# mechanism's own arguments to try beside its YAML's.
MODULES = [import_module(path.stem) for path in sorted(Path(__file__).parents[1].glob("references*.py"))]
REFERENCES = {name: vars(module)[name] for module in MODULES for name in ALL if name in vars(module)}
EXPECTED_REFUSALS = {pair: reason for module in MODULES for pair, reason in getattr(module, "REFUSALS", {}).items()}
VARIANTS = [variant for module in MODULES for variant in getattr(module, "VARIANTS", [])]
CASES = [
    pytest.param(name, role, arguments, id="-".join([name, role, *(f"{key}={arguments[key]}" for key in arguments)]))
    for name, arguments in [*((name, {}) for name in ALL), *VARIANTS]
    for role in ("self", "causal", "cross")
    if (name, role) not in REFUSALS
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name, role, arguments", CASES)
def test_mechanism_conforms(name, role, arguments, check):
    check(checked(name, **arguments), role)


@pytest.mark.parametrize("check", SIBLING_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name, role", SIBLINGS_SERVED)
def test_sibling_of_the_shell_is_called_as_it(name, role, check):
    check(checked(name), role)


@pytest.mark.parametrize("name, role, arguments", CASES)
def test_mechanism_equals_its_reference_in_loops(name, role, arguments):
    assert name in REFERENCES, f"conf/attention/{name}.yaml has no reference: write {name}() in a references*.py"
    reference = REFERENCES[name]
    core = build_core(checked(name, **arguments), role)
    for num_queries, num_keys in LENGTHS[role]:
        q, k, v = qkv(num_queries, num_keys)
        key_mask = ragged_mask(num_keys)
        key_mask[1] &= torch.arange(num_keys) >= 2  # where causal, the first queries have nothing to attend
        bias = random_bias(num_queries, num_keys).expand(2, -1, -1, -1)
        if not core.properties.takes_bias:
            bias = torch.zeros_like(bias)
        allowed = [
            [
                [
                    bool(key_mask[b, j]) and (role != "causal" or j <= num_keys - num_queries + i)
                    for j in range(num_keys)
                ]
                for i in range(num_queries)
            ]
            for b in range(2)
        ]
        weights, output = reference(core, q.tolist(), k.tolist(), v.tolist(), allowed, bias.tolist())
        masks = {"key_mask": key_mask, "bias": bias if core.properties.takes_bias else None}
        tolerance = {"rtol": 0, "atol": 1e-9 + core.properties.tolerance}
        torch.testing.assert_close(core.weights(q, k, **masks), torch.tensor(weights, dtype=torch.float64), **tolerance)
        torch.testing.assert_close(core(q, k, v, **masks), torch.tensor(output, dtype=torch.float64), **tolerance)


def test_refusals_are_those_expected():
    assert REFUSALS == EXPECTED_REFUSALS


@pytest.mark.parametrize("name", NAMES)
def test_yaml_bears_the_name_of_its_class_and_sets_every_argument_of_its_own(name):
    core = FACTORIES[name].keywords["core"]
    assert core.func.__name__ == "".join(word.capitalize() for word in name.split("_")) + "Attention"
    assert getattr(attention, core.func.__name__) is core.func
    given_by_the_shell = {"num_heads", "head_dim", "role", "max_length", "dropout"}
    assert set(inspect.signature(core.func).parameters) == given_by_the_shell | set(core.keywords)
    assert core.func.__doc__


def test_suite_runs_every_check_it_defines():
    defined = {
        function
        for module in (conformance, conformance_shell, conformance_training, extremes)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
    assert {*CHECKS, *SIBLING_CHECKS} == defined
    assert not set(CHECKS) & set(SIBLING_CHECKS)


@pytest.mark.parametrize("name", NAMES)
def test_every_layer_gets_its_own_core(name):
    role = next(role for served, role in SERVED if served == name)
    first, second = (FACTORIES[name](30, num_heads=3, role=role, max_length=13) for _ in range(2))
    assert first.core is not second.core


@pytest.mark.parametrize("name, role", SERVED)
def test_a_bias_of_one_row_column_or_value_is_as_if_it_were_written_out(name, role):
    core = build_core(checked(name), role)
    num_queries, num_keys = LENGTHS[role][0]
    q, k, v = qkv(num_queries, num_keys)
    whole = random_bias(num_queries, num_keys)
    parts = (whole[..., :1, :], whole[..., :1], whole[0, 0, 0], whole[:, :1])
    for bias in parts if core.properties.takes_bias else ():
        written = bias.expand_as(whole).contiguous()
        masks = [{"key_mask": ragged_mask(num_keys), "bias": each} for each in (bias, written)]
        one, other = (core(q, k, v, **each) for each in masks)
        torch.testing.assert_close(one, other, rtol=0, atol=1e-9 + core.properties.tolerance)
        one, other = (core.weights(q, k, **each) for each in masks)
        torch.testing.assert_close(one, other, rtol=0, atol=1e-9 + core.properties.tolerance)


@pytest.mark.parametrize("name, role", SERVED)
def test_what_is_made_on_the_way_is_on_the_device_of_the_input(name, role, monkeypatch):
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())  # it knows no such device
    num_queries, num_keys = LENGTHS[role][0]
    core = build_core(checked(name), role).to("meta")
    q, k, v, key_mask = (each.to("meta") for each in (*qkv(num_queries, num_keys), ragged_mask(num_keys)))
    assert core(q, k, v, key_mask=key_mask).is_meta
    assert core.weights(q, k, key_mask=key_mask).is_meta
