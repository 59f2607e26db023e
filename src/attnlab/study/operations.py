"""What a forward pass computes: the FLOPs of its products, and the elements of everything else."""

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

Formula = Callable[..., int]


@dataclass(frozen=True)
class Operations:
    """Of one forward pass.

    Attributes:
        flops: of matrix products and convolutions, a multiplication and an addition each.
        elements: what all elementwise operations give (tanh, products, sums), one each. A score made of them, such as
            u · tanh(q + k), has its cost here: FLOPs alone take it for a dot product's.
    """

    flops: int
    elements: int

    def __add__(self, other: "Operations") -> "Operations":
        return Operations(self.flops + other.flops, self.elements + other.elements)


def count_operations(network: nn.Module, inputs: Sequence[Tensor | None]) -> Operations:
    """Those of `network(*inputs)` in evaluation, on the device that both are on; on meta nothing is computed.

    Kernels that do several things at once are taken apart, so that the CPU's are counted as meta's.
    """
    network.eval()
    devices = {each.device.type for each in (*network.parameters(), *network.buffers())}
    with torch.no_grad(), _taken_apart() if "cpu" in devices else nullcontext(), _Counter() as counter:
        network(*inputs)
    return Operations(counter.flops, counter.elements)


@contextmanager
def _taken_apart() -> Iterator[None]:
    """On the CPU scaled dot-product attention and an LSTM are one kernel each, in which no product can be seen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, of a flag for GPUs that it sets besides
        with sdpa_kernel(SDPBackend.MATH), torch.backends.mkldnn.flags(enabled=False):
            yield


class _Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's
    """Sums up what is called while it is entered."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.flops, self.elements = 0, 0

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        given = dict(kwargs or {})
        formula = MISSED.get(func._overloadpacket) or flop_registry.get(func._overloadpacket)
        if formula is None and func is not torch.ops.prim.device.default:
            with self:
                parts = func.decompose(*args, **given)
            if parts is not NotImplemented:
                return parts
        result = func(*args, **given)
        if formula is not None:
            self.flops += int(formula(*args, **given, out_val=result))
        elif torch.Tag.pointwise in func.tags and isinstance(result, Tensor) and result.is_floating_point():
            self.elements += result.numel()
        return result


def matrix_vector(matrix: Tensor, vector: Tensor, **_: Any) -> int:
    """2 m n of a matrix (m, n)."""
    return 2 * matrix.numel()


def added_matrix_vector(added: Tensor, matrix: Tensor, vector: Tensor, **_: Any) -> int:
    """Likewise; what is added comes free, as in torch's own formula of addmm."""
    return 2 * matrix.numel()


def inner(first: Tensor, second: Tensor, **_: Any) -> int:
    """2 n of vectors (n,)."""
    return 2 * first.numel()


def outer(added: Tensor, first: Tensor, second: Tensor, **_: Any) -> int:
    """2 m n of vectors (m,) and (n,)."""
    return 2 * first.numel() * second.numel()


def distances(first: Tensor, second: Tensor, *_: Any, **__: Any) -> int:
    """2 ... m n d of points (..., m, d) and (..., n, d): as products of them, with which they are made."""
    return 2 * first.numel() * second.shape[-2]


def cpu_attention(query: Tensor, key: Tensor, value: Tensor, *_: Any, **__: Any) -> int:
    """2 B H Tq Tk (Dh + Dv), whatever is masked."""
    pairs = math.prod(query.shape[:-1]) * key.shape[-2]
    return 2 * pairs * (query.shape[-1] + value.shape[-1])


# What torch's registry hasn't.
MISSED: Mapping[Any, Formula] = {
    torch.ops.aten.mv: matrix_vector,
    torch.ops.aten.addmv: added_matrix_vector,
    torch.ops.aten.dot: inner,
    torch.ops.aten.addr: outer,
    torch.ops.aten._cdist_forward: distances,
    torch.ops.aten._euclidean_dist: distances,
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: cpu_attention,
}
