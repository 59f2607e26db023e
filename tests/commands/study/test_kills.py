"""Killed at any moments and given again, the command leaves what it leaves when nothing happens, to the byte."""

import json
import os
import random
import re
import signal
import time
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from fork_server import Attempt, ForkServer
from tiny_images_run import common, write_extract
from tiny_study import write_study

ARMS = {name: [f"feature_attention={name}"] for name in ("none", "eca", "simam")}
BEGAN = re.compile(r"^(\w+ seed=\d+) began", re.M)
MOST_SECONDS = 900
SCORES = ("results.csv", "ablations.csv", "table.tex")


def _command(folder: Path, **values: object) -> list[str]:
    images = write_extract(folder / "images")
    base = [
        *("task=image_classification", "model=resnet", f"data.root={images}", "data.num_val=20", "data.batch_size=13"),
        *("model.dim=8", "callbacks=none", *common()),
    ]
    given = {"base": base, "arms": ARMS, "control": "none", "controls": [], "seeds": 3} | values
    return ["study", "small", "--workers", "2", "--config-dir", str(write_study(folder, **given))]


def _finished(folder: Path) -> dict[Path, int]:
    """Runs that are, and when each was."""
    return {path.parent: path.stat().st_mtime_ns for path in folder.glob("outputs/image*/*/*/metrics.json")}


def _study(folder: Path) -> Path:
    [path] = folder.glob("outputs/studies/small/*")
    return path


def _printed(folder: Path) -> str:
    path = folder / "output.txt"
    return path.read_text() if path.exists() else ""


def _files(folder: Path) -> set[str]:
    """All of them, by what they are named below a folder."""
    return {str(path.relative_to(folder)) for path in (folder / "outputs").rglob("*") if path.is_file()}


def _folders_by_name(folder: Path) -> dict[str, Path]:
    jobs = json.loads((_study(folder) / "plan.json").read_text())["jobs"]
    return {f"{job['arm']} seed={job['seed']}": folder / job["folder"] for job in jobs}


def _family(pid: int) -> Iterator[int]:
    """A process and all that descend from it."""
    yield pid
    with suppress(FileNotFoundError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield from _family(int(child))


def _is_gone(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    try:
        return "\nState:\tZ" in status.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def _await_end(family: list[int]) -> None:
    """Of a command and its runs, which end with it."""
    end = time.monotonic() + 10
    while not all(map(_is_gone, family)):
        assert time.monotonic() < end, "a run outlived its command"
        time.sleep(0.005)


def _timeline(attempt: Attempt, folder: Path) -> tuple[list[float], float]:
    """When so many runs of an undisturbed study were finished, and how long it lived."""
    began, times = time.monotonic(), [0.0]
    while attempt.poll() is None:
        times += [time.monotonic() - began] * (len(_finished(folder)) + 1 - len(times))
        time.sleep(0.01)
    return times, time.monotonic() - began


def _kill_at(attempt: Attempt, folder: Path, *, finished: int, after: float, alone: bool) -> list[int]:
    """SIGKILL, `after` seconds from when this process has brought the study so far; those that it should have ended."""
    least = max(finished, len(_finished(folder)) + 1) if finished else 0
    while len(_finished(folder)) < least and attempt.poll() is None:
        time.sleep(0.01)
    time.sleep(after)
    family = [] if attempt.poll() is not None else list(_family(attempt.pid))
    for pid in family[:1] if alone else family:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return family


def test_three_kills_over_a_studys_life_change_no_byte_and_train_no_run_twice(
    server: ForkServer, tmp_path: Path
) -> None:
    """Two with all its processes, one of the command alone, whose runs must not go on beside the next."""
    command, whole, parts = _command(tmp_path), tmp_path / "whole", tmp_path / "parts"
    whole.mkdir()
    parts.mkdir()
    times, life = _timeline(attempt := server.start(command, whole), whole)
    assert attempt.wait(MOST_SECONDS) == 0, _printed(whole)
    assert len(_finished(whole)) == len(times) - 1 == 9

    draw = random.Random(11)
    # Two of them once it trains: on a crowded machine most of its life may be planning.
    moments = sorted(draw.uniform(start, 0.9 * life) for start in (0.0, times[1], times[1]))
    alone = draw.randrange(3)
    outcomes, begun_again, ended = [], 0, dict[Path, int]()
    for number, moment in enumerate(moments):
        before, reached = len(_printed(parts)), bisect_right(times, moment) - 1
        attempt = server.start(command, parts)
        after = moment - times[reached]
        family = _kill_at(attempt, parts, finished=reached, after=after, alone=number == alone)
        outcomes.append(attempt.wait())
        _await_end(family)
        ended |= (now := _finished(parts))
        begun = BEGAN.findall(_printed(parts)[before:])
        begun_again += len([name for name in begun if _folders_by_name(parts)[name] not in now])
    assert set(outcomes) <= {-9, 0}
    assert outcomes.count(-9) >= 2, (outcomes, _printed(parts))  # a moment near the end may lie after it

    assert server.start(command, parts).wait(MOST_SECONDS) == 0, _printed(parts)
    for name in SCORES:
        assert (_study(parts) / name).read_bytes() == (_study(whole) / name).read_bytes(), name
    assert _finished(parts).items() >= ended.items()  # what was finished when it was killed stayed as it was
    assert len(BEGAN.findall(_printed(parts))) == 9 + begun_again
    for run in _finished(parts):
        assert (run / "train.log").read_text().count("finished: 8 updates") <= 1
    assert _files(parts) == _files(whole)  # no draft, and no checkpoint too many

    before = len(_printed(parts))
    _command(tmp_path, arms={name: ARMS[name] for name in ("none", "eca")}, seeds=2)
    assert server.start(command, parts).wait(MOST_SECONDS) == 0, _printed(parts)
    assert BEGAN.findall(_printed(parts)[before:]) == []  # the edited study has its runs in common with the first
    assert len(list(parts.glob("outputs/studies/small/*"))) == 2
