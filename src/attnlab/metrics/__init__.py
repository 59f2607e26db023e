"""Scores that no library has, and libraries' scores in the form that tasks report."""

from attnlab.metrics.extractors.fashion_mnist_cnn import FashionMnistCNN
from attnlab.metrics.extractors.inception import Inception, TorchvisionInception

__all__ = ["FashionMnistCNN", "Inception", "TorchvisionInception"]
