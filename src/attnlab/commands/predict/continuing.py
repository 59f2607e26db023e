"""`attnlab predict` for language models: how they go on with texts."""

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from attnlab.errors import UserError
from attnlab.language import either

if TYPE_CHECKING:
    from attnlab.models.predictors import TextContinuer

MOST = 10_000  # continuations of a text
NAMES = {"temperature": "--temperature", "top_k": "--top-k", "top_p": "--top-p", "max_tokens": "--max-tokens"}


def add_options(parser: argparse.ArgumentParser) -> None:
    """What is asked of a run that goes on with texts; without these it is as in the run's own test."""
    group = parser.add_argument_group(either("how a language model goes on with a text", "语言模型怎样续写文本"))
    helped = either("0 takes the most probable token each time", "为 0 时每次都取最可能的词元")
    group.add_argument("--temperature", type=float, metavar="T", help=helped)
    helped = either("draw among the K most probable tokens", "在 K 个最可能的词元中采样")
    group.add_argument("--top-k", type=int, metavar="K", help=helped)
    helped = either("draw among the fewest with so much probability", "在概率合计达到它的最少词元中采样")
    group.add_argument("--top-p", type=float, metavar="P", help=helped)
    helped = either("write so many tokens at most", "最多写这么多词元")
    group.add_argument("--max-tokens", type=int, metavar="N", help=helped)


def asked(options: argparse.Namespace) -> list[str]:
    """Those options that only such a run has."""
    given = {option: getattr(options, name) for name, option in NAMES.items()}
    return [f"{option} {value}" for option, value in given.items() if value is not None]


def settle(predictor: "TextContinuer", options: argparse.Namespace) -> int:
    """Have it go on as is asked; how many continuations a text is to have.

    Raises:
        UserError: a number out of its range.
    """
    copies, seed = options.num or (1 if options.num is None else 0), options.seed or 0
    if not 1 <= copies <= MOST:
        raise UserError(f"--num must be from 1 to {MOST}, got {options.num} (set --num)")
    if not 0 <= seed < 2**31:
        raise UserError(f"--seed must be from 0 to {2**31 - 1}, got {seed} (set --seed)")
    if options.max_tokens is not None and not 1 <= options.max_tokens <= 2**20:
        raise UserError(f"--max-tokens must be from 1 to {2**20}, got {options.max_tokens} (set --max-tokens)")
    changes = {
        name: value for name in ("temperature", "top_k", "top_p") if (value := getattr(options, name)) is not None
    }
    try:
        predictor.sampling = replace(predictor.sampling, **changes)
    except ValueError as error:
        said = str(error)
        for name, option in NAMES.items():
            said = said.replace(f"task.{name}", option)
        raise UserError(said) from error
    predictor.seed = seed
    predictor.max_tokens = predictor.max_tokens if options.max_tokens is None else options.max_tokens
    options.num = options.seed = None  # which others ask of images
    return copies
