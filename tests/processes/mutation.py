"""Do the tests notice small mistakes? Changes the code in `--mutants` places, each before its module's own tests.

Which places follows from `--seed` and what stands there: they stay the same while other lines change. Survivors,
changes that no test of theirs noticed, are listed in outputs/mutation.txt; which of them may live, and why, is said in
accepted_mutants.toml. Exit status 1 where more than a tenth survive, those included.

mutmut changes bodies of functions alone, through which its calls are passed on (no properties, no class bodies, nothing
that is decorated), changes strings too, and takes tests by what a run of the whole suite covers; cosmic-ray writes into
the sources. So changes are made here, before each process imports the package.
"""

import argparse
import hashlib
import json
import os
import shutil
import sys
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from mirror import PACKAGE, ROOT, Mirror, mirror
from mutant_forks import Fork, Measured, fork, warm_up
from mutants import Mutant, mutants_of

FOLDERS = ("attention", "metrics", "study", "data/loading")
ACCEPTED = Path(__file__).with_name("accepted_mutants.toml")
REPORT = ROOT / "outputs" / "mutation.txt"
MOST_SURVIVORS = 0.1
NO_TESTS = 5  # pytest's exit status


def chosen(number: int, *, seed: int, only: Sequence[str] = ()) -> list[Mutant]:
    """So many changes, each as likely as the next; the first of them are those of fewer."""
    found: list[Mutant] = []
    for folder in FOLDERS:
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            name = path.relative_to(PACKAGE).as_posix()
            if not only or any(name.startswith(each) for each in only):
                found += mutants_of(name, path.read_text(encoding="utf-8"))
    ranked = sorted(found, key=lambda each: hashlib.sha256(repr((seed, each.name)).encode()).digest())
    return list(islice((each for each in ranked if each.is_readable(_source(each))), number))


def measure(mirrors: Sequence[Mirror]) -> tuple[dict[str, float], frozenset[str]]:
    """How long tests take without a change, by their files; and those that fail even so, which can tell nothing."""
    all_tests = Mirror(
        frozenset(path for each in mirrors for path in each.files),
        frozenset(name for each in mirrors for name in each.mechanisms),
    )
    running = fork(Measured(all_tests), seconds=3600)
    while (status := running.status()) is None:
        time.sleep(0.05)
    if status not in (0, 1):
        sys.exit(f"error: tests must end with exit status 0 or 1, got {status} (see {running.folder}/output.txt)")
    seconds, failed = json.loads((running.folder / "measured.json").read_text())
    shutil.rmtree(running.folder)
    return seconds, frozenset(failed)


@dataclass
class Outcomes:
    """What became of the changes."""

    killed: list[Mutant]
    over_time: list[Mutant]
    survived: list[Mutant]
    not_tried: list[Mutant]

    @property
    def share(self) -> float:
        """Of those that were tried."""
        tried = len(self.killed) + len(self.over_time) + len(self.survived)
        return len(self.survived) / tried if tried else 0.0


def try_all(mutants: Sequence[Mutant], *, jobs: int, ends: float, log: Path) -> Outcomes:
    """Run each change's tests, so many at once; what hasn't begun when time `ends` isn't tried."""
    mirrors = {each.path: mirror(Path(each.path)) for each in mutants}
    seconds, failing = measure(list(mirrors.values()))
    for name in sorted(failing):
        print(f"fails without a change, and is left out: {name}", flush=True)
    outcomes, waiting, running = Outcomes([], [], [], []), list(mutants), dict[Mutant, Fork]()
    while waiting or running:
        while waiting and len(running) < jobs and time.monotonic() < ends:
            mutant = waiting.pop(0)
            tests = mirrors[mutant.path]
            limit = 30 + 3 * sum(seconds.get(str(path), 0) for path in tests.files)
            running[mutant] = fork(Measured(tests, without=failing), seconds=limit, mutant=mutant)
        if not running:
            break
        for mutant, each in list(running.items()):
            if (status := each.status()) is not None:
                del running[mutant]
                shutil.rmtree(each.folder, ignore_errors=True)
                _fate(outcomes, status).append(mutant)
                with log.open("a", encoding="utf-8") as file:
                    print(status, f"{mutant.path}:{mutant.line}", mutant.diff(_source(mutant)), file=file, sep="\n")
        time.sleep(0.05)
    outcomes.not_tried += waiting
    return outcomes


def _fate(outcomes: Outcomes, status: int) -> list[Mutant]:
    if status in (0, NO_TESTS):
        return outcomes.survived
    return outcomes.over_time if status < 0 else outcomes.killed


def report(outcomes: Outcomes, accepted: Sequence[dict[str, str]], *, seed: int) -> str:
    """What the command lists: survivors with their places and changes, and why each may live, if that is said."""
    whys = {(each["path"], each["before"], each["after"]): each["why"] for each in accepted}
    told = [
        f"{len(outcomes.killed)} killed, {len(outcomes.over_time)} over their time, {len(outcomes.survived)} survived "
        f"({outcomes.share:.1%}; at most {MOST_SURVIVORS:.0%}), {len(outcomes.not_tried)} not tried; seed {seed}"
    ]
    for mutant in sorted(outcomes.survived, key=lambda each: (each.path, each.line)):
        why = whys.get(mutant.name[:3], "not said why it may live")
        told += ["", f"src/attnlab/{mutant.path}:{mutant.line}  {why}", mutant.diff(_source(mutant))]
    lived = {mutant.name[:3] for mutant in outcomes.survived}
    tried = {mutant.name[:3] for mutant in [*outcomes.killed, *outcomes.over_time]}
    told += [f"\nno longer lives, so needn't be accepted: {' | '.join(name)}" for name in whys if name in tried - lived]
    return "\n".join(told) + "\n"


def _source(mutant: Mutant) -> str:
    return (PACKAGE / mutant.path).read_text(encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=200, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes at once")
    parser.add_argument("--minutes", type=float, default=60, metavar="N", help="begin none after so long")
    parser.add_argument("--only", action="append", default=[], metavar="PATH", help="in src/attnlab; any number")
    options = parser.parse_args()
    ends = time.monotonic() + 60 * options.minutes
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT / "src"))
    mutants = chosen(options.mutants, seed=options.seed, only=options.only)
    warm_up()
    log = REPORT.with_suffix(".log")
    log.write_text("", encoding="utf-8")
    outcomes = try_all(mutants, jobs=options.jobs, ends=ends, log=log)
    accepted = tomllib.loads(ACCEPTED.read_text(encoding="utf-8")).get("survivor", [])
    REPORT.write_text(report(outcomes, accepted, seed=options.seed), encoding="utf-8")
    print(REPORT.read_text(encoding="utf-8"), end="")
    return int(outcomes.share > MOST_SURVIVORS or bool(outcomes.not_tried))


if __name__ == "__main__":
    sys.exit(main())
