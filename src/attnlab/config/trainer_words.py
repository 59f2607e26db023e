"""The words that values of `trainer` are chosen from, known before torch is loaded."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from attnlab.errors import UserError

Accelerator = Literal["auto", "cpu", "gpu", "mps"]
Resolved = Literal["32-true", "bf16-mixed", "16-mixed", "bf16-true", "64-true"]
Precision = Literal["auto", Resolved]
StrategyName = Literal["auto", "ddp", "fsdp"]
Fp32Precision = Literal["ieee", "tf32", "bf16"]

_OF_KEYS = {"accelerator": Accelerator, "precision": Precision, "strategy": StrategyName}


def check_words(trainer: Mapping[str, Any]) -> None:
    """Raise UserError where a value is none of its words."""
    for key, words in _OF_KEYS.items():
        if key in trainer and trainer[key] not in (known := get_args(words)):
            raise UserError(
                f"trainer.{key} must be one of {', '.join(known)}, got {trainer[key]!r} (set trainer.{key})"
            )
    products = trainer.get("fp32_precision")
    if products is not None and products not in (known := get_args(Fp32Precision)):
        raise UserError(
            f"trainer.fp32_precision must be one of {', '.join(known)} or null, got {products!r} (set "
            "trainer.fp32_precision)"
        )
