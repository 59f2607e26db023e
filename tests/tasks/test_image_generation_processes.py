"""Two networks on two processes: they stay the same nets, learn what one process would, and go on after a kill."""

from pathlib import Path

import pytest
import torch
from fork_server import ForkServer
from same_run import assert_same_run, curves, same
from tiny_generation import tiny, tiny_networks
from tiny_images_run import write_extract

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    return write_extract(tmp_path / "extract")


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _output(folder: Path) -> str:
    return (folder / "output.txt").read_text()


def _scores(folder: Path) -> dict[tuple[str, str], float]:
    """Without those that count: which image is near another may turn on the last bit."""
    found = {(step, name): float(value) for step, name, value in curves(folder) if name.startswith(("val/", "test/"))}
    return {key: value for key, value in found.items() if key[1].endswith(("d_tiny", "num_samples"))}


@pytest.mark.parametrize("accumulate", [1, 2])
def test_two_processes_learn_what_one_does_of_batches_twice_as_large(
    server: ForkServer, extract: Path, tmp_path: Path, accumulate: int
) -> None:
    """Of images that depend on their labels alone: each process draws latents of its own."""
    more = ["callbacks=keep_weights", "output_dir=run", "model.latent_share=0.0", "data.num_val=22"]
    more += ["optimizer=sgd", "optimizer.momentum=0.0", "optimizer.nesterov=false", "task.clip_norm=0.2"]
    more += [f"task.accumulate={accumulate}", "task.discriminator_updates=2"]
    two, one = _folder(tmp_path / "two"), _folder(tmp_path / "one")
    attempts = server.start_two(tiny(extract, *more, "trainer=ddp_cpu", "data.batch_size=12"), two)
    assert [attempt.wait() for attempt in attempts] == [0, 0], _output(two)
    assert server.start(tiny(extract, *more, "data.batch_size=24"), one).wait() == 0, _output(one)

    assert _output(two).count("\nscores of 29 samples are biased") == 1, "one of them says so"
    ranks = [torch.load(two / f"run/weights_{rank}.pt", weights_only=True) for rank in (0, 1)]
    assert same(*ranks)
    alone = torch.load(one / "run/weights_0.pt", weights_only=True)
    for name, value in alone.items():
        assert torch.allclose(ranks[0][name], value, rtol=1e-4, atol=1e-6), name
    scores = _scores(one / "run")
    assert {name for _, name in scores} > {"val/fid_tiny", "test/fid_tiny", "test/num_samples"}
    assert _scores(two / "run") == pytest.approx(scores, rel=1e-2, abs=1e-5)


def test_each_process_draws_latents_of_its_own(server: ForkServer, extract: Path, tmp_path: Path) -> None:
    """With the same latents in both, twice the images of one label would be the same twice."""
    more = ["callbacks=keep_latents", "output_dir=run", "trainer.max_steps=1", "trainer=ddp_cpu"]
    attempts = server.start_two(tiny(extract, *more), tmp_path)
    assert [attempt.wait() for attempt in attempts] == [0, 0], _output(tmp_path)
    drawn = [torch.load(tmp_path / f"run/latents_{rank}.pt", weights_only=True) for rank in (0, 1)]
    assert drawn[0].shape == drawn[1].shape
    assert not torch.isclose(drawn[0], drawn[1]).any()


@pytest.mark.parametrize("model", ["sagan", "dcgan"])
def test_two_processes_that_were_killed_end_with_the_same_bits(
    server: ForkServer, extract: Path, tmp_path: Path, model: str
) -> None:
    more = ["output_dir=run", "trainer=ddp_cpu", "data.batch_size=7", "callbacks.attention_maps.num_examples=0"]
    command = tiny_networks(extract, model, *more, "callbacks.generated_pictures.num=3")
    whole, parts = _folder(tmp_path / "whole"), _folder(tmp_path / "parts")
    assert [attempt.wait() for attempt in server.start_two(command, whole)] == [0, 0], _output(whole)
    first, second = server.start_two(command, parts, die_at_rename=5)
    assert first.wait() == -9
    second.kill()
    assert [attempt.wait() for attempt in server.start_two(command, parts)] == [0, 0], _output(parts)
    assert "continuing at update" in _output(parts)
    assert_same_run(whole / "run", parts / "run")
