"""Tiny encoder-decoders of every kind, with every mechanism that serves them; sizes are distinct, mostly prime."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from torch import Tensor

from attnlab.attention import Role, RoleError
from attnlab.models import AttentionSeq2Seq, Seq2Seq, TextSummarization, Transformer
from attnlab.models.special_tokens import BOS, PAD

CONF = Path(__file__).parents[2] / "conf"
NAMES = sorted(path.stem for path in (CONF / "attention").glob("*.yaml") if not path.stem.startswith("_"))
SIZES = {"source_vocab_size": 29, "target_vocab_size": 31, "max_source_length": 17, "max_target_length": 19}


def attention_factory(name: str) -> Callable[..., Any]:
    """What `attention=NAME` gives a model."""
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return instantiate(compose(f"attention/{name}").attention)


FACTORIES = {name: attention_factory(name) for name in NAMES}

# The least of each kind that has every part; dropout off, so that training mode can be compared with itself.
VARIANTS: dict[str, tuple[type, dict[str, Any]]] = {
    "seq2seq_gru": (Seq2Seq, {}),
    "seq2seq_lstm_two_layers": (Seq2Seq, {"cell": "lstm", "num_layers": 2, "bidirectional": False}),
    "attention_gru": (AttentionSeq2Seq, {"num_heads": 2}),
    "attention_gru_feeding": (AttentionSeq2Seq, {"num_heads": 2, "input_feeding": True}),
    "attention_lstm_two_layers": (AttentionSeq2Seq, {"cell": "lstm", "num_layers": 2, "bidirectional": False}),
    "attention_lstm_two_layers_feeding": (AttentionSeq2Seq, {"cell": "lstm", "num_layers": 2, "input_feeding": True}),
    "summarization": (TextSummarization, {"num_heads": 2, "copy": False, "share_embeddings": False}),
    "summarization_copy": (
        TextSummarization,
        {"num_heads": 2, "source_vocab_size": 31, "share_embeddings": False},
    ),
    "summarization_coverage_lstm": (
        TextSummarization,
        {"num_heads": 2, "source_vocab_size": 31, "coverage": True, "cell": "lstm", "share_embeddings": False},
    ),
    "transformer_pre_norm": (Transformer, {"num_heads": 2, "num_layers": 2, "feed_forward_dim": 23}),
    "transformer_post_norm": (
        Transformer,
        {
            "num_heads": 2,
            "num_layers": 2,
            "feed_forward_dim": 23,
            "norm_first": False,
            "activation": "relu",
            "learned_positions": True,
        },
    ),
}


def refusal(name: str, role: Role) -> str | None:
    """Why a mechanism refuses a role, or None if it serves it."""
    try:
        FACTORIES[name](12, num_heads=2, role=role, max_length=20)
    except RoleError as error:
        return str(error)
    return None


# Without those that need places on a grid.
MECHANISMS = [name for name in NAMES if any(refusal(name, role) is None for role in get_args(Role))]
CROSS_REFUSALS = {name: reason for name in MECHANISMS if (reason := refusal(name, "cross")) is not None}
FITTING = {
    Seq2Seq: ["none"],
    AttentionSeq2Seq: [name for name in MECHANISMS if name not in CROSS_REFUSALS],
    TextSummarization: [name for name in MECHANISMS if name not in CROSS_REFUSALS],
    Transformer: MECHANISMS,
}
# The others differ beside the attention.
THOROUGH = ("attention_gru", "attention_gru_feeding", "summarization_copy", "transformer_pre_norm")
CASES = [
    (variant, mechanism)
    for variant, (kind, _) in VARIANTS.items()
    for mechanism in (FITTING[kind] if variant in THOROUGH else FITTING[kind][-1:])
]


def build(variant: str, mechanism: str = "scaled_dot", **changes: Any) -> Any:
    """A model in float64, seeded, in evaluation mode."""
    torch.manual_seed(5)
    kind, arguments = VARIANTS[variant]
    if kind is not Seq2Seq:
        arguments = {"attention": FACTORIES[mechanism], **arguments}
    return kind(**{**SIZES, "dim": 12, "dropout": 0.0, "tie_embeddings": False, **arguments, **changes}).double().eval()


def batch() -> tuple[Tensor, Tensor]:
    """Three sources of lengths 7, 2, 5 and as many targets, of which no token occurs twice; (3, 7) and (3, 5) ids."""
    source = torch.tensor([[5, 11, 4, 23, 8, 19, 2], [9, 2, 0, 0, 0, 0, 0], [7, 13, 28, 6, 2, 0, 0]])
    target = torch.tensor([[BOS, 20, 9, 14, 26], [BOS, 8, PAD, PAD, PAD], [BOS, 30, 11, 5, PAD]])
    return source, target
