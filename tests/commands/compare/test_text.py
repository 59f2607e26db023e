"""What a person reads of a comparison."""

from pathlib import Path

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
    assert text.startswith("1 run, all of one")
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
