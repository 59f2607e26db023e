"""What a person reads of a comparison."""

import re
from pathlib import Path

import pytest
from in_english import in_english
from tiny_compared import write_run, write_runs

from attnlab.commands.compare.text import SHOWN, compared_lines
from attnlab.study.comparing.comparison import compared


def _text(*places: list[Path]) -> str:
    return "\n".join(compared_lines(compared(places)))


def test_one_configuration_alone_is_a_mean_with_its_number_of_runs(tmp_path: Path) -> None:
    write_runs(tmp_path, "dot", seeds=range(4), name="mine")
    text = _text([tmp_path])
    assert text.startswith("4 runs, all of one configuration, which --against divides")
    assert ": test accuracy 0." in text
    assert "over seeds" in text
    assert "better" not in text


def test_a_lone_run_has_no_spread(tmp_path: Path) -> None:
    text = _text([write_run(tmp_path / "a")])
    assert text.startswith("only 1 run: nothing to compare it with")
    assert "sd" not in text


def test_long_lists_are_cut_and_it_is_said_how_many_there_are_more(tmp_path: Path) -> None:
    write_run(tmp_path / "u")
    write_run(tmp_path / "d", "dot", model__more={str(number): number for number in range(SHOWN + 3)})
    for number in range(SHOWN + 2):
        write_run(tmp_path / f"unfinished{number}", right=None)
    text = _text([tmp_path])
    assert "and 4 more (--json has them all)" in text  # the mechanism is one of them
    assert "and 2 more (--json has them all)" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    "seeds, finding, said",
    [
        (3, "No verdict from 3 runs, a smoke test:", "3 runs of an arm: a smoke test without a verdict on it;"),
        (
            4,
            "is better than",
            "4 runs of an arm: enough for a verdict, but fewer than the usual 5; take 10",
        ),
        (9, "is better than", "9 runs of an arm: enough for a verdict; take 10 before you publish it."),
        (10, "is better than", "10 runs of an arm: enough for a verdict to be published."),
    ],
)
def test_what_so_many_seeds_are_good_for_is_said(seeds: int, finding: str, said: str, tmp_path: Path) -> None:
    write_runs(tmp_path, "uniform", seeds=range(10), right=0.1)
    write_runs(tmp_path, "dot", seeds=range(seeds), right=0.95)
    text = _text([tmp_path])
    assert finding in text
    assert said in text
    assert "one comparison is shown" in text


def test_holms_family_is_all_that_is_shown(tmp_path: Path) -> None:
    for attention in ("uniform", "dot", "additive"):
        write_runs(tmp_path, attention, seeds=range(4))
    assert "p values are Holm's over the 2 comparisons shown" in _text([tmp_path])


def test_runs_made_longer_and_runs_that_ended_early_are_said_in_words(tmp_path: Path) -> None:
    before = write_run(tmp_path / "a", "dot", record={"steps": 2})
    longer = {"continue_from": str(before.absolute()), "trainer__max_steps": 9}
    record = {"steps": 5, "continued_from": {"folder": str(before), "step": 2, "results": 3}}
    write_run(tmp_path / "b", "dot", record=record, **longer)
    text = _text([tmp_path])
    assert ": a group of its own, made longer by resume= at update 2; as many updates in one go may come out" in text
    assert ": ended early, after 5 of 9 updates, as its configuration allows" in text


@pytest.mark.usefixtures("in_chinese")
def test_all_of_it_is_said_in_chinese_where_that_is_wanted(tmp_path: Path) -> None:
    write_runs(tmp_path / "u", "uniform", seeds=range(5), right=0.1)
    runs = write_runs(tmp_path / "d", "dot", seeds=range(5), right=0.95, model__dim=16)
    record = {"steps": 5, "continued_from": {"folder": str(runs[0]), "step": 2, "results": 3}}
    longer = {"continue_from": str(runs[0].absolute()), "trainer__max_steps": 9}
    write_run(tmp_path / "b", "dot", record=record, model__dim=16, **longer)
    write_run(tmp_path / "unfinished", right=None)
    text = _text([tmp_path])
    assert "3 组共 11 次运行，按测试集上的准确率比较：越大越好" in text
    assert "对照组：uniform（其中最朴素的注意力；用 --control 组名 换一个）" in text
    assert "由 resume= 在第 2 次更新处延长" in text
    assert "提前结束，只做了 5 次更新（原定 9 次）" in text
    assert "略去的运行" in text
    assert "各种子间标准差" in _text([runs[0].parent, runs[1].parent])
    assert in_english(re.sub("dot continue_from=(update 2|null)", "dot", text).split("\n")) == []
