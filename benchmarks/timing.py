"""How long a call takes."""

import statistics
import time
from collections.abc import Callable

from benchmarks.runner import Measures

SECONDS = 0.1
MIN_CALLS = 2


def time_calls(call: Callable[[], object]) -> Measures:
    """Seconds of one call, after one to warm up: least and median, of this process's CPUs and on the wall.

    Calls go on for `SECONDS` in all, and at least twice. With one thread the least CPU time is what a busy
    machine disturbs least.
    """
    call()
    cpu: list[float] = []
    wall: list[float] = []
    end = time.perf_counter() + SECONDS
    while len(wall) < MIN_CALLS or time.perf_counter() < end:
        wall_start, cpu_start = time.perf_counter(), time.process_time()
        call()
        cpu.append(time.process_time() - cpu_start)
        wall.append(time.perf_counter() - wall_start)
    return {
        "cpu": min(cpu),
        "cpu_median": statistics.median(cpu),
        "wall": min(wall),
        "wall_median": statistics.median(wall),
    }
