"""What the doctor finds of Python and the installed packages."""

from importlib import metadata
from pathlib import Path

import pytest

from attnlab.commands.doctor import installed
from attnlab.commands.doctor.check import Check


def test_packages_are_compared_with_the_lock_where_its_markers_hold(tmp_path: Path) -> None:
    path = tmp_path / "requirements.lock"
    numpy = metadata.version("numpy")
    lines = [
        "# made by a tool",
        f"numpy=={numpy} ; python_version >= '3' \\",
        "    --hash=sha256:0123",
        "torch==0.0.1 ; python_version < '3' \\",
        "    --hash=sha256:0123",
    ]
    path.write_text("\n".join(lines))
    assert installed.compare_with_lock(path) == Check("lock", "ok", "all 1 packages are as in requirements.lock")
    path.write_text("\n".join([*lines, "hydra-core==0.0.1 \\", "    --hash=sha256:45", "no-such-package==1.0"]))
    check = installed.compare_with_lock(path)
    assert check.status == "warn"
    assert check.detail.startswith("2 of 3 packages aren't as in requirements.lock: ")
    assert f"hydra-core is {metadata.version('hydra-core')}, not ==0.0.1" in check.detail
    assert "no-such-package is missing" in check.detail
    assert "pip install" in check.remedy


def test_what_pip_brings_to_build_and_removes_again_may_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "requirements.lock"
    path.write_text(f"numpy=={metadata.version('numpy')}\nhatchling==0.0.1\neditables==0.0.1\n")
    found = metadata.distributions
    gone = ("hatchling", "editables")
    monkeypatch.setattr(metadata, "distributions", lambda *, name: [] if name in gone else found(name=name))
    assert installed.compare_with_lock(path) == Check("lock", "ok", "all 1 packages are as in requirements.lock")
    monkeypatch.setattr(metadata, "distributions", lambda *, name: [name])
    monkeypatch.setattr(metadata, "version", lambda name: "0.0.2" if name in gone else "1")
    assert "hatchling is 0.0.2, not ==0.0.1" in installed.compare_with_lock(path).detail


def test_a_build_of_the_locked_version_is_that_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "requirements.lock"
    path.write_text("torch==2.14.1")
    monkeypatch.setattr(metadata, "version", lambda _: "2.14.1+cu130")
    assert installed.compare_with_lock(path).status == "ok"


def test_a_python_that_isnt_supported_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "metadata", lambda _: {"Requires-Python": ">=3.11,<3.14"})
    for version, status in (("3.10.9", "fail"), ("3.11.0", "ok"), ("3.13.2", "ok"), ("3.14.0", "fail")):
        monkeypatch.setattr("platform.python_version", lambda version=version: version)
        (check,) = installed.python()
        assert check.status == status, version


def test_a_missing_requirement_fails_and_that_of_an_extra_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "metadata", lambda _: {"Requires-Python": ""})
    monkeypatch.setattr(metadata, "requires", lambda _: ["numpy>=1", "no-such-package ; extra == 'dev'"])
    assert [check.status for check in installed.requirements()] == ["ok"]
    monkeypatch.setattr(metadata, "requires", lambda _: ["numpy<1", "no-such-package"])
    (check,) = installed.requirements()
    assert check.status == "fail"
    assert check.detail == f"numpy is {metadata.version('numpy')}, not <1; no-such-package is missing"


@pytest.mark.parametrize("version, status", [("2.3.1", "warn"), ("2.10.0", "ok"), ("2.14.1+cu130", "ok")])
def test_it_is_said_whether_strangers_checkpoints_may_be_read(
    version: str, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attnlab.config.trusted_files.version", lambda name: version)
    (check,) = installed.checkpoints()
    assert check.status == status
    assert ("torch 2.10" in check.remedy) == (status == "warn")
