"""The likelihood of label sequences and the best valid one, against all of them counted out."""

import itertools

import pytest
import torch
from torchcrf import CRF

from attnlab.models.taggers.label_scores import ChainedLabels, IndependentLabels, iob2_scores, viterbi
from attnlab.models.taggers.one_sided_labels import OneSidedLabels
from attnlab.models.taggers.tagger import Reading

pytestmark = pytest.mark.text

NUM_LABELS = 5  # O, B-X, I-X, B-Y, I-Y
LENGTHS = (4, 1, 3)
MASK = torch.arange(4) < torch.tensor(LENGTHS)[:, None]


def is_valid(labels):
    """Said again, by the letters: an I- follows a B- or I- of its type."""
    names = ["O", "B-X", "I-X", "B-Y", "I-Y"]
    before = [None, *labels[:-1]]
    return all(
        not names[here].startswith("I-") or (prev is not None and names[prev][1:] == names[here][1:])
        for prev, here in zip(before, labels, strict=True)
    )


def emissions(seed=0):
    return torch.randn(3, 4, NUM_LABELS, generator=torch.Generator().manual_seed(seed)).mul(3).double()


def chained():
    torch.manual_seed(3)
    scores = ChainedLabels(NUM_LABELS).double()
    for parameter in scores.parameters():
        torch.nn.init.normal_(parameter)
    return scores


def score_of(scores, emission, labels):
    """A sequence's unnormalised score, by hand."""
    value = sum(emission[t, label] for t, label in enumerate(labels))
    if isinstance(scores, ChainedLabels):
        crf = scores.crf
        value = value + crf.start_transitions[labels[0]] + crf.end_transitions[labels[-1]]
        value = value + sum(crf.transitions[a, b] for a, b in itertools.pairwise(labels))
    return value


@pytest.mark.parametrize("scores", [IndependentLabels(NUM_LABELS), chained()], ids=["independent", "chained"])
def test_likelihood_and_best_labels_are_those_of_enumeration(scores):
    sample = emissions()
    labels = torch.randint(0, NUM_LABELS, (3, 4), generator=torch.Generator().manual_seed(1))
    losses = scores(sample, labels.masked_fill(~MASK, -100), MASK)
    best = scores.decode(sample, MASK)
    for row, length in enumerate(LENGTHS):
        every = list(itertools.product(range(NUM_LABELS), repeat=length))
        values = torch.stack([score_of(scores, sample[row], each) for each in every])
        mine = score_of(scores, sample[row], labels[row, :length].tolist())
        torch.testing.assert_close(losses[row].double(), values.logsumexp(0) - mine, rtol=1e-5, atol=1e-5)
        valid = [number for number, each in enumerate(every) if is_valid(each)]
        expected = every[max(valid, key=lambda number: values[number].item())]
        assert best[row].tolist() == [*expected, *[0] * (4 - length)]


def test_invalid_labels_never_come_out_however_the_scores_urge_them():
    urging = torch.zeros(200, 9, NUM_LABELS)
    urging[..., 2] = 5.0
    urging += torch.randn(urging.shape, generator=torch.Generator().manual_seed(5)) * 4
    mask = torch.ones(200, 9, dtype=torch.bool)
    single_best = urging.argmax(2).tolist()
    assert not all(is_valid(labels) for labels in single_best)
    crf = ChainedLabels(NUM_LABELS)
    torch.nn.init.constant_(crf.crf.transitions[0, 2:3], 50.0)  # O to I-X
    torch.nn.init.constant_(crf.crf.start_transitions[2:3], 50.0)
    one_sided = [OneSidedLabels(NUM_LABELS, Reading(direction)) for direction in ("forward", "backward")]
    for scores in (IndependentLabels(NUM_LABELS), crf, *one_sided):
        found = scores.decode(urging, mask).tolist()
        assert all(is_valid(labels) for labels in found)
        assert any(2 in labels for labels in found)


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_labels_in_the_order_of_reading_are_the_best_one_by_one(direction):
    """Said again, slowly: the best label beside the last one that leaves the words given valid."""
    sample = emissions(8)
    found = OneSidedLabels(NUM_LABELS, Reading(direction)).decode(sample, MASK)
    for row, length in enumerate(LENGTHS):
        chosen = []
        for place in range(length) if direction == "forward" else reversed(range(length)):
            fitting = []
            for label in range(NUM_LABELS):
                sequence = [*chosen, label] if direction == "forward" else [label, *chosen]
                # What stands before the first given word may yet begin its entity.
                begun = [sequence[0] - 1] if place and direction == "backward" and sequence[0] in (2, 4) else []
                if is_valid([*begun, *sequence]):
                    fitting.append(label)
            best = max(fitting, key=lambda label, place=place: sample[row, place, label].item())
            chosen = [*chosen, best] if direction == "forward" else [best, *chosen]
        assert found[row].tolist() == [*chosen, *[0] * (4 - length)]


def test_without_constraints_the_search_is_pytorch_crfs():
    torch.manual_seed(7)
    crf = CRF(NUM_LABELS, batch_first=True).double()
    for parameter in crf.parameters():
        torch.nn.init.normal_(parameter)
    sample = emissions(4)
    found = viterbi(sample, MASK, transitions=crf.transitions, start=crf.start_transitions, end=crf.end_transitions)
    assert [row[:length] for row, length in zip(found.tolist(), LENGTHS, strict=True)] == crf.decode(sample, MASK)


def test_every_valid_transition_is_allowed_and_no_other():
    transitions, start = iob2_scores(NUM_LABELS)
    for first in range(NUM_LABELS):
        assert (start[first] == 0) == is_valid([first])
        for second in range(NUM_LABELS):
            begun = [1, 2] if first == 2 else [3, 4] if first == 4 else [first]
            assert (transitions[first, second] == 0) == is_valid([*begun, second])
    assert not torch.isnan(transitions).any()


def test_scores_of_bfloat16_are_summed_in_float32():
    sample = emissions().bfloat16()
    for scores in (IndependentLabels(NUM_LABELS), ChainedLabels(NUM_LABELS)):
        assert scores(sample, torch.zeros(3, 4, dtype=torch.long), MASK).dtype == torch.float32
