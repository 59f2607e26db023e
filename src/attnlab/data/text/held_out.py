"""What makes scores say less than they seem to: texts that are empty, cut, known from training, or a copy."""

import logging
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnlab.errors import UserError

log = logging.getLogger(__name__)

MANY = 0.5  # of a split; names and numbers are the same in most languages
FEW = 0.01  # of a split; as many are in training by chance, where texts are short
LITTLE = 0.25  # of the tokens of long documents, of which models of them are used to read the beginning


def check_not_empty(counts: Mapping[str, int]) -> None:
    """UserError where one of the splits that were read, each with its number of examples, has none."""
    for split, count in counts.items():
        if not count:
            raise UserError(f"each split must have an example, got none in {split} (set data.root)")


def count_empty(split: str, sides: Mapping[str, Sequence[str]], warnings: list[dict[str, Any]]) -> dict[str, int]:
    """Texts of each side without anything in them, said in a line each that is added to `warnings`."""
    counts = {side: sum(not text.strip() for text in texts) for side, texts in sides.items()}
    for side, count in counts.items():
        if count:
            message = f"{count:,} of {len(sides[side]):,} {side} of {split} are empty, and are scored as they are"
            _warn(f"empty_{side}", message, warnings)
    return counts


def warn_of_cut(split: str, lengths: NDArray[Any], caps: tuple[int, int], warnings: list[dict[str, Any]]) -> None:
    """Say how many sources and targets, (pairs, 2) tokens, are longer than the caps; scores are of whole references."""
    sources, targets = ((lengths > caps).sum(axis=0)).tolist()
    if sources:
        message = (
            f"{sources} of {len(lengths)} sources of {split} are cut to data.max_source_length={caps[0]}, and are "
            "scored against whole references (set data.max_source_length)"
        )
        _warn("cut_sources", message, warnings)
    if targets:
        message = (
            f"{targets} of {len(lengths)} targets of {split} are cut to data.max_target_length={caps[1]} in its loss, "
            "and are whole in other scores (set data.max_target_length)"
        )
        _warn("cut_targets", message, warnings)


def warn_of_unread(split: str, lengths: NDArray[Any], cap: int, warnings: list[dict[str, Any]]) -> None:
    """Say so where no more than `LITTLE` of the documents, of so many tokens, is read; to cut some is common."""
    share = float(np.minimum(lengths, cap).sum() / lengths.sum())
    if share < LITTLE:
        message = (
            f"{share:.0%} of the tokens of documents of {split} are read, as {int((lengths > cap).sum())} of "
            f"{len(lengths)} are cut to data.max_source_length={cap}: summaries may be of the rest (set "
            "data.max_source_length)"
        )
        _warn("cut_documents", message, warnings)


def count_in_training(
    split: str, what: str, examples: Sequence[Hashable], train: Collection[Hashable], warnings: list[dict[str, Any]]
) -> int:
    """Examples that stand in training as they are; more than `FEW` are said in a line that is added to `warnings`."""
    count = sum(example in train for example in examples)
    if count > FEW * len(examples):
        message = f"{count:,} of {len(examples):,} {what} of {split} stand in training, too, word for word"
        _warn(f"{split}_in_training", message, warnings)
    return count


def count_copies(split: str, pairs: Sequence[tuple[str, str]], warnings: list[dict[str, Any]]) -> int:
    """Pairs whose sides are the same text; more than `MANY` are said in a line that is added to `warnings`."""
    count = sum(one == other for one, other in pairs)
    if count > MANY * len(pairs):
        message = f"{count:,} of {len(pairs):,} pairs of {split} have the same text on both sides"
        _warn("same_on_both_sides", message, warnings)
    return count


def _warn(kind: str, message: str, warnings: list[dict[str, Any]]) -> None:
    log.warning(message)
    warnings.append({"kind": kind, "message": message})
