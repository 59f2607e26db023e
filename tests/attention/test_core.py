"""The contract of mechanisms: who keeps it is told by it, and lengths end at their limit."""

import re

import pytest
from torch import nn

from attnlab.attention import RoleError, ScaledDotAttention
from attnlab.attention.core import Core, require_length
from attnlab.feature_attention import SimamFeatureAttention

pytestmark = pytest.mark.text


def test_a_core_is_told_from_other_modules() -> None:
    core = ScaledDotAttention(num_heads=2, head_dim=7, role="self", max_length=11, dropout=0.0)
    assert isinstance(core, Core)
    assert not isinstance(nn.Linear(3, 5), Core)
    assert not isinstance(SimamFeatureAttention(7, max_size=(5, 5)), Core)


def test_who_catches_bad_values_catches_refused_roles_but_not_the_other_way() -> None:
    assert issubclass(RoleError, ValueError)
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # its kind is asked for
        require_length(8, 7)
    assert not isinstance(caught.value, RoleError)


def test_a_length_is_taken_up_to_its_limit() -> None:
    require_length(7, 7)
    message = (
        "sequences must be at most 7 tokens long, got 8 "
        "(set data.max_source_length or data.max_target_length, or max_length in a module of your own)"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        require_length(8, 7)
