"""What is asked of SLURM, and what it answers."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from attnlab.errors import UserError
from attnlab.launch import slurm_queue
from attnlab.launch.slurm_queue import Asked, Queued

ASKED = Asked(Path("/jobs"), 3, {"nodes": 2, "tasks_per_node": 4, "gpus_per_node": 4, "slurm_partition": "fast"})


def answers(monkeypatch: pytest.MonkeyPatch, output: str, *, status: int = 0) -> list[list[str]]:
    """Have squeue say this; the commands that were called."""
    called: list[list[str]] = []

    def run(command: list[str], **_: Any) -> Any:
        called.append(command)
        if status:
            raise subprocess.CalledProcessError(status, command)
        return subprocess.CompletedProcess(command, 0, stdout=output)

    monkeypatch.setattr(slurm_queue.subprocess, "run", run)
    return called


def test_each_job_has_its_state_and_its_script(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "7_0|RUNNING|/jobs/a b|c/x.sh\n7_1|CANCELLED|/jobs/x.sh\n\nsqueue: odd\n")
    found = slurm_queue.queued()
    assert found == {"7_0": Queued("RUNNING", Path("/jobs/a b|c/x.sh")), "7_1": Queued("CANCELLED", Path("/jobs/x.sh"))}
    assert [each.is_alive for each in found.values()] == [True, False]


def test_a_slurm_that_does_not_answer_knows_of_no_job(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answers(monkeypatch, "", status=1)
    assert slurm_queue.queued() is None
    assert "SLURM doesn't answer: " in caplog.text


def test_what_is_one_process_asks_for_one_device() -> None:
    parameters = ASKED.for_one_process().parameters
    assert [parameters[key] for key in ("nodes", "tasks_per_node", "gpus_per_node")] == [1, 1, 1]
    assert parameters["slurm_partition"] == "fast"
    assert "gpus_per_node" not in Asked(Path("/jobs"), 3, {}).for_one_process().parameters


NO_CLUSTER = """\
sbatch: error: resolve_ctls_from_dns_srv: res_nsearch error: Unknown host
sbatch: error: fetch_config: DNS SRV lookup failed
sbatch: error: _establish_config_source: failed to fetch config
sbatch: fatal: Could not establish a configuration source"""
NO_CONTROLLER = "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)"


def programs(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    for name in ("sbatch", "srun"):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


@pytest.mark.parametrize(
    "script, why",
    [
        (f"echo '{NO_CLUSTER}' >&2; exit 1", "Could not establish a configuration source"),
        (
            f"[ \"$1\" = --version ] && exit 0; echo '{NO_CONTROLLER}' >&2; exit 1",
            "Batch job submission failed: Unable to contact slurm controller (connect failure)",
        ),
    ],
)
def test_where_no_slurm_answers_one_line_says_so(
    script: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    programs(tmp_path, monkeypatch, script)
    with pytest.raises(UserError) as refused:
        slurm_queue.send(Asked(tmp_path / "jobs", 3, {"timeout_min": 5}), [print])
    assert str(refused.value) == (
        f"no SLURM answers here, got hydra/launcher=slurm: {why} (start it on the cluster's login node, or set "
        "hydra/launcher=local)"
    )
    assert "sbatch" not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    "asked, status, said",
    [
        (
            {"timeout_min": "long"},
            0,
            r"^SLURM can't be asked for this: Parameter \"timeout_min\" expected .*\(set hydra",
        ),
        ({"slurm_nosuch": 1}, 0, r"^SLURM can't be asked for this: Unknown argument 'nosuch' .* \(set hydra"),
        (
            {"timeout_min": 5},
            1,
            r"^SLURM refuses these jobs: sbatch: error: invalid partition \(set hydra.launcher.\*\)$",
        ),
    ],
)
def test_what_cannot_be_asked_is_one_line(
    asked: dict[str, Any],
    status: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    programs(tmp_path, monkeypatch, f"echo sbatch: error: invalid partition >&2\nexit {status}")
    with pytest.raises(UserError, match=said):
        slurm_queue.send(Asked(tmp_path / "jobs", 3, asked), [print])
    assert "sbatch" not in capfd.readouterr().err  # it is told once
