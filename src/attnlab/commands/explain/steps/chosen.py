"""Which steps are a mechanism's."""

from collections.abc import Callable, Iterator

from torch import Tensor, nn

from attnlab.attention import LatentAttention, LatentRotaryAttention
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
    if isinstance(module, LatentRotaryAttention):
        return _beside_what_turns(example, notes)
    if not isinstance(module, LatentAttention):
        return []
    keys, values = notes.every("project", "latent"), [notes.first("project", "1")]
    title = Words("One short vector for each place, made of its key: W_c k", "每个位置一个短向量，由键得到：W_c k")
    return [vectors(title, example.labels, matrix_of(keys[0])), _of_values(example, values[0])]


def _beside_what_turns(example: Example, notes: Notes) -> list[Step]:
    latents, turning = notes.first("_inputs", "latent"), notes.first("_inputs", "to_turn")
    title = Words(
        "One short vector for each place, made of its key: W_c k, its root mean square brought to 1, times its gains",
        "每个位置一个短向量，由键得到：W_c k，均方根归一，再乘以增益",
    )
    short = vectors(title, example.labels, matrix_of(latents))
    title = Words("Beside it what will turn, one for all heads: W_r k", "另有将要旋转的部分，所有头共用：W_r k")
    beside = vectors(title, example.labels, matrix_of(turning))
    return [short, beside, _of_values(example, notes.first("project", "1")[..., : latents.size(-1)])]


def _of_values(example: Example, latents: Tensor) -> Step:
    title = Words("And made of its value", "以及由值得到的")
    return vectors(title, example.labels, matrix_of(latents))
