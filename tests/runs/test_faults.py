"""What tells of the machine is one line with a key that exists; everything else keeps what it is."""

import errno
from pathlib import Path
from typing import Any

import pytest
import torch.distributed

from attnlab.errors import Fault, UserError
from attnlab.launch.ending import Ended, ended
from attnlab.runs.faults import faults_named

GIB = 2**30


def _config(**data: Any) -> dict[str, Any]:
    return {"data": data, "output_dir": "outputs/run"}


def _said(error: Exception, *, batches: bool = True, **data: Any) -> str:
    with pytest.raises(Fault) as fault, faults_named(_config(**data), batches=batches):
        raise error
    return str(fault.value)


def _from(error: Exception, cause: BaseException) -> Exception:
    error.__context__ = cause
    return error


CPU = RuntimeError(f"DefaultCPUAllocator: can't allocate memory: you tried to allocate {80 * GIB} bytes. Error code 12")
CUDA = torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 512.00 MiB. GPU 0 has a total capacity of")


@pytest.mark.parametrize(
    "error, data, said",
    [
        (CPU, {"batch_tokens": 4096}, "got data.batch_tokens=4096 where 80 GiB more were asked for (set a lower data."),
        (CUDA, {"batch_size": 64}, "got data.batch_size=64 where 512 MiB more were asked for (set a lower data.batch"),
        (CUDA, {"batch_size": 1}, "got data.batch_size=1 where 512 MiB more were asked for (set smaller values of mod"),
        (MemoryError("Unable to allocate 7.45 GiB for an array"), {"batch_size": 2}, "where 7.45 GiB more were asked"),
        (MemoryError(), {}, "got none (set smaller values of data.* or model.*)"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), {"batch_size": 2}, "got data.batch_size=2 (set a lower data"),
        (_from(RuntimeError("unexpected pos 1 vs 2"), MemoryError()), {"batch_size": 2}, "got data.batch_size=2 (set"),
        (_from(UserError(f"model can't be made: {CPU}"), CPU), {"batch_size": 2}, "got data.batch_size=2 where 80 GiB"),
    ],
)
def test_memory_that_gives_out_names_the_batch_and_what_to_lower(
    error: Exception, data: dict[str, Any], said: str
) -> None:
    message = _said(error, **data)
    assert message.startswith("there must be memory for a batch, got ")
    assert said in message


def test_before_there_are_batches_it_is_the_model_or_the_data() -> None:
    message = _said(CPU, batches=False, batch_size=64)
    assert message.startswith("there must be memory for data and model, got none where 80 GiB more were asked for (set")


@pytest.mark.parametrize(
    "error, said",
    [
        (RuntimeError("DataLoader worker (pid 7118) is killed by signal: Killed. "), "is killed by signal: Killed"),
        (RuntimeError("DataLoader worker (pid(s) 7, 8) exited unexpectedly"), "exited unexpectedly"),
        (RuntimeError("[gloo/transport/tcp/pair.cc:545] Read error: Connection reset by peer."), "Connection reset by"),
        (RuntimeError("[gloo/buffer.cc] Timed out waiting 1800000ms for recv"), "Timed out waiting 1800000ms"),
        (torch.distributed.DistBackendError("NCCL error: remote process exited"), "remote process exited"),
    ],
)
def test_processes_that_are_gone_are_told_and_may_not_be_another_time(error: Exception, said: str) -> None:
    assert said in _said(error, batch_size=2)

    def run() -> float:
        with faults_named(_config(batch_size=2), batches=True):
            raise error

    assert isinstance(found := ended(run), Ended)
    assert found.status == "died"


def test_a_file_of_the_runs_own_that_is_gone_is_named_by_what_was_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = FileNotFoundError(errno.ENOENT, "No such file", "outputs/run/checkpoints/last.ckpt.new")
    Path("outputs").mkdir()
    assert "got outputs/run, which is gone" in _said(gone)
    Path("outputs/run").mkdir()
    assert "got outputs/run/checkpoints, which is gone" in _said(gone)


@pytest.mark.parametrize(
    "error",
    [
        UserError("mine"),
        _from(UserError("this picture must fit into memory"), MemoryError()),
        RuntimeError("shapes don't match"),
        FileNotFoundError(errno.ENOENT, "No such file", "elsewhere/x"),
        OSError(errno.ENOSPC, "No space left on device", "outputs/run/x"),
        ValueError("x"),
    ],
)
def test_anything_else_stays_what_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, faults_named(_config(batch_size=2), batches=True):
        raise error
    assert raised.value is error
