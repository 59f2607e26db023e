"""A run is ended at the batch after a validation that its judge has no hopes of, and can be gone on with."""

from pathlib import Path

import pytest
from tiny import run, write_corpus

from attnlab.launch.pruning import Pruned, judged_by

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")


def test_a_run_is_ended_after_the_validation_and_its_checkpoint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    asked: list[tuple[int, float]] = []

    def judge(step: int, score: float) -> bool:
        asked.append((step, score))
        return True

    command = [corpus, "output_dir=run", "callbacks=none"]
    with judged_by(judge), pytest.raises(Pruned, match=r"^pruned at update 4$"):
        run(*command)
    assert not Path("run/metrics.json").exists()
    assert run(*command) == 0
    captured = capsys.readouterr()
    assert "continuing at update 4 of 8" in captured.err
    assert [step for step, _ in asked] == [4]
    rows = [line.split(",") for line in Path("run/metrics.csv").read_text().splitlines()]
    assert [float(value) for step, name, value in rows if (step, name) == ("4", "val/loss")] == [
        pytest.approx(asked[0][1])
    ]


def test_the_last_validation_ends_nothing(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    with judged_by(lambda step, score: step == 8):
        assert run(corpus, "output_dir=run", "callbacks=none") == 0
    assert Path("run/metrics.json").is_file()
