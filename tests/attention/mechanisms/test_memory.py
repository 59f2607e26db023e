"""What is never held in memory: the pairs of a fused or linear-time mechanism, the pair features of a chunked one."""

import pytest
import torch
from mechanisms import FACTORIES, SERVED
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from attnlab.attention.conformance.grids import placed
from attnlab.attention.conformance.inputs import build_core
from attnlab.attention.parts import chunking

BATCH, HEADS, LENGTH, HEAD_DIM = 2, 3, 97, 6
PAIRS = BATCH * HEADS * LENGTH * LENGTH
LINEAR_TIME = {
    "local",
    "dilated",
    "block_sparse",
    "linear",
    "performer",
    "linformer",
    "nystrom",
    "identity",
    "swin",
    "neighbourhood",
}


class LargestResult(TorchDispatchMode):
    """The number of elements in the largest tensor that any operation gives, in forward and backward pass."""

    def __init__(self):
        super().__init__()
        self.numel = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        sizes = (
            leaf.untyped_storage().nbytes() // leaf.element_size()
            for leaf in tree_leaves(result)
            if isinstance(leaf, torch.Tensor)
        )
        self.numel = max([self.numel, *sizes])
        return result


def largest_result(name, role, key_mask, *, length=LENGTH, dropout=0.0):
    core = placed(
        FACTORIES[name].keywords["core"](
            num_heads=HEADS, head_dim=HEAD_DIM, role=role, max_length=length, dropout=dropout
        )
    )
    q, k, v = (torch.randn(BATCH, HEADS, length, HEAD_DIM, requires_grad=True) for _ in range(3))
    with LargestResult() as largest:
        core(q, k, v, key_mask=key_mask).sum().backward()
    return largest.numel


FUSED = [
    "scaled_dot",
    "dot",
    "general",
    "cosine",
    "gaussian_kernel",
    "uniform",
    "rotary",
    "location",
    "differential",
    "qk_norm",
    "sink",
    "off_by_one",
    "axial_rotary",
    "mixed_rotary",
]


@pytest.mark.parametrize(
    "name, role", [(name, role) for name in FUSED for role in ("self", "causal") if (name, role) in SERVED]
)
@pytest.mark.parametrize("masked", [False, True])
def test_fused_mechanism_never_holds_its_pairs(name, role, masked):
    key_mask = torch.arange(LENGTH).expand(BATCH, LENGTH) < LENGTH - 2 if masked else None
    assert largest_result(name, role, key_mask) < PAIRS


def test_a_fused_sibling_never_holds_its_pairs():
    attention = FACTORIES["latent_rotary"](HEADS * HEAD_DIM, num_heads=HEADS, role="causal", max_length=LENGTH)
    x = torch.randn(BATCH, LENGTH, HEADS * HEAD_DIM, requires_grad=True)
    key_mask = torch.arange(LENGTH).expand(BATCH, LENGTH) < LENGTH - 2
    for mask in (None, key_mask):
        with LargestResult() as largest:
            attention(x, key_mask=mask).sum().backward()
        assert largest.numel < PAIRS


@pytest.mark.parametrize("name, role", [pair for pair in SERVED if pair[0] in LINEAR_TIME and pair[1] != "cross"])
@pytest.mark.parametrize("masked", [False, True])
def test_results_of_a_linear_time_mechanism_grow_with_the_length_and_not_its_square(name, role, masked):
    def largest(length):
        key_mask = torch.arange(length).expand(BATCH, -1) < length - 2 if masked else None
        return largest_result(name, role, key_mask, length=length, dropout=0.1)

    assert largest(8 * LENGTH) < 9 * largest(LENGTH)


def test_growth_of_a_quadratic_mechanism_would_show():
    assert largest_result("sigmoid", "self", None, length=8 * LENGTH) > 60 * largest_result("sigmoid", "self", None)


@pytest.mark.parametrize("name", ["additive", "concat"])
def test_chunked_mechanism_never_holds_its_pair_features(name, monkeypatch):
    assert largest_result(name, "causal", None) == PAIRS * HEAD_DIM
    monkeypatch.setattr(chunking, "CPU_CHUNK_BYTES", 4 * PAIRS // 2)
    assert largest_result(name, "causal", None) == PAIRS


@pytest.mark.parametrize("name", ["additive", "concat"])
@pytest.mark.parametrize("num_chunks", [2, 5, 1000])
def test_chunks_give_the_same_values_and_gradients(name, num_chunks, monkeypatch):
    core = build_core(FACTORIES[name].keywords["core"], "self", num_heads=HEADS, head_dim=HEAD_DIM)
    q, k, v = (torch.randn(BATCH, HEADS, 11, HEAD_DIM, dtype=torch.float64, requires_grad=True) for _ in range(3))
    inputs = [q, k, v, *core.parameters()]

    def run():
        output = core(q, k, v)
        return output, torch.autograd.grad(output.square().sum(), inputs)

    whole, whole_gradients = run()
    monkeypatch.setattr(chunking, "CPU_CHUNK_BYTES", 8 * BATCH * HEADS * 11 * 11 * HEAD_DIM // num_chunks)
    chunked, chunked_gradients = run()
    assert torch.equal(chunked, whole)
    torch.testing.assert_close(chunked_gradients, whole_gradients)
    with torch.no_grad():
        assert torch.equal(core(q, k, v), whole)
