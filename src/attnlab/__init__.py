"""attnlab: the laboratory for attention.

From Python: `load` a trained run, `build_attention` for a module of one's own, `compose` and `train` a configuration.
Each is imported when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attnlab.api.mechanisms import build_attention, build_feature_attention
    from attnlab.api.run import Run
    from attnlab.api.trained import TrainedModel, load
    from attnlab.api.training import compose, train
    from attnlab.errors import UserError

__version__ = "0.1.0"

__all__ = [
    "Run",
    "TrainedModel",
    "UserError",
    "build_attention",
    "build_feature_attention",
    "compose",
    "load",
    "train",
]

_HOMES = {
    "Run": "attnlab.api.run",
    "TrainedModel": "attnlab.api.trained",
    "UserError": "attnlab.errors",
    "build_attention": "attnlab.api.mechanisms",
    "build_feature_attention": "attnlab.api.mechanisms",
    "compose": "attnlab.api.training",
    "load": "attnlab.api.trained",
    "train": "attnlab.api.training",
}


_PARTS = ("attention", "feature_attention")  # packages that are used by their names


def __getattr__(name: str) -> Any:
    if name in _PARTS:
        return import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        meant = (
            "" if name.startswith("_") else import_module("attnlab.api.names").meant(name, [*__all__, *_PARTS], _PARTS)
        )
        raise AttributeError(f"{__name__} has no {name!r}{meant}", name=name)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
