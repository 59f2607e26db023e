"""The contract of mechanisms: who keeps it is told by it, and lengths end at their limit."""

import re

import pytest
from mechanisms import ALL, FACTORIES, NAMES, REFUSALS, ROLES
from torch import nn

from attnlab.attention import RoleError, ScaledDotAttention
from attnlab.attention.core import Core, require_length
from attnlab.feature_attention import SimamFeatureAttention

pytestmark = pytest.mark.text

DECAYED = {
    "cosine": {"log_sharpness"},
    "differential": {"lambda_query", "lambda_key", "gain"},
    "gaussian_kernel": {"log_bandwidth"},
    "kernel_boxcar": {"log_bandwidth"},
    "kernel_epanechnikov": {"log_bandwidth"},
    "position_only": {"logits"},
    "synthesizer_dense": {"hidden_bias", "position_bias"},
    "synthesizer_random": {"logits"},
    "t5_bias": {"bucket_bias"},
    "talking_heads": {"logit_mix"},
}
"""Of mechanisms that were there before any could name such parameters: to spare them would move the results of runs."""


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


@pytest.mark.parametrize("name", ALL)
def test_what_is_no_matrix_of_weights_is_not_decayed_unless_earlier_results_are(name: str) -> None:
    roles = [role for role in ROLES if (name, role) not in REFUSALS]
    attention = FACTORIES[name](24, num_heads=3, role=roles[0], max_length=13)
    core = attention.core if name in NAMES else attention
    own = {key for key, _ in core.named_parameters(recurse=False)}
    to_keep = {key for key in own if re.search("gain|bias|rate|logit|sharpness|bandwidth|lambda|frequenc|table", key)}
    named = set(getattr(core, "undecayed", ()))
    assert named <= own
    assert to_keep - named == DECAYED.get(name, set())
