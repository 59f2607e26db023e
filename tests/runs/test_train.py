"""A whole run, through the command and the shipped configuration, on a corpus of a few sentences."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
import wandb
from lightning.pytorch import Trainer
from records_agree import assert_records_agree
from tiny import SIZES, run, tiny, write_corpus

from attnlab.commands import cli
from attnlab.config import identity
from attnlab.config.compose import compose_run
from attnlab.errors import UserError
from attnlab.files import locked
from attnlab.launch.stop import Wish
from attnlab.runs import build, checkpoint, train
from attnlab.runs.checkpoints import Checkpoints
from attnlab.runs.random_state import random_state

# Lightning asks for workers and warns of its own internals; neither is about this code.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


def _metrics(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(folder, "metrics.json").read_text())
    return found


def _curves(folder: str) -> list[tuple[str, str, str]]:
    """The rows of metrics.csv that don't depend on the clock."""
    with Path(folder, "metrics.csv").open() as file:
        return [(r["step"], r["metric"], r["value"]) for r in csv.DictReader(file) if "per_second" not in r["metric"]]


def _weights(path: Path) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = checkpoint.load(path)["state_dict"]
    return found


@pytest.mark.text
def test_a_run_leaves_everything_and_its_checkpoint_stands_alone(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(corpus, "output_dir=run", "attention=additive") == 0
    printed = capsys.readouterr().out
    for name in ("metrics.json", "predictions.jsonl", "metrics.csv", ".hydra/config.yaml", "checkpoints/last.ckpt"):
        assert Path("run", name).is_file(), name
    assert "test bleu" in printed
    assert "run/metrics.json" in printed
    assert list(Path("run/maps").glob("*.png"))

    metrics = _metrics("run")
    assert metrics["steps"] == 8
    assert metrics["attention_slots"] == {"cross": "additive"}
    assert set(metrics["test"]) == {"loss", "perplexity", "bleu", "chrf"}
    assert "nrefs:1" in metrics["signatures"]["bleu"]
    assert metrics["padding_share"] < 0.5
    assert len(metrics["data"]["checksum"]) == 64
    assert metrics["best"]["score"] == min(float(v) for _, m, v in _curves("run") if m == "val/loss")

    lines = [json.loads(line) for line in Path("run/predictions.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == list(range(SIZES["test"]))
    assert lines[0]["input"] == (corpus / "test.en").read_text().splitlines()[0]
    assert lines[0]["target"] == (corpus / "test.es").read_text().splitlines()[0]

    assert metrics["command"].startswith("attnlab train data=parallel_text data.root=")
    assert_records_agree(Path("run"))

    # Evaluating again, from the folder, gives the same scores; fewer beams may not.
    assert cli.main(["evaluate", "run", "--json", "trainer.precision=32-true"]) == 0
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert again.pop("num_examples") == SIZES["test"]
    for key in ("of_examples", "warnings", "signatures"):
        del again[key]
    assert again == pytest.approx(metrics["test"], rel=1e-5)

    # The best checkpoint alone, moved, with the corpus and the run gone, still translates.
    shutil.copy("run/checkpoints/best.ckpt", tmp_path / "elsewhere.ckpt")
    shutil.rmtree("run")
    shutil.rmtree("cache")
    corpus.rename(tmp_path / "gone")
    assert cli.main(["predict", "elsewhere.ckpt", lines[0]["input"], "one two", "--json", "--map", "m.png"]) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first["output"] == lines[0]["output"]
    assert first["score"] == pytest.approx(lines[0]["score"], abs=2e-4)
    assert second["input"] == "one two"
    alignment = torch.tensor(first["details"]["alignment"])
    assert alignment.shape == (len(first["details"]["target_tokens"]), len(first["details"]["source_tokens"]))
    assert torch.allclose(alignment.sum(dim=1), torch.ones(len(alignment)), atol=1e-2)
    assert Path("m.png").read_bytes().startswith(b"\x89PNG")


def test_a_finished_run_is_reported_not_repeated_and_fresh_keeps_the_old(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(corpus, "output_dir=run") == 0
    before = Path("run/metrics.json").stat().st_mtime_ns
    assert run(corpus, "output_dir=run") == 0
    assert "this run is finished" in capsys.readouterr().out
    assert Path("run/metrics.json").stat().st_mtime_ns == before
    assert run(corpus, "output_dir=run", "fresh=true", "trainer.max_steps=4") == 0
    assert _metrics("run")["steps"] == 4
    assert _metrics("run/earlier/1")["steps"] == 8


WHOLE = {
    "name": "a",
    "results": identity.RESULTS,
    "test": {"loss": 0.5},
    "best": {"monitor": "val/loss", "score": 0.5, "step": 7},
    "parameters": {"total": 1},
    "attention_slots": {},
    "padding_share": None,
    "wall_seconds": 1.0,
}


def test_what_a_finished_run_of_somebodys_says_wrongly_is_one_line() -> None:
    config = build.plain(compose_run(["task=ner", "output_dir=run"]))
    Path("run").mkdir()
    Path("run/config.json").write_text(json.dumps(config))
    wrong = ({"parameters": 3}, {"test": {"loss": "much"}}, {"wall_seconds": None}, {"warnings": [{}]})
    for changed, predictions in [({}, ""), *((each, "") for each in wrong), ({}, "[" * 100_000), ({}, '{"input": 3}')]:
        Path("run/metrics.json").write_text(json.dumps(WHOLE | changed))
        Path("run/predictions.jsonl").write_text(predictions)
        if not (changed or predictions):
            assert train.train(config, command=[], resumes=True) == 0.5
            continue
        with pytest.raises(UserError, match=r"^files of a finished run must be as it left them, got run/metrics.json "):
            train.train(config, command=[], resumes=True)


def test_a_run_of_another_config_is_refused_with_the_difference(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(corpus, "output_dir=run", "trainer.max_steps=4") == 0
    capsys.readouterr()
    assert run(corpus, "output_dir=run", "trainer.max_steps=4", "model.dim=14") == 2
    error = capsys.readouterr().err
    assert "holds a run of another config: model.dim was 12, now 14" in error


def _run_until(step: int, corpus: Path, *more: str) -> int:
    """As if the user had pressed Ctrl-C during update `step`."""

    def agreed(self: Checkpoints, trainer: Trainer) -> Wish:
        now = trainer.global_step == step and (not trainer.validating or self._written_at == step)
        return Wish.STOP if now else Wish.GO_ON

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoints, "_agreed", agreed)
        return run(corpus, *more)


@pytest.mark.text
@pytest.mark.parametrize(
    "more, stops",
    [
        (["model=attention_seq2seq"], [1, 6]),
        (["model=transformer", "trainer.accumulate_grad_batches=2"], [2, 4, 7]),
    ],
)
def test_an_interrupted_run_ends_with_the_same_bits(
    corpus: Path, capsys: pytest.CaptureFixture[str], more: list[str], stops: list[int]
) -> None:
    """Interrupted in mid-epoch, at a validation, before one: weights, curves, scores and predictions are the same."""
    more = [*more, "model.dim=12", "optimizer.lr=0.01"]
    assert run(corpus, "output_dir=whole", *more) == 0
    for stop in stops:
        assert _run_until(stop, corpus, "output_dir=parts", *more) == 130
        assert f"interrupted after update {stop}; the same command continues it" in capsys.readouterr().err
    assert cli.main(["train", "resume=parts"]) == 0

    for name in ("last.ckpt", "best.ckpt"):
        whole, parts = _weights(Path("whole/checkpoints", name)), _weights(Path("parts/checkpoints", name))
        assert whole.keys() == parts.keys()
        assert all(torch.equal(whole[key], parts[key]) for key in whole)
    assert _curves("whole") == _curves("parts")
    assert Path("whole/predictions.jsonl").read_text() == Path("parts/predictions.jsonl").read_text()
    for key in ("test", "best", "steps", "padding_share"):
        assert _metrics("whole")[key] == _metrics("parts")[key]


def test_a_run_killed_while_it_is_tested_is_only_tested_again(corpus: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("attnlab.runs.record.write", _die)
        assert run(corpus, "output_dir=run") == 1  # one line, of memory
    trained = Path("run/checkpoints/last.ckpt").stat().st_mtime_ns
    assert run(corpus, "output_dir=run") == 0
    assert Path("run/checkpoints/last.ckpt").stat().st_mtime_ns == trained
    assert _metrics("run")["steps"] == 8
    assert _metrics("run")["best"]["score"] is not None


def _die(*_: Any, **__: Any) -> None:
    raise MemoryError


def test_a_refused_command_leaves_the_run_resumable(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run_until(5, corpus, "output_dir=run") == 130
    assert run(corpus, "output_dir=run", "model.dim=14") == 2
    assert "model.dim was 12, now 14" in capsys.readouterr().err
    assert cli.main(["train", "resume=run"]) == 0
    assert _metrics("run")["steps"] == 8


def test_a_run_that_ends_before_its_first_validation_is_reported_too(corpus: Path) -> None:
    for _ in range(2):
        assert run(corpus, "output_dir=run", "trainer.max_steps=2") == 0
    assert _metrics("run")["best"]["score"] is None
    assert Path("run/checkpoints/best.ckpt").is_file()


def test_a_folder_belongs_to_one_process_at_a_time(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with locked(Path("run")):
        assert run(corpus, "output_dir=run") == 2
    assert "another process is training in run" in capsys.readouterr().err
    assert run(corpus, "output_dir=run", "trainer.max_steps=2") == 0


def test_a_resume_on_changed_data_is_refused(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run_until(5, corpus, "output_dir=run") == 130
    with (corpus / "train.en").open("a") as en, (corpus / "train.es").open("a") as es:
        en.write("one\n")
        es.write("uno\n")
    capsys.readouterr()
    assert run(corpus, "output_dir=run") == 2
    assert "the data has changed since this run began" in capsys.readouterr().err


def test_a_damaged_last_checkpoint_gives_way_to_the_one_before(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(corpus, "output_dir=whole") == 0
    assert _run_until(5, corpus, "output_dir=parts") == 130
    last = Path("parts/checkpoints/last.ckpt")
    last.write_bytes(last.read_bytes()[:1000])
    assert run(corpus, "output_dir=parts") == 0
    assert re.search(r"parts/checkpoints/last.ckpt: .*; trying the one before", capsys.readouterr().err)
    whole, parts = _weights(Path("whole/checkpoints/last.ckpt")), _weights(last)
    assert all(torch.equal(whole[key], parts[key]) for key in whole)


@pytest.mark.text
def test_a_warm_start_begins_from_the_other_runs_weights(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(corpus, "output_dir=first", "trainer.max_steps=4") == 0
    frozen = ["optimizer.lr=0.0", "optimizer.weight_decay=0.0", "trainer.max_steps=4"]
    assert run(corpus, "output_dir=second", "init_from=first", *frozen) == 0
    first, second = (_weights(Path(run_, "checkpoints/last.ckpt")) for run_ in ("first", "second"))
    best = _weights(Path("first/checkpoints/best.ckpt"))
    assert all(torch.equal(best[key], second[key]) for key in first)
    assert run(corpus, "output_dir=third", "init_from=first", "init_strict=true", "model.dim=14") == 2
    assert "these weights don't fit this model, got first (set init_from)" in capsys.readouterr().err


def test_a_sweep_is_a_run_folder_and_a_wandb_run_each(corpus: Path) -> None:
    sweep = ["-m", "attention=additive,uniform", "seed=1,2", "trainer.max_steps=2", "trainer.val_check_interval=2"]
    try:
        assert cli.main([*tiny(corpus, "logger=default"), *sweep]) == 0
    finally:
        wandb.teardown()
    runs = list(Path("outputs/translation").glob("*/*/wandb/offline-run-*/run-*.wandb"))
    assert len({path.stem for path in runs}) == len({path.parents[2] for path in runs}) == 4
    found = sorted(Path("outputs/translation").glob("*/*/metrics.json"))
    assert len(found) == 4
    assert {(m["name"], m["seed"]) for m in map(json.loads, (p.read_text() for p in found))} == {
        (f"attention_seq2seq-{mechanism}", seed) for mechanism in ("additive", "uniform") for seed in (1, 2)
    }


def test_max_epochs_counts_passes_over_the_data(corpus: Path) -> None:
    assert run(corpus, "output_dir=run", "trainer.max_epochs=2", "data.batch_tokens=400") == 0
    rows = _curves("run")
    assert _metrics("run")["steps"] == int(rows[-1][0]) > 2


@pytest.mark.text
def test_bf16_trains(corpus: Path) -> None:
    assert run(corpus, "output_dir=run", "trainer.precision=bf16-mixed", "trainer.max_steps=4") == 0
    assert _metrics("run")["precision"] == "bf16-mixed"


def _start(arguments: list[str]) -> subprocess.Popen[str]:
    """The installed command itself, as a user starts it."""
    command = [str(Path(sys.executable).with_name("attnlab")), *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )  # fmt: skip


def test_ctrl_c_leaves_a_usable_checkpoint(corpus: Path) -> None:
    process = _start(tiny(corpus, "output_dir=run", "trainer.max_steps=100000", "scheduler=constant"))
    deadline = time.monotonic() + 120
    while not Path("run/metrics.csv").exists() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    assert "the same command continues it" in error
    assert "Traceback" not in error
    assert checkpoint.load(Path("run/checkpoints/last.ckpt"))["global_step"] > 0


@pytest.mark.text
def test_two_processes_train_and_score_as_one(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    process = _start(
        tiny(corpus, "output_dir=run", "trainer.accelerator=cpu", "trainer.devices=2", "trainer.strategy=ddp")
    )
    _, error = process.communicate(timeout=300)
    assert process.returncode == 0, error
    metrics = _metrics("run")
    assert metrics["devices"] == "2 x cpu"
    lines = Path("run/predictions.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == list(range(SIZES["test"]))
    assert cli.main(["evaluate", "run", "--json", "trainer.precision=32-true"]) == 0
    alone = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert alone.pop("num_examples") == SIZES["test"]
    for key in ("of_examples", "warnings", "signatures"):
        del alone[key]
    assert alone == pytest.approx(metrics["test"], rel=1e-5)


def test_fewer_examples_than_processes_are_said_before_one_waits_for_another(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(corpus, "trainer=ddp_cpu", "trainer.devices=11") == 2
    assert "each of 11 processes needs an example of test, got 7 (set trainer.devices)" in capsys.readouterr().err


class _Ready(Exception):
    """Training would begin here."""


def test_training_begins_with_the_same_weights_and_generators_whatever_the_mechanism(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[tuple[dict[str, torch.Tensor], Any]] = []

    def stop_here(task: Any, *_: Any, **__: Any) -> None:
        state = random_state(torch.device("cpu"))
        found.append((task.state_dict(), (state["python"], state["numpy"], state.pop("torch").tolist())))
        raise _Ready

    monkeypatch.setattr(train, "make_ready", stop_here)
    for attention in ("additive", "dot"):
        config = build.plain(compose_run([*tiny(corpus)[1:], f"attention={attention}", f"output_dir={attention}"]))
        with pytest.raises(_Ready):
            train.train(config, command=[])
    (additive, state), (dot, other) = found
    assert state == other
    shared = additive.keys() & dot.keys()
    assert all(torch.equal(additive[path], dot[path]) for path in shared)
    assert len(shared) > 5
    assert additive.keys() != dot.keys()
