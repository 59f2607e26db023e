"""Labels that depend on nothing but what a tagger's direction lets it see."""

import torch
from torch import Tensor, nn

from attnlab.models.taggers.label_scores import IndependentLabels, LabelScores, iob2_scores
from attnlab.models.taggers.tagger import Reading


class OneSidedLabels(nn.Module):
    """p(y | x) = prod_t softmax(e_t)[y_t], decoded greedily in the order of reading.

    The best sequence as a whole would let later words change earlier labels. Here each word gets the most probable
    label that is valid IOB2 beside the last one given: after a forward reader's B-X or O no I-Y, and before a backward
    reader's I-X none but B-X or I-X. Only that there is no word before the first is known beforehand.
    """

    def __init__(self, num_labels: int, reading: Reading) -> None:
        super().__init__()
        self.independent, self.reading = IndependentLabels(num_labels), reading

    def forward(self, emissions: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
        losses: Tensor = self.independent(emissions, labels, mask)
        return losses

    @torch.no_grad()
    def decode(self, emissions: Tensor, mask: Tensor) -> Tensor:
        allowed, first = iob2_scores(emissions.shape[2], emissions.device)
        scores = emissions.float()
        scores = torch.cat([scores[:, :1] + first, scores[:, 1:]], dim=1)  # wherever in the reading it comes
        if self.reading.direction == "backward":
            allowed = allowed.T
        scores = self.reading.arrange(scores, mask)
        labels = [scores[:, 0].argmax(1)]
        for time in range(1, scores.shape[1]):
            labels.append((scores[:, time] + allowed[labels[-1]]).argmax(1))
        return self.reading.arrange(torch.stack(labels, dim=1), mask).masked_fill(~mask, 0)


def unchained_labels(num_labels: int, reading: Reading) -> LabelScores:
    """Each label by itself: the best valid sequence of a sentence seen whole, else label after label as it is read."""
    return IndependentLabels(num_labels) if reading.bidirectional else OneSidedLabels(num_labels, reading)
