"""The locks pin what pyproject.toml asks for, each for its environment, and say nothing of where it comes from."""

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# What each lock is for.
LOCKS = {
    "requirements.lock": ["build"],
    "requirements-dev.lock": ["build", "test", "dev"],
    "requirements-torchtext.lock": ["build", "test", "torchtext"],
}
ON_TOP = "requirements-browser.lock"  # of requirements-dev.lock: only what the extra `browser` adds
TORCH = {"requirements.lock": "2.14.1", "requirements-dev.lock": "2.14.1", "requirements-torchtext.lock": "2.3.1"}


def _pinned(name: str) -> dict[str, list[str]]:
    """The versions of each package; several where they follow the Python."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line[:1].isalnum():
            requirement = Requirement(line.removesuffix("\\"))
            (specifier,) = requirement.specifier
            assert specifier.operator == "==", line
            found.setdefault(requirement.name, []).append(specifier.version)
    return found


def _wanted(extras: list[str]) -> list[Requirement]:
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in PROJECT["optional-dependencies"][extra])]
    return [Requirement(line) for line in lines if not line.startswith("attnlab[")]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_every_dependency_in_a_version_that_is_allowed(name: str) -> None:
    pinned = _pinned(name)
    for requirement in _wanted(LOCKS[name]):
        assert requirement.name in pinned, f"run make lock: {requirement.name} isn't in {name}"
        for version in pinned[requirement.name]:
            assert requirement.specifier.contains(version, prereleases=True), f"run make lock: {requirement}"
    assert pinned["torch"] == [TORCH[name]]


def test_what_goes_on_top_of_a_lock_is_all_there_and_changes_nothing_below() -> None:
    pinned, below = _pinned(ON_TOP), _pinned("requirements-dev.lock")
    wanted = [Requirement(line) for line in PROJECT["optional-dependencies"]["browser"]]
    assert all(each.specifier.contains(version) for each in wanted for version in pinned[each.name])
    shared = pinned.keys() & below.keys()
    assert {name: pinned[name] for name in shared} == {name: below[name] for name in shared}


@pytest.mark.parametrize("name", [*LOCKS, ON_TOP])
def test_a_lock_has_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text
    blocks = text.split("\n")
    for number, line in enumerate(blocks):
        if line[:1].isalnum():
            assert blocks[number + 1].strip().startswith("--hash=sha256:"), line


def test_every_lock_is_audited() -> None:
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\naudit:")[2].partition("\n\n")[0]
    assert {path.name for path in ROOT.glob("*.lock")} == {*LOCKS, ON_TOP}
    for line in (each for each in recipe.splitlines() if "pip-audit " in each and "install" not in each):
        assert "--strict" in line
    assert all(f"-r {name}" in recipe for name in (*LOCKS, ON_TOP))
