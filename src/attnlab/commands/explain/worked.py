"""Run a mechanism on an example and keep every number on the way to its output."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, cast, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from attnlab.attention import Core, Role, RoleError
from attnlab.commands.explain.example import Example, Vector

SEED = 0
ROLES: tuple[Role, ...] = ("cross", "self", "causal")
SOFTMAXES = (torch.softmax, Tensor.softmax, functional.softmax, torch.special.softmax)


@dataclass(frozen=True, kw_only=True)
class Query:
    """What one query came to: a number for each key, then the output.

    `scores` is what the mechanism puts through a softmax, None where it has none; the score of a masked key is None.
    `dot_scale` is the s of scores = s q · k where they are of that form. `output_is_sum`: the output is sum_j w_j v_j.
    """

    label: str
    vector: list[float]
    scores: list[float | None] | None
    dot_scale: float | None
    weights: list[float]
    output: list[float]
    output_is_sum: bool


@dataclass(frozen=True, kw_only=True)
class WorkedExample:
    """An example with its answer; `refusal` says why there is none, and `role_refusal` why the keys ask each other.

    `projected` is the example as it reaches the core of a mechanism that has projections of its own.
    """

    example: Example
    projected: Example | None = None
    role: Role | None = None
    role_refusal: str = ""
    refusal: str = ""
    queries: list[Query]

    def weights(self) -> Tensor:
        """(Tq, Tk)."""
        return torch.tensor([query.weights for query in self.queries])


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A mechanism, in its own words and in numbers."""

    name: str
    mechanism: str
    idea: str
    uses: list[str]
    learned: bool
    examples: list[WorkedExample]


def explain(name: str, build: Callable[..., nn.Module], examples: Sequence[Example]) -> Explanation:
    """Work each example with the mechanism that `build` makes: one head, float64, learned values as they begin.

    `build` takes what a core takes and makes one, or else a sibling of the shell, which projects by itself and keeps
    its core as `core`. Where it can't attend to another sequence, the keys ask each other. Raises ValueError if it can
    do no example.
    """
    worked, modules = [], []
    for example in examples:
        try:
            module, role, role_refusal = _build_for_a_role(build, example)
        except ValueError as error:
            worked.append(WorkedExample(example=example, refusal=str(error), queries=[]))
            continue
        queries, projected = _answer(module, example, role)
        worked.append(
            WorkedExample(example=example, projected=projected, role=role, role_refusal=role_refusal, queries=queries)
        )
        modules.append(module)
    if not modules:
        raise ValueError(f"attention={name} can't be worked here: {worked[0].refusal}")
    return Explanation(
        name=name,
        mechanism=type(modules[0]).__name__,
        idea=inspect.getdoc(type(modules[0])) or "",
        uses=sorted(_core(modules[0]).uses),
        learned=any(True for _ in modules[0].parameters()),
        examples=worked,
    )


@runtime_checkable
class _Projects(Protocol):
    """Has the shell's own method."""

    def attend(self, query: Tensor) -> tuple[Tensor, Tensor]: ...


def _projects(module: nn.Module) -> bool:
    """Whether it is a sibling of the shell, with projections of its own."""
    return isinstance(module, _Projects)


def _core(module: nn.Module) -> Core:
    if not _projects(module):
        return cast(Core, module)
    try:
        return cast(Core, module.core)
    except AttributeError as error:
        missing = f"{type(module).__name__} projects by itself and keeps no core to explain (it needs .core)"
        raise ValueError(missing) from error


def _build_for_a_role(build: Callable[..., nn.Module], example: Example) -> tuple[nn.Module, Role, str]:
    """The mechanism in the first role that it serves, that role, and why it doesn't serve cross-attention if so."""
    refusals: list[RoleError] = []
    for role in ROLES:
        try:
            module = _build(build, role, head_dim=len(example.query), length=len(example.keys))
        except RoleError as error:
            refusals.append(error)
            continue
        return module, role, str(refusals[0]) if refusals else ""
    raise refusals[0]


def _build(build: Callable[..., nn.Module], role: Role, *, head_dim: int, length: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        module = build(num_heads=1, head_dim=head_dim, role=role, max_length=length, dropout=0.0)
    return module.double().eval()


@torch.no_grad()
def _answer(module: nn.Module, example: Example, role: Role) -> tuple[list[Query], Example | None]:
    """What each query comes to, and the example as the mechanism projects it, if it does."""
    core = _core(module)
    crosses = role == "cross"
    labels, queries = ([example.query_label], [example.query]) if crosses else (example.labels, example.keys)
    q, k, v = (torch.tensor(rows, dtype=torch.float64)[None, None] for rows in (queries, example.keys, example.values))
    projected = None
    if _projects(module):
        q, k, v = _reaching(core, module, q, k, v)
        query, keys, values = q[0, 0, 0], k[0, 0], v[0, 0]
        projected = replace(example, query=_floats(query), keys=_rows(keys), values=_rows(values))
    with _Softmaxes() as softmaxes:
        weights = core.weights(q, k)  # (1, 1, Tq, Tk)
    output = core.combine(weights, v)  # (1, 1, Tq, Dh)
    scores = softmaxes.scores_of(weights)
    reads_both = core.uses >= {"query", "key"}  # else equality with a dot product would be chance
    dot_scale = _dot_scale(scores, q @ k.mT, q.size(-1)) if scores is not None and reads_both else None
    output_is_sum = torch.allclose(output, weights @ v)
    answers = [
        Query(
            label=label,
            vector=q[0, 0, row].tolist(),
            scores=_unmasked(scores[0, 0, row]) if scores is not None else None,
            dot_scale=dot_scale,
            weights=weights[0, 0, row].tolist(),
            output=output[0, 0, row].tolist(),
            output_is_sum=output_is_sum,
        )
        for row, label in enumerate(labels)
    ]
    return answers, projected


def _reaching(core: Core, attention: nn.Module, q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """q, k, v (1, 1, T, Dh) as they reach the core once the attention around it has projected them."""
    reached: list[tuple[Tensor, Tensor, Tensor]] = []
    handle = cast(nn.Module, core).register_forward_pre_hook(lambda _, inputs: reached.append(inputs))
    attention(q[:, 0], k[:, 0], v[:, 0])
    handle.remove()
    return reached[0]


def _floats(vector: Tensor) -> Vector:
    return tuple(vector.tolist())


def _rows(vectors: Tensor) -> tuple[Vector, ...]:
    return tuple(_floats(vector) for vector in vectors)


def _dot_scale(scores: Tensor, dots: Tensor, head_dim: int) -> float | None:
    """The scale s in {1 / sqrt(Dh), 1} for which scores = s dots wherever a key isn't masked; None if neither."""
    seen = scores.isfinite()
    for scale in (head_dim**-0.5, 1.0):
        if torch.allclose(scores[seen], scale * dots[seen]):
            return scale
    return None


def _unmasked(scores: Tensor) -> list[float | None]:
    return [score if score > -torch.inf else None for score in scores.tolist()]


class _Softmaxes(TorchFunctionMode):
    """Notes what goes into each softmax and comes out: the contract gives a mechanism's weights but not its scores."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[Tensor, Tensor]] = []

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if func in SOFTMAXES and args:
            self.seen.append((args[0], result))
        return result

    def scores_of(self, weights: Tensor) -> Tensor | None:
        """What went into the softmax that these weights came out of, masked keys as -inf; None if none did."""
        for scores, result in self.seen:
            if result.shape == weights.shape and torch.allclose(result, weights):
                masked = scores <= torch.finfo(scores.dtype).min
                return scores.masked_fill(masked, -torch.inf)
        return None
