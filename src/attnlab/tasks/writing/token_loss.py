"""Cross-entropy of the next token, which tasks that write text train on."""

from collections.abc import Mapping
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from attnlab.errors import below_one
from attnlab.metrics.records.contract import Score
from attnlab.models.special_tokens import PAD
from attnlab.tasks.training.running_mean import RunningMean

TOKEN_SCORES = {"loss": Score("mean", "loss"), "perplexity": Score("exp_mean", "loss")}


class TokenLoss(NamedTuple):
    """Scalars, but for the last two."""

    loss: Tensor  # smoothed, a token
    total: Tensor  # -log p of all labels, not smoothed and without gradient
    num_tokens: Tensor
    real: Tensor  # (B, Tt) where there is a label
    losses: Tensor  # (B, Tt) -log p of each label; anything where there is none

    def of_rows(self) -> Tensor:
        """-log p of each row's labels, and how many there are: (B, 2)."""
        return rows_of(self.losses, self.real)


def perplexity(loss: float | Tensor) -> Tensor:
    """exp(loss), of a loss in nats a token; a number's in 64 bits, as it is."""
    return (loss if isinstance(loss, Tensor) else torch.tensor(loss, dtype=torch.float64)).exp()


def rows_of(values: Tensor, real: Tensor) -> Tensor:
    """Of each row the sum of those values that are `real`, both (B, T), and how many they are: (B, 2)."""
    values = values.detach().float().masked_fill(~real, 0)
    return torch.stack([values.sum(dim=1), real.sum(dim=1).float()], dim=1)


def token_loss(logits: Tensor, labels: Tensor, *, label_smoothing: float) -> TokenLoss:
    """(1 - s) (-log p(label)) + s mean_w (-log p(w)), in nats a label that isn't PAD, from logits (B, Tt, V).

    Labels (B, Tt); s is `label_smoothing` (Szegedy et al., 2016). Of logits that are log-probabilities already, as of a
    mixture, log_softmax is the identity. In float32 whatever the precision: bfloat16 sums over a vocabulary lose the
    small probabilities.
    """
    log_probs = F.log_softmax(logits.float(), dim=-1)
    real = labels != PAD
    of_labels = -log_probs.gather(2, labels.unsqueeze(2)).squeeze(2)  # (B, Tt)
    losses = of_labels[real]  # (N,)
    loss = losses.mean()
    if label_smoothing:
        loss = (1 - label_smoothing) * loss - label_smoothing * log_probs.mean(dim=2)[real].mean()
    return TokenLoss(loss, losses.detach().sum(), real.sum(), real, of_labels.detach())


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
