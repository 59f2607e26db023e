"""What must be known before a comparison is believed."""

from pathlib import Path

from tiny_compared import write_runs

from attnlab.study.comparing.caveats import caveats_of
from attnlab.study.comparing.comparison import compared
from attnlab.study.wording import chinese, english


def test_groups_of_another_size_and_the_number_of_runs_are_told_in_both_languages(tmp_path: Path) -> None:
    write_runs(tmp_path, "uniform", seeds=range(5), right=0.1, record={"parameters": {"total": 100}})
    write_runs(tmp_path, "dot", seeds=range(5), right=0.95, record={"parameters": {"total": 107}})
    found = compared([[tmp_path]], control="uniform")
    assert len(list(caveats_of(found, chinese))) == 2
    size, runs = caveats_of(found, english)
    assert "dot +7.0 % parameters" in size
    assert runs.startswith("5 runs of an arm")


def test_what_runs_were_warned_of_is_told_in_both_languages(tmp_path: Path) -> None:
    warned = {"warnings": [{"kind": "no_best", "message": "nothing was validated"}]}
    write_runs(tmp_path, "uniform", seeds=range(5), right=0.1, record=warned)
    write_runs(tmp_path, "dot", seeds=range(5), right=0.95)
    found = compared([[tmp_path]], control="uniform")
    said, _ = caveats_of(found, english)
    assert said == "Of 10 runs 5 (uniform) were warned: nothing was validated."
    said, _ = caveats_of(found, chinese)
    assert said.startswith("10 次运行中有 5 次（uniform）带有警告：没有验证分数")
