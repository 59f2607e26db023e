"""Greedy and beam search against exhaustive enumeration, against loops, and against the model's own probabilities."""

import functools
import itertools
import math
from dataclasses import dataclass, field
from functools import partial

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from attnlab.attention import AdditiveAttention, GatedDeltanetAttention, MultiHeadAttention, ScaledDotAttention
from attnlab.models import AttentionSeq2Seq, Seq2Seq, Transformer
from attnlab.models.encoder_decoders import decoding
from attnlab.models.encoder_decoders.decoding import Hypothesis, beam_search, greedy
from attnlab.models.special_tokens import BOS, EOS, PAD

pytestmark = pytest.mark.text

SCALED_DOT = partial(MultiHeadAttention, core=ScaledDotAttention)
ADDITIVE = partial(MultiHeadAttention, core=AdditiveAttention)
STATE = partial(MultiHeadAttention, core=GatedDeltanetAttention)
MODELS = {
    "seq2seq": partial(Seq2Seq, cell="lstm", num_layers=2),
    "attention": partial(AttentionSeq2Seq, attention=ADDITIVE, num_heads=2),
    "attention_feeding": partial(AttentionSeq2Seq, attention=SCALED_DOT, input_feeding=True),
    "transformer": partial(Transformer, attention=SCALED_DOT, num_heads=2, num_layers=2, feed_forward_dim=23),
    "transformer_additive": partial(Transformer, attention=ADDITIVE, num_heads=2, num_layers=1, feed_forward_dim=23),
    "transformer_state": partial(Transformer, attention=STATE, num_heads=2, num_layers=2, feed_forward_dim=23),
}
every_model = pytest.mark.parametrize("name", MODELS)


def build(name, seed=0, *, target_vocab_size=31, end=0.0):
    """A model with weights large enough to have opinions; `end` is added to the logit of EOS."""
    torch.manual_seed(seed)
    model = MODELS[name](
        source_vocab_size=29, target_vocab_size=target_vocab_size, max_source_length=17, max_target_length=19, dim=14
    )
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.4)
    with torch.no_grad():
        model.output.bias[EOS] += end
    return model.double().eval()


@functools.cache
def half_trained(name):
    """A model that has begun to copy its sources, so that its targets are of different lengths and yet unsure."""
    torch.manual_seed(0)
    model = MODELS[name](
        source_vocab_size=29, target_vocab_size=31, max_source_length=17, max_target_length=19, dim=14, dropout=0.0
    )
    source = sources()
    target = torch.cat([torch.full((len(source), 1), BOS), source], dim=1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(45):
        optimizer.zero_grad()
        F.cross_entropy(model(source, target[:, :-1]).mT, target[:, 1:], ignore_index=PAD).backward()
        optimizer.step()
    return model.double().eval()


def sources():
    """Seven sources of lengths 7 to 1, each ending in EOS."""
    generator = torch.Generator().manual_seed(4)
    ids = torch.randint(4, 29, (7, 7), generator=generator)
    for row, length in enumerate([5, 7, 1, 2, 6, 4, 3]):
        ids[row, length - 1] = EOS
        ids[row, length:] = PAD
    return ids


def log_prob(model, source, ids):
    """log p(ids, EOS | source) by one teacher-forced pass over one sentence."""
    source = source[source != PAD]
    logits = model(source[None], torch.tensor([[BOS, *ids]]))[0]
    return logits.log_softmax(1)[torch.arange(len(ids) + 1), [*ids, EOS]].sum().item()


def score(price, ids, length_penalty):
    return price / ((5 + len(ids) + 1) / 6) ** length_penalty


@dataclass(frozen=True)
class Told:
    """A state that remembers what it was told: the source's first token, and all tokens read."""

    source: Tensor
    read: Tensor

    def select(self, rows):
        return Told(self.source[rows], self.read[rows])


@dataclass
class Table:
    """A model whose logits are random, but the same for the same source and tokens read; they favour PAD and BOS."""

    vocab_size: int = 7
    end: float = 0.0
    levels: int | None = None  # so few different logits that there are ties
    batch_sizes: list[int] = field(default_factory=list)

    def logits(self, source, read):
        generator = torch.Generator().manual_seed(hash((source, *read)) % 2**31)
        logits = torch.randn(self.vocab_size, generator=generator)
        if self.levels is not None:
            logits = (logits * self.levels).round() / self.levels
        logits[EOS] += self.end
        logits[[PAD, BOS]] = 9.0
        return logits

    def start(self, source):
        return Told(source[:, 0], source.new_empty(len(source), 0))

    def step(self, token, state):
        self.batch_sizes.append(len(token))
        state = Told(state.source, torch.cat([state.read, token[:, None]], dim=1))
        rows = zip(state.source.tolist(), state.read.tolist(), strict=True)
        return torch.stack([self.logits(source, read) for source, read in rows]), state


def forbidden(ids, length_limit, min_length, size, vocab_size):
    """The tokens that may not follow ids, in loops."""
    banned = {PAD, BOS}
    if size:
        runs = [ids[i : i + size] for i in range(len(ids) - size + 1)]
        banned |= {token for token in range(vocab_size) if [*ids[len(ids) - size + 1 :], token] in runs}
    if len(ids) < min_length:
        banned |= {EOS}
    if len(ids) >= length_limit or len(banned) == vocab_size:
        banned = set(range(vocab_size)) - {EOS}
    return banned


def beam_search_in_loops(model, source, *, beam_size, limit, min_length=0, size=0, length_penalty=1.0):
    """Beam search for one sentence of a Table, with lists and sorting."""
    live, finished = [([], 0.0)], []
    while live and len(finished) < beam_size:
        candidates = []
        for ids, total in live:
            log_probs = model.logits(source[0].item(), [BOS, *ids]).log_softmax(0)
            banned = forbidden(ids, limit, min_length, size, model.vocab_size)
            candidates += [(ids, t, total + log_probs[t].item()) for t in range(model.vocab_size) if t not in banned]
        candidates = sorted(candidates, key=lambda each: -each[2])[: 2 * beam_size]
        finished += [
            Hypothesis(ids, total, score(total, ids, length_penalty))
            for ids, token, total in candidates[:beam_size]
            if token == EOS
        ]
        live = [([*ids, token], total) for ids, token, total in candidates if token != EOS][:beam_size]
    return sorted(finished, key=lambda each: -each.score)


def assert_same(found, expected):
    assert [each.ids for each in found] == [each.ids for each in expected]
    for one, other in zip(found, expected, strict=True):
        assert one.log_prob == pytest.approx(other.log_prob, rel=1e-5)
        assert one.score == pytest.approx(other.score, rel=1e-5)


@every_model
@pytest.mark.parametrize("length_penalty", [0.0, 1.3])
def test_a_beam_that_covers_everything_ranks_all_targets_as_enumeration_does(name, length_penalty):
    model, source = build(name, seed=1, target_vocab_size=5), sources()[:2]
    targets = [list(ids) for length in range(4) for ids in itertools.product([3, 4], repeat=length)]
    found = beam_search(model, source, beam_size=16, max_length=3, length_penalty=length_penalty, num_best=15)
    for row, hypotheses in zip(source, found, strict=True):
        prices = [log_prob(model, row, ids) for ids in targets]
        expected = [Hypothesis(i, p, score(p, i, length_penalty)) for i, p in zip(targets, prices, strict=True)]
        assert len(expected) == 15
        assert_same(hypotheses, sorted(expected, key=lambda each: -each.score))


@pytest.mark.parametrize("beam_size", [1, 2, 3, 5])
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"length_penalty": 0.0},
        {"min_length": 3},
        {"no_repeat_ngram_size": 1},
        {"no_repeat_ngram_size": 2, "min_length": 6},
        {"no_repeat_ngram_size": 3},
    ],
)
@pytest.mark.parametrize("end", [-1.0, 1.5])
def test_beam_search_equals_loops_for_each_sentence(beam_size, arguments, end):
    model, source = Table(end=end), sources()
    found = beam_search(model, source, beam_size=beam_size, max_length=11, num_best=beam_size, **arguments)
    for row, hypotheses in zip(source, found, strict=True):
        expected = beam_search_in_loops(
            model,
            row,
            beam_size=beam_size,
            limit=11,
            min_length=arguments.get("min_length", 0),
            size=arguments.get("no_repeat_ngram_size", 0),
            length_penalty=arguments.get("length_penalty", 1.0),
        )
        assert_same(hypotheses, expected[:beam_size])


@pytest.mark.parametrize("beam_size", [1, 2, 5])
def test_among_equals_the_better_prefix_and_the_lower_id_win(beam_size):
    model, source = Table(levels=1, vocab_size=23), sources()
    found = beam_search(model, source, beam_size=beam_size, max_length=5)
    for row, [best] in zip(source, found, strict=True):
        expected = beam_search_in_loops(model, row, beam_size=beam_size, limit=5)
        assert best.score == pytest.approx(expected[0].score, rel=1e-5)
        assert best.ids in [each.ids for each in expected if each.score == pytest.approx(best.score, rel=1e-5)]
    assert beam_search(model, source, beam_size=beam_size, max_length=5) == found


def test_top_takes_the_first_of_equals():
    generator = torch.Generator().manual_seed(0)
    scores = torch.randint(0, 4, (53, 41), generator=generator).float()
    scores[scores == 0] = float("-inf")
    for count in (1, 2, 7, 19):
        values, indices = decoding._top(scores, count)
        expected = scores.sort(stable=True, descending=True)
        assert torch.equal(values, expected.values[:, :count])
        finite = values > float("-inf")
        assert torch.equal(indices[finite], expected.indices[:, :count][finite])


def test_equal_logits_give_the_lowest_ids():
    class Indifferent(Table):
        def logits(self, source, read):
            logits = torch.zeros(self.vocab_size)
            logits[EOS] = -1.0
            return logits

    assert [each.ids for each in greedy(Indifferent(), sources()[:2], max_length=3)] == [[3, 3, 3]] * 2
    [hypotheses] = beam_search(Indifferent(), sources()[:1], beam_size=3, max_length=2, num_best=3)
    assert [each.ids for each in hypotheses] == [[3, 3], [3, 4], [3, 5]]


@every_model
def test_greedy_takes_the_likeliest_token_of_a_pass_over_everything_so_far(name):
    model, source = half_trained(name), sources()
    for row, hypothesis in zip(source, greedy(model, source, max_length=8), strict=True):
        ids = []
        while len(ids) < 8:
            logits = model(row[row != PAD][None], torch.tensor([[BOS, *ids]]))[0, -1]
            logits[[PAD, BOS]] = -math.inf
            if logits.argmax() == EOS:
                break
            ids.append(logits.argmax().item())
        assert hypothesis.ids == ids
        assert hypothesis.log_prob == hypothesis.score == pytest.approx(log_prob(model, row, ids))


@every_model
def test_a_beam_of_one_is_greedy_search(name):
    model, source = half_trained(name), sources()
    expected = greedy(model, source, max_length=9)
    for [found], other in zip(beam_search(model, source, beam_size=1, max_length=9), expected, strict=True):
        assert found.ids == other.ids
        assert found.log_prob == pytest.approx(other.log_prob)
        assert found.score == pytest.approx(score(other.log_prob, other.ids, 1.0))
    assert len({len(each.ids) for each in expected}) > 2  # sentences finish at different times


@every_model
@pytest.mark.parametrize("max_length_ratio", [None, 1.2])
def test_sentences_decode_the_same_alone_as_together(name, max_length_ratio):
    model, source = half_trained(name), sources()
    limits = {"max_length": 9, "max_length_ratio": max_length_ratio}
    together = greedy(model, source, **limits), beam_search(model, source, beam_size=3, num_best=3, **limits)
    for index, row in enumerate(source):
        alone = row[row != PAD][None]
        assert_same(greedy(model, alone, **limits), [together[0][index]])
        assert_same(beam_search(model, alone, beam_size=3, num_best=3, **limits)[0], together[1][index])


@every_model
def test_log_prob_is_the_models_and_hypotheses_are_sorted(name):
    model, source = half_trained(name), sources()
    found = beam_search(
        model, source, beam_size=4, max_length=7, num_best=4, length_penalty=0.6, no_repeat_ngram_size=2, min_length=2
    )
    for row, hypotheses in zip(source, found, strict=True):
        assert len(hypotheses) == len({tuple(each.ids) for each in hypotheses}) == 4
        assert [each.score for each in hypotheses] == sorted((each.score for each in hypotheses), reverse=True)
        for each in hypotheses:
            assert each.log_prob == pytest.approx(log_prob(model, row, each.ids))
            assert each.score == pytest.approx(score(each.log_prob, each.ids, 0.6))


def test_finished_sentences_take_no_more_steps():
    model = Table(end=1.0)
    lengths = [len(each.ids) for each in greedy(model, sources(), max_length=9)]
    assert model.batch_sizes == [sum(length >= step for length in lengths) for step in range(max(lengths) + 1)]
    assert len(set(model.batch_sizes)) > 2
    model.batch_sizes.clear()
    beam_search(model, sources(), beam_size=3, max_length=9)
    assert model.batch_sizes[0] == 3 * 7
    assert model.batch_sizes == sorted(model.batch_sizes, reverse=True)
    assert model.batch_sizes[-1] < 3 * 7


def test_padding_and_beginning_are_never_produced():
    for hypotheses in beam_search(Table(end=-2.0), sources(), beam_size=4, max_length=9, num_best=4):
        assert all({PAD, BOS, EOS}.isdisjoint(each.ids) for each in hypotheses)
    assert all({PAD, BOS, EOS}.isdisjoint(each.ids) for each in greedy(Table(end=-2.0), sources(), max_length=9))


def test_a_model_that_ends_at_once_gives_an_empty_target():
    source = sources()
    expected = log_prob(build("transformer", end=50.0), source[0], [])
    for found in (
        greedy(build("transformer", end=50.0), source, max_length=9)[0],
        beam_search(build("transformer", end=50.0), source, beam_size=1, max_length=9)[0][0],
    ):
        assert found.ids == []
        assert found.log_prob == pytest.approx(expected)


@pytest.mark.parametrize("max_length, ratio, limits", [(4, None, [4] * 7), (6, 1.2, [6, 6, 2, 3, 6, 5, 4])])
def test_targets_end_at_their_limit(max_length, ratio, limits):
    # The sources' lengths are 5, 7, 1, 2, 6, 4, 3; a share of a token is one.
    reluctant = Table(end=-30.0)
    found = greedy(reluctant, sources(), max_length=max_length, max_length_ratio=ratio)
    assert [len(each.ids) for each in found] == limits
    assert all(each.log_prob < -20 for each in found)  # the model's price for ending there
    beams = beam_search(reluctant, sources(), beam_size=3, max_length=max_length, max_length_ratio=ratio)
    assert [len(best.ids) for [best] in beams] == limits


def test_min_length_and_no_repeats_hold():
    eager = Table(end=3.0, vocab_size=13)
    arguments = {"max_length": 10, "min_length": 4, "no_repeat_ngram_size": 2}
    found = [greedy(eager, sources(), **arguments)]
    found += zip(*beam_search(eager, sources(), beam_size=3, num_best=3, **arguments), strict=True)
    for each in itertools.chain(*found):
        assert 4 <= len(each.ids) <= 10
        pairs = list(itertools.pairwise(each.ids))
        assert len(pairs) == len(set(pairs))


def test_a_target_ends_early_where_the_rules_leave_nothing():
    # Of a vocabulary of five only 3 and 4 can be produced, each once: no target of five tokens exists.
    for found in (
        greedy(Table(vocab_size=5), sources(), max_length=9, min_length=5, no_repeat_ngram_size=1),
        [
            h
            for [h] in beam_search(
                Table(vocab_size=5), sources(), beam_size=2, max_length=9, min_length=5, no_repeat_ngram_size=1
            )
        ],
    ):
        assert all(sorted(each.ids) == [3, 4] and math.isfinite(each.log_prob) for each in found)


def test_a_length_penalty_favours_longer_targets():
    model, source = Table(end=-1.0), sources()
    found = [beam_search(model, source, beam_size=5, max_length=11, length_penalty=alpha) for alpha in (0.0, 1.0, 3.0)]
    lengths = [sum(len(best.ids) for [best] in each) for each in found]
    assert lengths == sorted(lengths)
    assert lengths[0] < lengths[2]


@every_model
def test_decoding_runs_in_inference_mode(name):
    model, source = half_trained(name), sources()
    outside = greedy(model, source, max_length=5), beam_search(model, source, beam_size=2, max_length=5)
    with torch.inference_mode():
        assert (greedy(model, source, max_length=5), beam_search(model, source, beam_size=2, max_length=5)) == outside


@every_model
def test_decoding_runs_under_autocast(name):
    model, source = build(name).float(), sources()
    with torch.autocast("cpu", torch.bfloat16):
        assert len(greedy(model, source, max_length=5)) == 7
        assert len(beam_search(model, source, beam_size=2, max_length=5)) == 7


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"beam_size": 0}, r"beam_size must be 1 or more, got 0 \(set task.beam_size\)"),
        ({"num_best": 4}, r"num_best must lie between 1 and the beam size 3, got 4"),
        ({"length_penalty": -0.5}, r"length_penalty must not be negative, got -0.5 \(set task.length_penalty\)"),
        ({"max_length": 0}, r"max_length must be 1 or more, got 0"),
        ({"max_length_ratio": 0.0}, r"max_length_ratio must be above 0, got 0.0"),
        ({"min_length": 12}, r"min_length must lie between 0 and max_length 11, got 12"),
        ({"no_repeat_ngram_size": -1}, r"no_repeat_ngram_size must not be negative, got -1"),
    ],
)
def test_a_value_out_of_range_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        beam_search(Table(), sources(), **{"beam_size": 3, "max_length": 11, **arguments})


def test_beyond_the_models_positions_decoding_names_the_key():
    model = build("transformer", end=-30.0)
    assert len(greedy(model, sources(), max_length=19)[0].ids) == 19
    with pytest.raises(ValueError, match=r"set data.max_target_length"):
        greedy(model, sources(), max_length=20)


@pytest.mark.parametrize("search", [greedy, partial(beam_search, beam_size=2)])
def test_a_diverged_model_is_told_so(search):
    model = build("attention")
    torch.nn.init.constant_(model.readout.mix.weight, math.nan)
    with pytest.raises(FloatingPointError, match="training diverged"):
        search(model, sources(), max_length=5)


def test_no_sources_give_no_hypotheses():
    model = build("seq2seq")
    assert (
        greedy(model, sources()[:0], max_length=3) == beam_search(model, sources()[:0], beam_size=2, max_length=3) == []
    )


@settings(max_examples=10, deadline=None)
@given(end=st.floats(-3, 3), vocab_size=st.integers(5, 13), limit=st.integers(1, 6), beam_size=st.integers(1, 4))
def test_log_probs_are_sums_of_what_was_chosen_and_a_beam_of_one_is_greedy(end, vocab_size, limit, beam_size):
    model, source = Table(vocab_size=vocab_size, end=end), sources()[:3]
    found = beam_search(model, source, beam_size=beam_size, max_length=limit, num_best=beam_size)
    for row, hypotheses in zip(source, found, strict=True):
        assert [each.score for each in hypotheses] == sorted((each.score for each in hypotheses), reverse=True)
        for each in hypotheses:
            ends = [*each.ids, EOS]
            log_probs = [model.logits(row[0].item(), [BOS, *ends[:place]]).log_softmax(0) for place in range(len(ends))]
            total = sum(each[token].item() for each, token in zip(log_probs, ends, strict=True))
            assert each.log_prob == pytest.approx(total, rel=1e-4)
            assert len(each.ids) <= limit
    one = beam_search(model, source, beam_size=1, max_length=limit)
    assert [each.ids for [each] in one] == [each.ids for each in greedy(model, source, max_length=limit)]
