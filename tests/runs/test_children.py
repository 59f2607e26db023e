"""A process that a run has started and that failed ends the first with a line, after it had time to say so itself."""

import os
import subprocess

import pytest

from attnlab.runs import children


def _watched(commands: list[str]) -> int:
    """The exit status of a process that watches over these; 0 where it ends by itself."""
    if pid := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    children.LOOK_SECONDS = children.GRACE_SECONDS = 0.1
    try:
        children._watch([subprocess.Popen(["sh", "-c", each]) for each in commands])
    finally:
        os._exit(0)


@pytest.mark.parametrize(
    "commands, status, said",
    [
        (["exit 0", "sleep 0.2"], 0, ""),
        (["exit 130"], 0, ""),
        (["exec sleep 60", "exit 3"], 1, "got one that ended with exit status 3 (see what it said last"),
        (["kill -9 $$"], 1, "got one that was killed by SIGKILL (see what it said last"),
    ],
)
def test_it_waits_for_those_that_end_well_and_follows_one_that_fails(
    commands: list[str], status: int, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert _watched(commands) == status
    assert said in capfd.readouterr().err
