"""Run a mechanism on an example and keep every number on the way to its output."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol, cast, runtime_checkable

import torch
from torch import Tensor, nn

from attnlab.attention import Core, Role, RoleError, TalkingHeadsAttention, reads
from attnlab.attention.core import Sides, sides_of, with_side
from attnlab.attention.core_checks import check_given
from attnlab.attention.places import Places, on_places, with_places
from attnlab.attention.side_projections import SideProjections
from attnlab.commands.explain.example import ON_A_GRID, TUTORIAL, Example, Vector
from attnlab.commands.explain.steps import Asked, Step, before_queries, is_told, steps_of
from attnlab.commands.explain.steps.step import floats, vector
from attnlab.commands.explain.watching import Notes, Softmaxes, Watch
from attnlab.language import Words

SEED = 0
ROLES: tuple[Role, ...] = ("cross", "self", "causal")
OUTPUT = Words("Projected once more: the output", "再投影一次，得到输出")


@dataclass(frozen=True, kw_only=True)
class Query:
    """What one query came to: a number for each key, then the output, and the steps to it.

    `scores` is what the mechanism puts through a softmax, None where it has none; the score of a masked key is None.
    `output_is_sum`: the output is sum_j w_j v_j. The last step is the output too, of a mechanism that projects by
    itself the projection of it.
    """

    label: str
    vector: list[float]
    scores: list[float | None] | None
    weights: list[float]
    output: list[float]
    output_is_sum: bool
    steps: list[Step]


@dataclass(frozen=True, kw_only=True)
class WorkedExample:
    """An example with its answer; `refusal` says why there is none, and `role_refusal` why the keys ask each other.

    `projected` is the example as it reaches the core of a mechanism that has projections of its own, `before` what is
    done for all queries at once.
    """

    example: Example
    projected: Example | None = None
    role: Role | None = None
    role_refusal: str = ""
    refusal: str = ""
    before: list[Step] = field(default_factory=list)
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


def explain(
    name: str, build: Callable[..., nn.Module], examples: Sequence[Example], *, roles: Sequence[Role] = ROLES
) -> Explanation:
    """Work each example with the mechanism that `build` makes: one head, float64, learned values as they begin.

    `build` takes what a core takes and makes one, or else a sibling of the shell, which projects by itself and keeps
    its core as `core`. It stands in the first of the roles that it serves: where that is another than cross, the keys
    ask each other. One that minds places works `ON_A_GRID` in the tutorial's place. Raises ValueError if it can do no
    example.
    """
    if examples is TUTORIAL and on_places(getattr(build, "func", build)):
        examples = ON_A_GRID
    worked, modules = [], []
    for example in examples:
        try:
            module, role, role_refusal = _build_for_a_role(build, example, roles)
        except ValueError as error:
            worked.append(WorkedExample(example=example, refusal=str(error), queries=[]))
            continue
        worked.append(_work(module, example, role, role_refusal=role_refusal))
        modules.append(module)
    if not modules:
        raise ValueError(f"attention={name} can't be worked here: {worked[0].refusal}")
    return Explanation(
        name=name,
        mechanism=type(modules[0]).__name__,
        idea=inspect.getdoc(type(modules[0])) or "",
        uses=sorted(reads(_core(modules[0]))),
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


def _build_for_a_role(
    build: Callable[..., nn.Module], example: Example, roles: Sequence[Role]
) -> tuple[nn.Module, Role, str]:
    """The mechanism in the first role that it serves, that role, and why it doesn't serve cross-attention if so."""
    refusals: list[RoleError] = []
    for role in roles:
        try:
            module = _build(build, role, example)
            if isinstance(module, TalkingHeadsAttention):  # a single head has none to talk to
                module = _build(build, role, example, num_heads=2)
        except RoleError as error:
            refusals.append(error)
            continue
        return module, role, str(refusals[0]) if refusals else ""
    raise refusals[0]


def _build(build: Callable[..., nn.Module], role: Role, example: Example, *, num_heads: int = 1) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        module = build(
            num_heads=num_heads, head_dim=len(example.query), role=role, max_length=len(example.keys), dropout=0.0
        )
    return module.double().eval()


class _Reached(NamedTuple):
    """What a core gets, (1, H, T, Dh), and what else; what was noted; and what the attention around it gives out."""

    q: Tensor
    k: Tensor
    v: Tensor
    notes: Notes
    side: Sides | None = None
    places: Places | None = None
    output: Tensor | None = None  # (1, Tq, D)


@torch.no_grad()
def _work(module: nn.Module, example: Example, role: Role, *, role_refusal: str) -> WorkedExample:
    core = _core(module)
    labels, queries = ([example.query_label], [example.query]) if role == "cross" else (example.labels, example.keys)
    q, k, v = (torch.tensor(rows, dtype=torch.float64)[None, None] for rows in (queries, example.keys, example.values))
    projected = None
    for_heads = _for_heads(q, core, reversed_=True), _for_heads(k, core), _for_heads(v, core)
    places = Places((example.grid or (1, len(example.keys)),)) if on_places(core) else None
    reached = _Reached(*for_heads, Notes(), example_sides(core, q, k), places)
    if _projects(module):
        reached = _reaching(core, module, q, k, v)
        query, keys, values = (each[0, 0] for each in reached[:3])
        projected = replace(example, query=_floats(query[0]), keys=_rows(keys), values=_rows(values))
    answers = _answers(core, reached, labels, projected or example)
    return WorkedExample(
        example=example,
        projected=projected,
        role=role,
        role_refusal=role_refusal,
        before=before_queries(module, example, reached.notes),
        queries=answers,
    )


def _for_heads(x: Tensor, core: Core, *, reversed_: bool = False) -> Tensor:
    """(1, H, T, Dh): a second head's query has its numbers in reverse."""
    return torch.cat([x, x.flip(-1) if reversed_ else x], dim=1) if isinstance(core, TalkingHeadsAttention) else x


def _answers(core: Core, reached: _Reached, labels: Sequence[str], example: Example) -> list[Query]:
    """What each query comes to."""
    q, k, v = reached[:3]
    told = with_side(reached.side) | with_places(reached.places)
    packages = ["attnlab.attention"] if is_told(core) else [type(core).__module__]
    with Watch(packages) as notes, Softmaxes() as softmaxes:
        weights = core.weights(q, k, **told)  # (1, H, Tq, Tk)
    check_given(core, "weights", weights, (*q.shape[:-1], k.size(-2)), "(B, H, Tq, Tk)")
    with Watch(packages) as combined:
        output = core.combine(weights, v, **with_side(reached.side))  # (1, H, Tq, Dh)
    check_given(core, "combine", output, (*q.shape[:-1], v.size(-1)), "(B, H, Tq, Dh)")
    notes.extend(combined)
    scores = softmaxes.scores_of(weights)

    def forward() -> Notes:
        with torch.no_grad(), Watch(packages) as noted:
            core(q, k, v, **told)
        return noted

    def asked(row: int) -> Asked:
        return Asked(
            example=example,
            place=row,
            num_queries=len(labels),
            vector=floats(q[0, 0, row]),
            scores=_unmasked(scores[0, 0, row]) if scores is not None else None,
            weights=floats(weights[0, 0, row]),
            output=floats(output[0, 0, row]),
            output_is_sum=torch.allclose(output, weights @ v),
            core=cast(nn.Module, core),
            notes=notes,
            forward=forward,
        )

    return [_answer(asked(row), label, reached.output) for row, label in enumerate(labels)]


def _answer(asked: Asked, label: str, projected: Tensor | None) -> Query:
    """What one query came to; `projected` (1, Tq, D) is the output behind a projection, if there is one."""
    steps = steps_of(asked)
    if projected is not None:
        steps.append(vector(OUTPUT, floats(projected.flatten(0, -2)[asked.place])))
    return Query(
        label=label,
        vector=asked.vector,
        scores=asked.scores,
        weights=asked.weights,
        output=asked.output,
        output_is_sum=asked.output_is_sum,
        steps=steps,
    )


def _reaching(core: Core, attention: nn.Module, q: Tensor, k: Tensor, v: Tensor) -> _Reached:
    """q, k, v (1, 1, T, Dh) as they reach the core once the attention around it has projected them."""
    reached: list[tuple[tuple[Tensor, Tensor, Tensor], Sides | None, Places | None]] = []
    handle = cast(nn.Module, core).register_forward_pre_hook(
        lambda _, inputs, named: reached.append((inputs, named.get("side"), named.get("places"))), with_kwargs=True
    )
    with Watch([type(attention).__module__]) as notes:
        output = attention(q[:, 0], k[:, 0], v[:, 0])
    handle.remove()
    qkv, side, places = reached[0]
    return _Reached(*qkv, notes, side, places, output)


def example_sides(core: Core, q: Tensor, k: Tensor) -> Sides | None:
    """A core's sides of an example, whose queries and keys (1, 1, T, Dh) are what a layer would have projected."""
    if not sides_of(core):
        return None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        in_dim, declared = q.size(-1), sides_of(core)
        of_queries = SideProjections(declared, "query", in_dim=in_dim, num_heads=1).double()
        of_keys = SideProjections(declared, "key", in_dim=in_dim, num_heads=1).double()
    return {**of_queries(q[:, 0]), **of_keys(k[:, 0])}


def _floats(vector: Tensor) -> Vector:
    return tuple(floats(vector))


def _rows(vectors: Tensor) -> tuple[Vector, ...]:
    return tuple(_floats(vector) for vector in vectors)


def _unmasked(scores: Tensor) -> list[float | None]:
    return [score if score > -torch.inf else None for score in floats(scores)]
