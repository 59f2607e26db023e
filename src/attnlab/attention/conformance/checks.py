"""What any mechanism must do before it may stand in the shell, as checks that run on ours and on yours.

Each of CHECKS takes a factory of the mechanism, as `MultiHeadAttention` does, and a role that it serves. It returns if
all is well or if it doesn't apply, and else raises AssertionError saying what is wrong and why that matters. A sibling
of the shell goes through the same, as `Sibling(factory)`, and through `conformance_shell.SIBLING_CHECKS`.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from attnlab.attention.conformance.differences import require_true_gradients
from attnlab.attention.conformance.extremes import a_bias_of_minus_infinity_hides, a_vector_of_zeros_is_attended
from attnlab.attention.conformance.inputs import (
    BATCH,
    LENGTHS,
    LONG,
    LONGER,
    ROUNDING,
    SHORT,
    CoreFactory,
    as_module,
    build_core,
    gradients,
    nothing_attended,
    qkv,
    ragged_mask,
    random_bias,
    require,
    require_close,
    require_near,
    require_value_error,
)
from attnlab.attention.conformance.shell import (
    advancing_gives_the_full_result,
    attend_is_forward_with_weights,
    autocast_stays_close,
    every_parameter_is_trained,
    every_tensor_is_registered,
    steps_through_a_cache_give_the_full_result,
    texts_are_told_apart,
)
from attnlab.attention.conformance.training import (
    dropout_acts_in_training_only,
    training_mixes_no_rows_padding_or_future,
    weights_are_before_dropout,
)
from attnlab.attention.core import Role

Check = Callable[[CoreFactory, Role], None]


def forward_is_weights_combined(factory: CoreFactory, role: Role) -> None:
    core = build_core(factory, role)
    for num_queries, num_keys in LENGTHS[role]:
        for key_mask in (None, ragged_mask(num_keys)):
            for bias in (None, random_bias(num_queries, num_keys)) if core.properties.takes_bias else (None,):
                q, k, v = qkv(num_queries, num_keys)
                output = core(q, k, v, key_mask=key_mask, bias=bias)
                weights = core.weights(q, k, key_mask=key_mask, bias=bias)
                require(weights.shape == (*q.shape[:-1], num_keys), f"weights must be {(*q.shape[:-1], num_keys)}")
                require(output.dtype == v.dtype, f"the output must be {v.dtype} as the values are, got {output.dtype}")
                require_close(
                    output,
                    core.combine(weights, v),
                    "forward must equal combine(weights, v) in evaluation, else maps show what the model doesn't do",
                    ROUNDING + core.properties.tolerance,
                )


def a_long_sequence_is_weights_combined(factory: CoreFactory, role: Role) -> None:
    core = build_core(factory, role, max_length=LONGER)
    q, k, v = (tensor.detach() for tensor in qkv(LONGER, LONGER))
    key_mask = ragged_mask(LONGER)
    weights = core.weights(q, k, key_mask=key_mask)
    message = "forward must equal combine(weights, v) beyond a chunk of the sequence, too"
    output = core(q, k, v, key_mask=key_mask)
    require_close(output, core.combine(weights, v), message, ROUNDING + core.properties.tolerance)
    ahead = weights.triu(1) if role == "causal" else torch.zeros(())
    require(not bool(ahead.any()), "a query has weights ahead of it in a long sequence: the future leaks")


def masked_keys_do_not_leak(factory: CoreFactory, role: Role) -> None:
    core = build_core(factory, role)
    for num_queries, num_keys in LENGTHS[role]:
        q, k, v = qkv(num_queries, num_keys)
        key_mask = ragged_mask(num_keys)
        hidden = ~key_mask[:, None, :, None]
        output = core(q, k, v, key_mask=key_mask)
        changed = core(q, torch.where(hidden, k + 100, k), torch.where(hidden, v - 100, v), key_mask=key_mask)
        require_close(output, changed, "a masked key changes the output: padding leaks into results")
        for name, gradient in zip("kv", gradients(output, k, v), strict=True):
            leak = gradient.masked_select(hidden.expand_as(gradient))
            require(bool((leak == 0).all()), f"the gradient of a masked key's {name} isn't zero: padding is trained on")


def the_future_does_not_leak(factory: CoreFactory, role: Role) -> None:
    if role != "causal":
        return
    core = build_core(factory, role)
    for num_queries, num_keys in LENGTHS[role]:
        q, k, v = qkv(num_queries, num_keys)
        output = core(q, k, v)
        for i in range(num_queries):
            position = num_keys - num_queries + i
            later = [tensor.detach().clone() for tensor in (q, k, v)]
            later[0][:, :, i + 1 :] += 100
            later[1][:, :, position + 1 :] -= 100
            later[2][:, :, position + 1 :] += 100
            require_close(
                output[:, :, i],
                core(*later)[:, :, i],
                f"query {i} of {num_queries} over {num_keys} keys sits at {position} but what comes later changes it",
            )
            for name, gradient in zip("kv", gradients(output[:, :, i], k, v), strict=True):
                leak = gradient[:, :, position + 1 :]
                require(bool((leak == 0).all()), f"query {i} has a gradient to {name} of later keys: the future leaks")


def rows_sum_to_one(factory: CoreFactory, role: Role) -> None:
    core = build_core(factory, role)
    if not core.properties.rows_sum_to_one:
        return
    for num_queries, num_keys in LENGTHS[role]:
        q, k, _ = qkv(num_queries, num_keys)
        key_mask = ragged_mask(num_keys)
        total = core.weights(q, k, key_mask=key_mask).sum(-1)
        # A query whose pattern or support holds masked keys alone may have nothing to attend.
        empty = (total == 0) & ((core.weights(q, k) * key_mask[:, None, None, :]).sum(-1) == 0)
        expected = torch.where(empty, 0.0, torch.ones_like(total))
        require_close(total, expected, "weights must sum to one, or properties say rows_sum_to_one=False")


def weights_are_not_negative(factory: CoreFactory, role: Role) -> None:
    core = build_core(factory, role)
    for num_queries, num_keys in LENGTHS[role] if core.properties.non_negative else []:
        q, k, _ = qkv(num_queries, num_keys)
        require(bool((core.weights(q, k) >= 0).all()), "a weight is negative: or say non_negative=False")


def nothing_to_attend_gives_zeros(factory: CoreFactory, role: Role) -> None:
    core = build_core(factory, role)
    for num_queries, num_keys in LENGTHS[role]:
        q, k, v = qkv(num_queries, num_keys)
        key_mask = ragged_mask(num_keys)
        key_mask[1] = False
        output = core(q, k, v, key_mask=key_mask)
        weights = core.weights(q, k, key_mask=key_mask)
        nothing = nothing_attended(core, weights, v)
        message = "a query with every key masked must give exact zeros, a sibling's what its projections make of zeros"
        require(torch.equal(output[1], nothing[1]), message)
        require(bool((weights[1] == 0).all()), "a query with every key masked must have exactly zero weights")
        for result in (output, weights):
            for name, gradient in zip("qkv", gradients(result, q, k, v), strict=True):
                require(bool(gradient.isfinite().all()), f"a query with every key masked makes {name}'s gradient NaN")


def padding_changes_nothing(factory: CoreFactory, role: Role) -> None:
    core = build_core(factory, role)
    num_queries = SHORT
    q, k, v = qkv(num_queries if role == "cross" else LONG, LONG)
    key_mask = torch.arange(LONG).expand(BATCH, LONG) < SHORT
    padded = core(q, k, v, key_mask=key_mask)[:, :, :num_queries]
    alone = core(q[:, :, :num_queries], k[:, :, :SHORT], v[:, :, :SHORT])
    require_close(padded, alone, "a sequence gives another result when padded: it depends on its neighbours' lengths")


def rows_of_the_batch_do_not_see_each_other(factory: CoreFactory, role: Role) -> None:
    core = build_core(factory, role)
    for num_queries, num_keys in LENGTHS[role]:
        q, k, v = qkv(num_queries, num_keys)
        output = core(q, k, v)
        message = "another row of the batch changes the result: something runs over the batch axis"
        require_close(output[:1], core(q[:1], k[:1], v[:1]), message)
        for name, gradient in zip("qkv", gradients(output[:1], q, k, v), strict=True):
            require(bool((gradient[1:] == 0).all()), f"a row's result has a gradient to another row's {name}")


def key_order_does_not_matter(factory: CoreFactory, role: Role) -> None:
    core = build_core(factory, role)
    if not core.properties.permutation_equivariant:
        return
    num_queries = 1 if role == "causal" else LENGTHS[role][0][0]  # the newest query alone sees every key
    q, k, v = qkv(num_queries, LONG)
    key_mask = ragged_mask(LONG)
    order = torch.randperm(LONG, generator=torch.Generator().manual_seed(3))
    permuted = {"key_mask": key_mask[:, order]}
    message = "the order of keys matters, which properties deny: say permutation_equivariant=False"
    require_close(core(q, k, v, key_mask=key_mask), core(q, k[:, :, order], v[:, :, order], **permuted), message)
    weights = core.weights(q, k, key_mask=key_mask)
    require_close(weights[..., order], core.weights(q, k[:, :, order], **permuted), message)


def a_bias_raises_what_it_favours(factory: CoreFactory, role: Role) -> None:
    core = build_core(factory, role)
    q, k, v = qkv(LONG, LONG)
    bias = torch.zeros(1, 1, LONG, LONG, dtype=torch.float64)
    bias[..., 0] = 3.0  # the first key is one that a causal query sees, too
    if not core.properties.takes_bias:
        message = "properties say takes_bias=False: then a bias must raise ValueError"
        require_value_error(lambda: core(q, k, v, bias=bias), message)
        require_value_error(lambda: core.weights(q, k, bias=bias), message)
        return
    gain = core.weights(q, k, bias=bias)[..., 0] - core.weights(q, k)[..., 0]
    require(bool((gain > ROUNDING).any()), "a bias on a key must raise its weight")
    lowered = core.properties.non_negative and bool((gain < -ROUNDING).any())
    require(not lowered, "a bias on a key lowers its weight, which non-negative weights don't")


def gradients_agree_with_differences(factory: CoreFactory, role: Role) -> None:
    core = build_core(factory, role, num_heads=2, head_dim=4)
    if not core.properties.smooth:
        return
    q, k, v = (tensor[:1, :2, :3, :4].detach().requires_grad_() for tensor in qkv(LONG, LONG))
    parameters = list(as_module(core).parameters())

    # gradcheck nudges the parameters in place, so the core sees them without taking them.
    def forward(q: Tensor, k: Tensor, v: Tensor, *_: Tensor) -> Tensor:
        return core(q, k, v)

    def weights(q: Tensor, k: Tensor, *_: Tensor) -> Tensor:
        return core.weights(q, k)

    require_true_gradients(forward, (q, k, v, *parameters))
    if core.uses:
        require_true_gradients(weights, (q, k, *parameters))


def bfloat16_stays_close(factory: CoreFactory, role: Role) -> None:
    core = build_core(factory, role, dtype=torch.bfloat16)
    exact = build_core(factory, role, dtype=torch.float32)
    as_module(exact).load_state_dict(as_module(core).state_dict())
    for num_queries, num_keys in LENGTHS[role]:
        q, k, v = (tensor.detach().bfloat16() for tensor in qkv(num_queries, num_keys))
        key_mask = ragged_mask(num_keys)
        output = core(q, k, v, key_mask=key_mask)
        require(output.dtype == torch.bfloat16, f"the output must be bfloat16 as the values are, got {output.dtype}")
        expected = exact(q.float(), k.float(), v.float(), key_mask=key_mask)
        require_near(output, expected, "in bfloat16 the result strays from float32's")


def what_is_not_used_does_not_matter(factory: CoreFactory, role: Role) -> None:
    core = build_core(factory, role)
    require(core.uses <= {"query", "key"}, f"uses may name query and key only, got {sorted(core.uses)}")
    q, k, v = qkv(LONG, LONG)
    output = core(q, k, v)
    if "query" not in core.uses:
        require_close(core(q.flip(-1), k, v), output, "the query changes the output but isn't in uses")
    if "key" not in core.uses:
        require_close(core(q, k.flip(-1), v), output, "the key changes the output but isn't in uses")


def a_saved_state_restores_everything(factory: CoreFactory, role: Role) -> None:
    saved, restored = build_core(factory, role), build_core(factory, role, seed=1)
    as_module(restored).load_state_dict(as_module(saved).state_dict())
    q, k, v = qkv(LONG, LONG)
    require_close(restored(q, k, v), saved(q, k, v), "a core with a loaded state differs: something isn't saved")


CHECKS: tuple[Check, ...] = (
    forward_is_weights_combined,
    a_long_sequence_is_weights_combined,
    masked_keys_do_not_leak,
    the_future_does_not_leak,
    rows_sum_to_one,
    weights_are_not_negative,
    nothing_to_attend_gives_zeros,
    padding_changes_nothing,
    rows_of_the_batch_do_not_see_each_other,
    training_mixes_no_rows_padding_or_future,
    key_order_does_not_matter,
    a_bias_raises_what_it_favours,
    a_bias_of_minus_infinity_hides,
    a_vector_of_zeros_is_attended,
    gradients_agree_with_differences,
    bfloat16_stays_close,
    autocast_stays_close,
    steps_through_a_cache_give_the_full_result,
    advancing_gives_the_full_result,
    texts_are_told_apart,
    attend_is_forward_with_weights,
    every_parameter_is_trained,
    every_tensor_is_registered,
    what_is_not_used_does_not_matter,
    dropout_acts_in_training_only,
    weights_are_before_dropout,
    a_saved_state_restores_everything,
)
