"""What a job of SLURM leaves on record, in a process of its own as it is there."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from attnlab.launch.ending import Ended
from attnlab.launch.slurm_run import told

CODE = """
import os, signal, sys
from functools import partial
from pathlib import Path
from attnlab.launch.ending import Ended, ended
from attnlab.launch.slurm_run import SlurmRun

def train():
    print("as it trains", flush=True)
    if sys.argv[3] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if sys.argv[3] == "diverges":
        raise FloatingPointError("the loss is nan")
    return 0.25

def again():
    return Ended("finished", 0.75)

SlurmRun(partial(ended, train), again=again, log=Path(sys.argv[1]), record=Path(sys.argv[2]))()
"""


def played(folder: Path, how: str, **environment: str) -> tuple[int, Path, Path]:
    log, record = folder / "run" / "train.log", folder / "batch" / "3.json"
    command = [sys.executable, "-c", CODE, str(log), str(record), how]
    done = subprocess.run(command, env=os.environ | environment, check=False, capture_output=True)
    return done.returncode, log, record


@pytest.mark.parametrize(
    "how, ended",
    [("well", Ended("finished", 0.25)), ("diverges", Ended("diverged", error="the loss is nan")), ("killed", None)],
)
def test_a_job_says_that_it_began_and_how_its_run_ended(how: str, ended: Ended | None, tmp_path: Path) -> None:
    assert told(tmp_path / "batch" / "3.json") is None
    status, log, record = played(tmp_path, how)
    assert status == (-signal.SIGKILL if how == "killed" else 0)
    found: Any = told(record)
    assert found.ended == ended
    assert found.seconds >= 0
    assert "as it trains" in log.read_text()


def test_a_job_that_is_put_back_goes_on(tmp_path: Path) -> None:
    played(tmp_path, "killed")
    status, _, record = played(tmp_path, "killed")
    found: Any = told(record)
    assert (status, found.ended) == (0, Ended("finished", 0.75))


def test_of_several_processes_the_first_alone_writes(tmp_path: Path) -> None:
    step = {"SLURM_JOB_ID": "7", "SLURM_JOB_NAME": "attnlab", "SLURM_STEP_ID": "0", "SLURM_PROCID": "1"}
    status, log, record = played(tmp_path, "well", **step)
    assert status == 0
    assert not log.exists()
    assert told(record) is None
