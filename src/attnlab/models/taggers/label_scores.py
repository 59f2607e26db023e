"""From a tagger's emissions to a loss, and to the best labels that are valid IOB2.

Labels are numbered as in IOB2 over C = 1 + 2 K of them: 0 is O, 2 k + 1 begins an entity of type k, 2 k + 2 goes on
with it. An I follows the B or I of its own type and nothing else.
"""

from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchcrf import CRF


class LabelScores(Protocol):
    """What the emissions (B, T, C) mean as scores of label sequences; an nn.Module. `mask` (B, T) is right-padded."""

    def __call__(self, emissions: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
        """-log p(labels | sentence) in nats for each sentence, (B,); labels (B, T) at padding may be anything."""
        ...

    def decode(self, emissions: Tensor, mask: Tensor) -> Tensor:
        """The most probable valid labels, (B, T), as far as the tagger's direction lets them be known; 0 at padding."""
        ...


class IndependentLabels(nn.Module):
    """p(y | x) = prod_t softmax(e_t)[y_t]: each label by itself.

    The single best label of each word may make an invalid sequence; `decode` finds the best valid one, for which it
    looks at the whole sentence.
    """

    def __init__(self, num_labels: int) -> None:
        super().__init__()
        self.num_labels = checked_num_labels(num_labels)

    def forward(self, emissions: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
        # float32 whatever the precision: bfloat16 would lose small probabilities.
        losses = F.cross_entropy(emissions.float().mT, labels.masked_fill(~mask, -100), reduction="none")
        return losses.sum(1)

    def decode(self, emissions: Tensor, mask: Tensor) -> Tensor:
        scores = emissions.float().log_softmax(2)
        allowed, start = iob2_scores(self.num_labels, scores.device)
        return viterbi(scores, mask, transitions=allowed, start=start, end=torch.zeros_like(start))


class ChainedLabels(nn.Module):
    """p(y | x) ~ exp(sum_t e_t[y_t] + A[y_t-1, y_t]): a conditional random field (Lafferty et al., 2001).

    The likelihood is pytorch-crf's, over all label sequences; `decode` looks among the valid ones alone, which
    training leaves with next to all the probability.

    Both look at the whole sentence: with emissions that see one side alone, a word's label still depends on the other
    side, through the chain.
    """

    def __init__(self, num_labels: int) -> None:
        super().__init__()
        self.num_labels = checked_num_labels(num_labels)
        self.crf = CRF(num_labels, batch_first=True)

    def forward(self, emissions: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
        with torch.autocast(emissions.device.type, enabled=False):  # sums over a sentence, as in IndependentLabels
            likelihood: Tensor = self.crf(emissions.float(), labels.masked_fill(~mask, 0), mask, reduction="none")
        return -likelihood

    def decode(self, emissions: Tensor, mask: Tensor) -> Tensor:
        allowed, start = iob2_scores(self.num_labels, emissions.device)
        return viterbi(
            emissions.float(),
            mask,
            transitions=self.crf.transitions + allowed,
            start=self.crf.start_transitions + start,
            end=self.crf.end_transitions,
        )


def checked_num_labels(num_labels: int) -> int:
    """The number; ValueError unless it can be O with a B and an I for each type."""
    if num_labels < 1 or num_labels % 2 == 0:
        raise ValueError(f"labels must be O and a B and an I for each type, got {num_labels} of them")
    return num_labels


def iob2_scores(num_labels: int, device: torch.device | None = None) -> tuple[Tensor, Tensor]:
    """What each transition (C, C), from row to column, and each first label (C,) adds: 0, or -inf if it is invalid."""
    label = torch.arange(num_labels, device=device)
    inside = (label > 0) & (label % 2 == 0)
    same_type = (label[:, None] + 1) // 2 == (label[None, :] + 1) // 2
    invalid = inside[None, :] & ~same_type
    zeros = torch.zeros(num_labels, num_labels, device=device)
    return zeros.masked_fill(invalid, float("-inf")), zeros[0].masked_fill(inside, float("-inf"))


@torch.no_grad()
def viterbi(emissions: Tensor, mask: Tensor, *, transitions: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """The labels (B, T) that maximise start[y_0] + sum_t emissions_t[y_t] + transitions[y_t-1, y_t] + end[y_n].

    emissions (B, T, C), mask (B, T), transitions (C, C), start and end (C,). Zero at padding.
    """
    num_labels = emissions.shape[2]
    score = start + emissions[:, 0]  # (B, C), of the best sequence that ends in each label
    stay = torch.arange(num_labels, device=emissions.device).expand_as(score)
    pointers = []
    for time in range(1, emissions.shape[1]):
        best, previous = (score.unsqueeze(2) + transitions).max(dim=1)  # (B, C)
        real = mask[:, time, None]
        score = torch.where(real, best + emissions[:, time], score)
        pointers.append(torch.where(real, previous, stay))
    label = (score + end).argmax(1, keepdim=True)  # (B, 1)
    labels = [label]
    for previous in reversed(pointers):
        label = previous.gather(1, label)
        labels.append(label)
    return torch.cat(labels[::-1], dim=1).masked_fill(~mask, 0)
