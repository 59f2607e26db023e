"""A mechanism on feature maps at work on a small one."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from attnlab.attention import capture_attention
from attnlab.attention.core_checks import check_given
from attnlab.commands.explain.at_work import AtWork, grid
from attnlab.commands.explain.columns import lined_up
from attnlab.commands.explain.map_steps import is_told, map_steps
from attnlab.commands.explain.steps import Step
from attnlab.commands.explain.text import caption, learned, numbered_steps
from attnlab.commands.explain.watching import Watch
from attnlab.commands.explain.words import idea
from attnlab.commands.explain.worked import SEED
from attnlab.language import Language, Words, either
from attnlab.reporting.glossary import term
from attnlab.reporting.terminal.text import display_width

PICTURE = ((0.0, 0.0, 1.0, 0.0), (0.0, 1.0, 3.0, 1.0), (0.0, 0.0, 1.0, 0.0))
CHANNELS = 32  # the fewest that every mechanism takes as it is configured

Grid = list[list[float]]


@dataclass(frozen=True, kw_only=True)
class MapExplanation:
    """A mechanism in its own words, and what it makes of a map whose channel c of C is `PICTURE` c / C times as bright.

    `weights` are C numbers for channels, a grid for positions, C grids for both; None where it shows none. `around`
    names the query-key-value attention that it is built around, if it is. The last step's values are the output's.
    """

    name: str
    mechanism: str
    around: str | None
    idea: str
    learned: bool
    weights_over: str | None
    input: list[Grid]
    weights: list[Any] | None
    steps: list[Step]
    output: list[Grid]


def explain_on_maps(name: str, make: Callable[..., nn.Module], *, around: str | None = None) -> MapExplanation:
    """What the mechanism that `make(channels, max_size=)` gives does, in float64, learned values as they begin."""
    picture = torch.tensor(PICTURE, dtype=torch.float64)
    x = (torch.arange(1, CHANNELS + 1) / CHANNELS)[:, None, None] * picture  # (C, H, W)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        module: Any = make(CHANNELS, max_size=tuple(picture.shape)).double().eval()
    found = _at_work(module, x)
    return MapExplanation(
        name=name,
        mechanism=type(module).__name__,
        around=around,
        idea=inspect.getdoc(type(module)) or "",
        learned=any(True for _ in module.parameters()),
        weights_over=module.properties.weights_over,
        input=x.tolist(),
        weights=None if found.weights is None else found.weights.tolist(),
        steps=map_steps(found),
        output=found.output.tolist(),
    )


@torch.no_grad()
def _at_work(module: Any, x: Tensor) -> AtWork:
    """On x (C, H, W)."""
    packages = ["attnlab.feature_attention"] if is_told(module) else [type(module).__module__]
    over = module.properties.weights_over
    parts: dict[str, list[Tensor]] = {}
    with ExitStack() as stack:
        for path, part in module.named_modules():
            if path:
                stack.callback(part.register_forward_hook(_recorder(path, parts)).remove)
        looked = stack.enter_context(capture_attention(module))
        notes = stack.enter_context(Watch(packages))
        output = module(x[None])
    check_given(module, "forward", output, (1, *x.shape), "(B, C, H, W)")
    return AtWork(
        module=module,
        notes=notes,
        parts=parts,
        looked=looked,
        weights=None if over is None else module.weights(x[None])[0].squeeze(0),  # (C), (H, W) or (C, H, W)
        output=output[0],
    )


def _recorder(path: str, parts: dict[str, list[Tensor]]) -> Callable[[nn.Module, Any, Any], None]:
    """Keeps what a part takes, as `PATH:in`, and what it gives, as `PATH`."""

    def record(part: nn.Module, taken: Any, given: Any) -> None:
        parts.setdefault(f"{path}:in", []).append(taken[0])
        parts.setdefault(path, []).append(given)

    return record


def render_on_maps(explanation: MapExplanation, *, language: Language, said: str = "") -> str:
    """The whole explanation, ending in a newline; `said` is what the configuration says of it in Chinese."""
    around = f" attention={explanation.around}" if explanation.around else ""
    lines = [f"feature_attention={explanation.name}{around} ({explanation.mechanism})", ""]
    lines += [f"  {line}".rstrip() for line in idea(explanation.idea, said, language)]
    if explanation.learned:
        lines += ["", f"  {learned().said(language)}"]
    return "\n".join([*lines, "", *_worked(explanation, language)]) + "\n"


def _worked(explanation: MapExplanation, language: Language) -> Iterator[str]:
    heading = Words(
        f"Example: a map of {CHANNELS} channels, the same picture ever brighter",
        f"例：{CHANNELS} 个通道的特征图，同一幅画面越来越亮",
    ).said(language)
    yield heading
    yield "=" * display_width(heading)
    given = Words(f"Channel {CHANNELS}", f"第 {CHANNELS} 个通道")
    yield given.said(language)
    yield from lined_up(grid(given, torch.tensor(explanation.input[-1])).rows)
    yield Words(f"and channel c of {CHANNELS}, c / {CHANNELS} times that", f"第 c 个通道是它的 c / {CHANNELS} 倍").said(
        language
    )
    yield ""
    yield from numbered_steps(explanation.steps, language)
    if explanation.output == explanation.input:
        yield Words("The output is the input, as it begins.", "起初，输出就是输入。").said(language)


def draw_on_maps(explanation: MapExplanation, folder: Path) -> list[Path]:
    """The weights: of channels in a row, of positions as they lie, of both for the last channel."""
    if explanation.weights is None:
        return []
    from attnlab.reporting.figures import save
    from attnlab.reporting.figures.draw import draw
    from attnlab.reporting.look import Look
    from attnlab.reporting.pictures import AttentionPicture

    weights = torch.tensor(explanation.weights)
    title = either("What each position is weighed with", "各位置的权重")
    around = f" attention={explanation.around}" if explanation.around else ""
    mechanism = f"feature_attention={explanation.name}"
    look = Look(caption=caption(f"{mechanism}{around}", learned=explanation.learned), of=mechanism)
    if weights.dim() == 1:
        title, weights = either("What each channel is weighed with", "各通道的权重"), weights[None]
        rows, columns = ("", [term("weight")]), ("channel", numbers(weights.size(1)))
    else:
        if weights.dim() == 3:
            last = len(weights)
            title, weights = title + either(f" in channel {last}", f"（第 {last} 个通道）"), weights[-1]
        rows, columns = (("row", numbers(weights.size(0))), ("column", numbers(weights.size(1))))
    picture = AttentionPicture(
        name="explain_1",
        title=title,
        weights=weights,
        query_labels=rows[1],
        key_labels=columns[1],
        query_name=rows[0],
        key_name=columns[0],
    )
    return [save(draw(picture, look), folder / f"{picture.name}.png", of=look.of)]


def numbers(most: int) -> list[str]:
    """From 1."""
    return [str(each) for each in range(1, most + 1)]
