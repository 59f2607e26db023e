"""Texts drawn from a language model, a token at a time, from what it has read."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, nn

from attnlab.errors import above_zero, between
from attnlab.models.language_models.language_model import LanguageModel
from attnlab.models.predictors import whereabouts
from attnlab.models.special_tokens import BOS, EOS, PAD, UNK

NEVER = [PAD, BOS, UNK]  # of what stands for no text, only the end is written
SMALLEST = sys.float_info.min  # below it the CPU may take a number for 0


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How the next token is drawn.

    p_i ~ exp(logit_i / temperature), of the `top_k` most probable tokens, and of these the fewest whose probabilities
    come to `top_p` (Holtzman et al., 2020); the most probable is always among them. Temperature 0 takes it alone.

    Raises:
        ValueError: a number out of its range.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None

    def __post_init__(self) -> None:
        between(0, 100, "task", temperature=self.temperature)
        if self.top_k is not None:
            between(1, 2**20, "task", top_k=self.top_k)
        if self.top_p is not None:
            above_zero("task", top_p=self.top_p)
            between(0, 1, "task", top_p=self.top_p)

    def __call__(self, logits: Tensor, chances: Tensor) -> Tensor:
        """Tokens (B,), of logits (B, V) and numbers (B,) drawn evenly from [0, 1), in float64 and on the CPU.

        Raises:
            FloatingPointError: there are logits that aren't finite numbers.
        """
        logits = logits.double().cpu()
        logits[:, NEVER] = -torch.inf
        if not logits.amax(dim=1).isfinite().all():
            raise FloatingPointError("the model's logits are not numbers, so nothing can be drawn: training diverged")
        if not self.temperature:
            return logits.argmax(dim=1)
        # Divided below the greatest, which stays 0: of a tiny temperature all quotients would be infinite.
        below = logits - logits.amax(dim=1, keepdim=True)
        sorted_logits, order = (below / max(self.temperature, SMALLEST)).sort(dim=1, descending=True, stable=True)
        weights = sorted_logits.softmax(dim=1)
        if self.top_k is not None:
            weights[:, self.top_k :] = 0.0
        if self.top_p is not None:
            weights /= weights.sum(dim=1, keepdim=True)
            weights[weights.cumsum(dim=1) - weights >= self.top_p] = 0.0
        edges = weights.cumsum(dim=1)
        # Below the last edge: what rounding left of it belongs to no token.
        wanted = (chances * edges[:, -1]).unsqueeze(1)
        places = torch.searchsorted(edges, wanted, right=True).clamp(max=int((weights > 0).sum(dim=1).max()) - 1)
        return order.gather(1, places).squeeze(1)


class Drawn(NamedTuple):
    """What was written after the ids given, without the end; `ended`: whether it came."""

    ids: list[int]
    log_probs: list[float]  # of each id, in nats, whatever the sampling; of the end, too, if it came
    given_log_probs: list[float]  # of each id given but the first that was read
    ended: bool


@torch.inference_mode()
def draw(
    model: LanguageModel, given: Sequence[int], *, sampling: Sampling, max_tokens: int, seeds: Sequence[Sequence[int]]
) -> list[Drawn]:
    """A continuation for each seed, which is some numbers, of `max_tokens` or fewer, of the same ids, one or more.

    What it gives for a seed doesn't depend on the others. The model reads on from its state; where that holds as many
    tokens as a block of training, it reads the latter half of them anew and goes on from there.
    """
    device, _ = whereabouts(cast(nn.Module, model))
    chances = [np.random.default_rng(seed) for seed in seeds]  # torch's own knows 32 bits of a seed
    read = torch.tensor([list(given)[-model.context_length :]], device=device)
    logits, state = model.advance(read)
    log_probs = logits.float().log_softmax(dim=2)  # (1, T, V)
    given_log_probs = log_probs[0, :-1].gather(1, read[0, 1:, None]).squeeze(1).tolist()
    first = torch.zeros(len(seeds), dtype=torch.long, device=device)
    state, now = state.select(first), log_probs[first, -1]
    rows = read[first]
    written: list[list[int]] = [[] for _ in seeds]
    found: list[list[float]] = [[] for _ in seeds]
    ended = [False] * len(seeds)
    for _ in range(max_tokens):
        numbers = torch.tensor([each.random() for each in chances], dtype=torch.float64)
        tokens = sampling(now, numbers)
        for row, token in enumerate(tokens.tolist()):
            if not ended[row]:
                found[row].append(float(now[row, token]))
                ended[row] = token == EOS
                written[row] += [] if ended[row] else [token]
        if all(ended):
            break
        rows = torch.cat([rows, tokens.to(device).unsqueeze(1)], dim=1)
        if state.length < model.context_length:
            logits, state = model.advance(rows[:, -1:], state)
        else:
            logits, state = model.advance(rows[:, -max(1, model.context_length // 2) :])
        now = logits[:, -1].float().log_softmax(dim=1)
    return [Drawn(*each) for each in zip(written, found, [given_log_probs] * len(seeds), ended, strict=True)]
