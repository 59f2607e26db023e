"""Images on two processes, and in other precisions: norms over batches are one net's all the same."""

import json
from pathlib import Path

import pytest
from fork_server import ForkServer
from same_run import assert_same_run, curves, metrics
from tiny_images_run import tiny, write_extract

from attnlab.commands import cli

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

NET = ("output_dir=run", "model=resnet", "feature_attention=bam", "model.dim=16", "model.num_blocks=1")


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    return write_extract(tmp_path / "extract")


def _output(folder: Path) -> str:
    return (folder / "output.txt").read_text()


def test_two_processes_score_each_image_once_with_one_nets_statistics_and_resume_to_the_same_bits(
    server: ForkServer, extract: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = tiny(extract, *NET, "trainer=ddp_cpu", "data.batch_size=7")
    for name, die_at_rename in (("whole", 0), ("parts", 5)):
        (tmp_path / name).mkdir()
        first, second = server.start_two(command, tmp_path / name, die_at_rename=die_at_rename)
        if die_at_rename:
            assert first.wait() == -9
            second.kill()
            again = server.start_two(command, tmp_path / name)
            assert [attempt.wait() for attempt in again] == [0, 0], _output(tmp_path / name)
            assert "continuing at update" in _output(tmp_path / name)
        else:
            assert [first.wait(), second.wait()] == [0, 0], _output(tmp_path / name)
    assert_same_run(tmp_path / "whole" / "run", tmp_path / "parts" / "run")

    lines = (tmp_path / "whole/run/predictions.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == list(range(29))
    capsys.readouterr()
    assert cli.main(["evaluate", str(tmp_path / "whole/run"), "--json", "trainer.precision=32-true"]) == 0
    alone = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert alone.pop("num_examples") == metrics(tmp_path / "whole/run")["data"]["images"]["test"]
    for key in ("of_examples", "warnings", "signatures"):
        del alone[key]
    assert alone == pytest.approx(metrics(tmp_path / "whole/run")["test"], rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("precision", ["bf16-mixed", "bf16-true"])
def test_half_precision_trains_and_is_drawn(server: ForkServer, extract: Path, tmp_path: Path, precision: str) -> None:
    more = ["trainer=cpu", f"trainer.precision={precision}", "trainer.max_steps=12", "scheduler=constant"]
    command = tiny(extract, *NET, *more, "optimizer.lr=0.003")
    assert server.start(command, tmp_path).wait() == 0, _output(tmp_path)
    assert metrics(tmp_path / "run")["precision"] == precision
    losses = [float(value) for _, metric, value in curves(tmp_path / "run") if metric == "train/loss"]
    assert losses[-1] < losses[0]
    assert len(list((tmp_path / "run/maps").glob("*.png"))) == 8  # over channels and over places
