"""A mechanism of one's own that sees what it mustn't, or that isn't trained, is told with the run's results."""

import random
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from attnlab.config.compose import compose_run
from attnlab.runs import build
from attnlab.runs.own_mechanisms import warnings_of_mechanisms

CODE = """
import torch
from torch import nn
from attnlab.attention import Properties, allowed_mask, masked_softmax


class Right(nn.Module):
    uses = frozenset({"query", "key"})
    properties = Properties()

    def __init__(self, *, num_heads, head_dim, role, max_length, dropout):
        super().__init__()
        self.causal = role == "causal"

    def weights(self, q, k, *, key_mask=None, bias=None):
        return masked_softmax(q @ k.mT, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights, v):
        return weights @ v

    def forward(self, q, k, v, *, key_mask=None, bias=None):
        return self.combine(self.weights(q, k, key_mask=key_mask, bias=bias), v)


class NoMask(Right):
    def weights(self, q, k, *, key_mask=None, bias=None):
        return (q @ k.mT).softmax(-1)


class NotCausal(Right):
    def weights(self, q, k, *, key_mask=None, bias=None):
        return masked_softmax(q @ k.mT, allowed_mask(q, k, causal=False, key_mask=key_mask), bias)


class Detached(Right):
    def weights(self, q, k, *, key_mask=None, bias=None):
        return super().weights(q.detach(), k.detach(), key_mask=key_mask, bias=bias)


class Asserts(Right):
    def weights(self, q, k, *, key_mask=None, bias=None):
        assert q.size(-1) == 16
        return super().weights(q, k, key_mask=key_mask, bias=bias)


class OfOneSize(NoMask):
    def __init__(self, *, head_dim, **others):
        if head_dim != 16:
            raise ValueError("16 alone")
        super().__init__(head_dim=head_dim, **others)
"""


@pytest.mark.parametrize(
    "name, model, kinds",
    [
        ("Right", "transformer", []),
        ("NoMask", "transformer", ["future_leaks", "padding_leaks"]),
        ("NoMask", "attention_seq2seq", ["padding_leaks"]),  # of which nothing is causal
        ("NotCausal", "transformer", ["future_leaks"]),
        ("Detached", "transformer", ["untrained_attention"]),
        ("OfOneSize", "transformer", []),
        ("Asserts", "transformer", []),
    ],
)
def test_what_is_wrong_is_told_by_the_class(
    name: str, model: str, kinds: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = f"own_{random.randrange(10**9)}"
    (tmp_path / f"{module}.py").write_text(CODE)
    monkeypatch.syspath_prepend(str(tmp_path))
    given = [f"model={model}", "model.dim=64", f"attention.core._target_={module}.{name}"]
    if model == "transformer":
        given.append("model.num_heads=4")
    config: dict[str, Any] = build.plain(compose_run(given))
    data = build.build_data(config)
    with torch.device("meta"):
        task = build.build_task(config, data.example_sizes, None)
    state = torch.get_rng_state()
    found = list(warnings_of_mechanisms(config, task.networks))
    assert [each["kind"] for each in found] == kinds
    assert all(f"{module}.{name}" in each["message"] for each in found)
    assert torch.equal(state, torch.get_rng_state())
    sys.modules.pop(module, None)


def test_shipped_mechanisms_cost_nothing() -> None:
    assert list(warnings_of_mechanisms(build.plain(compose_run([])), {})) == []
