"""What a language model is trained and tested on."""

from typing import NamedTuple

from torch import Tensor

IGNORED = -100
"""A target that isn't counted; the one that torch's cross-entropy leaves out unasked."""


class LanguageBatch(NamedTuple):
    """Blocks of tokens, and what follows each: `targets[b, t]` is predicted from `tokens[b, :t + 1]`. All int64.

    Where nothing is asked, the target is IGNORED: at all places but those of the answers in sequences that are made up,
    and behind the end of a text, where `tokens` has PAD.
    """

    ids: Tensor  # (B,) where the blocks stand in their split
    tokens: Tensor  # (B, T)
    targets: Tensor  # (B, T)
    bytes: Tensor | None = (
        None  # (B, T) bytes of UTF-8 that each target stands for, 0 where it is IGNORED; None: no text
    )
    segments: Tensor | None = None  # (B, T) numbers of texts that are to be apart, growing along T; None: as one
