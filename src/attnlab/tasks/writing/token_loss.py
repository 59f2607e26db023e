"""Cross-entropy of the next token, which tasks that write text train on."""

from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor

from attnlab.models.special_tokens import PAD


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
