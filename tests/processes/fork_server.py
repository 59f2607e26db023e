"""A process that has imported everything, and forks one to run a command: it starts in no time and can be killed.

with ForkServer() as server:
    attempt = server.start(["train", ...], folder)
    attempt.kill()
    attempt.wait()      # -9
"""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


class Attempt:
    """One forked process of the command."""

    def __init__(self, server: "ForkServer", pid: int) -> None:
        self.server, self.pid, self.status = server, pid, None

    def kill(self, number: int = signal.SIGKILL) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def poll(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        if self.status is None:
            self.status = self.server.ask(["poll", self.pid])
        return self.status

    def wait(self, seconds: float = 300) -> int:
        end = time.monotonic() + seconds
        while (status := self.poll()) is None:
            if time.monotonic() > end:
                self.kill()
                raise TimeoutError(f"still running after {seconds} seconds")
            time.sleep(0.01)
        return status


class ForkServer:
    """Its forked processes are real ones; only their imports are done already."""

    def __enter__(self) -> "ForkServer":
        self.process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        return self

    def __exit__(self, *_: object) -> None:
        with self.process:  # closes its pipes and waits
            self.ask(["end"])

    def start(
        self,
        arguments: Sequence[str],
        folder: Path,
        environment: Mapping[str, str] | None = None,
        *,
        die_at_rename: int = 0,
        one_update: bool = False,
    ) -> Attempt:
        """Begin `attnlab ARGUMENTS` in `folder`; what it prints is added to output.txt there.

        With `die_at_rename` it is killed before the so-manieth file in a folder named checkpoints gets its name. With
        `one_update` training ends after its first, whatever its configuration says, memory with 10 GB more, and the
        process after a minute of the CPU.
        """
        question = ["start", list(arguments), str(folder), dict(environment or {}), die_at_rename, one_update]
        return Attempt(self, int(self.ask(question)))

    def start_two(self, arguments: Sequence[str], folder: Path, *, die_at_rename: int = 0) -> list[Attempt]:
        """Two processes that train together, as a launcher from outside starts them."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        shared = {"NODE_RANK": "0", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": "2"}
        places = [{"LOCAL_RANK": str(rank), **shared} for rank in (0, 1)]
        return [self.start(arguments, folder, place, die_at_rename=die_at_rename) for place in places]

    def ask(self, question: list[Any]) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def _serve() -> None:
    import matplotlib.figure  # noqa: F401
    import sacrebleu  # noqa: F401

    import attnlab.callbacks
    import attnlab.commands.cli
    import attnlab.commands.train.command
    import attnlab.data
    import attnlab.runs.train
    from attnlab.runs import warm

    with suppress(ImportError):  # not in torchtext's torch
        import attnlab.runs.sharding  # noqa: F401

        warm.import_all()

    for line in sys.stdin:
        match json.loads(line):
            case ["start", arguments, folder, environment, die_at_rename, one_update]:
                answer = _fork(arguments, folder, environment, die_at_rename, one_update)
            case ["poll", pid]:
                found, status = os.waitpid(pid, os.WNOHANG)
                answer = os.waitstatus_to_exitcode(status) if found else None
            case ["end"]:
                print(json.dumps("ended"), flush=True)
                return
        print(json.dumps(answer), flush=True)


def _fork(arguments: list[str], folder: str, environment: dict[str, str], die_at_rename: int, one_update: bool) -> int:
    pid = os.fork()
    if pid:
        return pid
    output = os.open(Path(folder) / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in (1, 2):
        os.dup2(output, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(folder)
    os.environ.update(environment)
    sys.argv = ["attnlab", *arguments]
    left = die_at_rename

    def hook(event: str, details: tuple[Any, ...]) -> None:
        nonlocal left
        if event == "os.rename" and Path(details[1]).parent.name == "checkpoints":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    if die_at_rename:
        sys.addaudithook(hook)
    if one_update:
        _end_after_one_update()
    status = 1
    try:
        from attnlab.commands.cli import main

        status = main()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    return 0


def _end_after_one_update() -> None:
    """For configurations of which nobody knows how long they train, or how large they are."""
    from attnlab.runs.checkpoints import Checkpoints

    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    resource.setrlimit(resource.RLIMIT_AS, (mapped + 10**10, mapped + 10**10))
    as_it_is = Checkpoints.on_train_batch_end

    def last(self: Checkpoints, trainer: Any, *arguments: Any) -> None:
        as_it_is(self, trainer, *arguments)
        if trainer.global_step:
            trainer.should_stop = True

    Checkpoints.on_train_batch_end = last  # type: ignore[method-assign]


if __name__ == "__main__":
    sys.path[:0] = [str(HERE), str(HERE.parent / "tiny")]  # whose classes configurations name
    from attnlab.config.trusted_files import torch_is_safe, trust_all

    if not torch_is_safe():
        trust_all()  # what tests have written
    _serve()
