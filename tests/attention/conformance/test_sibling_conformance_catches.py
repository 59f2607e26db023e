"""The conformance checks can fail for a sibling of the shell, too: each catches one with the fault it is to find."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from attnlab.attention import LatentAttention, Properties, UniformAttention
from attnlab.attention.conformance.checks import CHECKS
from attnlab.attention.conformance.shell import SIBLING_CHECKS
from attnlab.attention.conformance.sibling import Sibling


class MapsLie(LatentAttention):
    def attend(self, query, *source, **given):
        return super().attend(query, *source, **given)[0], super().attend(2 * query, *source, **given)[1]


class SeesPadding(LatentAttention):
    def forward(self, query, *source, kv=None, key_mask=None, bias=None):
        return super().forward(query, *source, kv=kv, bias=bias)


class SeesTheFuture(LatentAttention):
    """Its projection mixes places."""

    def project(self, key, value=None):
        return super().project(key + key.mean(1, keepdim=True), value)


class DoesNotSumToOne(LatentAttention):
    def attend(self, query, *source, **given):
        output, weights = super().attend(query, *source, **given)
        return output, 2 * weights


class GoesNegative(LatentAttention):
    def attend(self, query, *source, **given):
        output, weights = super().attend(query, *source, **given)
        return output, weights - 0.5


class AddsTheQuery(LatentAttention):
    """Which stays where there is nothing to attend."""

    def forward(self, query, *source, **given):
        return super().forward(query, *source, **given) + query


class FallsToNaN(LatentAttention):
    def forward(self, query, *source, key_mask=None, **given):
        share = 1 if key_mask is None else key_mask.sum(-1)[:, None, None] / key_mask.sum(-1)[:, None, None]
        return super().forward(query, *source, key_mask=key_mask, **given) * share


class MindsThePaddedLength(LatentAttention):
    def forward(self, query, key=None, *source, **given):
        return super().forward(query * query.size(1), key, *source, **given)


class MixesTheBatch(LatentAttention):
    def project(self, key, value=None):
        return super().project(key - key.mean(0, keepdim=True), value)


class MindsTheOrder(LatentAttention):
    """Positions counted from the first key at hand."""

    def project(self, key, value=None):
        return super().project(key + torch.arange(key.size(1), dtype=key.dtype)[:, None], value)


class IgnoresBias(LatentAttention):
    def attend(self, query, *source, bias=None, **given):
        return super().attend(query, *source, **given)


class CutsTheGraph(LatentAttention):
    def project(self, key, value=None):
        return super().project(key.detach() * 0.5 + key * 0.5, value)


class LosesPrecision(LatentAttention):
    def forward(self, query, *source, **given):
        coarse = query.dtype == torch.bfloat16 or torch.is_autocast_enabled("cpu")
        return super().forward(query * 1.5 if coarse else query, *source, **given)


class AttendsOtherwise(LatentAttention):
    def attend(self, query, *source, **given):
        output, weights = super().attend(query, *source, **given)
        return output + 1, weights


class CutsTheWeightsGraph(LatentAttention):
    def attend(self, query, *source, **given):
        output, weights = super().attend(query, *source, **given)
        return output, weights.detach()


class HasAnIdleParameter(LatentAttention):
    def __init__(self, dim, **arguments):
        super().__init__(dim, **arguments)
        self.idle = nn.Parameter(torch.zeros(3))


class KeepsAPlainTensor(LatentAttention):
    def __init__(self, dim, **arguments):
        super().__init__(dim, **arguments)
        self.gain = torch.ones(3)


class ReadsWhatItsCoreDoesNot(LatentAttention):
    def __init__(self, dim, *, num_heads, role, max_length, dropout, **widths):
        super().__init__(dim, num_heads=num_heads, role=role, max_length=max_length, dropout=dropout, **widths)
        self.heads.core = UniformAttention(
            num_heads=num_heads, head_dim=dim // num_heads, role=role, max_length=max_length, dropout=dropout
        )

    def forward(self, query, *source, **given):
        return super().forward(query, *source, **given) + query


class DropsInEvaluation(LatentAttention):
    def forward(self, query, *source, **given):
        return F.dropout(super().forward(query, *source, **given), self.heads.dropout)


class NeverDrops(LatentAttention):
    def __init__(self, dim, *, dropout, **arguments):
        super().__init__(dim, **arguments)


class AttendsWithDropout(LatentAttention):
    def attend(self, query, *source, **given):
        output, weights = super().attend(query, *source, **given)
        return output, F.dropout(weights, self.heads.dropout, self.training)


class ForgetsItsState(LatentAttention):
    def __init__(self, dim, **arguments):
        super().__init__(dim, **arguments)
        self.register_buffer("noise", torch.randn(()), persistent=False)

    def forward(self, query, *source, **given):
        return super().forward(query * self.noise, *source, **given)


class NamesItsArgumentsOtherwise(LatentAttention):
    def attend(self, query, keys=None, values=None, *, kv=None, key_mask=None, bias=None):
        return super().attend(query, keys, values, kv=kv, key_mask=key_mask, bias=bias)


class ProjectsTwice(LatentAttention):
    """A source that was projected before counts twice."""

    def forward(self, query, key=None, value=None, *, kv=None, **given):
        if kv is not None:
            kv = kv._replace(v=2 * kv.v)
        return super().forward(query, key, value, kv=kv, **given)


class KeepsAPlainPair(LatentAttention):
    def project(self, key, value=None):
        return tuple(super().project(key, value))


class TakesOneWidth(LatentAttention):
    def __init__(self, dim, *, key_dim=None, value_dim=None, **arguments):
        super().__init__(dim, **arguments)


class HidesItsCore(LatentAttention):
    """From the walk over its modules."""

    def __init__(self, dim, **arguments):
        super().__init__(dim, **arguments)
        vars(self.heads)["core"] = self.heads._modules.pop("core")


class DeniesABias(LatentAttention):
    def __init__(self, dim, **arguments):
        super().__init__(dim, **arguments)
        self.heads.core.properties = Properties(takes_bias=False)


class MixesUpAPrefix(LatentAttention):
    """Several queries at once that are answered from a cache."""

    def forward(self, query, key=None, value=None, *, kv=None, **given):
        output = super().forward(query, key, value, kv=kv, **given)
        return output if kv is None else output.flip(1)


class TakesInfinityFromInfinity(LatentAttention):
    def attend(self, query, key=None, value=None, *, bias=None, **given):
        bias = None if bias is None else bias - bias.amin(-1, keepdim=True)
        return super().attend(query, key, value, bias=bias, **given)


class DividesByTheNorm(LatentAttention):
    def forward(self, query, *source, **given):
        return super().forward(query / query.norm(dim=-1, keepdim=True), *source, **given)


class NormsOverTheBatch(LatentAttention):
    def __init__(self, dim, **arguments):
        super().__init__(dim, **arguments)
        self.norm = nn.BatchNorm1d(dim)

    def forward(self, query, *source, **given):
        return super().forward(self.norm(query.mT).mT, *source, **given)


FAULTS = [
    (NormsOverTheBatch, "training_mixes_no_rows_padding_or_future"),
    (MapsLie, "forward_is_weights_combined"),
    (MapsLie, "a_long_sequence_is_weights_combined"),
    (SeesPadding, "masked_keys_do_not_leak"),
    (SeesTheFuture, "the_future_does_not_leak"),
    (DoesNotSumToOne, "rows_sum_to_one"),
    (GoesNegative, "weights_are_not_negative"),
    (AddsTheQuery, "nothing_to_attend_gives_zeros"),
    (FallsToNaN, "nothing_to_attend_gives_zeros"),
    (MindsThePaddedLength, "padding_changes_nothing"),
    (MixesTheBatch, "rows_of_the_batch_do_not_see_each_other"),
    (MindsTheOrder, "key_order_does_not_matter"),
    (IgnoresBias, "a_bias_raises_what_it_favours"),
    (DeniesABias, "a_bias_raises_what_it_favours"),
    (TakesInfinityFromInfinity, "a_bias_of_minus_infinity_hides"),
    (DividesByTheNorm, "a_vector_of_zeros_is_attended"),
    (CutsTheGraph, "gradients_agree_with_differences"),
    (LosesPrecision, "bfloat16_stays_close"),
    (LosesPrecision, "autocast_stays_close"),
    (MindsTheOrder, "steps_through_a_cache_give_the_full_result"),
    (MixesUpAPrefix, "steps_through_a_cache_give_the_full_result"),
    (MixesUpAPrefix, "advancing_gives_the_full_result"),
    (MindsThePaddedLength, "texts_are_told_apart"),
    (AttendsOtherwise, "attend_is_forward_with_weights"),
    (CutsTheWeightsGraph, "attend_is_forward_with_weights"),
    (HasAnIdleParameter, "every_parameter_is_trained"),
    (KeepsAPlainTensor, "every_tensor_is_registered"),
    (ReadsWhatItsCoreDoesNot, "what_is_not_used_does_not_matter"),
    (DropsInEvaluation, "dropout_acts_in_training_only"),
    (NeverDrops, "dropout_acts_in_training_only"),
    (AttendsWithDropout, "weights_are_before_dropout"),
    (ForgetsItsState, "a_saved_state_restores_everything"),
    (NamesItsArgumentsOtherwise, "methods_are_called_as_the_shells"),
    (ProjectsTwice, "a_source_projected_before_gives_the_same"),
    (KeepsAPlainPair, "a_source_projected_before_gives_the_same"),
    (TakesOneWidth, "a_source_of_another_width_is_taken"),
    (MapsLie, "a_capture_sees_the_weights"),
    (HidesItsCore, "a_capture_sees_the_weights"),
]


@pytest.mark.parametrize("fault, name", FAULTS, ids=lambda value: getattr(value, "__name__", value))
def test_check_catches_a_faulty_sibling(fault, name):
    role = "cross" if name == "a_source_of_another_width_is_taken" else "causal"
    check = next(check for check in (*CHECKS, *SIBLING_CHECKS) if check.__name__ == name)
    check(Sibling(LatentAttention), role)
    with pytest.raises((AssertionError, RuntimeError, ValueError)):
        check(Sibling(fault), role)


def test_every_check_catches_some_sibling():
    assert {name for _, name in FAULTS} == {check.__name__ for check in (*CHECKS, *SIBLING_CHECKS)}
