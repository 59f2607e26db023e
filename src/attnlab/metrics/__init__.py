"""Scores that no library has, and libraries' scores in the form that tasks report.

Extractors need torch, which what reads records does without: each is imported when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attnlab.metrics.extractors.fashion_mnist_cnn import FashionMnistCNN
    from attnlab.metrics.extractors.inception import Inception, TorchvisionInception

__all__ = ["FashionMnistCNN", "Inception", "TorchvisionInception"]

_MODULES = {
    "FashionMnistCNN": "attnlab.metrics.extractors.fashion_mnist_cnn",
    "Inception": "attnlab.metrics.extractors.inception",
    "TorchvisionInception": "attnlab.metrics.extractors.inception",
}


def __getattr__(name: str) -> Any:
    """An extractor, imported when it is first asked for."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
