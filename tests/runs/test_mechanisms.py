"""A mechanism's file that makes none is told what it lacks, and a place without one what would do."""

from typing import Any

import pytest

from attnlab.errors import UserError
from attnlab.models.layers.slots import NoSlotFits
from attnlab.runs.mechanisms import check_mechanisms, fitting_named

CORE = {"_target_": "attnlab.attention.DotAttention", "_partial_": True}
FUNCTION = {"_target_": "copy.copy", "_partial_": True}
SHELL = {"_target_": "attnlab.attention.MultiHeadAttention", "_partial_": True, "core": CORE}


@pytest.mark.parametrize(
    "model, message",
    [
        ({"attention": {"core": CORE}}, r"attention must stand in the shell, got core alone \(begin its file with"),
        ({"attention": {}}, "attention must stand in the shell, got nothing alone"),
        ({"cross_attention": {"core": CORE}}, "model.cross_attention must stand in the shell"),
        (
            {"attention": SHELL | {"core": {"_target_": "a.B"}}},
            r"attention.core is made .* \(set attention.core._partial_",
        ),
        (
            {"feature_attention": FUNCTION},
            r"feature_attention must be made by a class, or by a function of max_size, got the function "
            r"copy.copy of x \(set feature_attention._target_\)$",
        ),
        (
            {"attention": FUNCTION},
            "attention must be made by a class, or by a function of num_heads, role, max_length, ",
        ),
        ({"attention": SHELL | {"num_heads": 2}}, r".*, got 2 \(set model.num_heads, and drop attention.num_heads\)$"),
        ({"cross_attention": SHELL | {"role": "self"}}, r".*, got self \(drop model.cross_attention.role\)$"),
        (
            {"attention": SHELL | {"core": CORE | {"dropout": 0.5}}},
            r"attention.core.dropout is given by what makes it.* \(set attention.dropout, and drop att",
        ),
        ({"feature_attention": {"ratio": 2}}, "feature_attention must have a _target_"),
    ],
)
def test_a_file_that_makes_no_mechanism_is_told_what_it_lacks(model: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=f"^{message}"):
        check_mechanisms(model)


def test_a_whole_file_and_what_is_no_mechanism_pass() -> None:
    check_mechanisms({"attention": SHELL, "cross_attention": None, "dim": 3, "dropout": {}})


def _refuse(cause: Exception | None) -> None:
    with fitting_named():
        raise UserError("no place") from cause


def test_where_nothing_fits_it_is_said_what_would() -> None:
    with pytest.raises(UserError, match=r"^no place; cross is served by additive, .*uniform$"):
        _refuse(NoSlotFits("none", roles=["cross"]))
    with pytest.raises(UserError, match=r"^no place$"):
        _refuse(ValueError("of another kind"))
