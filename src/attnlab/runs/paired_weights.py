"""Initial weights that arms share: each parameter's are drawn by the run's seed and the parameter's path alone."""

import hashlib
import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from types import FrameType
from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor, nn
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from attnlab.launch import place

log = logging.getLogger(__name__)

Model = TypeVar("Model")

# In place, without regard to what was there.
OVERWRITING = frozenset(
    f"aten::{name}_"
    for name in (
        *("bernoulli", "cauchy", "exponential", "geometric", "log_normal", "normal", "random", "uniform"),
        *("copy", "fill", "zero"),
    )
)


class Draw(NamedTuple):
    """What took random numbers while a model was made: an operation, or all those of one call of `torch.nn.init`."""

    operation: str  # the first
    shape: tuple[int, ...]


class Owned(NamedTuple):
    """Whose a draw is: the parameter or buffer that it ended in, "" for none, and which of that one's draws it is."""

    path: str
    number: int


def build(make: Callable[[], Model], *, seed: int) -> Model:
    """What `make` makes, its random draws seeded by `seed` and the path of what each of them ends in.

    So models of one seed have the same values in every parameter (or buffer) of the same path and shape that is drawn
    by the same operations, whatever else is in them; constants stay, and so do distributions, because only the state of
    torch's generator on the CPU changes before each draw. What draws from a generator of its own is left alone.

    `make` is called twice: first it is seen which draws end in which parameter; a draw that ends in several is the
    first one's. (Not on the meta device, where some of torch's initialisers draw nothing.) It must draw alike both
    times: where it doesn't, a warning says that such a model isn't paired. The state of torch's generator afterwards is
    of no meaning: seed it anew.
    """
    followed = _Followed()
    with followed:
        first = make()
    if not isinstance(first, nn.Module):
        return first
    seeded = _Seeded(followed.draws, followed.owners(first), seed=seed)
    del first, followed  # a large model needn't be there twice
    with seeded:
        model = make()
    if not seeded.as_rehearsed() and place.rank() == 0:
        log.warning(
            "%s draws its initial weights in another order each time, so other mechanisms' runs of this seed don't "
            "share them",
            type(model).__name__,
        )
    return model


class _Followed(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's, as below
    """Notes every draw, and which of them each tensor's values come from."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch's
        self.draws: list[Draw] = []
        self._calls = _Calls()
        self._origins: dict[int, frozenset[int]] = {}  # by storage, whose views share them
        self._storages: list[StorageWeakRef] = []  # so that no other gets the place of one that is gone

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        given, made = _tensors((args, kwargs)), _tensors(result)
        changed = _changed(func, args, kwargs or {})
        overwrites = func._schema.name in OVERWRITING
        kept = {_place(tensor) for tensor in changed if not (overwrites and _is_whole(tensor))}
        origins = frozenset().union(
            *(
                self._of(tensor)
                for tensor in given
                if _place(tensor) in kept or not any(tensor is each for each in changed)
            )
        )
        if _draws(func, kwargs or {}):
            if self._calls.begins():
                self.draws.append(_draw(func, result))
            origins |= {len(self.draws) - 1}
        before = {_place(tensor) for tensor in given} - {_place(tensor) for tensor in changed}
        for tensor in (*changed, *made):
            if _place(tensor) not in before:  # a view has its base's
                self._note(tensor, origins)
        return result

    def owners(self, model: nn.Module) -> list[Owned]:
        """Of each draw, in order."""
        paths: dict[int, str] = {}
        for path, tensor in chain(model.named_parameters(), model.named_buffers()):
            for draw in self._of(tensor):
                paths.setdefault(draw, path)
        counts: Counter[str] = Counter()
        owners: list[Owned] = []
        for draw in range(len(self.draws)):
            path = paths.get(draw, "")
            owners.append(Owned(path, counts[path]))
            counts[path] += 1
        return owners

    def _of(self, tensor: Tensor) -> frozenset[int]:
        return self._origins.get(_place(tensor), frozenset())

    def _note(self, tensor: Tensor, origins: frozenset[int]) -> None:
        self._storages.append(StorageWeakRef(tensor.untyped_storage()))  # type: ignore[no-untyped-call]  # torch's
        self._origins[_place(tensor)] = origins


class _Seeded(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's
    """Seeds torch's generator before each draw by whose it is."""

    def __init__(self, draws: Sequence[Draw], owners: Sequence[Owned], *, seed: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.rehearsed = draws
        self.drawn: list[Draw] = []
        self._calls = _Calls()
        self.owners = owners
        self.seed = seed

    def as_rehearsed(self) -> bool:
        return self.drawn == list(self.rehearsed)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if not _draws(func, kwargs or {}) or not self._calls.begins():
            return func(*args, **(kwargs or {}))
        number = len(self.drawn)
        owned = self.owners[number] if number < len(self.owners) else Owned("", number)
        torch.default_generator.manual_seed(_seed(self.seed, owned))
        result = func(*args, **(kwargs or {}))
        self.drawn.append(_draw(func, result))
        return result


class _Calls:
    """Tells one draw from the next. A call of `torch.nn.init` may draw again and again until a value is within bounds,
    more often for one seed than for another, and fills a single tensor: it is one draw.
    """

    def __init__(self) -> None:
        self._initialiser: FrameType | None = None

    def begins(self) -> bool:
        """Whether a new draw begins with the operation that is running."""
        before, self._initialiser = self._initialiser, _initialiser()
        return self._initialiser is None or self._initialiser is not before


def _initialiser() -> FrameType | None:
    """The call of `torch.nn.init` that is running."""
    found, frame = None, sys._getframe()
    while (caller := frame.f_back) is not None:
        frame = caller
        if frame.f_globals.get("__name__") == nn.init.__name__:
            found = frame
    return found


def _draws(func: Any, kwargs: dict[str, Any]) -> bool:
    """Whether an operation takes numbers from torch's own generator."""
    return torch.Tag.nondeterministic_seeded in func.tags and kwargs.get("generator") is None


def _draw(func: Any, result: Any) -> Draw:
    return Draw(str(func), tuple(next(iter(_tensors(result))).shape))


def _seed(seed: int, owned: Owned) -> int:
    """Of which torch's generator on the CPU takes 32 bits."""
    text = f"{seed} {owned.number} {owned.path}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])


def _changed(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> list[Tensor]:
    """The tensors that an operation writes to."""
    arguments = func._schema.arguments
    given = [*zip(arguments, args, strict=False), *((each, kwargs.get(each.name)) for each in arguments[len(args) :])]
    written = [value for argument, value in given if argument.alias_info is not None and argument.alias_info.is_write]
    return _tensors(written)


def _tensors(tree: Any) -> list[Tensor]:
    leaves: Iterable[Any] = tree_leaves(tree)
    return [leaf for leaf in leaves if isinstance(leaf, Tensor) and leaf.layout == torch.strided]


def _place(tensor: Tensor) -> int:
    place: int = tensor.untyped_storage()._cdata
    return place


def _is_whole(tensor: Tensor) -> bool:
    """Whether a tensor is all that its storage holds."""
    return tensor.numel() * tensor.element_size() == tensor.untyped_storage().nbytes()
