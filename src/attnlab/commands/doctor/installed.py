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
from attnlab.config import trusted_files
from attnlab.language import Words

# torchtext has an environment of its own.
LOCK = "requirements.lock" if find_spec("torchtext") is None else "requirements-torchtext.lock"
REINSTALL = f"pip install --require-hashes -r {LOCK}"


# What installing a checkout takes: pip brings it for that alone, in an environment of its own, which it removes.
BUILDING = frozenset({"editables", "hatchling", "pathspec", "pluggy", "trove-classifiers"})


def python() -> Iterator[Check]:
    version = f"{platform.python_version()} ({platform.python_implementation()}), {sys.executable}"
    wanted = _attnlab_metadata()
    if wanted is None:
        yield Check("python", "ok", version)
        return
    accepted = wanted["Requires-Python"] or ""
    if SpecifierSet(accepted).contains(platform.python_version(), prereleases=True):
        yield Check("python", "ok", f"{version}; {accepted} is supported", chinese=f"{version}；支持 {accepted}")
    else:
        yield Check(
            "python",
            "fail",
            f"{version}; only {accepted} is supported",
            f"make an environment with Python {accepted}",
            f"{version}；只支持 {accepted}",
            f"用 Python {accepted} 建立一个环境",
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
            "requirements",
            "warn",
            "attnlab isn't installed here",
            "pip install --no-deps -e . in its checkout",
            "这里没有安装 attnlab",
            "在其源码目录中运行 pip install --no-deps -e .",
        )
        return
    wanted = [Requirement(line) for line in metadata.requires("attnlab") or []]
    problems = _mismatches([r for r in wanted if r.marker is None or r.marker.evaluate({"extra": ""})])
    if problems:
        yield Check(
            "requirements",
            "fail",
            "; ".join(each.en for each in problems),
            REINSTALL,
            "；".join(each.zh for each in problems),
        )
    else:
        yield Check(
            "requirements",
            "ok",
            "every package that attnlab needs is installed in a version that it supports",
            chinese="attnlab 所需的包都已安装，版本都受支持",
        )


def lock() -> Iterator[Check]:
    """The tested versions: the lock lies beside the package in a wheel, at the root of a checkout."""
    package = Path(__file__).resolve().parents[2]
    path = next((path for path in (package / LOCK, package.parents[1] / LOCK) if path.is_file()), None)
    if path is None:
        yield Check(
            "lock",
            "warn",
            f"no {LOCK} to compare with",
            "reinstall attnlab",
            f"没有可对照的 {LOCK}",
            "重新安装 attnlab",
        )
        return
    yield compare_with_lock(path)


def checkpoints() -> Iterator[Check]:
    """Whether strangers' may be read."""
    found = metadata.version("torch")
    if trusted_files.torch_is_safe():
        yield Check(
            "checkpoints",
            "ok",
            f"torch {found} runs no code that a stranger's checkpoint holds",
            chinese=f"torch {found} 不会运行陌生检查点里的代码",
        )
        return
    yield Check(
        "checkpoints",
        "warn",
        f"torch {found} can be made to run code by a checkpoint, and reads one only with {trusted_files.OPTION}",
        f"install torch {trusted_files.SAFE} or later, but where tokenizer=torchtext needs this one",
        f"检查点可能使 torch {found} 运行代码，因此只读取加了 {trusted_files.OPTION} 的检查点",
        f"安装 torch {trusted_files.SAFE} 或更高版本；只有 tokenizer=torchtext 需要这个版本",
    )


def compare_with_lock(path: Path) -> Check:
    """The installed packages against the pinned ones whose markers hold here."""
    lines = [line.strip().removesuffix("\\").strip() for line in path.read_text(encoding="utf-8").splitlines()]
    pinned = [Requirement(line) for line in lines if line and not line.startswith(("#", "--"))]
    here = [r for r in pinned if (r.marker is None or r.marker.evaluate()) and not _is_left_out(r.name)]
    problems = _mismatches(here)
    if not problems:
        chinese = f"全部 {len(here)} 个包都与 {path.name} 相同"
        return Check("lock", "ok", f"all {len(here)} packages are as in {path.name}", chinese=chinese)
    more = len(problems) - 8
    shown = "; ".join(each.en for each in problems[:8]) + (f"; and {more} more" if more > 0 else "")
    chinese = "；".join(each.zh for each in problems[:8]) + (f"；另有 {more} 个" if more > 0 else "")
    return Check(
        "lock",
        "warn",
        f"{len(problems)} of {len(here)} packages aren't as in {path.name}: {shown}",
        REINSTALL,
        f"{len(here)} 个包中有 {len(problems)} 个与 {path.name} 不同：{chinese}",
    )


def _is_left_out(name: str) -> bool:
    return name in BUILDING and not any(metadata.distributions(name=name))


def _mismatches(wanted: Sequence[Requirement]) -> list[Words]:
    problems = []
    for requirement in wanted:
        try:
            installed = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            problems.append(Words(f"{requirement.name} is missing", f"缺少 {requirement.name}"))
            continue
        if not requirement.specifier.contains(installed, prereleases=True):
            problems.append(
                Words(
                    f"{requirement.name} is {installed}, not {requirement.specifier}",
                    f"{requirement.name} 为 {installed}，应为 {requirement.specifier}",
                )
            )
    return problems
