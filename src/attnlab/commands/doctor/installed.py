"""The Python and the packages that are installed, against those that attnlab supports and was tested with."""

import platform
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from attnlab.commands.doctor.check import Check

# torchtext has an environment of its own.
LOCK = "requirements.lock" if find_spec("torchtext") is None else "requirements-torchtext.lock"
REINSTALL = f"pip install --require-hashes -r {LOCK}"


def python() -> Iterator[Check]:
    version = f"{platform.python_version()} ({platform.python_implementation()}), {sys.executable}"
    wanted = _attnlab_metadata()
    if wanted is None:
        yield Check("python", "ok", version)
        return
    accepted = wanted["Requires-Python"] or ""
    if SpecifierSet(accepted).contains(platform.python_version(), prereleases=True):
        yield Check("python", "ok", f"{version}; {accepted} is supported")
    else:
        yield Check(
            "python", "fail", f"{version}; only {accepted} is supported", f"make an environment with Python {accepted}"
        )


def _attnlab_metadata() -> metadata.PackageMetadata | None:
    try:
        return metadata.metadata("attnlab")
    except metadata.PackageNotFoundError:
        return None


def requirements() -> Iterator[Check]:
    """What attnlab can't run without."""
    if _attnlab_metadata() is None:
        yield Check(
            "requirements", "warn", "attnlab isn't installed here", "pip install --no-deps -e . in its checkout"
        )
        return
    wanted = [Requirement(line) for line in metadata.requires("attnlab") or []]
    problems = _mismatches([r for r in wanted if r.marker is None or r.marker.evaluate({"extra": ""})])
    if problems:
        yield Check("requirements", "fail", "; ".join(problems), REINSTALL)
    else:
        yield Check("requirements", "ok", "every package that attnlab needs is installed in a version that it supports")


def lock() -> Iterator[Check]:
    """The tested versions: the lock lies beside the package in a wheel, at the root of a checkout."""
    package = Path(__file__).resolve().parents[2]
    path = next((path for path in (package / LOCK, package.parents[1] / LOCK) if path.is_file()), None)
    if path is None:
        yield Check("lock", "warn", f"no {LOCK} to compare with", "reinstall attnlab")
        return
    yield compare_with_lock(path)


def compare_with_lock(path: Path) -> Check:
    """The installed packages against the pinned ones whose markers hold here."""
    lines = [line.strip().removesuffix("\\").strip() for line in path.read_text(encoding="utf-8").splitlines()]
    pinned = [Requirement(line) for line in lines if line and not line.startswith(("#", "--"))]
    here = [r for r in pinned if r.marker is None or r.marker.evaluate()]
    problems = _mismatches(here)
    if not problems:
        return Check("lock", "ok", f"all {len(here)} packages are as in {path.name}")
    shown = "; ".join(problems[:8]) + (f"; and {len(problems) - 8} more" if len(problems) > 8 else "")
    return Check(
        "lock", "warn", f"{len(problems)} of {len(here)} packages aren't as in {path.name}: {shown}", REINSTALL
    )


def _mismatches(wanted: Sequence[Requirement]) -> list[str]:
    problems = []
    for requirement in wanted:
        try:
            installed = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            problems.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(installed, prereleases=True):
            problems.append(f"{requirement.name} is {installed}, not {requirement.specifier}")
    return problems
