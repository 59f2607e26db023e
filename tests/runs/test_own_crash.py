"""What breaks in code of the user's own is named in one line; what breaks elsewhere stays as it is."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from attnlab.attention import MultiHeadAttention, ScaledDotAttention
from attnlab.errors import OwnCodeError, UserError
from attnlab.runs.own_crash import crashes_named


class Breaks(ScaledDotAttention):
    def weights(self, *given: Any, **masks: Any) -> Tensor:
        raise IndexError("out\nof range")

    def forward(self, q: Tensor, k: Tensor, v: Tensor, **masks: Any) -> Tensor:
        return self.weights(q, k) @ v


class Shrinks(ScaledDotAttention):
    def forward(self, q: Tensor, k: Tensor, v: Tensor, **masks: Any) -> Tensor:
        return super().forward(q, k, v, **masks).mean(1)


class Exits(ScaledDotAttention):
    def forward(self, q: Tensor, k: Tensor, v: Tensor, **masks: Any) -> Tensor:
        sys.exit(0)


def _attend(core: type[nn.Module], log: Path) -> None:
    attention = MultiHeadAttention(12, num_heads=3, core=core, role="self", max_length=7)
    with crashes_named(log):
        attention(torch.randn(2, 5, 12))


def test_a_class_of_ones_own_that_breaks_is_named_with_its_line_and_what_checks_it(tmp_path: Path) -> None:
    log = tmp_path / "run" / "train.log"
    with pytest.raises(OwnCodeError) as caught:
        _attend(Breaks, log)
    assert re.fullmatch(
        rf"{__name__}\.Breaks fails at \S*test_own_crash\.py:19: IndexError: out of range "
        rf"\(see its traceback in {re.escape(str(log))}; try attnlab check {__name__}\.Breaks\)",
        str(caught.value),
    )
    assert "multihead.py" in log.read_text()
    assert 'raise IndexError("out\\nof range")' in log.read_text()


class Moves(ScaledDotAttention):
    def forward(self, q: Tensor, k: Tensor, v: Tensor, **masks: Any) -> Tensor:
        raise RuntimeError("Expected all tensors to be on the same device, but found two")


def test_a_tensor_that_is_put_elsewhere_is_told_to_be_left_where_its_module_is(tmp_path: Path) -> None:
    with pytest.raises(OwnCodeError, match=r"found two; it puts a tensor on a device itself: drop .cuda\(\), .*\(see"):
        _attend(Moves, tmp_path / "train.log")


def test_a_wrong_shape_is_laid_to_the_class_that_gave_it(tmp_path: Path) -> None:
    with pytest.raises(OwnCodeError, match=rf"^what {__name__}\.Shrinks gives isn't what comes after it takes: Va"):
        _attend(Shrinks, tmp_path / "train.log")


def test_a_fault_without_code_of_ones_own_is_left_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="divisible"), crashes_named(tmp_path / "train.log"):
        MultiHeadAttention(12, num_heads=5, core=ScaledDotAttention, role="self", max_length=7)
    assert not (tmp_path / "train.log").exists()


@pytest.mark.parametrize("error", [UserError("said already"), FloatingPointError("it diverged")])
def test_what_is_said_already_is_said_so(error: Exception, tmp_path: Path) -> None:
    with pytest.raises(type(error)) as caught, crashes_named(tmp_path / "train.log"):
        raise error
    assert caught.value is error


def test_what_a_loaders_worker_hands_on_is_named_too(tmp_path: Path) -> None:
    said = f'Caught KeyError in worker 0.\nTraceback:\n  File "{__file__}", line 7, in item\nKeyError: 3\n'
    with (
        pytest.raises(OwnCodeError, match=r"^item fails at \S*test_own_crash.py:7: KeyError: 3 \("),
        crashes_named(tmp_path / "train.log"),
    ):
        raise RuntimeError(said)


def test_what_ends_the_program_in_the_midst_of_a_run_is_named_and_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(
        OwnCodeError, match=r"^test_own_crash.py ends the program in line \d+, sys.exit\(0\) \(raise an"
    ):
        _attend(Exits, tmp_path / "train.log")


def _leave(status: int) -> None:
    raise SystemExit(status)


def test_an_exit_of_no_code_of_ones_own_stays_one(tmp_path: Path) -> None:
    with pytest.raises(SystemExit), crashes_named(tmp_path / "train.log"):
        _leave(3)
