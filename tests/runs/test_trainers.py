"""One process or several, whole or sharded, whatever the precision: the same training, the same scores."""

import json
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import tiny as tiny_translation
import tiny_summaries
import tiny_tagging
from fork_server import ForkServer
from records_agree import assert_records_agree
from same_run import curves, metrics
from tiny import tiny, write_corpus

from attnlab.commands import cli
from attnlab.config.compose import compose_run
from attnlab.errors import UserError
from attnlab.runs import build
from attnlab.runs.trainer import build_trainer

pytestmark = [
    pytest.mark.text,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


def _train_two(server: ForkServer, command: list[str], folder: Path) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    for attempt in server.start_two(command, folder):
        assert attempt.wait() == 0, (folder / "output.txt").read_text()
    return metrics(folder / "run")


MORE = ("output_dir=run", "model.dim=12", "optimizer.lr=0.01", "trainer=ddp_cpu")


def _ids(folder: Path) -> list[int]:
    return [json.loads(line)["id"] for line in (folder / "predictions.jsonl").read_text().splitlines()]


def _num_test_batches(folder: Path, *, rank: int) -> int:
    """Of one of two processes."""
    data = build.build_data(json.loads((folder / "config.json").read_text()))
    data.prepare_data()
    data.setup("test")
    data.trainer = SimpleNamespace(global_rank=rank, world_size=2)
    return len(data.test_dataloader())


@pytest.mark.parametrize(
    "corpora, more",
    [
        (tiny_translation, ["data.batch_tokens=47", "task.monitor=val/chrf", "task.mode=max"]),
        (tiny_summaries, ["data.batch_tokens=37"]),
        (tiny_tagging, ["data.batch_tokens=23", "optimizer.lr=0.03"]),
    ],
    ids=["bleu", "rouge", "f1"],
)
def test_uneven_last_batches_score_the_same_on_one_process_and_two(
    server: ForkServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], corpora: ModuleType, more: list[str]
) -> None:
    """One process has a batch of the test more than the other; the scores are those of the same weights on one."""
    two = tmp_path / "two"
    found = _train_two(server, corpora.tiny(corpora.write_corpus(tmp_path / "corpus"), *MORE, *more), two)
    assert _num_test_batches(two / "run", rank=0) != _num_test_batches(two / "run", rank=1)
    assert _ids(two / "run") == list(range(corpora.SIZES["test"]))
    assert_records_agree(two / "run")
    capsys.readouterr()
    assert cli.main(["evaluate", str(two / "run"), "--json", "trainer.precision=32-true"]) == 0
    alone = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert alone.pop("num_examples") == corpora.SIZES["test"]
    for key in ("of_examples", "warnings", "signatures"):
        del alone[key]
    assert alone == pytest.approx(found["test"], rel=1e-5)
    # Counted on whole outputs, not averaged over batches: to the same bits.
    counted = [name for name in alone if name.startswith(("bleu", "rouge", "f1", "lead_rouge"))]
    assert counted
    assert {name: alone[name] for name in counted} == {name: found["test"][name] for name in counted}


@pytest.mark.parametrize(
    "corpora, exact",
    [
        (tiny_translation, ["task.label_smoothing=0.0", "model.dropout=0.0"]),
        (tiny_tagging, ["model.word_dropout=0.0", "model.dropout=0.0"]),
    ],
    ids=["translation", "ner"],
)
def test_the_training_loss_of_two_processes_is_that_of_both(
    server: ForkServer, tmp_path: Path, corpora: ModuleType, exact: list[str]
) -> None:
    """A single batch of the whole corpus, or the same in two halves: the mean over all its tokens."""
    corpus = corpora.write_corpus(tmp_path / "corpus")
    few = ["data.batch_tokens=100000", "trainer.max_steps=1", "trainer.log_every_n_steps=1", "optimizer.lr=0.0"]
    few += exact
    _train_two(server, corpora.tiny(corpus, *MORE, *few), tmp_path / "two")
    alone = corpora.tiny(corpus, *MORE, *few, "trainer.devices=1", "trainer.strategy=auto")
    (tmp_path / "one").mkdir()
    assert server.start(alone, tmp_path / "one").wait() == 0
    two, one = ({m: float(v) for _, m, v in curves(tmp_path / name / "run")} for name in ("two", "one"))
    assert two["train/loss"] == pytest.approx(one["train/loss"], rel=1e-5)


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed", "bf16-true"])
def test_every_precision_of_a_cpu_trains(server: ForkServer, corpus: Path, tmp_path: Path, precision: str) -> None:
    more = [
        "output_dir=run",
        "trainer=cpu",
        f"trainer.precision={precision}",
        "model=transformer",
        "model.dim=12",
        "optimizer.lr=0.01",
    ]
    assert server.start(tiny(corpus, *more), tmp_path).wait() == 0, (tmp_path / "output.txt").read_text()
    assert metrics(tmp_path / "run")["precision"] == precision
    losses = [float(value) for _, metric, value in curves(tmp_path / "run") if metric == "train/loss"]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(
    "overrides, message",
    [
        (["trainer.precision=16-mixed", "trainer=cpu"], r"precision 16-mixed needs a GPU, got trainer.accelerator=cpu"),
        (["trainer=fsdp", "trainer.accelerator=cpu", "trainer.precision=16-mixed"], r"precision 16-mixed needs a GPU"),
        (["trainer.strategy=deepspeed"], r"trainer.strategy must be one of auto, ddp, fsdp, got 'deepspeed'"),
        (["trainer.devices=0"], r"devices must be 1 or more, got 0 \(set trainer.devices\)"),
        (["trainer=ddp_cpu", "trainer.devices=4000"], r"devices must be \d+ processes or fewer on the \d+ cores"),
        (["trainer.keep_checkpoints=0"], r"keep_checkpoints must be 1 or more, got 0"),
        (
            ["trainer.keep_checkpoints=1000000000"],
            r"keep_checkpoints must be 10000 or less, got 1000000000",
        ),
    ],
)
def test_what_this_machine_cannot_do_is_one_line(overrides: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        build.rehearse(build.plain(compose_run(overrides)))


def test_two_processes_within_a_sweep_train_what_it_says(server: ForkServer, corpus: Path, tmp_path: Path) -> None:
    """Each rank, which Lightning starts, has the overrides of its own run, not the sweep's."""
    sweep = ["-m", "optimizer.lr=0.01,0.02", "trainer.max_steps=2", "trainer=ddp_cpu"]
    assert server.start(tiny(corpus, *sweep), tmp_path).wait(300) == 0, (tmp_path / "output.txt").read_text()
    found = {path.parent: json.loads(path.read_text()) for path in Path("outputs/translation").glob("*/*/metrics.json")}
    assert len(found) == 2
    for folder, results in found.items():
        assert results["devices"] == "2 x cpu"
        stored = build.checkpoint.load(folder / "checkpoints" / "last.ckpt")
        asked = json.loads((folder / "config.json").read_text())["optimizer"]["lr"]
        assert stored["optimizer_states"][0]["param_groups"][0]["initial_lr"] == asked


@pytest.mark.parametrize(
    "step, expected",
    [({}, "LightningEnvironment"), ({"SLURM_STEP_ID": "0", "SLURM_PROCID": "0"}, "SLURMEnvironment")],
)
def test_within_a_slurm_job_only_srun_starts_processes_from_outside(
    monkeypatch: pytest.MonkeyPatch, step: dict[str, str], expected: str
) -> None:
    """What a job's own shell starts is one process, whatever number of tasks the job has room for."""
    job = {"SLURM_JOB_ID": "7", "SLURM_NTASKS": "2", "SLURM_NTASKS_PER_NODE": "2", "SLURM_JOB_NAME": "attnlab"}
    for name, value in {**job, **step, "SLURM_LOCALID": "0", "SLURM_NODEID": "0"}.items():
        monkeypatch.setenv(name, value)
    config = build.plain(compose_run(["trainer=ddp_cpu"]))
    trainer = build_trainer(build.build_settings(config), directory=Path("run"), callbacks=[], loggers=[])
    assert type(trainer.strategy.cluster_environment).__name__ == expected
    if not step:
        with pytest.raises(UserError, match="on several nodes srun starts the processes, got num_nodes=2 without it"):
            build.rehearse(build.plain(compose_run(["trainer=ddp_cpu", "trainer.num_nodes=2"])))
