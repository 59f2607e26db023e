"""States by chunks: in float32 as exact as a matrix in float64, whatever is forgotten and however alike keys are."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from attnlab.attention.parts.recurrence import CHUNK, MOST_FORGOTTEN, Recurrence, Terms, scan

LENGTH, WIDTH = 3 * CHUNK + 5, 7


def normal(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def plain(log_decay=None):
    q, k = normal(2, 3, LENGTH, WIDTH), normal(2, 3, LENGTH, WIDTH, seed=1)
    return Terms(q, k, log_decay)


def delta(log_decay=None, *, alike=False):
    """Unit keys of the strongest writes; `alike`: one and the same."""
    q, k = normal(2, 3, LENGTH, WIDTH), normal(2, 3, 1 if alike else LENGTH, WIDTH, seed=1).expand(-1, -1, LENGTH, -1)
    unit = k / k.norm(dim=-1, keepdim=True)
    kept = 1.0 if log_decay is None else log_decay.exp()
    return Terms(q, unit, log_decay, b=-unit, c=unit * kept)


def decay(value, width=1):
    return torch.full((2, 3, LENGTH, width), value, dtype=torch.float64)


CASES = {
    "nothing is forgotten": plain(),
    "all is forgotten": plain(decay(-50.0)),
    "each channel forgets most": plain(decay(MOST_FORGOTTEN, WIDTH)),
    "one channel keeps all": plain(torch.cat([decay(MOST_FORGOTTEN, WIDTH - 1), decay(0.0)], dim=-1)),
    "keys are corrected": delta(decay(-0.1)),
    "keys are alike": delta(alike=True),
    "keys are alike and forgotten": delta(decay(MOST_FORGOTTEN, WIDTH), alike=True),
}


@pytest.mark.parametrize("role", ["causal", "self"])
@pytest.mark.parametrize("case", CASES)
def test_float32_by_chunks_is_the_matrix_in_float64(case, role):
    terms, v = CASES[case], normal(2, 3, LENGTH, 5, seed=2)
    recurrence = Recurrence("this", role=role, dropout=0.0)
    expected = recurrence.weights(terms, key_mask=None, bias=None) @ v
    narrow = Terms(*(None if x is None else x.float() for x in terms))
    torch.testing.assert_close(recurrence(terms, v, key_mask=None, bias=None), expected)
    output = recurrence(narrow, v.float(), key_mask=None, bias=None)
    error = (output.double() - expected).square().mean().sqrt() / expected.square().mean().sqrt()
    assert error < 2e-6


def test_a_state_goes_on_across_chunks_in_pieces_of_any_length():
    terms, v = delta(decay(-0.2, WIDTH)), normal(2, 3, LENGTH, 5, seed=2)
    whole, last = scan(terms, v, None)
    state, outputs, start = None, [], 0
    for length in (CHUNK + 1, 1, 1, LENGTH - CHUNK - 3):
        piece = slice(start, start + length)
        of_piece = Terms(*(None if x is None else x[:, :, piece] for x in terms))
        output, state = scan(of_piece, v[:, :, piece], state)
        outputs.append(output)
        start += length
    torch.testing.assert_close(torch.cat(outputs, dim=2), whole)
    torch.testing.assert_close(state, last)


@pytest.mark.parametrize("role", ["causal", "self"])
def test_padding_on_the_left_and_holes_are_as_if_they_werent_there(role):
    terms, v = delta(decay(-0.2, WIDTH)), normal(2, 3, LENGTH, 5, seed=2)
    recurrence = Recurrence("this", role=role, dropout=0.0)
    key_mask = torch.ones(2, LENGTH, dtype=torch.bool)
    key_mask[:, :4] = key_mask[:, 40:47] = False
    padded = recurrence(terms, v, key_mask=key_mask, bias=None)[:, :, key_mask[0]]
    alone = Terms(*(None if x is None else x[:, :, key_mask[0]] for x in terms))
    torch.testing.assert_close(padded, recurrence(alone, v[:, :, key_mask[0]], key_mask=None, bias=None))


@pytest.mark.parametrize("case", CASES)
def test_texts_of_one_sequence_are_read_as_if_each_stood_alone(case):
    terms, v = CASES[case], normal(2, 3, LENGTH, 5, seed=2)
    begins = [0, 1, CHUNK - 1, CHUNK, CHUNK + 2, LENGTH - 3]
    numbers = torch.zeros(2, LENGTH, dtype=torch.long)
    numbers[:, begins[1:]] = 1
    output, last = scan(terms, v, None, numbers.cumsum(1))
    for start, end in zip(begins, [*begins[1:], LENGTH], strict=True):
        own = Terms(*(None if x is None else x[:, :, start:end] for x in terms))
        alone, state = scan(own, v[:, :, start:end], None)
        torch.testing.assert_close(output[:, :, start:end], alone, atol=1e-12, rtol=0)
    torch.testing.assert_close(last, state, atol=1e-12, rtol=0)


@pytest.mark.parametrize("case", CASES)
def test_in_float32_texts_of_one_sequence_are_read_as_exactly_and_their_gradients_are_numbers(case):
    terms, v = CASES[case], normal(2, 3, LENGTH, 5, seed=2)
    numbers = (torch.arange(LENGTH) // 9).expand(2, -1)
    expected, _ = scan(terms, v, None, numbers)
    narrow = [None if x is None else x.float().requires_grad_() for x in (*terms, v)]
    output, _ = scan(Terms(*narrow[:-1]), narrow[-1], None, numbers)
    error = (output.double() - expected).square().mean().sqrt() / expected.square().mean().sqrt()
    assert error < 2e-6
    output.square().sum().backward()
    assert all(x.grad.isfinite().all() for x in narrow if x is not None and x.is_leaf)


def test_of_texts_to_come_the_first_goes_on_with_the_state_and_the_others_dont():
    terms, v = delta(decay(-0.2, WIDTH)), normal(2, 3, LENGTH, 5, seed=2)
    numbers = (torch.arange(LENGTH) >= CHUNK + 3).long().expand(2, -1)
    expected, last = scan(terms, v, None, numbers)
    state, outputs = None, []
    for step in range(LENGTH):
        of_step = Terms(*(None if x is None else x[:, :, step : step + 1] for x in terms))
        before = numbers[:, step - 1 : step] if step else 0
        output, state = scan(of_step, v[:, :, step : step + 1], state, numbers[:, step : step + 1] - before)
        outputs.append(output)
    torch.testing.assert_close(torch.cat(outputs, dim=2), expected)
    torch.testing.assert_close(state, last)


class Written(TorchDispatchMode):
    """How many numbers operations return, on the way back, too."""

    num = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        self.num += sum(x.numel() for x in tree_leaves(result) if isinstance(x, torch.Tensor))
        return result


@pytest.mark.parametrize("terms", [plain(decay(-0.1)), delta(decay(-0.2, WIDTH))], ids=["decays", "corrects"])
def test_work_there_and_back_grows_with_the_length_alone(terms):
    def written(num_chunks):
        leaves = [None if x is None else x[:, :, :CHUNK].repeat(1, 1, num_chunks, 1).requires_grad_() for x in terms]
        v = normal(2, 3, num_chunks * CHUNK, 5).requires_grad_()
        with Written() as counter:
            output, _ = scan(Terms(*leaves), v, None)
            output.sum().backward()
        return counter.num

    assert written(64) < 2.05 * written(32)
