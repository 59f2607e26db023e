"""Statistics as the batches of a test give them."""

import math

from torch import Tensor

from attnlab.metrics.records.contract import Statistics
from attnlab.processes import gathered


class KeptStatistics(dict[int, Statistics]):
    """Of the test's examples, by their ids."""

    def add(self, name: str, ids: Tensor, rows: Tensor) -> None:
        """Numbers (B, K) of examples (B,), which are called so; those of rows with one id add up."""
        for number, row in zip(ids.tolist(), rows.tolist(), strict=True):
            kept = self.setdefault(number, {})
            kept[name] = [one + other for one, other in zip(kept.get(name, [0] * len(row)), row, strict=True)]

    def mean(self, name: str, *, otherwise: float | Tensor) -> float | Tensor:
        """total / weight over the examples, of numbers (total, weight); `otherwise` where there is no weight."""
        rows = [kept[name][:2] for kept in self.values() if name in kept]
        total, weight = (math.fsum(column) for column in (zip(*rows, strict=True) if rows else ((), ())))
        return total / weight if weight else otherwise

    def gathered(self) -> "KeptStatistics":
        """Those of all processes, each once and in the order of ids; all of them must call this."""
        found = {number: row for part in gathered(dict(self)) for number, row in part.items()}
        return KeptStatistics((number, found[number]) for number in sorted(found))
