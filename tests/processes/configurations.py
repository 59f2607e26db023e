"""What becomes of each of many configurations with a value changed: it trains, is refused in a line, or is a finding.

python tests/processes/configurations.py --cases 2000 --seed 1 > findings.jsonl
"""

import argparse
import json
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tiny")]

from fork_server import ForkServer  # noqa: E402
from nonsense import Case, draw, write_all  # noqa: E402

from attnlab.config.compose import compose_run, sugar  # noqa: E402
from attnlab.errors import UserError  # noqa: E402
from attnlab.runs import build  # noqa: E402

# How Hydra and Python begin what a user shouldn't have to read.
OF_LIBRARIES = ("Could not override", "To append to your config", "__init__()", "object_type=")
SECONDS = 600.0  # on a busy machine; none may take a minute of the CPU


@dataclass(frozen=True)
class Outcome:
    """Of one configuration.

    Attributes:
        kind: trained, refused, or what is wrong.
        said: the line of a refusal, or the end of what was printed.
    """

    kind: str
    said: str
    seconds: float

    @property
    def is_finding(self) -> bool:
        return self.kind not in ("trained", "refused", "diverged")


def outcome(case: Case, server: ForkServer, folder: Path) -> Outcome:
    """Begin the run in a folder of its own, and wait for its end."""
    folder.mkdir(parents=True)
    began = time.monotonic()
    attempt = server.start(["train", *case.overrides, case.change], folder, one_update=True)
    try:
        status = attempt.wait(SECONDS)
    except TimeoutError:
        status = None
        attempt.wait()
    printed = (folder / "output.txt").read_text(encoding="utf-8", errors="replace")
    found = Outcome(_kind(case, status, printed), _said(printed), time.monotonic() - began)
    shutil.rmtree(folder, ignore_errors=True)
    return found


def _kind(case: Case, status: int | None, printed: str) -> str:
    errors = [line for line in printed.splitlines() if line.startswith("error: ")]
    if status is None or status == -signal.SIGXCPU:
        return "hung"
    if "Traceback (most recent call last)" in printed:
        return "traceback"
    if status < 0:
        return f"killed by {-status}"
    if status == 0:
        return "accepted" if case.cannot_be_meant else "trained"
    if len(errors) != 1:
        return f"{len(errors)} errors, exit {status}"
    if "training diverged" in errors[0]:
        return "called divergence" if case.cannot_be_meant else "diverged"
    if status != 2:
        return f"exit {status}"
    if raw := next((each for each in OF_LIBRARIES if each in errors[0]), None):
        return f"a library's words: {raw}"
    return "refused" if _names(case, errors[0]) else "unnamed"


def _names(case: Case, error: str) -> bool:
    key = case.key.lstrip("+~")
    last = key.rpartition(".")[2]
    return (
        key in error
        or bool(re.search(rf"\b{re.escape(last)}\b", error))
        or f"set {key.partition('.')[0]}" in error
        or _goes_nowhere(case)
    )


def _goes_nowhere(case: Case) -> bool:
    """Whether it is refused without the change, too: a mechanism that doesn't fit this model."""
    try:
        build.rehearse(build.plain(compose_run([sugar(each) for each in case.overrides])))
    except UserError:
        return True
    return False


def _said(printed: str) -> str:
    errors = [line for line in printed.splitlines() if line.startswith("error: ")]
    return errors[0] if len(errors) == 1 else printed[-1500:]


def rehearsed(case: Case) -> Outcome:
    """What is said of a configuration before any data is read, in this process: refused, or as good as trained."""
    began = time.monotonic()
    try:
        build.rehearse(build.plain(compose_run([sugar(each) for each in (*case.overrides, case.change)])))
    except UserError as error:
        line = f"error: {error}"
        return Outcome("refused" if _names(case, line) else "unnamed", line, time.monotonic() - began)
    return Outcome("accepted" if case.cannot_be_meant else "trained", "", time.monotonic() - began)


def outcomes(*, seed: int, num_cases: int, server: ForkServer, folder: Path) -> Iterator[tuple[Case, Outcome]]:
    """Of a seed's first cases, one after the other."""
    read = write_all(folder / "read")
    for number, case in enumerate(islice(draw(read, seed=seed), num_cases)):
        yield case, outcome(case, server, folder / str(number))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    kinds: Counter[str] = Counter()
    began = time.monotonic()
    with ForkServer() as server, tempfile.TemporaryDirectory() as folder:
        for case, found in outcomes(seed=given.seed, num_cases=given.cases, server=server, folder=Path(folder)):
            kinds[found.kind] += 1
            print(json.dumps(asdict(case) | asdict(found), ensure_ascii=False), flush=True)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{sum(kinds.values())} configurations in {time.monotonic() - began:.0f} s, {spent.ru_utime:.0f} of the CPU: "
        f"{dict(kinds)}",
        file=sys.stderr,
    )
    return int(any(Outcome(kind, "", 0).is_finding for kind in kinds))


if __name__ == "__main__":
    raise SystemExit(main())
