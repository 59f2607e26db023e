"""Damaged checkpoints give way to older ones."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from lightning.pytorch import Trainer
from same_run import assert_same_run
from tiny import run, write_corpus

from attnlab.launch.stop import StopFlag, Wish
from attnlab.runs import checkpoint
from attnlab.runs.checkpoints import Checkpoints

pytestmark = [
    pytest.mark.text,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]


MORE = ("model.dim=12", "optimizer.lr=0.01", "callbacks=none")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


def _stopped(agreed: Callable[[Checkpoints, Trainer], bool], corpus: Path, *more: str) -> None:
    """A run that is asked to stop where `agreed`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoints, "_agreed", lambda self, trainer: Wish(int(agreed(self, trainer))))
        assert run(corpus, "output_dir=parts", *MORE, *more) == 130


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _one_bit(content: bytes) -> bytes:
    """Of a weight: the file is whole, and is read without complaint by whoever doesn't look at its checksums."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("spoil", [_cut, _one_bit])
def test_damaged_checkpoints_give_way_to_older_ones(
    corpus: Path, capsys: pytest.CaptureFixture[str], spoil: Callable[[bytes], bytes]
) -> None:
    """Two of the three that are kept are damaged; the run ends with the same bits, having begun further back."""
    more = ["trainer.checkpoint_interval=1", "trainer.keep_checkpoints=3"]
    assert run(corpus, "output_dir=whole", *MORE, *more) == 0
    _stopped(lambda self, trainer: trainer.global_step == 7, corpus, *more)
    files = [Path("parts/checkpoints", name) for name in ("last.ckpt", "last-1.ckpt", "last-2.ckpt")]
    assert [checkpoint.load(path)["global_step"] for path in files] == [7, 6, 5]
    for path in files[:2]:
        path.write_bytes(spoil(path.read_bytes()))
    capsys.readouterr()
    assert run(corpus, "output_dir=parts", *MORE, *more) == 0
    said = capsys.readouterr().err
    assert re.search(r"parts/checkpoints/last-1.ckpt: .*; trying the one before", said)
    assert "continuing at update 5 of 8" in said
    assert_same_run(Path("whole"), Path("parts"))


def test_a_run_with_nothing_but_damaged_checkpoints_is_refused(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _stopped(lambda self, trainer: trainer.global_step == 2, corpus)
    last = Path("parts/checkpoints/last.ckpt")
    last.write_bytes(_one_bit(last.read_bytes()))
    assert run(corpus, "output_dir=parts", *MORE) == 2
    assert "this checkpoint is damaged or not a checkpoint, got parts/checkpoints/last.ckpt" in capsys.readouterr().err


@pytest.mark.parametrize(
    "mode, scores, expected",
    [
        ("max", [0.0, 0.0, 0.5, 0.5, 0.25], [True, True, True, True, False]),
        ("min", [0.5, 0.5, 0.75, 0.25, float("nan")], [True, True, False, True, False]),
        ("max", [float("nan"), float("nan"), 0.0], [False, False, True]),
    ],
)
def test_of_equal_scores_the_later_is_the_best(
    tmp_path: Path, mode: Literal["min", "max"], scores: list[float], expected: list[bool]
) -> None:
    kept = Checkpoints(tmp_path, interval=1, keep=1, monitor="x", mode=mode, contents={}, stop=StopFlag())
    found = []
    for score in scores:
        found.append(kept._improves(score))
        if found[-1]:
            kept.best_score = score
    assert found == expected
