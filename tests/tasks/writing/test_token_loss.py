"""The loss is cross-entropy with uniform smoothing, of logits and of log-probabilities alike."""

import pytest
import torch
import torch.nn.functional as F

from attnlab.models.special_tokens import PAD
from attnlab.tasks.training.running_mean import RunningMean
from attnlab.tasks.writing.token_loss import TokenLosses, token_loss

pytestmark = pytest.mark.text

LABELS = torch.tensor([[5, 9, 2, PAD], [7, 2, PAD, PAD]])


def _logits() -> torch.Tensor:
    return torch.randn(2, 4, 11, generator=torch.Generator().manual_seed(5))


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_it_is_torchs_cross_entropy_over_real_labels(smoothing: float) -> None:
    logits = _logits()
    found = token_loss(logits, LABELS, label_smoothing=smoothing)
    expected = F.cross_entropy(logits.mT, LABELS, ignore_index=PAD, label_smoothing=smoothing, reduction="sum") / 5
    torch.testing.assert_close(found.loss, expected)
    torch.testing.assert_close(found.total, F.cross_entropy(logits.mT, LABELS, ignore_index=PAD, reduction="sum"))
    assert found.num_tokens == 5
    assert torch.equal(found.real, LABELS != PAD)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_log_probabilities_give_the_loss_of_their_logits(smoothing: float) -> None:
    logits = _logits()
    mixture = torch.logaddexp(logits.log_softmax(2) + 0.3, (2 * logits).log_softmax(2))
    for given in (logits, mixture):
        one = token_loss(given, LABELS, label_smoothing=smoothing)
        other = token_loss(given.log_softmax(2), LABELS, label_smoothing=smoothing)
        torch.testing.assert_close(one.loss, other.loss)


def test_bfloat16_logits_are_summed_in_float32() -> None:
    logits = _logits().bfloat16()
    assert token_loss(logits, LABELS, label_smoothing=0.1).loss.dtype == torch.float32


def test_losses_are_smoothed_in_training_alone_and_never_where_they_are_reported() -> None:
    logits = torch.randn(3, 5, 7, generator=torch.Generator().manual_seed(2))
    labels = torch.randint(4, 7, (3, 5), generator=torch.Generator().manual_seed(3))
    means = {split: RunningMean() for split in ("train", "val")}
    losses = TokenLosses(means, label_smoothing=0.3)
    plain = token_loss(logits, labels, label_smoothing=0.0).loss
    assert torch.equal(losses(logits, labels, "train").loss, token_loss(logits, labels, label_smoothing=0.3).loss)
    assert torch.equal(losses(logits, labels, "val").loss, plain)
    for mean in means.values():
        assert torch.isclose(mean.take(), plain)
