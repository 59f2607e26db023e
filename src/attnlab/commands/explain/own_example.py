"""The example that a command line asks for, or the tutorial's two."""

import argparse
import math
import re
from dataclasses import replace

from attnlab.commands.explain.example import TUTORIAL, Example, Vector
from attnlab.errors import UserError
from attnlab.language import Words, either, wanted
from attnlab.reading import keyboard

PARTS = ("query", "keys", "values", "labels", "query-label")  # options of which an example is made
LARGEST_NUMBER = 1e6  # beyond it products and their sums stop being readable, and at last finite


def add_options(parser: argparse.ArgumentParser) -> None:
    """What an example is made of."""
    helped = either('your own query of keys, such as "1,0.8"', '自己的查询（问各个键），如 "1,0.8"')
    parser.add_argument("--query", metavar="NUMBERS", help=helped)
    helped = either('its keys, such as "0.9,0.1;0.8,0.2"', '它的键，如 "0.9,0.1;0.8,0.2"')
    parser.add_argument("--keys", metavar="VECTORS", help=helped)
    helped = either("a value for each key (default: the keys)", "每个键的值（默认：键本身）")
    parser.add_argument("--values", metavar="VECTORS", help=helped)
    helped = either('a name for each key, such as "猫,追逐"', '每个键的名字，如 "猫,追逐"')
    parser.add_argument("--labels", metavar="NAMES", help=helped)
    helped = either("the query's name", "查询的名字")
    parser.add_argument("--query-label", metavar="NAME", help=helped)


def examples(options: argparse.Namespace) -> tuple[Example, ...]:
    """The user's own example, or the tutorial's two; one of these that is typed is known again.

    In the roles self and causal it has no query, as its keys ask each other. Raises UserError, also for what such an
    example has no use for.
    """
    asked_by_keys = options.role in ("self", "causal")
    _check_given(options, asked_by_keys=asked_by_keys)
    if options.keys is None:
        return TUTORIAL
    keys, language = _vectors("--keys", options.keys), "en" if options.json else wanted()
    own = Example(
        query_label=Words("query", "查询").said(language) if options.query_label is None else options.query_label,
        query=keys[0] if asked_by_keys else _vector("--query", options.query),
        labels=_labels(options.labels)
        if options.labels is not None
        else tuple(Words(f"key {i}", f"键 {i}").said(language) for i in range(1, len(keys) + 1)),
        keys=keys,
        values=keys if options.values is None else _vectors("--values", options.values),
    )
    _check(own, as_wide_as="the first key" if asked_by_keys else "the query")
    same = [each for each in TUTORIAL if (each.query, each.keys, each.values) == (own.query, own.keys, own.values)]
    return (replace(own, printed=same[0].printed) if same else own,)


def _check_given(options: argparse.Namespace, *, asked_by_keys: bool) -> None:
    """UserError for a part of an example without the others, or one that the role leaves out."""
    given = {each: vars(options)[each.replace("-", "_")] for each in PARTS}
    for option in ("query", "query-label"):
        if asked_by_keys and given[option] is not None:
            raise UserError(
                f"--{option} is for the role cross: in the role {options.role} the keys ask each other, got "
                f"--{option} {given[option]} (drop it, or --role)"
            )
    missing = [each for each in (("keys",) if asked_by_keys else ("query", "keys")) if given[each] is None]
    if missing and (first := next((each for each in PARTS if given[each] is not None), None)):
        needed = "--keys" if asked_by_keys else "--query and --keys"
        got = f"only --{first}" if first in ("query", "keys") else f"--{first} alone"
        remark = (
            "" if asked_by_keys or first != "keys" else " (or --role self or causal, where the keys ask each other)"
        )
        raise UserError(f"an example of your own needs {needed}, got {got}{remark}")


def _check(example: Example, *, as_wide_as: str) -> None:
    """UserError, naming the option, where vectors or labels don't fit each other."""
    width = len(example.query)
    for option, vectors in (("--keys", example.keys), ("--values", example.values)):
        for vector in vectors:
            if len(vector) != width:
                raise UserError(
                    f"every vector must have {as_wide_as}'s {width} numbers, got {len(vector)} in "
                    f"{', '.join(f'{x:g}' for x in vector)} (set {option})"
                )
    for option, things in (("--values", example.values), ("--labels", example.labels)):
        if len(things) != len(example.keys):
            what, mark = ("label", "commas") if option == "--labels" else ("value", "semicolons")
            raise UserError(
                f"there must be one {what} for each of {len(example.keys)} keys, with {mark} between, "
                f"got {len(things)} (set {option})"
            )


def _typed(numbers: str) -> str:
    """What a Chinese keyboard types, “1，0.8” too, as numbers are written."""
    return keyboard.plain(keyboard.unquoted(numbers))


def _labels(text: str) -> tuple[str, ...]:
    labels = tuple(label.strip() for label in re.split("[,，、]", keyboard.unquoted(text)))
    if not all(labels):
        raise UserError(f"every key must have a name, got {text!r} (set --labels)")
    return labels


def _vectors(option: str, text: str) -> tuple[Vector, ...]:
    return tuple(_vector(option, part) for part in _typed(text).strip("; ").split(";"))


def _vector(option: str, text: str) -> Vector:
    try:
        numbers = tuple(float(word) for word in _typed(text).split(","))
    except ValueError:
        numbers = (math.nan,)
    if not all(abs(number) <= LARGEST_NUMBER for number in numbers):  # a NaN isn't either
        raise UserError(
            f'a vector is numbers up to {LARGEST_NUMBER:g} with commas between, such as "1,0.8", '
            f"got {text!r} (set {option})"
        )
    return numbers
