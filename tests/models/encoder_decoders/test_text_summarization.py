"""Copying and coverage: the mixture against a loop, its numbers at the extremes, and what coverage remembers."""

import pytest
import torch
import torch.nn.functional as F
from model_examples import CROSS_REFUSALS, FACTORIES, MECHANISMS, SIZES, batch, build

from attnlab.models import Reading, ReadingModel, TextSummarization
from attnlab.models.special_tokens import BOS, EOS

pytestmark = pytest.mark.text


def takes_bias(mechanism):
    attention = FACTORIES[mechanism](12, num_heads=2, role="cross", max_length=20)
    return attention.core.properties.takes_bias


SERVING = [name for name in MECHANISMS if name not in CROSS_REFUSALS]
BIASLESS = [name for name in SERVING if not takes_bias(name)]


def test_it_reads_and_others_dont():
    source, target = batch()
    model = build("summarization_coverage_lstm")
    reading = model.read(source, target)
    assert isinstance(model, ReadingModel)
    assert isinstance(reading, Reading)
    torch.testing.assert_close(reading.logits, model(source, target))
    assert reading.copying.shape == reading.overlap.shape == (3, 5)
    plain = build("summarization").read(source, target)
    assert plain.copying is plain.overlap is None
    assert not isinstance(build("attention_gru"), ReadingModel)


def test_with_copying_the_output_is_log_probabilities_whatever_the_mechanism():
    source, target = batch()
    for mechanism in ("additive", "sigmoid", "differential", "hard", "entmax15"):
        log_probs = build("summarization_copy", mechanism)(source, target)
        torch.testing.assert_close(log_probs.exp().sum(2), torch.ones(3, 5, dtype=torch.float64))


def test_it_learns_to_copy_words_that_it_has_never_written():
    model = build("summarization_copy", "additive", dim=22).float().train()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    torch.manual_seed(1)
    for _ in range(120):  # the summary is the word after 4, of the words 10-22
        words = torch.randint(10, 23, (29, 5))
        place = torch.randint(0, 4, (29,))
        words[torch.arange(29), place] = 4
        source = F.pad(words, (0, 1), value=EOS)
        wanted = words[torch.arange(29), place + 1]
        target = torch.stack([torch.full((29,), BOS), wanted, torch.full((29,), EOS)], 1)
        loss = F.cross_entropy(model(source, target[:, :-1]).mT, target[:, 1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.3
    source = torch.tensor([[12, 4, 25, 11, 14, EOS]])  # 25 was never a target
    reading = model.eval().read(source, torch.tensor([[BOS]]))
    assert reading.copying[0, 0] > 0.5
    unseen = build("summarization_copy", "additive", dim=22).float()(source, torch.tensor([[BOS]]))
    assert reading.logits[0, 0, 25] > unseen[0, 0, 25]


def test_coverage_is_the_sum_of_attention_so_far_and_overlap_its_meeting_with_the_next():
    source, target = batch()
    model = build("summarization_coverage_lstm", "additive")
    with torch.no_grad():
        model.coverage_weight.copy_(torch.tensor([-3.0, 1.5]).view(2, 1, 1))
    state = model.start(source)
    weights, reading = [], model.read(source, target)
    for time, token in enumerate(target.unbind(1)):
        before = state.covered
        _, state = model.step(token, state)
        weights.append(state.covered - before)
        torch.testing.assert_close(before, sum(weights[:-1], torch.zeros_like(before)))
        torch.testing.assert_close(weights[-1].sum(3), torch.ones(3, 2, 1, dtype=torch.float64))
        expected = torch.minimum(weights[-1], before).sum(3).mean((1, 2))
        torch.testing.assert_close(reading.overlap[:, time], expected)
    assert (reading.overlap[:, 0] == 0).all()
    assert (reading.overlap[:, 1:] > 0).all()


def test_a_coverage_weight_below_zero_turns_attention_to_what_is_left():
    source, target = batch()
    model = build("summarization_coverage_lstm", "scaled_dot")
    shares = []
    for weight in (0.0, -1e5):  # untrained, it looks everywhere nearly alike
        torch.nn.init.constant_(model.coverage_weight, weight)
        _, first = model.step(target[:, 0], model.start(source))
        _, second = model.step(target[:, 1], first)
        favourite = first.covered[0].argmax(2, keepdim=True)  # (H, 1, 1)
        shares.append((second.covered - first.covered)[0].gather(2, favourite).max())
    assert shares[0] > 0.1
    assert shares[1] < 0.01


def test_the_overlap_has_a_gradient_to_the_attention():
    source, target = batch()
    model = build("summarization_coverage_lstm", "additive")
    model.read(source, target).overlap.sum().backward()
    assert model.cross_attention.query_projection.weight.grad.abs().sum() > 0
    assert model.coverage_weight.grad.abs().sum() > 0


@pytest.mark.parametrize("mechanism", [name for name in SERVING if takes_bias(name)])
def test_every_mechanism_with_a_bias_can_be_covered(mechanism):
    source, target = batch()
    model = build("summarization_coverage_lstm", mechanism)
    torch.nn.init.constant_(model.coverage_weight, -2.0)
    reading = model.read(source, target)
    assert reading.logits.isfinite().all()
    reading.overlap.sum().backward()
    assert model.coverage_weight.grad.isfinite().all()


@pytest.mark.parametrize("mechanism", BIASLESS)
def test_a_mechanism_without_a_bias_is_refused_in_one_line(mechanism):
    message = (
        rf"^coverage needs an attention that takes a bias, got {mechanism} \(set model.coverage=false or attention\)$"
    )
    with pytest.raises(ValueError, match=message):
        build("summarization_coverage_lstm", mechanism)


def test_some_mechanism_has_no_bias():
    assert BIASLESS


def test_copying_between_two_vocabularies_is_refused():
    message = r"^copying needs one vocabulary for source and target, got 29 and 31 tokens \(set model.copy=false\)$"
    with pytest.raises(ValueError, match=message):
        TextSummarization(**SIZES, attention=FACTORIES["dot"], dim=12, share_embeddings=False)
