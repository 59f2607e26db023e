"""The conformance checks can fail: each catches a mechanism with the fault that it is there to find."""

import re

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from attnlab.attention import Properties, ScaledDotAttention, allowed_mask, masked_softmax
from attnlab.attention.conformance.checks import CHECKS
from attnlab.attention.conformance.differences import require_true_gradients


class MapsLie(ScaledDotAttention):
    def weights(self, q, k, **masks):
        return super().weights(2 * q, k, **masks)


class SeesPadding(ScaledDotAttention):
    def forward(self, q, k, v, *, key_mask=None, bias=None):
        return super().forward(q, k, v, bias=bias)


class SeesTheFuture(ScaledDotAttention):
    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.causal = False


class SeesFutureQueries(ScaledDotAttention):
    def forward(self, q, k, v, **masks):
        return super().forward(q + q.mean(-2, keepdim=True), k, v, **masks)


class DoesNotSumToOne(ScaledDotAttention):
    def weights(self, q, k, **masks):
        return 2 * super().weights(q, k, **masks)


class GoesNegative(ScaledDotAttention):
    def weights(self, q, k, **masks):
        return 2 * super().weights(q, k, **masks) - super().weights(0 * q, k, **masks)


class ForgetsTheFirstQueryUnderAMask(ScaledDotAttention):
    def weights(self, q, k, *, key_mask=None, bias=None):
        weights = super().weights(q, k, key_mask=key_mask, bias=bias)
        return weights if key_mask is None else F.pad(weights[:, :, 1:], (0, 0, 1, 0))


class FallsToNaN(ScaledDotAttention):
    def weights(self, q, k, *, key_mask=None, bias=None):
        scores = q @ k.mT
        return scores.masked_fill(~key_mask[:, None, None, :], float("-inf")).softmax(-1)


class NaNInGradientsOnly(ScaledDotAttention):
    def forward(self, q, k, v, *, key_mask=None, bias=None):
        hidden = ~key_mask[:, None, None, :]
        scores = q @ k.mT + torch.zeros_like(hidden, dtype=q.dtype).masked_fill(hidden, float("-inf"))
        return scores.softmax(-1).masked_fill(hidden, 0.0) @ v


class MindsThePaddedLength(ScaledDotAttention):
    def forward(self, q, k, v, **masks):
        return super().forward(q * k.size(-2), k, v, **masks)


class MindsTheOrder(ScaledDotAttention):
    def weights(self, q, k, **masks):
        return super().weights(q, k + torch.arange(k.size(-2), dtype=k.dtype)[:, None], **masks)


class IgnoresBias(ScaledDotAttention):
    def weights(self, q, k, *, key_mask=None, bias=None):
        return super().weights(q, k, key_mask=key_mask)


class AcceptsABiasItDenies(ScaledDotAttention):
    properties = Properties(takes_bias=False)


class CutsTheGraph(ScaledDotAttention):
    def forward(self, q, k, v, **masks):
        return super().forward(q, k.detach() * 0.5 + k * 0.5, v, **masks)


class CutsTheWeightsGraph(ScaledDotAttention):
    def weights(self, q, k, **masks):
        return super().weights(q, k, **masks).detach()


class LosesPrecision(ScaledDotAttention):
    def forward(self, q, k, v, **masks):
        return super().forward(q * 1.5 if q.dtype == torch.bfloat16 else q, k, v, **masks)


class ReturnsFloat32(ScaledDotAttention):
    def forward(self, q, k, v, **masks):
        return super().forward(q, k, v, **masks).float()


class StartsFromZero(ScaledDotAttention):
    """Positions counted from the first query at hand: right without a cache only."""

    def forward(self, q, k, v, **masks):
        position = torch.arange(1, q.size(-2) + 1, dtype=q.dtype)
        return super().forward(q * position[:, None], k, v, **masks)


class HasAnIdleParameter(ScaledDotAttention):
    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.idle = nn.Parameter(torch.zeros(3))


class UsesMoreThanItSays(ScaledDotAttention):
    uses = frozenset({"query"})


class DropsInEvaluation(ScaledDotAttention):
    def forward(self, q, k, v, **masks):
        return F.dropout(super().forward(q, k, v, **masks), self.dropout)


class NeverDrops(ScaledDotAttention):
    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.dropout = 0.0


class DropsScores(ScaledDotAttention):
    def weights(self, q, k, **masks):
        return super().weights(F.dropout(q, self.dropout, self.training), k, **masks)


class ForgetsItsState(ScaledDotAttention):
    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.register_buffer("noise", torch.randn(()), persistent=False)

    def forward(self, q, k, v, **masks):
        return super().forward(q * self.noise, k, v, **masks)


class MixesTheBatch(ScaledDotAttention):
    def forward(self, q, k, v, **masks):
        return super().forward(q, k, v + v.mean(0, keepdim=True), **masks)


class ForgetsEarlierChunks(ScaledDotAttention):
    def forward(self, q, k, v, *, key_mask=None, bias=None):
        output = super().forward(q, k, v, key_mask=key_mask, bias=bias)
        late = [x[:, :, 64:] for x in (q, k, v)]
        return output if k.size(-2) <= 64 else torch.cat([output[:, :, :64], super().forward(*late)], dim=-2)


class LooksAheadInLongSequences(ScaledDotAttention):
    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.causal = arguments["max_length"] < 64


class LosesItsState(ScaledDotAttention):
    def advance(self, q, k, v, state, *, key_mask=None):
        return self(q, k, v, key_mask=key_mask), (v[:, :, -1],)


class KeepsAllInItsState(ScaledDotAttention):
    def advance(self, q, k, v, state, *, key_mask=None):
        key_mask = key_mask if state is None else torch.cat([state[2], key_mask], -1)
        if state is not None:
            k, v = (torch.cat(pair, -2) for pair in zip(state[:2], (k, v), strict=True))
        return self(q, k, v, key_mask=key_mask), (k, v, key_mask)


class TellsNoTextsApart(ScaledDotAttention):
    on_segments = True

    def advance(self, q, k, v, state, *, key_mask=None, segments=None):
        before = (k[:, :, :0], v[:, :, :0]) if state is None else state
        k, v = (torch.cat(pair, -2) for pair in zip(before, (k, v), strict=True))
        return self(q, k, v, key_mask=key_mask), (k, v)


class KeepsAPlainTensor(ScaledDotAttention):
    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.gain = [torch.ones(arguments["head_dim"])]


class TakesInfinityFromInfinity(ScaledDotAttention):
    def weights(self, q, k, *, key_mask=None, bias=None):
        bias = None if bias is None else bias - bias.amin(-1, keepdim=True)
        return super().weights(q, k, key_mask=key_mask, bias=bias)


class DividesByTheNorm(ScaledDotAttention):
    def weights(self, q, k, **masks):
        return super().weights(q / q.norm(dim=-1, keepdim=True), k, **masks)


class NormsOverTheBatch(ScaledDotAttention):
    """Its scores, by statistics of all rows, keys and queries in training, and by fixed ones in evaluation."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.norm = nn.BatchNorm2d(arguments["num_heads"])

    def weights(self, q, k, *, key_mask=None, bias=None):
        scores = self.norm(q @ k.mT * self.scale)
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def forward(self, q, k, v, **masks):
        return F.dropout(self.weights(q, k, **masks), self.dropout, self.training) @ v


class NormsPaddingInTraining(ScaledDotAttention):
    """Over the keys of a row alone."""

    def forward(self, q, k, v, **masks):
        return super().forward(q, k, v - v.mean(-2, keepdim=True) if self.training else v, **masks)


class PeeksInTraining(ScaledDotAttention):
    def forward(self, q, k, v, **masks):
        peek = q.flip(-2).cumsum(-2).flip(-2) if self.training else q
        return super().forward(peek, k, v, **masks)


FAULTS = [
    (NormsOverTheBatch, "training_mixes_no_rows_padding_or_future"),
    (NormsPaddingInTraining, "training_mixes_no_rows_padding_or_future"),
    (PeeksInTraining, "training_mixes_no_rows_padding_or_future"),
    (NormsOverTheBatch, "weights_are_before_dropout"),
    (MixesTheBatch, "rows_of_the_batch_do_not_see_each_other"),
    (MapsLie, "forward_is_weights_combined"),
    (ReturnsFloat32, "forward_is_weights_combined"),
    (ForgetsEarlierChunks, "a_long_sequence_is_weights_combined"),
    (LooksAheadInLongSequences, "a_long_sequence_is_weights_combined"),
    (SeesPadding, "masked_keys_do_not_leak"),
    (SeesTheFuture, "the_future_does_not_leak"),
    (SeesFutureQueries, "the_future_does_not_leak"),
    (DoesNotSumToOne, "rows_sum_to_one"),
    (GoesNegative, "weights_are_not_negative"),
    (ForgetsTheFirstQueryUnderAMask, "rows_sum_to_one"),
    (FallsToNaN, "nothing_to_attend_gives_zeros"),
    (NaNInGradientsOnly, "nothing_to_attend_gives_zeros"),
    (MindsThePaddedLength, "padding_changes_nothing"),
    (MindsTheOrder, "key_order_does_not_matter"),
    (IgnoresBias, "a_bias_raises_what_it_favours"),
    (AcceptsABiasItDenies, "a_bias_raises_what_it_favours"),
    (TakesInfinityFromInfinity, "a_bias_of_minus_infinity_hides"),
    (DividesByTheNorm, "a_vector_of_zeros_is_attended"),
    (CutsTheGraph, "gradients_agree_with_differences"),
    (LosesPrecision, "bfloat16_stays_close"),
    (LosesPrecision, "autocast_stays_close"),
    (StartsFromZero, "steps_through_a_cache_give_the_full_result"),
    (LosesItsState, "advancing_gives_the_full_result"),
    (KeepsAllInItsState, "advancing_gives_the_full_result"),
    (TellsNoTextsApart, "texts_are_told_apart"),
    (MindsThePaddedLength, "texts_are_told_apart"),
    (MapsLie, "attend_is_forward_with_weights"),
    (CutsTheWeightsGraph, "attend_is_forward_with_weights"),
    (HasAnIdleParameter, "every_parameter_is_trained"),
    (KeepsAPlainTensor, "every_tensor_is_registered"),
    (UsesMoreThanItSays, "what_is_not_used_does_not_matter"),
    (DropsInEvaluation, "dropout_acts_in_training_only"),
    (NeverDrops, "dropout_acts_in_training_only"),
    (DropsScores, "weights_are_before_dropout"),
    (ForgetsItsState, "a_saved_state_restores_everything"),
]


@pytest.mark.parametrize("fault, name", FAULTS, ids=lambda value: getattr(value, "__name__", value))
def test_check_catches(fault, name):
    check = next(check for check in CHECKS if check.__name__ == name)
    check(ScaledDotAttention, "causal")
    with pytest.raises(AssertionError):
        check(fault, "causal")


def test_a_norm_over_the_batch_is_told_as_such_and_not_as_dropout():
    said = {}
    for check in CHECKS:
        try:
            check(NormsOverTheBatch, "causal")
        except AssertionError as error:
            said[check.__name__] = str(error)
    assert list(said) == ["training_mixes_no_rows_padding_or_future", "weights_are_before_dropout"]
    for message in said.values():
        assert "a BatchNorm does so, in training alone: use LayerNorm or RMSNorm" in message
        assert "dropped by chance" not in message


def test_every_check_catches_something():
    assert {name for _, name in FAULTS} == {check.__name__ for check in CHECKS}


class AsksNumpy(ScaledDotAttention):
    def weights(self, q, k, **masks):
        return torch.from_numpy(super().weights(q, k, **masks).detach().numpy())

    def forward(self, q, k, v, **masks):
        return self.weights(q, k, **masks) @ v


@pytest.mark.parametrize("fault", [CutsTheGraph, AsksNumpy])
def test_gradients_that_disagree_are_told_by_their_largest_difference(fault):
    check = next(check for check in CHECKS if check.__name__ == "gradients_agree_with_differences")
    with pytest.raises(AssertionError) as caught:
        check(fault, "self")
    found = re.fullmatch(
        r"gradients disagree with finite differences, or say smooth=False "
        r"\(largest difference ([\d.e-]+), allowed ([\d.e-]+)\)",
        str(caught.value),
    )
    assert found is not None
    assert float(found[1]) > float(found[2])


def test_gradients_that_dont_repeat_themselves_are_told_so():
    draws = torch.Generator().manual_seed(0)

    def noisy(x):
        x.register_hook(lambda gradient: gradient * (1 + 1e-4 * torch.rand((), generator=draws)))
        return x * 1

    with pytest.raises(AssertionError, match=r"smooth=False \(Backward is not reentrant[^\n]*\)$"):
        require_true_gradients(noisy, [torch.ones(3, dtype=torch.float64, requires_grad=True)])


def test_a_core_that_is_no_module_is_named():
    class NotAModule:
        def __init__(self, **arguments): ...

    with pytest.raises(AssertionError, match=r"a core must be an nn\.Module, got NotAModule"):
        CHECKS[0](NotAModule, "self")
