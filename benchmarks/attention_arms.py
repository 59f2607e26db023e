"""A mechanism's forward and backward pass, ours or a peer's, as the arms of a comparison.

Every function here runs in a fresh process and gets names, so that it pickles.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from hydra.utils import instantiate
from numpy.typing import NDArray
from omegaconf import OmegaConf
from torch import Tensor, nn

from attnlab.attention import Role
from attnlab.conf_path import conf_dir
from benchmarks import memory, runner, timing
from benchmarks.attention_peers import KERNELS, SCORES, Scores, naive
from benchmarks.runner import Measures

OURS, DEFINITION, NAIVE_CODE, EXPLICIT = "ours", "definition", "naive", "explicit"


class Mechanism(NamedTuple):
    """A file of conf/attention."""

    name: str
    core: dict[str, Any]


SCALED_DOT = Mechanism("scaled_dot", {"_target_": "attnlab.attention.ScaledDotAttention", "_partial_": True})


@dataclass(frozen=True, kw_only=True)
class Case:
    """What attention is called with besides a padding mask, and how large it is."""

    role: Role = "self"
    bias: bool = False
    bias_learns: bool = False  # it needs a gradient
    dropout: float = 0.0
    length: int
    batch: int
    num_heads: int
    head_dim: int = 32


class Pass:
    """One forward and backward pass of `attend` on fixed inputs; the shell's layout, (B, T, H, Dh), behind them."""

    def __init__(self, attend: Callable[..., Tensor], case: Case, parameters: list[nn.Parameter]) -> None:
        generator = torch.Generator().manual_seed(0)
        shape = (case.batch, case.length, case.num_heads, case.head_dim)
        q, k, v, self.output_gradient = (torch.randn(shape, generator=generator).transpose(1, 2) for _ in range(4))
        self.inputs = [x.requires_grad_() for x in (q, k, v)]
        # Rows end in padding of an eighth or a quarter.
        real = case.length - case.length // torch.tensor([8, 4]).repeat(case.batch)[: case.batch]
        self.key_mask = torch.arange(case.length) < real[:, None]
        self.bias = None
        if case.bias:
            bias = torch.randn(case.num_heads, case.length, case.length, generator=generator)
            self.bias = bias.requires_grad_(case.bias_learns)
        learned = [self.bias] if case.bias_learns and self.bias is not None else []
        self.leaves = [*self.inputs, *learned, *parameters]
        self.attend = attend

    def __call__(self) -> Tensor:
        for leaf in self.leaves:
            leaf.grad = None
        output = self.attend(*self.inputs, key_mask=self.key_mask, bias=self.bias)
        output.backward(self.output_gradient)
        return output

    def results(self) -> list[NDArray[np.floating]]:
        """The output and all gradients; a leaf that isn't used has zeros."""
        output = self()
        gradients = [torch.zeros_like(leaf) if leaf.grad is None else leaf.grad for leaf in self.leaves]
        return [x.detach().numpy() for x in (output, *gradients)]


def chosen(only: Sequence[str] | None) -> list[Mechanism]:
    """The mechanisms of these names, or all; exits with a line for a name there isn't."""
    runner.preload(__name__)
    known = mechanisms()
    if unknown := sorted(set(only or ()) - set(known)):
        raise SystemExit(f"error: no mechanism is named {unknown[0]!r} (set --only to some of {', '.join(known)})")
    return [mechanism for name, mechanism in known.items() if only is None or name in only]


def mechanisms() -> dict[str, Mechanism]:
    """Those of conf/attention with a core, which is what is measured: the shell around it is the same for all."""
    found = {}
    for path in sorted((conf_dir() / "attention").glob("[!_]*.yaml")):
        config: Any = OmegaConf.to_container(OmegaConf.load(path))
        if "core" in config:
            found[path.stem] = Mechanism(path.stem, config["core"])
    return found


def build_core(mechanism: Mechanism, case: Case) -> nn.Module:
    torch.manual_seed(0)
    return instantiate(mechanism.core)(
        num_heads=case.num_heads,
        head_dim=case.head_dim,
        role=case.role,
        max_length=case.length,
        dropout=case.dropout,
    )


def one_pass(arm: str, mechanism: Mechanism, case: Case) -> Pass:
    """`arm` is ours, the mechanism's own definition, naive code, or one of the kernels."""
    core = build_core(mechanism, case)
    causal = case.role == "causal"

    def definition(q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor, bias: Tensor | None) -> Tensor:
        return core.combine(core.weights(q, k, key_mask=key_mask, bias=bias), v)

    def naively(q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor, bias: Tensor | None) -> Tensor:
        return naive(mechanism.name, core, q, k, v, key_mask[:, None, None])

    def plainly(q: Tensor, k: Tensor, v: Tensor, *, key_mask: Tensor, bias: Tensor | None) -> Tensor:
        scores: Scores = SCORES[mechanism.name](core, q, k)
        if bias is not None:
            scores = scores._replace(bias=bias if scores.bias is None else scores.bias + bias)
        return KERNELS[arm](scores, v, key_mask[:, None, None], causal=causal, dropout=case.dropout)

    attend = {OURS: core, DEFINITION: definition, NAIVE_CODE: naively}.get(arm, plainly)
    return Pass(attend, case, list(core.parameters()))


def results(arm: str, mechanism: Mechanism, case: Case) -> list[NDArray[np.floating]]:
    return one_pass(arm, mechanism, case).results()


def seconds(arm: str, mechanism: Mechanism, case: Case) -> Measures:
    return timing.time_calls(one_pass(arm, mechanism, case))


def peak(arm: str, mechanism: Mechanism, case: Case) -> Measures:
    run = one_pass(arm, mechanism, case)
    return {"bytes": memory.peak_bytes(run)}
