import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.models import AttentionSeq2Seq
from attnlab.models.layers.slots import SCALED_DOT
from attnlab.study.operations import Operations, count_operations

B, T, D, E, H = 2, 7, 12, 5, 3


class Calls(nn.Module):
    """A function with a weight on a device."""

    def __init__(self, function: object, *shape: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(shape))
        self.function = function

    def forward(self, *inputs: Tensor) -> object:
        return self.function(*inputs, self.weight)  # type: ignore[operator]


def attention(q: Tensor, weight: Tensor) -> Tensor:
    return F.scaled_dot_product_attention(q, q, weight.expand_as(q))


@pytest.mark.parametrize("device", ["meta", "cpu"])
@pytest.mark.parametrize(
    "make, shape, flops",
    [
        (lambda: nn.Linear(D, E), (B, T, D), 2 * B * T * D * E),
        (lambda: nn.Conv2d(3, E, 3, padding=1), (B, 3, 6, 4), 2 * B * 6 * 4 * E * 3 * 9),
        (lambda: nn.GRU(D, E, batch_first=True), (B, T, D), 2 * B * T * 3 * E * (D + E)),
        (lambda: nn.LSTM(D, E, batch_first=True), (B, T, D), 2 * B * T * 4 * E * (D + E)),
        (lambda: nn.GRU(D, E, num_layers=2, batch_first=True), (B, T, D), 2 * B * T * 3 * E * (D + 3 * E)),
        (lambda: Calls(attention, 1, 1, 1, D), (B, H, T, D), 2 * B * H * T * T * 2 * D),
        (lambda: Calls(lambda x, w: torch.einsum("btd,de->bte", x, w), D, E), (B, T, D), 2 * B * T * D * E),
        (lambda: Calls(torch.mv, D), (T, D), 2 * T * D),
        (lambda: Calls(torch.dot, D), (D,), 2 * D),
        (lambda: Calls(torch.outer, D), (T,), 0),
        (lambda: Calls(lambda x, w: torch.addmv(x[:, 0], x, w), D), (T, D), 2 * T * D),
        (lambda: Calls(lambda x, w: torch.addr(x, x[:, 0], w), D), (T, D), 2 * T * D),
        (lambda: Calls(torch.cdist, E, D), (T, D), 2 * T * E * D),
    ],
)
def test_products_are_counted_as_by_hand(make: object, shape: tuple[int, ...], flops: int, device: str) -> None:
    with torch.device(device):
        network, inputs = make(), torch.zeros(shape)  # type: ignore[operator]
        assert count_operations(network, [inputs]).flops == flops


def test_a_kernel_of_the_cpu_is_taken_apart() -> None:
    """Its elements too are what the meta device gives."""
    counts = []
    for device in ("cpu", "meta"):
        with torch.device(device):
            sizes = {"source_vocab_size": 11, "target_vocab_size": 13, "max_source_length": 9, "max_target_length": 9}
            model = AttentionSeq2Seq(attention=SCALED_DOT, dim=D, cell="lstm", **sizes)
            ids = torch.ones(1, T, dtype=torch.long), torch.ones(1, E, dtype=torch.long)
        counts.append(count_operations(model, ids))
    assert counts[0].flops == counts[1].flops > 0


def test_elementwise_operations_count_what_they_give() -> None:
    with torch.device("meta"):
        network = Calls(lambda x, w: torch.tanh(x + w) * x, D)
        assert count_operations(network, [torch.zeros(T, D)]) == Operations(flops=0, elements=3 * T * D)


def test_whole_numbers_and_views_are_no_operations() -> None:
    with torch.device("meta"):
        network = Calls(lambda x, w: (x.view(D, T).mT, torch.arange(3) + 1, w > 0), D)
        assert count_operations(network, [torch.zeros(T, D)]) == Operations(0, 0)


def test_counts_add_up() -> None:
    assert Operations(1, 2) + Operations(3, 4) == Operations(4, 6)
