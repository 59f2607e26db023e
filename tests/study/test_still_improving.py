"""Whether arms still improved when training ended."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from attnlab.callbacks.csv_log import MetricsCSV
from attnlab.study.still_improving import StillImproving, Trained, still_improving

RISING, FLAT, FALLEN = (1.0, 2.0, 3.0, 5.0), (4.0, 4.9, 5.0, 5.001), (1.0, 3.0, 5.0, 4.0)


def run(folder: Path, scores: Sequence[float], *, monitor: str = "val/chrf") -> Trained:
    """Validated at updates 10, 20 ..., the greatest score the best."""
    log = MetricsCSV(folder)
    folder.mkdir(parents=True)
    for place, score in enumerate(scores, 1):
        log.log_metrics({monitor: score}, 10 * place)
    best = max(place for place, score in enumerate(scores, 1) if score == max(scores))
    return folder, {"best": {"monitor": monitor, "score": max(scores), "step": 10 * best}}


def found(folder: Path, *arms: Sequence[Sequence[float]], monitor: str = "val/chrf") -> StillImproving | None:
    runs = {
        f"arm{number}": [run(folder / f"{number}-{seed}", scores, monitor=monitor) for seed, scores in enumerate(each)]
        for number, each in enumerate(arms)
    }
    return still_improving(runs, metric="chrf", margin=1.0)


def test_it_is_told_with_the_arm_that_gained_most_in_the_second_half(tmp_path: Path) -> None:
    said = found(tmp_path, [RISING, RISING], [(2.0, 4.0, 8.0, 16.0)] * 2, [FALLEN])
    assert said is not None
    assert (said.improving, said.arms, said.monitor) == (2, 3, "val/chrf")
    assert said.most == ("arm1", 4.0, 16.0, (20, 40))


@pytest.mark.parametrize(
    "arms",
    [
        ([RISING, FALLEN],),  # a run had stopped
        ([FLAT],),  # by less than matters
        ([RISING], [FALLEN]),  # no more than half of the arms
        ([(1.0, 1.0)],),  # of equal scores the last is the best
        ([(1.0,)],),  # one validation
        (),
    ],
)
def test_it_is_not_told_where_most_arms_were_done(tmp_path: Path, arms: Sequence[Sequence[Sequence[float]]]) -> None:
    assert found(tmp_path, *arms) is None


def test_a_margin_of_another_score_says_nothing_of_what_matters(tmp_path: Path) -> None:
    assert found(tmp_path / "flat", [FLAT], monitor="val/bleu") is not None
    assert found(tmp_path / "even", [(1.0, 1.0)], monitor="val/bleu") is None


def test_runs_without_a_log_or_a_best_on_record_tell_nothing(tmp_path: Path) -> None:
    _, record = run(tmp_path / "there", RISING)
    (tmp_path / "odd" / "metrics.csv").mkdir(parents=True)
    for runs in (
        [(tmp_path / "odd", record)],
        [(tmp_path / "gone", record)],
        [(tmp_path / "there", {"best": {"score": 1.0}})],
    ):
        assert still_improving({"arm": runs}, metric="chrf", margin=None) is None
