"""From a model of p(target | source) to a target: greedy and beam search over the model's `start`, `step` and `select`.

Both take sources (B, Ts), right-padded; decode them together and drop each one that is finished; never produce PAD or
BOS; and price whole targets, their EOS included, by the model's own log-probabilities, whatever was forbidden.

What may be produced, EOS aside from every length:
    max_length            the longest target; one that gets there is ended by EOS at the model's price
    max_length_ratio      besides, at most this many times the source's length; None: no such limit
    min_length            the shortest target
    no_repeat_ngram_size  no run of so many tokens occurs twice (Paulus et al., 2018, section 2.5); 0: anything may
Where the last two leave nothing to produce, the target ends.

The caller sets the model to evaluation mode. FloatingPointError where its logits are NaN.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from attnlab.errors import at_least
from attnlab.models.encoder_decoders.encoder_decoder import EncoderDecoder, source_mask
from attnlab.models.special_tokens import BOS, EOS, PAD

NEVER = float("-inf")


@dataclass(frozen=True)
class Hypothesis:
    """A target's ids without BOS and EOS, its log p(target | source), and that over the length penalty."""

    ids: list[int]
    log_prob: float
    score: float


@torch.no_grad()
def greedy(
    model: EncoderDecoder,
    source: Tensor,
    *,
    max_length: int,
    max_length_ratio: float | None = None,
    min_length: int = 0,
    no_repeat_ngram_size: int = 0,
) -> list[Hypothesis]:
    """The likeliest token at each step, among equals the lower id: a hypothesis per source, its score log p.

    ValueError for a length, ratio or size out of range.
    """
    rules = _Rules.of(
        source,
        max_length=max_length,
        max_length_ratio=max_length_ratio,
        min_length=min_length,
        no_repeat_ngram_size=no_repeat_ngram_size,
    )
    finished: dict[int, Hypothesis] = {}
    state = model.start(source)
    sentence = torch.arange(len(source), device=source.device)  # (n,), of the n rows still going
    token = torch.full_like(sentence, BOS)
    tokens = token.new_empty(len(source), 0)  # (n, length)
    total = torch.zeros(len(source), device=source.device)
    while len(sentence):
        logits, state = model.step(token, state)
        log_prob, token = rules.log_probs(logits, tokens).max(1)
        total = total + log_prob
        ended = token == EOS
        if ended.any():
            parts = sentence[ended].tolist(), tokens[ended].tolist(), total[ended].tolist()
            finished |= {index: Hypothesis(ids, price, price) for index, ids, price in zip(*parts, strict=True)}
            rows = (~ended).nonzero().squeeze(1)
            sentence, token, tokens, total = sentence[rows], token[rows], tokens[rows], total[rows]
            state, rules = state.select(rows), rules.select(rows)
        tokens = torch.cat([tokens, token.unsqueeze(1)], dim=1)
    return [finished[index] for index in range(len(source))]


@torch.no_grad()
def beam_search(
    model: EncoderDecoder,
    source: Tensor,
    *,
    beam_size: int,
    max_length: int,
    max_length_ratio: float | None = None,
    min_length: int = 0,
    no_repeat_ngram_size: int = 0,
    length_penalty: float = 1.0,
    num_best: int = 1,
) -> list[list[Hypothesis]]:
    """The best `beam_size` prefixes go on at each step; for each source up to `num_best` hypotheses, best first.

    score = log p(target | source) / ((5 + |target|) / 6)^length_penalty        (Wu et al., 2016, eq. 14)

    |target| counts EOS; a penalty of 0 leaves long targets at their disadvantage. A prefix that ends while among the
    best `beam_size` is finished; a source is, once `beam_size` of its hypotheses are. A beam of one is greedy search.
    Among equals the better prefix, then the lower id wins. ValueError for a size, length or penalty out of range.
    """
    at_least(1, "task", beam_size=beam_size)
    if not 1 <= num_best <= beam_size:
        raise ValueError(f"num_best must lie between 1 and the beam size {beam_size}, got {num_best}")
    if length_penalty < 0:
        raise ValueError(f"length_penalty must not be negative, got {length_penalty} (set task.length_penalty)")
    rules = _Rules.of(
        source,
        max_length=max_length,
        max_length_ratio=max_length_ratio,
        min_length=min_length,
        no_repeat_ngram_size=no_repeat_ngram_size,
    )
    finished: list[list[Hypothesis]] = [[] for _ in range(len(source))]
    sentence = torch.arange(len(source), device=source.device)  # (n,), of the n sentences still going
    rows = sentence.repeat_interleave(beam_size)  # (n * K,), a row per prefix
    state, rules = model.start(source).select(rows), rules.select(rows)
    token = torch.full_like(rows, BOS)
    tokens = token.new_empty(len(rows), 0)  # (n * K, length)
    totals = torch.full((len(source), beam_size), NEVER, device=source.device)
    totals[:, 0] = 0.0  # all prefixes are still the same, so that one must do
    while len(sentence):
        logits, state = model.step(token, state)
        totals, prefix, token = _extend(totals, rules.log_probs(logits, tokens))
        _finish(finished, sentence, tokens, totals, prefix, token, length_penalty)

        order = (token == EOS).int().argsort(stable=True, dim=1)[:, :beam_size]  # those that go on, best first
        totals, prefix, token = totals.gather(1, order), prefix.gather(1, order), token.gather(1, order)
        open_beams = [len(finished[index]) < beam_size for index in sentence.tolist()]
        going = torch.tensor(open_beams, device=source.device) & (totals[:, 0] != NEVER)
        sentence, totals, rows, token = sentence[going], totals[going], prefix[going].flatten(), token[going].flatten()
        tokens = torch.cat([tokens[rows], token.unsqueeze(1)], dim=1)
        state, rules = state.select(rows), rules.select(rows)
    return [sorted(hypotheses, key=lambda each: -each.score)[:num_best] for hypotheses in finished]


def _extend(totals: Tensor, log_probs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The best 2 K continuations of the K prefixes of each sentence, (n, 2 K) each: price, prefix's row, token.

    From the prefixes' prices (n, K) and log p (n * K, V). Since a prefix ends in one way only, K of them go on.
    """
    num_sentences, beam_size = totals.shape
    vocab_size = log_probs.shape[1]
    candidates = (totals.view(-1, 1) + log_probs).view(num_sentences, -1)  # (n, K * V)
    totals, index = _top(candidates, 2 * beam_size)
    first_row = torch.arange(0, len(log_probs), beam_size, device=index.device).unsqueeze(1)  # (n, 1)
    return totals, first_row + index // vocab_size, index % vocab_size


def _finish(
    finished: list[list[Hypothesis]],
    sentence: Tensor,
    tokens: Tensor,
    totals: Tensor,
    prefix: Tensor,
    token: Tensor,
    length_penalty: float,
) -> None:
    """Files under its sentence each prefix that ends while among the best K of the 2 K continuations."""
    ending = (token == EOS) & (totals != NEVER)
    ending[:, ending.shape[1] // 2 :] = False
    penalty = ((5 + tokens.shape[1] + 1) / 6) ** length_penalty
    parts = sentence[ending.nonzero()[:, 0]].tolist(), tokens[prefix[ending]].tolist(), totals[ending].tolist()
    for index, ids, price in zip(*parts, strict=True):
        finished[index].append(Hypothesis(ids, price, price / penalty))


def _top(scores: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The `count` greatest of each row of scores (n, M) and their indices, sorted; of equals the first come first."""
    values, indices = scores.topk(count + 1)
    # topk leaves open which of several equals it takes: sort where that matters, which is rare.
    open_choice = (values[:, -1] == values[:, -2]) & (values[:, -1] != NEVER)
    if open_choice.any():
        exact = scores[open_choice].sort(stable=True, descending=True)
        values[open_choice], indices[open_choice] = exact.values[:, : count + 1], exact.indices[:, : count + 1]
    indices, order = indices[:, :count].sort(1)
    values, order = values.gather(1, order).sort(stable=True, descending=True)
    return values, indices.gather(1, order)


@dataclass(frozen=True, kw_only=True)
class _Rules:
    """What may be produced, a limit (R,) for each row."""

    limits: Tensor
    min_length: int
    no_repeat_ngram_size: int

    @classmethod
    def of(
        cls,
        source: Tensor,
        *,
        max_length: int,
        max_length_ratio: float | None,
        min_length: int,
        no_repeat_ngram_size: int,
    ) -> "_Rules":
        if max_length < 1:
            raise ValueError(f"max_length must be 1 or more, got {max_length}")
        if not 0 <= min_length <= max_length:
            raise ValueError(f"min_length must lie between 0 and max_length {max_length}, got {min_length}")
        if max_length_ratio is not None and max_length_ratio <= 0:
            raise ValueError(f"max_length_ratio must be above 0, got {max_length_ratio}")
        if no_repeat_ngram_size < 0:
            raise ValueError(f"no_repeat_ngram_size must not be negative, got {no_repeat_ngram_size}")
        limits = torch.full((len(source),), max_length, device=source.device)
        if max_length_ratio is not None:
            limits = limits.minimum((source_mask(source).sum(1) * max_length_ratio).ceil().long())
        return cls(
            limits=limits.clamp(min=max(min_length, 1)),
            min_length=min_length,
            no_repeat_ngram_size=no_repeat_ngram_size,
        )

    def select(self, rows: Tensor) -> "_Rules":
        return replace(self, limits=self.limits[rows])

    def log_probs(self, logits: Tensor, tokens: Tensor) -> Tensor:
        """log p (R, V) of the next token after tokens (R, length), minus infinity for what may not be produced."""
        # In float32 at least: under autocast the logits come in bfloat16, too coarse to sum up.
        log_probs = logits.log_softmax(1, dtype=torch.promote_types(logits.dtype, torch.float32))
        end = log_probs[:, EOS].clone()
        if end.isnan().any():
            raise FloatingPointError("the model's logits are not numbers, so nothing can be decoded: training diverged")
        log_probs[:, PAD] = NEVER
        log_probs[:, BOS] = NEVER
        length, size = tokens.shape[1], self.no_repeat_ngram_size
        must_end = self.limits <= length
        if size and length >= size:
            runs = tokens.unfold(1, size, 1)  # (R, length - size + 1, size)
            latest = tokens[:, length - size + 1 :].unsqueeze(1)
            repeats = (runs[:, :, :-1] == latest).all(2)
            log_probs.scatter_(1, runs[:, :, -1].masked_fill(~repeats, PAD), NEVER)
        if length < self.min_length:
            log_probs[:, EOS] = NEVER
            must_end = must_end | (log_probs == NEVER).all(1)
        if must_end.any():
            log_probs[must_end] = NEVER
            log_probs[must_end, EOS] = end[must_end]
        return log_probs
