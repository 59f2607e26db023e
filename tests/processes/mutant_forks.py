"""One process forked for each change, with what others wrote imported already, and ours imported with the change.

What modules took from each other is so never an earlier state of theirs. Processes that tests begin themselves, but for
forks, know nothing of a change.
"""

import gc
import importlib.abc
import importlib.util
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from mirror import PACKAGE, Mirror
from mutants import Mutant

# What the tests and the package import of others.
WARM = (
    *("torch", "lightning", "torchmetrics", "hydra", "omegaconf", "scipy.stats", "matplotlib.figure", "sacrebleu"),
    *("hypothesis", "jinja2", "PIL.Image", "wandb", "faster_coco_eval", "altair", "tokenizers", "torchvision"),
)


class Measured:
    """pytest's plugin: which tests of a mirror run, and how long those of each file take on the CPU."""

    def __init__(self, wanted: Mirror, *, without: frozenset[str] = frozenset()) -> None:
        self.wanted, self.without = wanted, without
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.failed: list[str] = []

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if self.wanted.has(item.name) and item.nodeid not in self.without]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        start = time.process_time()
        result = yield
        self.seconds[str(item.path)] += time.process_time() - start
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)


class Changed(importlib.abc.MetaPathFinder):
    """Imports one module with a change."""

    def __init__(self, mutant: Mutant) -> None:
        self.path = PACKAGE / mutant.path
        parts = ["attnlab", *Path(mutant.path).with_suffix("").parts]
        self.name = ".".join(parts).removesuffix(".__init__")
        self.source = mutant.apply(self.path.read_text(encoding="utf-8"))

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != self.name:
            return None
        places = [str(self.path.parent)] if self.path.stem == "__init__" else None
        loader = _ChangedSource(name, str(self.path), self.source)
        return importlib.util.spec_from_file_location(name, self.path, loader=loader, submodule_search_locations=places)


class _ChangedSource(SourceFileLoader):
    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self.source = source

    def get_data(self, path: str) -> bytes:
        return self.source.encode()

    def path_stats(self, path: str) -> Any:
        raise OSError("compiled anew, and kept nowhere")


@dataclass
class Fork:
    """A forked process that runs tests."""

    pid: int
    folder: Path
    ends: float  # by the clock, for what waits; the CPU has a limit of its own

    def status(self) -> int | None:
        """None while it runs; negative for a signal, as where its time is over."""
        found, status = os.waitpid(self.pid, os.WNOHANG)
        if not found and time.monotonic() < self.ends:
            return None
        with suppress(ProcessLookupError):  # what it started may outlive it
            os.killpg(self.pid, signal.SIGKILL)
        if not found:
            os.waitpid(self.pid, 0)
            return -signal.SIGKILL
        return os.waitstatus_to_exitcode(status)


def fork(tests: Measured, *, seconds: float, mutant: Mutant | None = None) -> Fork:
    """Begin a process that runs tests, with a change or none, for so long on the CPU, and by the clock eight times."""
    folder = Path(tempfile.mkdtemp(prefix="mutation-"))
    if pid := os.fork():
        os.setpgid(pid, pid)
        return Fork(pid, folder, time.monotonic() + 8 * seconds)
    status = 3
    try:
        os.setpgid(0, 0)
        for number in (1, 2):
            os.dup2(os.open(folder / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        resource.setrlimit(resource.RLIMIT_CPU, (int(used + seconds) + 1, -1))
        if mutant is not None:
            sys.meta_path.insert(0, Changed(mutant))
        status = _pytest(tests, folder, first_only=mutant is not None)
        (folder / "measured.json").write_text(json.dumps([tests.seconds, tests.failed]))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _pytest(tests: Measured, folder: Path, *, first_only: bool) -> int:
    import hypothesis

    hypothesis.settings.register_profile("mutation", derandomize=True, database=None)
    hypothesis.settings.load_profile("mutation")
    # hypothesis has been imported before pytest could show what its assertions hold, which nobody reads here.
    options = [
        "-q",
        "--no-header",
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
        "-p",
        "no:cacheprovider",
        "--basetemp",
        str(folder / "tests"),
    ]
    return int(pytest.main([*options, *(["-x"] if first_only else []), *map(str, sorted(tests.wanted.files))], [tests]))


def warm_up() -> None:
    """Import what others wrote; nothing of ours, which each fork imports anew."""
    for name in WARM:
        if importlib.util.find_spec(name.partition(".")[0]) is not None:
            importlib.import_module(name)
    assert not any(name.partition(".")[0] == "attnlab" for name in sys.modules)
    gc.collect()
    gc.freeze()
