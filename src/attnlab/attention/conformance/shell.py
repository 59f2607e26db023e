"""What must hold of attention as a whole, with its projections and its cache.

The first checks are among `conformance.CHECKS`: they look at the shell around a core, or at a sibling of the shell,
which stands in its place. A sibling goes through all of CHECKS, and through SIBLING_CHECKS, which hold it to being
called as the shell is. Not asked of it: key-value heads shared among heads, an argument of the shell's own; and, as
projections have biases, zeros for a query that has nothing to attend: it gets what the projections make of zeros.
"""

import inspect
from functools import partial
from itertools import product

import torch
from torch import Tensor, nn

from attnlab.attention.capture import capture_attention
from attnlab.attention.conformance.inputs import (
    BATCH,
    HEAD_DIM,
    HEADS,
    LONG,
    LONGER,
    ROUNDING,
    SHORT,
    CoreFactory,
    build_shell,
    gradients,
    in_shell,
    ragged_mask,
    random_bias,
    require,
    require_close,
    require_near,
    require_value_error,
)
from attnlab.attention.conformance.sibling import Sibling
from attnlab.attention.core import Role, on_segments, reads
from attnlab.attention.multihead import MultiHeadAttention
from attnlab.attention.past import KeyValue, Past, State, advance
from attnlab.attention.segments import Segments, attend_apart
from attnlab.attention.unregistered import unregistered

WIDTH = HEADS * HEAD_DIM + 7  # of a source that isn't as wide as the queries


def autocast_stays_close(factory: CoreFactory, role: Role) -> None:
    attention, source = build_shell(in_shell(factory), role, dtype=torch.float32)
    bias = random_bias(SHORT, SHORT).float() if attention.core.properties.takes_bias else None
    query, key_mask = source[:, :SHORT], ragged_mask(SHORT)

    def run() -> tuple[Tensor, Tensor]:
        key = query if role == "cross" else None
        attended, _ = attention.attend(query, key, key_mask=key_mask, bias=bias)
        return attention(query, key, key_mask=key_mask, bias=bias), attended

    expected = run()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        outputs = run()
    for output, exact in zip(outputs, expected, strict=True):
        require_near(output, exact, "under autocast to bfloat16 the result strays from float32's")
    torch.cat(outputs).float().square().sum().backward()  # type: ignore[no-untyped-call]  # torch's
    for name, parameter in attention.named_parameters():
        finite = parameter.grad is not None and bool(parameter.grad.isfinite().all())
        require(finite, f"under autocast {name} gets no finite gradient")


def steps_through_a_cache_give_the_full_result(factory: CoreFactory, role: Role) -> None:
    if role != "causal":
        return
    own, shared = in_shell(factory), partial(in_shell(factory), num_kv_heads=1)
    for shell in (own,) if isinstance(factory, Sibling) else (own, shared):  # whether a sibling shares is its affair
        attention, source = build_shell(shell, role)
        key_mask = ragged_mask(LONG)
        full = attention(source, key_mask=key_mask)
        start = 2  # a prefix at once, then one by one
        cache = attention.project(source[:, :start])
        steps = [attention(source[:, :start], kv=cache, key_mask=key_mask[:, :start])]
        for i in range(start, LONG):
            newest = source[:, i : i + 1]
            cache = cache.append(attention.project(newest))
            steps.append(attention(newest, kv=cache, key_mask=key_mask[:, : i + 1]))
        require_close(torch.cat(steps, dim=1), full, "decoding with a cache must give what the full sequence gives")


def advancing_gives_the_full_result(factory: CoreFactory, role: Role) -> None:
    if role != "causal":
        return
    own, shared = in_shell(factory), partial(in_shell(factory), num_kv_heads=1)
    for shell in (own,) if isinstance(factory, Sibling) else (own, shared):
        attention, source = build_shell(shell, role)
        key_mask = ragged_mask(LONG)
        full = attention(source, key_mask=key_mask)
        reordered, rows = torch.tensor([1, 0, 1]), torch.arange(len(source))
        past: Past | None = None
        sizes, start = [], 0
        for length in (2, 1, 1, 3):
            place = slice(start, start + length)
            output, past = advance(attention, source[rows, place], past, key_mask=key_mask[rows, place])
            require_close(output, full[rows, place], "going on from a past must give what the full sequence gives")
            sizes.append(sum(tensor[0].numel() for tensor in past) if isinstance(past, State) else 0)
            if start == 0:  # as beam search does
                past, rows = past.select(reordered), rows[reordered]
            start += length
        require(len(set(sizes)) == 1, f"a state must not grow with the steps, got {sizes} numbers after each piece")


def texts_are_told_apart(factory: CoreFactory, role: Role) -> None:
    if role != "causal":
        return
    attention, source = build_shell(in_shell(factory), role)
    begins = ((3, 4), (2, 6))
    if told := isinstance(attention, MultiHeadAttention) and on_segments(attention.core):
        attention, source = build_shell(in_shell(factory), role, length=LONGER)
        begins = ((3, 40), (64, 130))
    numbers = torch.zeros(source.shape[:2], dtype=torch.long)
    for row, places in enumerate(begins):
        numbers[row, list(places)] = 1
    numbers = numbers.cumsum(1)
    output = attend_apart(attention, source, Segments(numbers))
    for row, number in product(range(BATCH), range(3)):
        own = numbers[row] == number
        alone, _ = advance(attention, source[row, own][None], None)
        message = "a text gives another result than alone where others stand beside it in a sequence"
        require_close(output[row, own][None], alone, message)
        (gradient,) = gradients(output[row, own], source)
        message = "a text has a gradient to another before or after it in a sequence: it is trained on both"
        require(bool((gradient[row][~own] == 0).all()), message)
    if told:
        _goes_on_among_texts(attention, source, numbers, output)


def _goes_on_among_texts(attention: MultiHeadAttention, source: Tensor, numbers: Tensor, output: Tensor) -> None:
    """From states within a text, at the end of one, and with several to come."""
    start, pieces, past = 0, list[Tensor](), None
    for length in (2, 1, 61, 37, LONGER - 101):
        place = slice(start, start + length)
        before = numbers[:, start - 1 : start] if start else 0
        piece, past = attention.advance(source[:, place], past, segments=numbers[:, place] - before)
        pieces.append(piece)
        start += length
    message = "going on from a state must give, of texts that follow one another, what all at once give"
    require_close(torch.cat(pieces, dim=1), output, message)


def attend_is_forward_with_weights(factory: CoreFactory, role: Role) -> None:
    attention, source = build_shell(in_shell(factory), role)
    key = source if role == "cross" else None
    output, weights = attention.attend(source, key)
    expected = attention(source, key)
    require_close(output, expected, "attend must give forward's output", ROUNDING + attention.core.properties.tolerance)
    if reads(attention.core):
        (gradient,) = gradients(weights.square(), source)
        require(bool(gradient.isfinite().all()), "the weights of attend have a gradient that isn't finite")
        require(bool(gradient.any()), "the weights of attend carry no gradient: coverage losses couldn't train them")


def every_parameter_is_trained(factory: CoreFactory, role: Role) -> None:
    attention, source = build_shell(in_shell(factory), role)
    attention.train()
    output: Tensor = attention(source, source if role == "cross" else None)
    output.square().sum().backward()  # type: ignore[no-untyped-call]  # torch's
    for name, parameter in attention.named_parameters():
        require(parameter.grad is not None, f"{name} gets no gradient: distributed training would stop at it")


def every_tensor_is_registered(factory: CoreFactory, role: Role) -> None:
    attention, _ = build_shell(in_shell(factory), role)
    for each in unregistered(attention):
        raise AssertionError(each.said)


def methods_are_called_as_the_shells(sibling: Sibling, role: Role) -> None:
    attention, _ = build_shell(sibling.factory, role)
    for method in ("project", "forward", "attend"):
        # By name: a sibling need not be of the shell's class.
        ours, shells = (_call(getattr(kind, method)) for kind in (type(attention), MultiHeadAttention))
        require(ours == shells, f"{method} must take {shells} as the shell's does, got {ours}")


def _call(method: object) -> str:
    """How a method is called: its signature without types, and without what only a core that minds places needs."""
    assert callable(method)
    signature = inspect.signature(method)
    known = [each for each in signature.parameters.values() if each.name != "places"]
    bare = [each.replace(annotation=inspect.Parameter.empty) for each in known]
    return str(signature.replace(parameters=bare[1:], return_annotation=inspect.Signature.empty))


def a_source_projected_before_gives_the_same(sibling: Sibling, role: Role) -> None:
    attention, source = build_shell(sibling.factory, role)
    query = source[:, :SHORT] if role != "self" else source
    keys, values = source.detach(), source.detach().flip(-1)
    key_mask = ragged_mask(keys.size(1))
    for value in (None, values):
        kv = attention.project(keys, value)
        require(isinstance(kv, KeyValue), f"project must give a KeyValue, as caches are, got {type(kv).__name__}")
        expected = attention(query, keys, value, key_mask=key_mask)
        message = "a source that was projected before gives another result than the source itself"
        require_close(attention(query, kv=kv, key_mask=key_mask), expected, message)
    require_value_error(lambda: attention(query, keys, kv=kv), "a source given twice must raise ValueError")
    if role == "cross":
        require_value_error(lambda: attention(query), "cross-attention without a source must raise ValueError")
    elif role == "self":
        require_close(attention(source), attention(source, source), "without a source the query is the source")


def a_source_of_another_width_is_taken(sibling: Sibling, role: Role) -> None:
    if role != "cross":
        return
    attention, source = build_shell(sibling.factory, role, width=WIDTH)
    query = torch.ones(source.size(0), SHORT, HEADS * HEAD_DIM, dtype=source.dtype)
    output = attention(query, source)
    require(output.shape == query.shape, f"the output must be {tuple(query.shape)}, got {tuple(output.shape)}")


def a_capture_sees_the_weights(sibling: Sibling, role: Role) -> None:
    attention, source = build_shell(sibling.factory, role)
    key = source if role == "cross" else None
    with capture_attention(nn.ModuleDict({"here": attention})) as maps:
        attention(source, key)
    require(len(maps) == 1, f"a capture must find one mechanism in it, its core, got {len(maps)}")
    _, weights = attention.attend(source, key)
    message = "a capture shows other weights than those of attend"
    require_close(next(iter(maps.values())), weights.float(), message, tolerance=1e-6)


SIBLING_CHECKS = (
    methods_are_called_as_the_shells,
    a_source_projected_before_gives_the_same,
    a_source_of_another_width_is_taken,
    a_capture_sees_the_weights,
)
