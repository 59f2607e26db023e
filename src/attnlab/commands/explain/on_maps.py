"""A mechanism on feature maps at work on a small one."""

import inspect
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig, OmegaConf
from torch import nn

from attnlab.commands.explain.columns import as_bar, as_number, lined_up
from attnlab.commands.explain.worked import SEED
from attnlab.config.compose import load_group
from attnlab.errors import UserError
from attnlab.runs.instantiation import instantiate

PICTURE = ((0.0, 0.0, 1.0, 0.0), (0.0, 1.0, 3.0, 1.0), (0.0, 0.0, 1.0, 0.0))
CHANNELS = 32  # the fewest that every mechanism takes as it is configured

Grid = list[list[float]]


@dataclass(frozen=True, kw_only=True)
class MapExplanation:
    """A mechanism in its own words, and what it makes of a map whose channel c of C is `PICTURE` c / C times as bright.

    `weights` are C numbers for channels, a grid for positions, C grids for both; None where it shows none.
    """

    name: str
    mechanism: str
    idea: str
    learned: bool
    weights_over: str | None
    input: list[Grid]
    weights: list[Any] | None
    output: list[Grid]


def run_on_maps(name: str, config: DictConfig, folder: Path, *, as_json: bool) -> int:
    """Print what `explain_on_maps` finds, and draw the weights into a folder; 0 when done. Raises UserError."""
    # Some are built around query-key-value attention: by default around that which a run has by default.
    root = OmegaConf.create({"attention": load_group("attention", "scaled_dot"), "mechanism": config})
    factory = instantiate(OmegaConf.to_container(root.mechanism, resolve=True), "feature_attention")
    try:
        explanation = explain_on_maps(name, factory)
    except (ValueError, TypeError) as error:
        raise UserError(" ".join(str(error).split())) from error
    maps = _draw(explanation, folder)
    if as_json:
        print(json.dumps(asdict(explanation) | {"maps": [str(path) for path in maps]}, ensure_ascii=False))
    else:
        print("\n".join([render_on_maps(explanation), *(f"Map: {path}" for path in maps)]))
    return 0


def explain_on_maps(name: str, make: Callable[..., nn.Module]) -> MapExplanation:
    """What the mechanism that `make(channels, max_size=)` gives does, in float64, learned values as they begin."""
    picture = torch.tensor(PICTURE, dtype=torch.float64)
    x = (torch.arange(1, CHANNELS + 1) / CHANNELS)[:, None, None] * picture  # (C, H, W)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(SEED)
        module: Any = make(CHANNELS, max_size=tuple(picture.shape)).double().eval()
        over = module.properties.weights_over
        weights = None if over is None else module.weights(x[None])[0].squeeze(0)  # (C), (H, W) or (C, H, W)
        output = module(x[None])[0]
    return MapExplanation(
        name=name,
        mechanism=type(module).__name__,
        idea=inspect.getdoc(type(module)) or "",
        learned=any(True for _ in module.parameters()),
        weights_over=over,
        input=x.tolist(),
        weights=None if weights is None else weights.tolist(),
        output=output.tolist(),
    )


def render_on_maps(explanation: MapExplanation) -> str:
    """The whole explanation, ending in a newline."""
    lines = [f"feature_attention={explanation.name} ({explanation.mechanism})", ""]
    lines += [f"  {line}".rstrip() for line in explanation.idea.splitlines()]
    if explanation.learned:
        lines += ["", f"  What it learns is shown as it begins (seed {SEED}): training moves the weights."]
    return "\n".join([*lines, "", *_worked(explanation)]) + "\n"


def _worked(explanation: MapExplanation) -> Iterator[str]:
    heading = f"Example: a map of {CHANNELS} channels, the same picture ever brighter"
    yield heading
    yield "=" * len(heading)
    yield f"Channel {CHANNELS}"
    yield from _grid(explanation.input[-1])
    yield f"and channel c of {CHANNELS}, c / {CHANNELS} times that"
    yield ""
    if explanation.weights is None:
        yield "1. It shows no weights of its own"
    elif explanation.weights_over == "channels":
        yield "1. The weights, one for each channel"
        yield from lined_up([(str(c), as_number(w), as_bar(w)) for c, w in enumerate(explanation.weights, start=1)])
    else:
        both = explanation.weights_over == "both"
        more = f" of each channel; those of channel {CHANNELS}" if both else ""
        yield f"1. The weights, one for each position{more}"
        yield from _grid(explanation.weights[-1] if both else explanation.weights)
    unchanged = explanation.output == explanation.input
    yield f"2. The output{', which is the input' if unchanged else ''}; its channel {CHANNELS}"
    yield from _grid(explanation.output[-1])


def _grid(rows: Grid) -> Iterator[str]:
    yield from lined_up([tuple(map(as_number, row)) for row in rows])


def _draw(explanation: MapExplanation, folder: Path) -> list[Path]:
    """The weights: of channels in a row, of positions as they lie, of both for the last channel."""
    if explanation.weights is None:
        return []
    from attnlab.reporting.figures import save
    from attnlab.reporting.figures.draw import draw
    from attnlab.reporting.pictures import AttentionPicture

    weights = torch.tensor(explanation.weights)
    weights = weights[None] if weights.dim() == 1 else weights.view(-1, *weights.shape[-2:])[-1]
    rows, columns = weights.shape
    picture = AttentionPicture(
        name="explain_1",
        title=f"feature_attention={explanation.name}",
        weights=weights,
        query_labels=[str(row) for row in range(1, rows + 1)],
        key_labels=[str(column) for column in range(1, columns + 1)],
    )
    return [save(draw(picture), folder / f"{picture.name}.png")]
