"""How arms were judged, in Chinese."""

import pytest

from attnlab.study.wording import judging_chinese


@pytest.mark.parametrize(
    "unit, named", [("chapter", "同一章节的"), ("part", "同一部分的"), ("bundle", "同一 bundle 的")]
)
def test_what_counts_as_one_has_its_chinese_name_or_its_own(unit: str, named: str) -> None:
    assert judging_chinese.clusters(unit).startswith(named)


def test_a_score_keeps_the_key_by_which_files_have_it() -> None:
    assert "（fid_x）" in judging_chinese.without_bias("fid_x", [("uniform", "5.21")])
