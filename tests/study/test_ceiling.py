"""Arms that have the best score there is are told, and what can't come of longer training isn't."""

from pathlib import Path

import pytest
from tiny_compared import write_runs
from tiny_runs import arm_folders

from attnlab.callbacks.csv_log import MetricsCSV
from attnlab.study.ceiling import arms_at_best
from attnlab.study.comparing.caveats import caveats_of
from attnlab.study.comparing.comparison import Compared, compared
from attnlab.study.judging import judged_groups
from attnlab.study.wording import chinese, english
from attnlab.study.wording.contract import Wording


def of(folder: Path, rights: dict[str, float]) -> Compared:
    """Five runs of each, whose loss fell to the end."""
    for name, right in rights.items():
        for run in write_runs(folder, name, seeds=range(5), right=right):
            log = MetricsCSV(run)
            for step, loss in ((1, 2.0), (2, 1.0)):
                log.log_metrics({"val/loss": loss}, step)
    return compared([[folder]], control="uniform")


@pytest.mark.parametrize("words", [english, chinese])
def test_arms_at_the_maximum_are_named_once_each(tmp_path: Path, words: Wording) -> None:
    found = of(tmp_path, {"uniform": 0.3, "additive": 1.0, "scaled_dot": 1.0})
    said = [each for each in caveats_of(found, words) if "additive" in each and "scaled_dot" in each]
    assert len(said) == 1
    assert " 1 " in said[0] or " 1：" in said[0]


def test_longer_training_is_not_said_to_change_the_order_of_arms_at_the_maximum(tmp_path: Path) -> None:
    easy = list(caveats_of(of(tmp_path / "easy", {"uniform": 0.3, "additive": 1.0, "scaled_dot": 1.0}), english))
    assert not any("longer training" in each for each in easy)
    assert any("additive and scaled_dot reach accuracy's maximum of 1 in all runs" in each for each in easy)
    hard = list(caveats_of(of(tmp_path / "hard", {"uniform": 0.3, "additive": 0.9, "scaled_dot": 0.9}), english))
    assert any("longer training" in each for each in hard)
    assert not any("maximum" in each for each in hard)


def test_of_most_arms_that_improved_those_at_the_maximum_are_set_aside(tmp_path: Path) -> None:
    found = of(tmp_path, {"uniform": 0.3, "additive": 0.5, "scaled_dot": 1.0})
    [said] = [each for each in caveats_of(found, english) if "longer training" in each]
    assert "2 of 3 arms" in said
    assert "(scaled_dot aside: " in said


def test_one_run_below_it_is_no_ceiling(tmp_path: Path) -> None:
    folders = {"a": arm_folders(tmp_path / "a", right=1.0), "b": arm_folders(tmp_path / "b", right=0.5)}
    folders["a"] = [*folders["a"][:4], arm_folders(tmp_path / "c", right=0.9)[4]]
    assert arms_at_best(judged_groups(folders, control="b", metric="accuracy", higher_is_better=True)) is None
