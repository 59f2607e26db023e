"""A weighted mean that stays on the device and survives a resume."""

from collections.abc import Callable

import torch
from torch import Tensor

from attnlab.processes import gathered, own


class RunningMean:
    """Sums since the last `take`; Lightning's own averages aren't in its checkpoints."""

    def __init__(self) -> None:
        self.total: Tensor | float = 0.0
        self.weight: Tensor | float = 0.0

    def add(self, total: Tensor, weight: Tensor) -> None:
        """Add a sum of values and the weight it stands for. No synchronisation with the device."""
        self.total, self.weight = self.total + total.float(), self.weight + weight.float()

    def take(self, reduce: Callable[..., Tensor] | None = None) -> Tensor:
        """The mean so far, over all processes if `reduce` sums over them; begins anew."""
        pair = torch.stack([torch.as_tensor(self.total), torch.as_tensor(self.weight)])
        if reduce is not None:
            pair = reduce(pair, reduce_op="sum")
        self.total = self.weight = 0.0
        return pair[0] / pair[1]

    def state(self) -> list[list[float]]:
        """Plain values for a checkpoint: the sums of each process, all of which must call this."""
        return gathered([float(self.total), float(self.weight)])

    def restore(self, state: list[list[float]]) -> None:
        """Go on from `state()`."""
        self.total, self.weight = own(state)


class RunningMeans:
    """Running means by name, which begin as they are added to."""

    def __init__(self) -> None:
        self._means: dict[str, RunningMean] = {}

    def add(self, name: str, total: Tensor, weight: Tensor) -> None:
        """As `RunningMean.add`."""
        self._means.setdefault(name, RunningMean()).add(total, weight)

    def take(self, reduce: Callable[..., Tensor]) -> dict[str, Tensor]:
        """The means so far, over all processes; they begin anew."""
        return {name: mean.take(reduce) for name, mean in self._means.items()}

    def state(self) -> dict[str, list[list[float]]]:
        """Plain values for a checkpoint: the sums of each process, all of which must call this."""
        return {name: mean.state() for name, mean in self._means.items()}

    def restore(self, state: dict[str, list[list[float]]]) -> None:
        """Go on from `state()`."""
        for name, sums in state.items():
            self._means.setdefault(name, RunningMean()).restore(sums)
