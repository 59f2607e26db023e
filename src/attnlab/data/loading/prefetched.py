"""Batches that other processes make ahead of their use."""

from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Any, cast

import torch
from torch.utils.data import DataLoader, Dataset

from attnlab.errors import UserError


class Prefetched:
    """What `make` gives for each item of `order`, in order, made by `num_workers` processes (0: by this one).

    An item says all that a batch depends on, so that the number of processes changes nothing. `make` is sent to them.

    Raises:
        UserError: as `make` did, in whichever process.
    """

    def __init__(self, order: Iterable[Any], make: Callable[[Any], Any], *, num_workers: int) -> None:
        self.order, self.make, self.num_workers = order, make, num_workers

    def __len__(self) -> int:
        """TypeError where the order has no end."""
        return len(cast(Sized, self.order))

    def __iter__(self) -> Iterator[Any]:
        if not self.num_workers:
            yield from map(self.make, self.order)
            return
        loader = DataLoader(
            _Made(self.make),
            sampler=self.order,
            batch_size=None,
            num_workers=self.num_workers,
            collate_fn=_as_it_is,
            generator=torch.Generator(),  # a loader draws a seed: not from the generator of the run
        )
        for batch in loader:
            if isinstance(batch, _Refusal):
                raise UserError(batch.message)
            yield batch


class _Refusal:
    """A user's mistake on its way here: raised over there, it would arrive with that process's traceback."""

    def __init__(self, message: str) -> None:
        self.message = message


class _Made(Dataset[Any]):
    def __init__(self, make: Callable[[Any], Any]) -> None:
        self.make = make

    def __getitem__(self, item: Any) -> Any:
        try:
            return self.make(item)
        except UserError as error:
            return _Refusal(str(error))


def _as_it_is(batch: Any) -> Any:
    return batch
