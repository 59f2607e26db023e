"""Arms of another size than the control."""

import pytest

from attnlab.study.sizes import Size, apart
from attnlab.study.wording import chinese, english


def test_arms_further_than_two_percent_from_the_control_are_told_with_how_far() -> None:
    sizes = {
        "uniform": Size(1000, 5000),
        "near": Size(1019, 5000),
        "more": Size(1070, 5050),
        "less": Size(1000, 4500),
        "unknown": Size(None, None),
    }
    found = apart(sizes, control="uniform")
    assert [each.arm for each in found] == ["more", "less"]
    assert found[0].parameters == pytest.approx(0.07)
    assert (found[0].flops, found[1].parameters) == (None, None)
    assert "more +7.0 % parameters; less -10.0 % FLOPs." in english.sizes(found, control="uniform")
    assert "more 参数量 +7.0 %；less FLOPs -10.0 %。" in chinese.sizes(found, control="uniform")


def test_nothing_is_told_where_the_control_is_not_known() -> None:
    assert apart({"uniform": Size(None, 0), "more": Size(7, 7)}, control="uniform") == []
