"""The command line of `attnlab explain`."""

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from attnlab.commands import arguments as arguments_of
from attnlab.commands.explain.example import TUTORIAL, Example, Vector
from attnlab.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from omegaconf import DictConfig
    from torch import nn

    from attnlab.commands.explain.worked import Explanation

USAGE = "attnlab explain [attention=NAME | feature_attention=NAME] [GROUP.KEY=VALUE ...] [options]"
GROUPS = ("attention", "feature_attention")
LARGEST_NUMBER = 1e6  # beyond it products and their sums stop being readable, and at last finite
FULLWIDTH = str.maketrans({"，": ",", "；": ";", "。": "."})  # what a Chinese keyboard types


def run(arguments: list[str]) -> int:
    """Print a mechanism worked through on examples, and draw its weights; 0 when done. Raises UserError."""
    options, overrides = _parse(arguments)
    examples = _examples(options)
    group, name = _choice(overrides)
    folder = options.out or Path("outputs/explain") / name

    from attnlab.config.compose import load_group  # after the checks above, which should answer at once

    config = load_group(group, name, [o for o in overrides if not o.startswith(f"{group}=")])
    if group == "feature_attention":
        if options.query is not None:
            raise UserError(f"an example of your own is for attention=NAME, got --query with {group}={name}")
        from attnlab.commands.explain.on_maps import run_on_maps

        return run_on_maps(name, config, folder, as_json=options.json)

    from hydra.errors import InstantiationException

    from attnlab.commands.explain.text import render
    from attnlab.commands.explain.worked import explain

    try:
        explanation = explain(name, _builder(config), examples)
    except (InstantiationException, ValueError, TypeError) as error:
        raise UserError(" ".join(str(error).split())) from error
    maps = _draw(explanation, folder)
    if options.json:
        print(json.dumps(asdict(explanation) | {"maps": [str(path) for path in maps]}, ensure_ascii=False))
    else:
        print(render(explanation))
        print(*(f"Map: {path}" for path in maps), sep="\n")
    return 0


def _builder(config: "DictConfig") -> "Callable[..., nn.Module]":
    """What makes the mechanism from a core's arguments: its core or, where it has none to choose, the whole of it."""
    from hydra.utils import instantiate

    if "core" in config:
        factory: Callable[..., nn.Module] = instantiate(config.core)
        return factory
    whole = instantiate(config)

    def build(*, num_heads: int, head_dim: int, role: str, max_length: int, dropout: float) -> "nn.Module":
        attention: nn.Module = whole(
            num_heads * head_dim, num_heads=num_heads, role=role, max_length=max_length, dropout=dropout
        )
        return attention

    return build


def _parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """The options, and the Hydra overrides of the attention group."""
    parser = arguments_of.parser(
        "explain",
        "Work an attention mechanism through, number by number, on two small examples or on your own; one on feature "
        "maps, on a small map.",
        usage=USAGE,
        allow_abbrev=False,
    )
    parser.add_argument("--query", metavar="NUMBERS", help='your own query, such as "1,0.8"')
    parser.add_argument("--keys", metavar="VECTORS", help='its keys, such as "0.9,0.1;0.8,0.2"')
    parser.add_argument("--values", metavar="VECTORS", help="a value for each key (default: the keys)")
    parser.add_argument("--labels", metavar="NAMES", help='a name for each key, such as "猫,追逐"')
    parser.add_argument("--query-label", metavar="NAME", default="query", help="the query's name")
    parser.add_argument("--out", metavar="DIR", type=Path, help="folder of the maps (default: outputs/explain/NAME)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    options, rest = parser.parse_known_args(_with_negative_numbers(arguments))
    for word in rest:
        if not any(word.startswith(f"{each}=") or word.lstrip("+~").startswith(f"{each}.") for each in GROUPS):
            raise UserError(
                "only attention=NAME and attention.KEY=VALUE, or feature_attention likewise, can be set here, "
                f"got {word!r}"
            )
    return options, rest


def _with_negative_numbers(arguments: Sequence[str]) -> list[str]:
    """Join `--query -1,2` into `--query=-1,2`, which argparse would take for an option."""
    joined: list[str] = []
    for word in arguments:
        if (
            joined
            and joined[-1] in ("--query", "--keys", "--values")
            and word[:1] == "-"
            and word[1:2] in "0123456789."
        ):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def _choice(overrides: Sequence[str]) -> tuple[str, str]:
    """The group and the mechanism's name in it."""
    groups = {word.lstrip("+~").replace("=", ".").partition(".")[0] for word in overrides} or {"attention"}
    if len(groups) > 1:
        raise UserError(f"one mechanism is explained at a time, got {' '.join(overrides)}")
    (group,) = groups
    chosen = [word.removeprefix(f"{group}=") for word in overrides if word.startswith(f"{group}=")]
    if not chosen and group == "feature_attention":
        raise UserError(f"which mechanism is to be explained, got {' '.join(overrides)} (set {group}=NAME)")
    return group, chosen[-1] if chosen else "scaled_dot"


def _examples(options: argparse.Namespace) -> tuple[Example, ...]:
    """The user's own example, or the tutorial's two."""
    if options.query is None and options.keys is None:
        for option in ("values", "labels"):
            if vars(options)[option] is not None:
                raise UserError(f"an example of your own needs --query and --keys, got --{option} alone")
        return TUTORIAL
    if options.query is None or options.keys is None:
        raise UserError(
            f"an example of your own needs --query and --keys, got only {'--keys' if options.keys else '--query'}"
        )
    keys = _vectors("--keys", options.keys)
    labels = _labels(options.labels) if options.labels else tuple(f"key {i}" for i in range(1, len(keys) + 1))
    try:
        return (
            Example(
                query_label=options.query_label,
                query=_vector("--query", options.query),
                labels=labels,
                keys=keys,
                values=keys if options.values is None else _vectors("--values", options.values),
            ),
        )
    except ValueError as error:
        raise UserError(str(error)) from error


def _labels(text: str) -> tuple[str, ...]:
    return tuple(label.strip() for label in text.replace("，", ",").split(","))


def _vectors(option: str, text: str) -> tuple[Vector, ...]:
    return tuple(_vector(option, part) for part in text.translate(FULLWIDTH).strip("; ").split(";"))


def _vector(option: str, text: str) -> Vector:
    try:
        numbers = tuple(float(word) for word in text.translate(FULLWIDTH).split(","))
    except ValueError:
        numbers = (math.nan,)
    if not all(abs(number) <= LARGEST_NUMBER for number in numbers):  # a NaN isn't either
        raise UserError(
            f'a vector is numbers up to {LARGEST_NUMBER:g} with commas between, such as "1,0.8", '
            f"got {text!r} (set {option})"
        )
    return numbers


def _draw(explanation: "Explanation", folder: Path) -> list[Path]:
    """A map of each example that was worked: explain_1.png, explain_2.png."""
    from attnlab.reporting.figures import save
    from attnlab.reporting.figures.draw import draw
    from attnlab.reporting.pictures import AttentionPicture

    paths = []
    for number, worked in enumerate(explanation.examples, start=1):
        if worked.queries:
            picture = AttentionPicture(
                name=f"explain_{number}",
                title=f"attention={explanation.name}",
                weights=worked.weights(),
                query_labels=[query.label for query in worked.queries],
                key_labels=worked.example.labels,
            )
            paths.append(save(draw(picture), folder / f"{picture.name}.png"))
    return paths
