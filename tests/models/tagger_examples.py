"""Tiny taggers of every kind, with every mechanism of conf/attention; sizes are distinct, mostly prime."""

from typing import Any

import torch
from model_examples import FACTORIES, MECHANISMS, refusal
from torch import Tensor

from attnlab.models import BiLSTMCRF, NERModel, TransformerTagger

SIZES = {"vocab_size": 29, "num_characters": 23, "num_labels": 7, "max_length": 17}

# The least of each kind that has every part; dropout off, so that training mode can be compared with itself.
VARIANTS: dict[str, tuple[type, dict[str, Any]]] = {
    "ner_model": (NERModel, {"num_heads": 2}),
    "ner_model_without_net": (NERModel, {"num_heads": 2, "num_layers": 0, "character_dim": 5}),
    "ner_model_lstm_two_layers": (NERModel, {"num_heads": 2, "num_layers": 2, "cell": "lstm"}),
    "bilstm_crf": (BiLSTMCRF, {"num_heads": 2, "character_dim": 5}),
    "bilstm_without_crf": (BiLSTMCRF, {"num_heads": 2, "character_dim": 5, "crf": False}),
    "transformer_tagger": (TransformerTagger, {"num_heads": 2, "feed_forward_dim": 19, "character_dim": 5}),
    "transformer_tagger_post_norm": (
        TransformerTagger,
        {"num_heads": 2, "feed_forward_dim": 19, "norm_first": False, "learned_positions": True, "character_dim": 0},
    ),
}
DIRECTIONS = ("bidirectional", "forward", "backward")
REFUSALS = {role: {name for name in MECHANISMS if refusal(name, role)} for role in ("self", "causal")}
THOROUGH = ("ner_model", "transformer_tagger")  # the others differ beside the attention


def fits(mechanism: str, direction: str) -> bool:
    return mechanism not in REFUSALS["self" if direction == "bidirectional" else "causal"]


CASES = [
    (variant, mechanism, direction)
    for variant in VARIANTS
    for direction in DIRECTIONS
    for mechanism in (MECHANISMS if variant in THOROUGH else ["scaled_dot"])
    if fits(mechanism, direction)
]


def build(variant: str, mechanism: str = "scaled_dot", direction: str = "bidirectional", **changes: Any) -> Any:
    """A model in float64, seeded, in evaluation mode."""
    torch.manual_seed(5)
    kind, arguments = VARIANTS[variant]
    common = {**SIZES, "attention": FACTORIES[mechanism], "direction": direction, "dim": 12, "dropout": 0.0}
    return kind(**{**common, "word_dropout": 0.0, **arguments, **changes}).double().eval()


def batch() -> tuple[Tensor, Tensor, Tensor]:
    """Sentences of 7, 2 and 5 words, none of which has one twice: ids (3, 7), letters (3, 7, 4), labels (3, 7)."""
    words = torch.tensor([[5, 11, 4, 23, 8, 19, 3], [9, 12, 0, 0, 0, 0, 0], [7, 13, 28, 6, 22, 0, 0]])
    letters = torch.tensor([[2, 9, 4, 0], [3, 0, 0, 0], [5, 7, 0, 0], [11, 13, 17, 19], [6, 8, 0, 0], [1, 0, 0, 0]])
    real = words != 0
    characters = letters[words % len(letters)] * real.unsqueeze(2)
    labels = torch.tensor([[0, 1, 2, 0, 3, 5, 6], [1, 2, 0, 0, 0, 0, 0], [0, 0, 5, 6, 6, 0, 0]])
    return words, characters, labels.masked_fill(~real, -100)
