"""Labels given one by one in the order of reading: greedy, valid, and blind to what isn't read yet."""

import itertools

import pytest
import torch

from attnlab.models.taggers.label_scores import IndependentLabels, iob2_scores
from attnlab.models.taggers.one_sided_labels import OneSidedLabels, unchained_labels
from attnlab.models.taggers.tagger import Reading

NUM_LABELS = 5  # O, B-X, I-X, B-Y, I-Y
MASK = torch.arange(7) < torch.tensor([[7], [3], [1]])


def _emissions(seed: int = 3) -> torch.Tensor:
    return 3 * torch.randn(3, 7, NUM_LABELS, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("seed", range(5))
def test_each_label_is_the_best_that_is_valid_beside_the_one_before(direction: str, seed: int) -> None:
    emissions = _emissions(seed)
    found = OneSidedLabels(NUM_LABELS, Reading(direction)).decode(emissions, MASK)  # type: ignore[arg-type]
    allowed, first = iob2_scores(NUM_LABELS, emissions.device)
    for row, length in enumerate(MASK.sum(1).tolist()):
        order = range(length) if direction == "forward" else range(length - 1, -1, -1)
        last = None
        for place in order:
            choices = {}
            for label in range(NUM_LABELS):
                valid = place > 0 or first[label] == 0
                if last is not None:
                    pair = (last, label) if direction == "forward" else (label, last)
                    valid = valid and bool(allowed[pair] == 0)
                choices[label] = emissions[row, place, label].item() if valid else -1e9
            last = max(choices, key=lambda label: choices[label])
            assert found[row, place] == last
        assert not found[row, length:].any()


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_a_label_never_depends_on_what_is_read_after_it(direction: str) -> None:
    labels = OneSidedLabels(NUM_LABELS, Reading(direction))  # type: ignore[arg-type]
    emissions = _emissions()[:1]
    before = labels.decode(emissions, MASK[:1])
    for place, seed in itertools.product(range(7), range(3)):
        changed = emissions.clone()
        unread = slice(place + 1, None) if direction == "forward" else slice(0, place)
        changed[:, unread] = _emissions(11 + seed)[:1, unread]
        assert labels.decode(changed, MASK[:1])[0, place] == before[0, place]


def test_the_loss_is_that_of_independent_labels() -> None:
    labels = torch.randint(0, NUM_LABELS, (3, 7), generator=torch.Generator().manual_seed(3))
    ours = OneSidedLabels(NUM_LABELS, Reading("forward"))(_emissions(), labels, MASK)
    assert torch.equal(ours, IndependentLabels(NUM_LABELS)(_emissions(), labels, MASK))


def test_a_sentence_seen_whole_gets_the_best_sequence() -> None:
    assert isinstance(unchained_labels(NUM_LABELS, Reading("bidirectional")), IndependentLabels)
    assert isinstance(unchained_labels(NUM_LABELS, Reading("backward")), OneSidedLabels)
