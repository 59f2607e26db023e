"""What must work before a check can say anything: a mechanism's methods, called once with nothing special."""

from attnlab.attention.conformance.inputs import LENGTHS, CoreFactory, build_core, qkv, require_numbers, require_shape
from attnlab.attention.core import Role


def use(factory: CoreFactory, role: Role) -> None:
    """Call each method of a mechanism once.

    Raises:
        AssertionError: one gives something of another shape, or no numbers.
        Exception: whatever it raises.
    """
    core = build_core(factory, role)
    num_queries, num_keys = LENGTHS[role][0]
    q, k, v = qkv(num_queries, num_keys)
    weights = core.weights(q, k)
    require_shape(weights, (*q.shape[:-1], num_keys), "`weights` must give (B, H, Tq, Tk)")
    combined, output = core.combine(weights, v), core(q, k, v)
    require_shape(combined, (*q.shape[:-1], v.size(-1)), "`combine` must give (B, H, Tq, Dh)")
    require_shape(output, (*q.shape[:-1], v.size(-1)), "`forward` must give (B, H, Tq, Dh)")
    require_numbers(weights=weights, combine=combined, forward=output)
