"""Cross-entropy of the next token, which tasks that write text train on."""

from collections.abc import Mapping
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor

from attnlab.errors import below_one
from attnlab.models.special_tokens import PAD
from attnlab.tasks.training.running_mean import RunningMean


class TokenLoss(NamedTuple):
    """Scalars, but for `real`."""

    loss: Tensor  # smoothed, a token
    total: Tensor  # -log p of all labels, not smoothed and without gradient
    num_tokens: Tensor
    real: Tensor  # (B, Tt) where there is a label


def token_loss(logits: Tensor, labels: Tensor, *, label_smoothing: float) -> TokenLoss:
    """(1 - s) (-log p(label)) + s mean_w (-log p(w)), in nats a label that isn't PAD, from logits (B, Tt, V).

    Labels (B, Tt); s is `label_smoothing` (Szegedy et al., 2016). Of logits that are log-probabilities already, as of a
    mixture, log_softmax is the identity. In float32 whatever the precision: bfloat16 sums over a vocabulary lose the
    small probabilities.
    """
    log_probs = F.log_softmax(logits.float(), dim=-1)
    real = labels != PAD
    losses = -log_probs.gather(2, labels.unsqueeze(2)).squeeze(2)[real]  # (N,)
    loss = losses.mean()
    if label_smoothing:
        loss = (1 - label_smoothing) * loss - label_smoothing * log_probs.mean(dim=2)[real].mean()
    return TokenLoss(loss, losses.detach().sum(), real.sum(), real)


class TokenLosses:
    """The loss of each batch, smoothed in training alone; `means` of each split get what isn't smoothed.

    Raises:
        ValueError: a share out of its range.
    """

    def __init__(self, means: Mapping[str, RunningMean], *, label_smoothing: float) -> None:
        below_one("task", label_smoothing=label_smoothing)
        self.means, self.label_smoothing = means, label_smoothing

    def __call__(self, logits: Tensor, labels: Tensor, split: str) -> TokenLoss:
        found = token_loss(logits, labels, label_smoothing=self.label_smoothing if split == "train" else 0.0)
        self.means[split].add(found.total, found.num_tokens)
        return found
