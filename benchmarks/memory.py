"""How much memory a call takes at its peak."""

from collections.abc import Callable

from torch.profiler import ProfilerActivity, profile


def peak_bytes(call: Callable[[], object]) -> int:
    """The most bytes that tensors made during the call held at once, above what was there before.

    Counted from the record of torch's CPU allocator, hence exact and the same each time; scratch space inside MKL isn't
    in it. The process's high-water mark would be coarser than the smallest sizes measured here.
    """
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as record:
        call()
    kineto = record.profiler.kineto_results
    events = [(event.start_ns(), event.nbytes()) for event in kineto.events() if event.name() == "[memory]"]
    held = peak = 0
    for _, size in sorted(events, key=lambda event: event[0]):
        held += size
        peak = max(peak, held)
    return peak
