"""Which steps are a mechanism's."""

from collections.abc import Callable, Iterator

from torch import nn

from attnlab.attention import LatentAttention
from attnlab.commands.explain.example import Example
from attnlab.commands.explain.steps import controls, heads, kernels, linear, positions, recurrent, scores, selective
from attnlab.commands.explain.steps.named import named_steps
from attnlab.commands.explain.steps.step import Asked, Step, matrix_of, vectors
from attnlab.commands.explain.watching import Notes
from attnlab.language import Words

STEPS: dict[type[nn.Module], Callable[[Asked], Iterator[Step]]] = {
    **scores.STEPS,
    **kernels.STEPS,
    **positions.STEPS,
    **selective.STEPS,
    **linear.STEPS,
    **recurrent.STEPS,
    **heads.STEPS,
    **controls.STEPS,
}


def steps_of(asked: Asked) -> list[Step]:
    """The shipped mechanisms' are told in words; of another one they are what its code has named."""
    return list(STEPS.get(type(asked.core), named_steps)(asked))


def is_told(core: object) -> bool:
    """Whether its steps are told in words."""
    return type(core) in STEPS


def before_queries(module: nn.Module, example: Example, notes: Notes) -> list[Step]:
    """What a mechanism with projections of its own does for all queries at once, by what was noted of it."""
    if not isinstance(module, LatentAttention):
        return []
    keys, values = notes.every("project", "latent"), [notes.first("project", "1")]
    title = Words("One short vector for each place, made of its key: W_c k", "每个位置一个短向量，由键得到：W_c k")
    found = [vectors(title, example.labels, matrix_of(keys[0]))]
    title = Words("And made of its value", "以及由值得到的")
    return [*found, vectors(title, example.labels, matrix_of(values[0]))]
